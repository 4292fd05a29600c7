// Trust row S10 where people decide and look things up: what hides or reorders text is shown in each of these places, and in none is it raw.
// The page is looked at in a browser (test/e2e/panel/hostile.spec.ts), the terminal gets nothing from us.
import assert from 'node:assert/strict';
import { HIDDEN_RANGES } from '../../fakes/hidden-characters.ts';
import { itemOf } from '../../../src/core/egress-inspect.ts';
import { detailOf, promptDetailOf, reviewDetail } from '../../../src/core/egress-words.ts';
import { SecGeminiError } from '../../../src/core/errors.ts';
import { ledgerToJson, ledgerToList, ledgerToMarkdown } from '../../../src/core/ledger-export.ts';
import { plainMarkdown } from '../../../src/core/plain-markdown.ts';
import { safeMarkdown } from '../../../src/core/safe-markdown.ts';
import { initialState } from '../../../src/core/session-state.ts';
import { attachmentRow, pendingRow, sessionRow } from '../../../src/core/session-tree.ts';
import { statusLine } from '../../../src/core/status-line.ts';
import { transcriptText } from '../../../src/panel/transcript-text.ts';
import { fakeVscode } from '../host/fake-vscode.ts';
import { message, sessionInfo } from '../../fakes/fake-client.ts';

const { HostLog } = await import('../../../src/host/log.ts');
const { argumentRows } = await import('../../../src/host/approvals/arguments.ts');
const { showError } = await import('../../../src/host/errors.ts');

const CODES = HIDDEN_RANGES.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_code, at) => first + at),
);
/** Short enough for places that cut a long text. */
const EVIL = Array.from({ length: Math.ceil(CODES.length / 6) }, (_piece, at) =>
  CODES.slice(at * 6, at * 6 + 6)
    .map((code) => `a${String.fromCodePoint(code)}b`)
    .join(''),
);

/** Every text in a value, as it is. */
function strings(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? Object.entries(value).flat().map(strings).join('\n') : '';
}

const now = Date.UTC(2026, 0, 2);
const error = (text: string): SecGeminiError => new SecGeminiError('unavailable', text, { action: text });

async function notified(text: string): Promise<string> {
  let shown = '';
  fakeVscode['window'] = { showErrorMessage: async (words: string) => void (shown = words) };
  await showError(error(text), async () => undefined);
  return shown;
}

function logged(text: string): string {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  fakeVscode['window'] = {
    createOutputChannel: () => ({ trace: write, info: write, warn: write, error: write, dispose: () => undefined }),
  };
  const log = new HostLog();
  for (const level of ['trace', 'info', 'warn', 'error'] as const) log.write(level, text);
  log.error(text, error(text));
  log.dispose();
  return lines.join('\n');
}

function confirmed(text: string): string {
  const about = { sessionId: 's', sessionName: text, destination: text };
  const file = { name: text, origin: text, paths: [], size: 1, async *open() {} };
  const flag = { kind: 'jwt', title: text, line: 1, start: 0, end: 1 };
  const item = itemOf(file, { secrets: [flag], scanned: 'whole', sample: undefined, sha256: undefined }, undefined);
  const refused = [{ file, rule: text }];
  const request = { ...about, logging: true, files: [file], items: [item], refused, totalBytes: 1 };
  return [detailOf(request), reviewDetail(item), promptDetailOf({ ...about, secrets: [flag], canRedact: true })].join(
    '\n',
  );
}

function recorded(text: string): string {
  const entry = {
    id: 'x',
    at: now,
    kind: 'file',
    sessionId: 's',
    sessionName: text,
    destination: 'https://sec.example',
    name: text,
    bytes: 1,
    sha256: 'ab',
    rule: text,
    outcome: 'sent',
  } as const;
  const options = { now, scope: text };
  return [ledgerToJson([entry], options), ledgerToMarkdown([entry], options), ledgerToList([entry], options)].join(
    '\n',
  );
}

const state = (text: string) => initialState(sessionInfo('s', { name: text, description: text }));

const SURFACES: Readonly<Record<string, (text: string) => string | Promise<string>>> = {
  'the row of a session': (text) => strings(sessionRow(state(text), now)),
  'its tooltip': (text) => (sessionRow(state(text), now).facts ?? []).flat().map(plainMarkdown).join('\n'),
  'the rows of its files': (text) => {
    const file = { id: 'f', name: text, mimeType: text };
    const pending = { id: 'p', name: text, size: 2, sentBytes: 1 };
    return strings([attachmentRow('s', file, 'changed', text), pendingRow('s', pending)]);
  },
  'the confirmations before something leaves': confirmed,
  'the arguments of an approval': (text) => strings(argumentRows({ [text]: text, list: [text] })),
  'the status bar': (text) => {
    const refused = { kind: 'keyRefused', origin: 'https://sec.example', error: error(text) } as const;
    const offline = { kind: 'offline', target: 'service', error: error(text) } as const;
    return [refused, offline].map((status) => strings(statusLine(status, [state(text)], false))).join('\n');
  },
  'a notification': notified,
  'the log': logged,
  'the record of what left': recorded,
  'the conversation as a text document': (text) => transcriptText(text, [message('m', 'response', text)]),
  'a comment at the code': (text) => safeMarkdown(text),
};

describe('what hides or reorders text (trust.md S10)', () => {
  for (const [name, shown] of Object.entries(SURFACES))
    it(`is marked and never raw in ${name}`, async () => {
      const marked = await shown('a\u202eb');
      assert.ok(marked.includes('a⟦U+202E⟧b') || marked.includes('a⟦U&#43;202E⟧b'), marked);
      for (const text of EVIL) {
        const raw = [...(await shown(text))].find((sign) => CODES.includes(sign.codePointAt(0) ?? -1));
        assert.equal(raw, undefined, `U+${raw?.codePointAt(0)?.toString(16) ?? ''}`);
      }
    });
});
