import assert from 'node:assert/strict';
import type { EngineStep } from '../../../../src/sandbox/engine/types.ts';
import { answerIn, ask, stepsOf, stepsOfType } from './support.ts';

const typesOf = (steps: readonly EngineStep[]): string => steps.map((step) => step.type).join(' ');

describe('/demo', () => {
  it('failure and limit fail the turn, with their codes and without an answer', async () => {
    const failed = await stepsOf('/demo failure');
    assert.equal(typesOf(failed), 'thinking fail');
    assert.equal(stepsOfType(failed, 'fail')[0]?.code, 500);
    assert.equal(stepsOfType(await stepsOf('/demo limit'), 'fail')[0]?.code, 429);
  });

  it('slow pauses a second at a time and shows it', async () => {
    const pauses: number[] = [];
    const pause = async (milliseconds: number): Promise<void> => void pauses.push(milliseconds);
    const steps = await stepsOf('/demo slow 3', { pause });
    assert.deepEqual(pauses, [1000, 1000, 1000]);
    assert.deepEqual(
      stepsOfType(steps, 'progress').map((step) => step.text),
      ['Second 1 of 3', 'Second 2 of 3', 'Second 3 of 3'],
    );
    assert.equal(stepsOfType(await stepsOf('/demo slow'), 'progress').length, 20);
  });

  it('slow ends when its pause is cut', async () => {
    const pause = async (): Promise<void> => await Promise.reject(new Error('cancelled'));
    await assert.rejects(stepsOf('/demo slow 3', { pause }), /cancelled/);
  });

  it('long has as many messages as asked', async () => {
    assert.equal((await stepsOf('/demo long 120')).length, 121);
    assert.equal((await stepsOf('/demo long')).length, 51);
  });

  it('big has the size asked for', async () => {
    for (const kilobytes of [1, 300]) {
      const { length } = await ask(`/demo big ${kilobytes}`);
      assert.ok(length >= kilobytes * 1000 && length < kilobytes * 1000 + 400, `${length}`);
    }
  });

  it('bad amounts get a clear sentence', async () => {
    assert.match(await ask('/demo slow soon'), /SECONDS has to be a whole number from 1 to 600, not `soon`/);
    assert.match(await ask('/demo long 0'), /MESSAGES has to be a whole number from 1 to 5000/);
    assert.match(await ask('/demo big 99999999'), /KILOBYTES has to be a whole number from 1 to 10240/);
    assert.match(await ask('/demo big -1'), /KILOBYTES has to be/);
  });

  it('render has every render type, a PNG that is one, and hostile samples', async () => {
    const blocks = stepsOfType(await stepsOf('/demo render'), 'block');
    assert.deepEqual([...new Set(blocks.map((block) => block.render))].toSorted(), [
      'canvas',
      'code',
      'graph',
      'html',
      'image',
      'json',
      'markdown',
      'table',
      'text',
      'timeline',
    ]);
    const image = blocks.find((block) => block.render === 'image');
    assert.equal(
      Buffer.from(image?.content ?? '', 'base64')
        .subarray(1, 4)
        .toString(),
      'PNG',
    );
    const markdown = blocks.find((block) => block.render === 'markdown')?.content ?? '';
    for (const part of ['<script>', '![', 'onerror=', '| --- |', '- [x]', '```python', 'javascript:', 'command:'])
      assert.ok(markdown.includes(part), part);
    assert.ok(blocks.some((block) => block.content.split('\n').some((line) => line.length > 3000)));
    for (const block of blocks.filter(({ render }) => ['json', 'table', 'graph', 'timeline'].includes(render)))
      JSON.parse(block.content);
  });

  it('drop breaks in the middle and goes on', async () => {
    assert.equal(typesOf(await stepsOf('/demo drop')), 'thinking progress drop progress answer');
  });

  it('confirm asks, and does what was decided', async () => {
    for (const approved of [true, false]) {
      const asked: unknown[] = [];
      const steps = await stepsOf('/demo confirm', {
        confirm: async (tool, args, message) => (asked.push([tool, args, message]), { approved }),
      });
      assert.equal(asked.length, 1);
      assert.equal(stepsOfType(steps, 'toolCall').length, approved ? 1 : 0);
      assert.match(answerIn(steps), approved ? /\*\*approved\*\*/ : /\*\*denied\*\*/);
    }
    assert.match(await ask('/demo confirm'), /Not on this protocol/);
  });

  it('tool calls the tool of the client and quotes its result verbatim', async () => {
    const calls: unknown[] = [];
    const callTool = async (
      name: string,
      args: Record<string, unknown>,
    ): Promise<{ text: string; isError: boolean }> => {
      calls.push([name, args]);
      return { text: '42 ``` <b>', isError: false };
    };
    const steps = await stepsOf('/demo tool conf_add {"a":2,"b":40}', { clientTools: ['conf_add'], callTool });
    assert.deepEqual(calls, [['conf_add', { a: 2, b: 40 }]]);
    assert.equal(typesOf(steps), 'thinking toolCall toolResult answer');
    assert.ok(answerIn(steps).includes('````\n42 ``` <b>\n````'));
  });

  it('tool says what is wrong: no name, no such tool, no JSON, an error, no client', async () => {
    const callTool = async (): Promise<{ text: string; isError: boolean }> => ({ text: 'no', isError: true });
    const overrides = { clientTools: ['one'], callTool };
    assert.match(await ask('/demo tool', overrides), /Name the tool.*It offers: `one`/);
    assert.match(await ask('/demo tool two', overrides), /offers no tool called `two`/);
    assert.match(await ask('/demo tool one [1]', overrides), /have to be one JSON object/);
    assert.match(await ask('/demo tool one', overrides), /\*\*failed\*\*/);
    assert.match(await ask('/demo tool one'), /Not on this protocol/);
  });

  it('reports is of v1, clarify and tasks of v3', async () => {
    const at = Date.UTC(2024, 0, 9);
    const reports = [
      { type: 'bug_report', comment: 'it broke', groupId: 'g1', at },
      { type: 'user_feedback', score: 5, comment: 'fine', at },
    ] as const;
    const text = await ask('/demo reports', { protocol: 'v1', reports });
    assert.match(text, /Bug report, about `g1`, 2024-01-09T00:00:00.000Z: `it broke`/);
    assert.match(text, /Feedback, score 5/);
    assert.match(await ask('/demo reports', { protocol: 'v1' }), /No feedback/);
    assert.match(await ask('/demo reports', { protocol: 'v3', reports }), /not on this protocol/);
    assert.match(await ask('/demo clarify', { protocol: 'v1' }), /not on this protocol/);
    assert.match(await ask('/demo tasks', { protocol: 'v1' }), /not on this protocol/);
  });

  it('clarify asks and quotes the answer', async () => {
    assert.match(
      await ask('/demo clarify', { clarify: async (question) => `about: ${question}` }),
      /You answered:[\s\S]*about: Which of the attached files/,
    );
  });

  it('tasks shows a list that is worked off', async () => {
    const steps = await stepsOf('/demo tasks');
    const lists = stepsOfType(steps, 'taskList');
    assert.deepEqual(
      lists.map(({ tasks }) => tasks.children.filter(({ state }) => state === 'done').length),
      [0, 1, 2, 3],
    );
    assert.equal(lists.at(-1)?.tasks.state, 'done');
    for (const type of ['memory', 'skillLoaded', 'notice', 'sessionName'] as const)
      assert.equal(stepsOfType(steps, type).length, 1, type);
  });

  it('help lists what the protocol has; unknown names get it too', async () => {
    const v1 = await ask('/demo help', { protocol: 'v1' });
    assert.ok(v1.includes('/demo reports') && !v1.includes('/demo tasks'));
    for (const prompt of ['/demo', '/demo nonsense', '/demo constructor', '/DEMO Help'])
      assert.match(await ask(prompt), /`\/demo clarify`/, prompt);
  });
});
