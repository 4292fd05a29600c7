// VS Code's own chat, as the participant and the tool meet it: the same sessions and gate, and nothing made for what is no question.
import assert from 'node:assert/strict';
import type { ChatContext, ChatRequest, ChatResponseStream, ChatResult } from 'vscode';
import { SecGeminiError } from '../../../src/core/errors.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import type { Services } from '../../../src/host/services.ts';
import { FakeClient, message } from '../../fakes/fake-client.ts';
import { fakeVscode } from './fake-vscode.ts';

class Uri {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
  static file(path: string): Uri {
    return new Uri(path);
  }
  toString(): string {
    return `file://${this.path}`;
  }
}
class ChatResponseTurn {
  readonly result: ChatResult;
  constructor(result: ChatResult) {
    this.result = result;
  }
}
class Words {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}
class ToolResult {
  readonly content: readonly Words[];
  constructor(content: readonly Words[]) {
    this.content = content;
  }
}

const { NativeChat } = await import('../../../src/host/native-chat/native-chat.ts');
const never = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };

async function desk(
  options: { readonly agrees?: boolean; readonly connected?: boolean; readonly sandbox?: boolean } = {},
) {
  Object.assign(fakeVscode, {
    Uri,
    ChatResponseTurn,
    Location: class {
      readonly range = undefined;
    },
    MarkdownString: Words,
    LanguageModelTextPart: Words,
    LanguageModelToolResult: ToolResult,
    window: {},
    workspace: { workspaceFolders: [] },
  });
  const client = new FakeClient();
  client.script = async function* ({ id }) {
    yield {
      type: 'message',
      message: message(`a-${id}`, 'response', '**Seen** ![x](https://evil.invalid/x.png) [go](command:x)'),
    };
    yield { type: 'turnEnd', outcome: 'completed' };
  };
  const sessions = new SessionManager({ newId: () => crypto.randomUUID(), now: () => 0 });
  if (options.connected !== false) sessions.setClient(client);
  const asked: string[] = [];
  const agree = async (...what: readonly unknown[]): Promise<boolean> => {
    asked.push(what.map(String).join(' '));
    return options.agrees !== false;
  };
  const services = {
    sessions,
    connection: { isSandbox: options.sandbox === true, client },
    log: { error: () => undefined },
    attacher: {
      uris: agree,
      candidate: async (uri: Uri) => uri,
      files: async (session: string, uris: readonly Uri[], about: object) =>
        agree(session, ...uris, JSON.stringify(about)),
    },
    files: {
      folders: [{ name: 'ws', path: '/ws' }],
      place: async (path: string) => {
        if (path === '.env') throw new SecGeminiError('permissionDenied', 'It stays here.');
        return { path: `/ws/${path}` };
      },
    },
    reviewFiles: async (_session: string, uris: readonly unknown[], _signal: AbortSignal, words: string) => {
      asked.push(`review ${uris.map(String).join(' ')} ${words}`.trim());
      return '# Findings of Sec-Gemini';
    },
  };
  const said: string[] = [];
  const stream = {
    markdown: (text: string | Words) => said.push(typeof text === 'string' ? text : text.value),
    progress: () => undefined,
    button: ({ title }: { readonly title: string }) => said.push(`[${title}]`),
  };
  const chat = new NativeChat(services as unknown as Services);
  const answer = async (
    request: { command?: string; prompt?: string; references?: readonly { readonly value: unknown }[] },
    before: readonly ChatResult[] = [],
  ): Promise<ChatResult> =>
    chat.answer(
      { prompt: '', references: [], ...request } as unknown as ChatRequest,
      { history: before.map((result) => new ChatResponseTurn(result)) } as unknown as ChatContext,
      stream as unknown as ChatResponseStream,
      never,
    );
  return { chat, client, sessions, asked, said, answer };
}

describe("the participant of VS Code's chat", () => {
  it('makes no session for what is no question: it says what to ask', async () => {
    const { answer, client, said } = await desk();
    assert.match((await answer({ prompt: ' \n' })).errorDetails?.message ?? '', /no question.*\/review, \/explain/s);
    assert.match((await answer({ command: 'review' })).errorDetails?.message ?? '', /no file to review/);
    assert.deepEqual([client.calls.includes('createSession'), said], [false, []]);
  });

  it('says that nothing is connected before anything else happens', async () => {
    const { answer } = await desk({ connected: false });
    assert.match((await answer({ prompt: 'Why?' })).errorDetails?.message ?? '', /Not connected.*Start Local Sandbox/s);
  });

  it('asks by the gate for what is referenced, and writes the answer anew: no picture, no link, no command', async () => {
    const { answer, asked, client, said } = await desk();
    await answer({ command: 'explain', references: [{ value: new Uri('/ws/a.py') }, { value: 'a word' }] });
    assert.match(asked.join(), /^s1 file:\/\/\/ws\/a\.py call$/);
    assert.match(client.sent.join(), /^Explain what is attached/);
    assert.match(said[0] ?? '', /One reference is no file/);
    assert.match(said.join(''), /\*\*Seen\*\*/);
    assert.ok(!/!\[|\]\(/.test(said.join('').replaceAll('\\', '')), said.join(''));
    assert.equal(said.at(-1), '[Open Conversation]');
  });

  it("shows what the service says of an error as words: VS Code draws a result's error as Markdown", async () => {
    const { answer, client } = await desk();
    client.script = async function* () {
      const error = {
        code: 'unavailable',
        message: '![x](https://evil.invalid/x.png) [go](command:x) <b>\u202e',
        action: '',
      } as const;
      yield { type: 'turnEnd', outcome: 'failed', error };
    };
    const shown = (await answer({ prompt: 'Why?' })).errorDetails?.message ?? '';
    assert.match(shown, /evil\.invalid.*U\+202E/s);
    assert.ok(!/(?<!\\)!?\[|(?<!\\)<|\u202e/.test(shown), shown);
  });

  it('goes on in the session of its chat', async () => {
    const { answer, client } = await desk();
    const first = await answer({ prompt: 'Why?' });
    await answer({ prompt: 'And then?' }, [first]);
    assert.equal(client.calls.filter((call) => call === 'createSession').length, 1);
    assert.deepEqual(client.sent, ['Why?', 'And then?']);
  });

  it('reviews what is referenced, with the words beside it', async () => {
    const { answer, asked, said } = await desk();
    await answer({ command: 'review', prompt: 'The keys first', references: [{ value: new Uri('/ws/a.py') }] });
    assert.deepEqual(asked, ['review file:///ws/a.py The keys first']);
    assert.match(said.join(''), /Findings of Sec-Gemini/);
  });

  it('sends nothing after a no', async () => {
    const { answer, client } = await desk({ agrees: false });
    const { errorDetails } = await answer({ prompt: 'Why?', references: [{ value: new Uri('/ws/a.py') }] });
    assert.match(errorDetails?.message ?? '', /Nothing was sent/);
    assert.deepEqual(client.sent, []);
  });
});

describe('the tool for other models', () => {
  const text = (result: unknown): string => (result as ToolResult).content.map(({ value }) => value).join('');

  it('asks with the files that the rules let go, by the gate', async () => {
    const { asked, chat, client } = await desk();
    assert.match(text(await chat.invokeTool({ question: 'Why?', files: ['a.py'] }, never)), /Seen/);
    // As what was collected: a model pointed at it, nobody else did.
    assert.deepEqual(asked, ['s1 file:///ws/a.py {"chosen":"collected","by":"call","within":["/ws"]}']);
    assert.deepEqual(client.sent, ['Why?']);
  });

  it('says before it asks where the question goes', async () => {
    const shown = async (options: Parameters<typeof desk>[0]): Promise<string> => {
      const { confirmationMessages } = (await desk(options)).chat.prepareTool({ question: 'Why?' });
      assert.ok(confirmationMessages);
      return (confirmationMessages.message as Words).value.replaceAll('\\', '');
    };
    assert.match(await shown({}), /^Goes to `https:\/\/fake\.invalid`\n\nWhy\?$/);
    assert.match(await shown({ sandbox: true }), /^Goes to the local sandbox on this machine/);
    assert.match(await shown({ connected: false }), /not connected/);
  });

  it('asks nobody else than the confirmation named', async () => {
    const { chat, client, sessions } = await desk();
    const input = { question: 'Why?' };
    chat.prepareTool(input);
    const other = new FakeClient();
    sessions.setClient(Object.assign(other, { origin: 'https://other.invalid' }));
    await assert.rejects(chat.invokeTool(input, never), { code: 'permissionDenied' });
    assert.deepEqual([client.sent, other.sent], [[], []]);
    chat.prepareTool(input);
    await chat.invokeTool(input, never);
    assert.deepEqual(other.sent, ['Why?']);
  });

  it('makes no session for a file that stays here, and asks nothing after a no', async () => {
    const { chat, client } = await desk();
    await assert.rejects(chat.invokeTool({ question: 'Why?', files: ['.env'] }, never), { code: 'permissionDenied' });
    assert.ok(!client.calls.includes('createSession'));
    const refused = await desk({ agrees: false });
    assert.match(text(await refused.chat.invokeTool({ question: 'Why?', files: ['a.py'] }, never)), /did not agree/);
    assert.deepEqual(refused.client.sent, []);
  });
});
