// The local sandbox's agent over real local logs: it asks what there is, queries, and cites lines that hold what it says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { asksLocalLogs } from '../../../src/sandbox/engine/local-logs.ts';
import type { EngineContext } from '../../../src/sandbox/engine/types.ts';
import { answerIn, contextOf, fileOf, stepsOf, stepsOfType } from '../sandbox/engine/support.ts';
import { type LogWorld, fixturePath, logWorld } from './support.ts';

describe('the sandbox asks local logs', function () {
  this.timeout(60_000);
  let l: LogWorld;
  let offered: Partial<EngineContext>;
  beforeEach(async () => {
    l = await logWorld();
    offered = {
      clientTools: ['read_file', 'describe_logs', 'query_logs'],
      callTool: (name, args) => l.w.call(name, args),
    };
  });
  afterEach(() => l.dispose());

  for (const [name, words, cited] of [
    ['auth.log', '203.0.113.7', 12],
    ['access.log', '/etc/passwd', 4],
    ['error.log', 'AH00126', 3],
    ['events.xml', 'administrator', 3],
    ['app.jsonl', 'error', 2],
    ['syslog.txt', 'failed for lonvick', 1],
  ] as const)
    it(`answers about ${name}`, async () => {
      await l.logs.add(l.w.sessionId, fixturePath(name));
      const steps = await stepsOf('What happened here?', offered);
      const text = answerIn(steps);
      assert.ok(text.includes(words), text);
      assert.ok(text.includes(`\`${name}:${cited}\``), text);
      assert.ok(!text.includes('not told'), text);
      assert.ok(stepsOfType(steps, 'toolResult').every(({ isError }) => !isError));
      // Each cited line holds what the log has there.
      const lines = readFileSync(fixturePath(name), 'utf8').split('\n');
      for (const [, line] of text.matchAll(new RegExp(`\`${name}:(\\d+)\``, 'g'))) assert.ok(lines[Number(line) - 1]);
    });

  it('looks for the words in quotes, and at the log that is named', async () => {
    await l.logs.add(l.w.sessionId, fixturePath('auth.log'));
    await l.logs.add(l.w.sessionId, fixturePath('app.jsonl'));
    const text = answerIn(await stepsOf('Where does "publickey for deploy" stand in auth.log?', offered));
    assert.ok(text.includes('`auth.log:7`'), text);
    assert.ok(!text.includes('app.jsonl'), text);
  });

  it('says so when the user denies, and gives nothing away then', async () => {
    await l.logs.add(l.w.sessionId, fixturePath('auth.log'));
    l.w.person = () => ({ kind: 'deny', reason: 'not today' });
    const text = answerIn(await stepsOf('Who failed to log in?', offered));
    assert.match(text, /The user denied this call: not today/);
    assert.ok(!text.includes('203.0.113.7'));
  });

  it('asks them only where they are offered and meant', () => {
    const file = fileOf('app.py', 'print(1)\n');
    assert.ok(asksLocalLogs('who was it', contextOf(offered)));
    assert.ok(!asksLocalLogs('who was it', contextOf({ ...offered, files: [file] })));
    assert.ok(asksLocalLogs('who failed in the log', contextOf({ ...offered, files: [file] })));
    assert.ok(!asksLocalLogs('who was it', contextOf({ ...offered, clientTools: ['query_logs'] })));
  });
});
