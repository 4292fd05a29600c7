/** Demonstrations of a job's life: a step that Pause and Stop have to wait for, and all places for jobs taken. */
import { SANDBOX_NOTE } from './inspection-answer.ts';
import { plural } from './markdown.ts';
import type { EngineContext, EngineStep } from './types.ts';

type Steps = AsyncGenerator<EngineStep, void, void>;

const say = (markdown: string): EngineStep => ({ type: 'answer', markdown: `${SANDBOX_NOTE}\n\n${markdown}` });

/** One step of so many seconds: what is asked of the job meanwhile (PAUSING, CANCELING) happens at its end. */
export async function* stubborn(seconds: number, context: EngineContext): Steps {
  if (context.hold === undefined) return yield say('Not on this protocol.');
  yield {
    type: 'thinking',
    title: 'One long step',
    text: `It takes ${plural(seconds, 'second')} and cannot be cut: Pause and Stop wait for its end.`,
  };
  await context.hold(seconds * 1000);
  yield { type: 'progress', text: 'The long step is over' };
  yield say(`The step of ${plural(seconds, 'second')} was done to its end.`);
}

/** While it runs the account has no place for another job: every other prompt is refused. */
export async function* busy(seconds: number, context: EngineContext): Steps {
  if (context.takePlaces === undefined) return yield say('Not on this protocol.');
  context.takePlaces();
  yield {
    type: 'thinking',
    title: 'Taking every place',
    text: `For ${plural(seconds, 'second')} this job counts as all the jobs that you may run: a prompt of another session is refused. Press Stop to give the places back.`,
  };
  await context.pause(seconds * 1000);
  yield say('The places for jobs are free again.');
}
