/** The states a panel can be in, for what must hold in each: accessibility, themes, screenshots. */
import { errorInfo, SecGeminiError } from '../../../../src/core/errors.ts';
import { type Page, expect } from '@playwright/test';
import type { Completion, PanelEnvironment } from '../../../../src/panel/protocol.ts';
import { sandboxEnvironment, serviceEnvironment } from './fake-host.ts';
import { FakeModel, message, prompt } from './fake-model.ts';

export interface State {
  readonly name: string;
  readonly environment: PanelEnvironment;
  readonly model: () => FakeModel;
  readonly completions?: readonly Completion[];
  /** What the reader did to come to it. */
  readonly reach?: (page: Page) => Promise<void>;
}

const ANSWER = `The file **login.py** (sha256 \`3f7a91c2…\`) has two findings that need attention.

## Findings

1. A hard-coded key in \`src/login.py:14\`. Anyone who can read the repository can use it.
2. SQL built from user input at src/login.py:42:9:

\`\`\`python
def find_user(name: str):
    # The name comes straight from the request
    query = f"SELECT * FROM users WHERE name = '{name}'"
    return db.execute(query, timeout=30)
\`\`\`

| Indicator | Kind | Count |
|:--|:--|--:|
| \`198.51.100.7\` | IPv4 | 12 |
| hxxps://login.example.net/reset | URL | 3 |
| CVE-2024-3094 | CVE | 1 |

- [x] Rotate the key
- [ ] Use a bound parameter, see [the guide](https://cheatsheetseries.example.org/sql)

> Confidence is high for both. ![chart](https://tracker.example/p.png?d=1)
`;

function conversation(): FakeModel {
  const model = new FakeModel({
    attachments: [
      { id: 'a1', name: 'login.py', size: 4_312 },
      { id: 'a2', name: 'auth-log-2026-11-20-long-name-for-a-chip.txt', size: 1_834_112 },
    ],
  });
  const asked = prompt('What is suspicious in these files? Start with the worst.');
  const call = message({
    kind: 'toolCall',
    title: 'scan_secrets',
    content: '{"path":"login.py","rules":["aws","generic"],"max":100}',
    render: 'json',
  });
  model.apply(
    { type: 'turnStart', prompt: asked },
    { type: 'delivery', promptId: asked.id, state: 'delivered' },
    {
      type: 'message',
      message: message({
        kind: 'thinking',
        content: 'The user attached **two files**. First hash and type, then secrets, then the log.',
      }),
    },
    { type: 'message', message: call },
    {
      type: 'message',
      message: message({
        kind: 'toolResult',
        title: 'scan_secrets',
        parentId: call.id,
        createdAt: call.createdAt + 2_400,
        content: '{"found":[{"line":14,"rule":"aws-access-key","text":"AKIA…"}],"ms":38}',
        render: 'json',
      }),
    },
    {
      type: 'message',
      message: message({
        content: ANSWER,
        usage: {
          promptTokens: 5120,
          generatedTokens: 612,
          thinkingTokens: 80,
          cachedTokens: 0,
          toolTokens: 0,
          totalTokens: 5812,
        },
      }),
    },
    { type: 'turnEnd', outcome: 'completed' },
  );
  return model;
}

function working(): FakeModel {
  const model = conversation();
  model.apply(
    { type: 'turnStart', prompt: prompt('And the log?') },
    {
      type: 'message',
      message: message({ kind: 'info', title: '', content: 'Reading 1.8 MB of log', render: 'text' }),
    },
    {
      type: 'message',
      message: message({
        kind: 'toolCall',
        title: 'grep_log',
        content: '{"pattern":"Failed password"}',
        render: 'json',
      }),
    },
    {
      type: 'piece',
      message: message({ status: 'streaming' }),
      text: 'The log shows **412 failed logins** from one address:\n\n```text\nNov 20 03:12:44 sshd[991]: Failed password for root from 198.51.100.7\n',
    },
    { type: 'queue', queue: [{ id: 'q1', text: 'Then write a detection rule for it, please.' }] },
    { type: 'pending', pending: [{ id: 'p1', name: 'capture.pcap', size: 9_000_000, sentBytes: 3_900_000 }] },
  );
  return model;
}

function failed(): FakeModel {
  const model = conversation();
  const lost = prompt('Is 198.51.100.7 known?');
  const error = errorInfo(new SecGeminiError('rateLimited', 'The service allows no more requests at the moment.'));
  model.apply(
    { type: 'turnStart', prompt: prompt('Explain finding 2') },
    { type: 'piece', message: message({ status: 'streaming' }), text: 'The second finding is a classic' },
    { type: 'turnEnd', outcome: 'interrupted' },
    { type: 'turnStart', prompt: lost },
    { type: 'delivery', promptId: lost.id, state: 'unknown' },
    {
      type: 'message',
      message: message({
        kind: 'error',
        content: '',
        render: 'text',
        error: errorInfo(new SecGeminiError('unauthenticated', 'The API key was refused.')),
      }),
    },
    { type: 'turnEnd', outcome: 'failed', error },
    { type: 'connection', state: 'reconnecting', retryInMs: 8_000 },
  );
  return model;
}

function approval(): FakeModel {
  const model = conversation();
  model.apply(
    { type: 'turnStart', prompt: prompt('Look the address up') },
    {
      type: 'message',
      message: message({
        kind: 'confirmationRequest',
        title: 'fetch_url',
        content:
          '{"url":"https://intel.example/ip/198.51.100.7","headers":{"x-note":"\u202emoc.live"},"limit":12345678901234567890}',
        render: 'json',
      }),
    },
    { type: 'turnEnd', outcome: 'waiting' },
    { type: 'status', status: 'waitingForConfirmation' },
  );
  return model;
}

function clarification(): FakeModel {
  const model = conversation();
  model.apply(
    { type: 'turnStart', prompt: prompt('Look at the other one too') },
    {
      type: 'message',
      message: message({ kind: 'clarificationRequest', content: 'Which file do you mean: `login.py` or the log?' }),
    },
    { type: 'turnEnd', outcome: 'waiting' },
  );
  return model;
}

/** A hundred turns, read somewhere in the middle, with news below. */
function long(): FakeModel {
  const model = new FakeModel();
  model.apply({
    type: 'history',
    messages: Array.from({ length: 200 }, (_, at) =>
      at % 2 === 0
        ? prompt(`Question ${(at / 2 + 1).toString()}: what does this part do?`)
        : message({ content: ANSWER.slice(0, 200 + ((at * 97) % (ANSWER.length - 200))) }),
    ),
  });
  return model;
}

const completions: readonly Completion[] = [
  { label: '#selection', detail: 'src/login.py:12-48', insert: '#selection' },
  { label: '#problems', detail: "The editor's problems", insert: '#problems' },
  { label: '#changes', detail: 'Changes in the repository', insert: '#changes' },
  {
    label: '#login.py',
    detail: 'src/a/rather/long/path/that/does/not/fit/into/a/narrow/panel/login.py',
    insert: '#login.py',
  },
];

async function openFind(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Find in conversation' }).click();
  await page.getByRole('textbox', { name: 'Find' }).fill('key');
  await expect(page.getByRole('status', { name: 'Matches' })).toContainText(' of ');
}

async function openCompletion(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'Message Sec-Gemini' }).pressSequentially('Look at #');
  await expect(page.getByRole('option', { name: '#login.py' })).toBeVisible();
}

async function scrollUp(page: Page): Promise<void> {
  await page.getByRole('log', { name: 'Conversation' }).evaluate((log) => (log.scrollTop -= 5_000));
  await expect(page.getByRole('button', { name: /Jump to latest/ })).toBeVisible();
}

export const states: readonly State[] = [
  { name: 'empty', environment: sandboxEnvironment, model: () => new FakeModel() },
  { name: 'conversation', environment: sandboxEnvironment, model: conversation },
  { name: 'working', environment: serviceEnvironment, model: working },
  { name: 'failed', environment: serviceEnvironment, model: failed },
  { name: 'approval', environment: serviceEnvironment, model: approval },
  { name: 'clarification', environment: serviceEnvironment, model: clarification },
  { name: 'long', environment: serviceEnvironment, model: long, reach: scrollUp },
  { name: 'find', environment: serviceEnvironment, model: conversation, reach: openFind },
  { name: 'completion', environment: serviceEnvironment, model: conversation, completions, reach: openCompletion },
  {
    name: 'offline',
    environment: { ...serviceEnvironment, ready: false },
    model: () => new FakeModel({ connection: 'offline', history: 'none' }),
  },
];
