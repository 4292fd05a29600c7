// A window with local tools in plain Node: real gate, real files, real consent; a person who answers as the test says.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { IgnoreRules } from '../../../src/core/egress-ignore.ts';
import type { OutgoingFile, RuleVerdict } from '../../../src/core/egress-model.ts';
import type { LedgerEntry } from '../../../src/core/ledger.ts';
import { relativeTo } from '../../../src/core/path-gate.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import type { ToolDecision, ToolRequest } from '../../../src/core/tools/desk.ts';
import { LocalTools, type LocalToolsOptions } from '../../../src/core/tools/local-tools.ts';
import type { ToolResult } from '../../../src/core/tools/call.ts';
import type { Tool } from '../../../src/core/tools/tool.ts';
import { fileTools } from '../../../src/host/tools/file-tools.ts';
import { WorkspaceFiles } from '../../../src/host/workspace-files.ts';
import { scanSecrets } from '../../../src/scan/secrets.ts';
import { FakeClient } from '../../fakes/fake-client.ts';

type Answer = Exclude<ToolDecision, { kind: 'void' }>;

export const HUB = 'https://hub.invalid';

export interface World {
  readonly folder: string;
  readonly tools: LocalTools;
  readonly files: WorkspaceFiles;
  readonly sessions: SessionManager;
  readonly sessionId: string;
  readonly ledger: LedgerEntry[];
  /** Every question with what it showed. */
  readonly asked: ToolRequest[];
  /** What the service got, verbatim. */
  readonly sent: string[];
  readonly timers: { readonly ms: number; readonly run: () => void; off: boolean }[];
  /** How the person answers; undefined leaves it open. */
  person: (request: ToolRequest) => Answer | undefined;
  trusted: boolean;
  call(name: string, args: unknown, more?: { id?: string; signal?: AbortSignal }): Promise<ToolResult>;
  /** A turn runs until the returned function is called. */
  startTurn(): Promise<() => Promise<void>>;
  dispose(): Promise<void>;
}

/** `files`: path -> text below the workspace. `extra` tools stand behind the file tools. */
export async function world(
  content: Readonly<Record<string, string>>,
  options: {
    readonly extra?: readonly Tool[];
    readonly ripgrep?: string | undefined;
    readonly redact?: LocalToolsOptions['redact'];
  } = {},
): Promise<World> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'sg-tools-')));
  const folder = join(base, 'ws');
  await mkdir(folder);
  for (const [path, text] of Object.entries(content)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const files = new WorkspaceFiles({
    folders: () => [{ name: 'ws', path: folder }],
    rules: (batch) => rulesOf(folder, batch),
  });
  const sessions = new SessionManager({ newId: randomUUID, now: Date.now });
  const client = new FakeClient();
  let end: () => void = () => undefined;
  client.script = async function* () {
    yield { type: 'connection', state: 'connected' };
    await new Promise<void>((resolve) => (end = resolve));
    yield { type: 'turnEnd', outcome: 'completed' };
  };
  sessions.setClient(client);
  const { id: sessionId } = await sessions.create();
  const timers: World['timers'] = [];
  const ledger: LedgerEntry[] = [];
  const denied: string[] = [];
  const tools = new LocalTools({
    sessions,
    trusted: () => made.trusted,
    denied: { get: () => denied, set: (names) => denied.splice(0, Infinity, ...names) },
    scan: (text, signal) => scanSecrets(text, { signal }),
    unchanged: (file) => files.unchanged(file),
    redact: options.redact,
    ledger: {
      append: async (entry) => void ledger.push(entry),
      read: async () => ledger,
      clear: async () => undefined,
    },
    newHash: (algorithm) => {
      const hash = createHash(algorithm);
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
    },
    newId: randomUUID,
    now: Date.now,
    after: (ms, run) => {
      const timer = { ms, run, off: false };
      timers.push(timer);
      return () => (timer.off = true);
    },
  });
  tools.registry.add({
    name: 'Editor',
    tools: () => [...fileTools({ files, ripgrep: options.ripgrep }), ...(options.extra ?? [])],
  });
  const made: World = {
    folder,
    tools,
    files,
    sessions,
    sessionId,
    ledger,
    asked: [],
    sent: [],
    timers,
    person: () => ({ kind: 'allow', forSession: false }),
    trusted: true,
    call: async (name, args, { id = randomUUID(), signal = new AbortController().signal } = {}) => {
      const result = await tools.runner.call({ id, names: [name], args, destination: HUB, signal });
      made.sent.push(result.text);
      result.settle('sent');
      return result;
    },
    startTurn: async () => {
      await sessions.send(sessionId, 'go');
      while (sessions.state(sessionId)?.connection !== 'connected') await new Promise(setImmediate);
      return async () => {
        end();
        while (sessions.state(sessionId)?.turn.phase !== 'idle') await new Promise(setImmediate);
      };
    },
    dispose: async () => {
      end();
      tools.dispose();
      sessions.dispose();
      await rm(base, { recursive: true, force: true });
    },
  };
  tools.desk.onDidAsk((request) => {
    made.asked.push(request);
    const answer = made.person(request);
    if (answer !== undefined)
      setImmediate(() => void (tools.desk.get(request.id) === request && tools.desk.answer(request, answer)));
  });
  return made;
}

/** `.secgeminiignore` and `.gitignore` at the root, as the editor's own reader judges them. */
async function rulesOf(
  folder: string,
  batch: readonly OutgoingFile[],
): Promise<ReadonlyMap<OutgoingFile, RuleVerdict>> {
  const read = async (name: string): Promise<IgnoreRules> =>
    new IgnoreRules([{ folder: '', name, text: await readFile(join(folder, name), 'utf8').catch(() => '') }]);
  const [keeping, git] = await Promise.all([read('.secgeminiignore'), read('.gitignore')]);
  const verdicts = new Map<OutgoingFile, RuleVerdict>();
  for (const file of batch)
    for (const path of file.paths) {
      const relative = relativeTo(folder, path, 'posix');
      if (relative === undefined || relative === '') continue;
      const kept = keeping.ruleFor(relative);
      const ignored = git.ruleFor(relative);
      if (kept !== undefined) verdicts.set(file, { kind: 'refused', rule: kept });
      else if (ignored !== undefined) verdicts.set(file, { kind: 'ask', rule: ignored });
    }
  return verdicts;
}
