import assert from 'node:assert/strict';
import { isSecGeminiError } from '../../../src/core/errors.ts';
import type { Prompt } from '../../../src/core/client.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import { localFactsSchema } from '../../../src/core/session-schema.ts';
import type { SessionState } from '../../../src/core/session-state.ts';
import { FakeClient, V1_CAPABILITIES, message, sessionInfo } from '../../fakes/fake-client.ts';

const FILES = [
  { id: 'a', name: 'App.py' },
  { id: 'b', name: 'notes.txt' },
];

async function started(byMeta: boolean, answer: string) {
  let count = 0;
  const sessions = new SessionManager({ newId: () => `id-${(count += 1).toString()}`, now: () => 1000 });
  const client = new FakeClient();
  if (byMeta) Object.assign(client, { capabilities: { ...V1_CAPABILITIES, promptOptions: true } });
  const prompts: Prompt[] = [];
  client.script = async function* (prompt) {
    prompts.push(prompt);
    yield { type: 'message', message: message(`answer-${prompt.id}`, 'response', answer) };
    yield { type: 'turnEnd', outcome: 'completed' };
  };
  client.sessions.set('s', sessionInfo('s', { attachments: FILES }));
  sessions.setClient(client);
  await sessions.resume('s');
  const ended = (): Promise<SessionState> =>
    new Promise((resolve) => {
      const listener = sessions.onDidChange(({ action, state }) => {
        if (action.type !== 'turnEnd') return;
        listener.dispose();
        // Whatever the end of the turn brings comes in the same step.
        queueMicrotask(() => resolve(sessions.state('s') ?? state));
      });
    });
  return { sessions, prompts, ended };
}

describe('what is asked of one prompt', () => {
  it('a detailed analysis is a visible sentence where the wire has no word for it', async () => {
    const { sessions, prompts, ended } = await started(false, 'x');
    const end = ended();
    await sessions.send('s', 'Look', undefined, { detailed: true });
    await end;
    assert.match(prompts[0]?.text ?? '', /^Look\n\n<requirements>\nDetailed analysis: [^\n]+\n<\/requirements>$/);
    assert.equal(prompts[0]?.meta, undefined);
  });

  it('and the whole agent by meta where it has one, over the session’s own choice, for this prompt alone', async () => {
    const { sessions, prompts, ended } = await started(true, 'x');
    sessions.setOptions('s', { harness: 'secgemini-fast', mode: 'dfir' });
    let end = ended();
    await sessions.send('s', 'Look', undefined, { detailed: true });
    await end;
    end = ended();
    await sessions.send('s', 'Look again');
    await end;
    assert.deepEqual(
      prompts.map(({ text, meta }) => [text, meta]),
      [
        ['Look', { 'config.harness': 'secgemini', 'config.mode': 'dfir' }],
        ['Look again', { 'config.harness': 'secgemini-fast', 'config.mode': 'dfir' }],
      ],
    );
  });

  it('files that must be used stand in the prompt; a line under the answer names those it left out', async () => {
    const { sessions, prompts, ended } = await started(true, 'In `app.py` there is nothing.');
    const end = ended();
    await sessions.send('s', 'Look', undefined, { mustUse: ['a', 'notes.txt', 'b'] });
    const state = await end;
    assert.match(prompts[0]?.text ?? '', /These attachments must be used: App\.py, notes\.txt\./);
    const last = state.messages.at(-1);
    assert.deepEqual([last?.kind, last?.id.startsWith('local:')], ['warning', true]);
    assert.match(last?.content ?? '', /had to use notes\.txt, and names it nowhere/);
    assert.equal(state.local?.extras, undefined, 'nothing is kept of a turn that is over');
  });

  it('no line when the answer names them all', async () => {
    const { sessions, ended } = await started(true, 'App.py and NOTES.txt are harmless.');
    const end = ended();
    await sessions.send('s', 'Look', undefined, { mustUse: ['a', 'b'] });
    assert.equal((await end).messages.at(-1)?.kind, 'response');
  });

  it('waits with the prompt in the queue, is kept on disk, and goes along when the prompt is sent again', async () => {
    const { sessions, prompts, ended } = await started(true, 'x');
    await sessions.send('s', 'first');
    await sessions.send('s', 'second', 'waiting', { detailed: true, mustUse: ['b'] });
    const facts = sessions.state('s')?.local;
    assert.deepEqual(facts?.extras, { waiting: { detailed: true, mustUse: ['notes.txt'] } });
    assert.deepEqual(localFactsSchema.parse(JSON.parse(JSON.stringify(facts))), facts);
    await ended();
    await ended();
    assert.equal(prompts[1]?.meta?.['config.harness'], 'secgemini');
  });

  it('a file that is not there is refused by its name, and nothing is sent', async () => {
    const { sessions, prompts } = await started(true, 'x');
    await assert.rejects(
      sessions.send('s', 'Look', undefined, { mustUse: ['other.py'] }),
      (error) => isSecGeminiError(error, 'invalidArgument') && /"other\.py"/.test(error.message),
    );
    assert.deepEqual(prompts, []);
  });

  it('sent again it is demanded once', async () => {
    const { sessions, prompts, ended } = await started(false, 'x');
    const failing = ended();
    await sessions.send('s', 'Look', 'p', { detailed: true });
    await failing;
    const again = ended();
    const text = prompts[0]?.text ?? '';
    await sessions.send('s', text, undefined, { detailed: true });
    await again;
    assert.equal(prompts[1]?.text, text);
  });
});
