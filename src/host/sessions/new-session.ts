/** "New Session…": name and options, step by step with a way back. What the connected service does not offer is not asked. */

import type { CreateSessionOptions } from '../../core/client.ts';
import type { ModelDescription, SessionInfo } from '../../core/model.ts';
import type { SessionOptions } from '../../core/session-options.ts';
import { labelText } from '../../core/visible-text.ts';
import { requireClient } from '../requirements.ts';
import type { Services } from '../services.ts';
import { type StepAnswer, inputStep, pickStep, runSteps } from '../wizard.ts';
import { askHarness, askMode, askPrivacy, askServers, askSkills } from './option-steps.ts';

const TITLE = 'New Session';

/** Undefined when the user closed it: nothing was created then. */
export async function newSessionBySteps({ sessions, connection }: Services): Promise<SessionInfo | undefined> {
  const client = requireClient(sessions);
  const { promptOptions, namesSessions, loggingChoice } = client.capabilities;
  const account = connection.status.kind === 'connected' ? connection.status.account : undefined;
  let create: CreateSessionOptions = {};
  let options: SessionOptions = {};
  let servers: readonly string[] | undefined;

  type Step = (step: number) => Promise<'next' | 'skipped' | 'back' | 'closed'>;
  const steps: Step[] = [];
  const place = (step: number) => ({ title: TITLE, step, steps: steps.length });
  const taken = <T>(answer: StepAnswer<T> | 'none', take: (value: T) => void) => {
    if (answer === 'none') return 'skipped';
    if (answer === 'back') return 'back';
    if (answer === undefined) return 'closed';
    take(answer.value);
    return 'next';
  };

  steps.push(async (step) => {
    const answer = await inputStep({
      ...place(step),
      prompt:
        namesSessions === true ? 'A name, or nothing: the service then finds one.' : 'A name, or nothing: the time.',
      placeholder: 'Name (optional)',
      value: create.name,
      check: (text) => (text.length > 200 ? 'At most 200 characters.' : undefined),
    });
    return taken(answer, (name) => {
      create = { ...create, name: name === '' ? undefined : name };
    });
  });
  if (account !== undefined && account.models.length > 1)
    steps.push(async (step) =>
      taken(await askModel(place(step), account.models, create.model), (model) => {
        create = { ...create, model };
      }),
    );
  if (loggingChoice && account?.mayDisableLogging === true)
    steps.push(async (step) =>
      taken(await askLogging(place(step), create.logging), (logging) => {
        create = { ...create, logging };
      }),
    );
  if (promptOptions === true)
    steps.push(
      async (step) =>
        taken(await askHarness(place(step), options), (harness) => {
          options = { ...options, harness };
        }),
      async (step) =>
        taken(await askMode(place(step), options), (mode) => {
          options = { ...options, mode };
        }),
      async (step) =>
        taken(await askPrivacy(place(step), options), (privacy) => {
          options = { ...options, ...privacy };
        }),
    );
  if (client.mcp !== undefined)
    steps.push(async (step) =>
      taken(await askServers(place(step), client, servers), (urls) => {
        servers = urls;
      }),
    );
  if (promptOptions === true && client.skills !== undefined)
    steps.push(async (step) =>
      taken(await askSkills(place(step), options, client), (skills) => {
        options = { ...options, skills };
      }),
    );

  if (!(await runSteps(steps))) return undefined;
  const info = await sessions.create(create, options);
  // The session stands even when its servers cannot be set: that is told, and mended in the view.
  if (servers !== undefined) await client.mcp?.setSession(info.id, servers);
  return info;
}

async function askModel(
  place: { readonly title: string; readonly step: number; readonly steps: number },
  models: readonly ModelDescription[],
  chosen: string | undefined,
): Promise<StepAnswer<string>> {
  const items = models.map(({ name, version, description, experimental }) => ({
    label: labelText(`${name} ${version}`.trim(), 80),
    description: experimental ? 'experimental' : '',
    detail: labelText(description, 200),
    model: name,
  }));
  const answer = await pickStep({
    ...place,
    placeholder: 'Which model answers?',
    items,
    chosen: items.filter(({ model }) => model === chosen),
  });
  if (answer === 'back' || answer === undefined) return answer;
  const [found] = answer.value;
  return found === undefined ? undefined : { value: found.model };
}

async function askLogging(
  place: { readonly title: string; readonly step: number; readonly steps: number },
  chosen: boolean | undefined,
): Promise<StepAnswer<boolean | undefined>> {
  const items = [
    { label: 'As your account has it', logging: undefined },
    { label: 'Without logging', detail: 'The service keeps no log of this session', logging: false },
  ];
  const answer = await pickStep({
    ...place,
    placeholder: 'May the service log this session?',
    items,
    chosen: items.filter(({ logging }) => logging === chosen),
  });
  return answer === 'back' || answer === undefined ? answer : { value: answer.value[0]?.logging };
}
