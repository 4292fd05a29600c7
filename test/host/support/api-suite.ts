// One caller of the exported API for all suites of a run: allowed once, connected to a sandbox of the run's protocol, a fresh session per test.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ApiEvent, ApiEventType, SecGeminiApi, SecGeminiExports } from '../../../src/api/sec-gemini.d.ts';
import { Answers } from './answers.ts';
import { protocol } from './rows.ts';

export const NEEDLE = 'password = "needle-4711"\n';

export interface ApiSuite {
  readonly door: SecGeminiExports;
  api: SecGeminiApi;
  /** Of the session "Case 7" of this test. */
  readonly id: string;
  readonly answers: Answers;
  /** Attaches a file, agreeing to the question; gives its id. */
  attach(name: string, text: string): Promise<string>;
}

let connected: { door: SecGeminiExports; api: SecGeminiApi } | undefined;

/** Call it inside `describe`: it brings the hooks. */
export function apiSuite(): ApiSuite {
  let id = '';
  let answers: Answers;
  before(async function () {
    this.timeout(120_000);
    answers = new Answers();
    if (connected !== undefined) return;
    const extension = vscode.extensions.getExtension<SecGeminiExports>('secgemini-vscode.sec-gemini');
    assert.ok(extension);
    const door = await extension.activate();
    answers.expect(/Let "Host suite" use Sec-Gemini in this window\?/, 'Allow in This Window');
    const api = await door.connect('Host suite');
    const stands = until(api.listen({ types: ['connected'] }), 'connected');
    await vscode.commands.executeCommand('secGemini.startSandbox');
    assert.equal((await stands).protocol, protocol);
    connected = { door, api };
  });
  beforeEach(async () => {
    ({ id } = await suite.api.create({ name: 'Case 7' }));
  });
  afterEach(() => answers.done());
  after(() => answers.dispose());

  const suite: ApiSuite = {
    get door() {
      assert.ok(connected);
      return connected.door;
    },
    get api() {
      assert.ok(connected);
      return connected.api;
    },
    set api(api) {
      assert.ok(connected);
      connected = { ...connected, api };
    },
    get id() {
      return id;
    },
    get answers() {
      return answers;
    },
    attach: async (name, text) => {
      answers.expect(new RegExp(`Send 1 file to Sec-Gemini\\?[^]*${name}`), 'Send');
      assert.equal(await suite.api.attach(id, { name, text }), true);
      const file = (await suite.api.get(id)).attachments.find((each) => each.name === name);
      assert.ok(file);
      return file.id;
    },
  };
  return suite;
}

/** Reads events until one fits; fails when the iteration ends before. */
export async function until<T extends ApiEventType>(
  events: AsyncIterable<ApiEvent>,
  type: T,
  fits: (event: Extract<ApiEvent, { type: T }>) => boolean = () => true,
): Promise<Extract<ApiEvent, { type: T }>> {
  for await (const event of events) {
    const typed = event as Extract<ApiEvent, { type: T }>;
    if (event.type === type && fits(typed)) return typed;
  }
  throw new Error(`no ${type}`);
}

/** For `assert.rejects`. */
export const code = (wanted: string) => (error: { code?: string }) => error.code === wanted;
