/** The single questions about what goes along with a session's prompts. Used one after another (New Session…) and one by one (Session Options…). */

import * as vscode from 'vscode';
import type { SecGeminiClient } from '../../core/client.ts';
import { HARNESSES, type SessionOptions } from '../../core/session-options.ts';
import { labelText } from '../../core/visible-text.ts';
import { systemInfo } from '../system-info.ts';
import { type StepAnswer, type StepPlace, inputStep, pickStep } from '../wizard.ts';

type Choice = vscode.QuickPickItem & { readonly id?: string };

/** Undefined in `value`: the service's own choice. */
export async function askHarness(
  place: StepPlace,
  { harness }: SessionOptions,
): Promise<StepAnswer<string | undefined>> {
  const items: Choice[] = [
    { label: "The service's own choice" },
    ...HARNESSES.map(({ id, label, detail }) => ({ label, description: id, detail, id })),
  ];
  return first(
    await pickStep({ ...place, placeholder: 'Which agent answers?', items, chosen: items.filter(is(harness)) }),
  );
}

const MODES: readonly Choice[] = [
  { label: 'No mode', detail: 'The agent finds out what is asked' },
  { label: 'dfir', detail: 'Digital forensics and incident response', id: 'dfir' },
];

export async function askMode(place: StepPlace, { mode }: SessionOptions): Promise<StepAnswer<string | undefined>> {
  const other: Choice = { label: 'Another mode…', detail: 'A name that your service knows' };
  const own: Choice[] = mode === undefined || MODES.some(is(mode)) ? [] : [{ label: labelText(mode), id: mode }];
  const items = [...MODES, ...own, other];
  const answer = await pickStep({ ...place, placeholder: 'In which mode?', items, chosen: items.filter(is(mode)) });
  if (answer === 'back' || answer === undefined || answer.value[0] !== other) return first(answer);
  const named = await inputStep({
    ...place,
    prompt: 'The name of the mode, as your service calls it.',
    value: mode,
    check: (text) => (/^[a-z0-9][a-z0-9._-]*$/i.test(text) ? undefined : 'Letters, digits, dots, hyphens only.'),
  });
  return named === 'back' ? await askMode(place, { mode }) : named;
}

/** What leaves beside the text, and what stays of it there. */
export async function askPrivacy(
  place: StepPlace,
  { logging, systemInfo: tells }: SessionOptions,
): Promise<StepAnswer<Pick<SessionOptions, 'logging' | 'systemInfo'>>> {
  const facts = Object.values(systemInfo()).join(', ');
  const quiet = { label: 'Ask the service not to log', detail: 'Each prompt asks for it; the service decides' };
  const machine = {
    label: 'Tell the agent about this machine',
    detail: `With each prompt goes: ${labelText(facts, 200)}`,
  };
  const answer = await pickStep({
    ...place,
    placeholder: 'Tick what you want; by default neither',
    items: [quiet, machine],
    chosen: [...(logging === false ? [quiet] : []), ...(tells === true ? [machine] : [])],
    many: true,
  });
  if (answer === 'back' || answer === undefined) return answer;
  const has = (item: vscode.QuickPickItem): boolean => answer.value.some(({ label }) => label === item.label);
  return { value: { logging: has(quiet) ? false : undefined, systemInfo: has(machine) ? true : undefined } };
}

/** Names of the skills that can be asked for: the account's own and, of a session, what its tool servers offer. */
async function skillNames(client: SecGeminiClient, sessionId: string | undefined): Promise<readonly string[]> {
  const [own, offered] = await Promise.all([
    client.skills?.listUploaded() ?? [],
    sessionId === undefined ? [] : (client.skills?.listSession(sessionId) ?? []),
  ]);
  const names = [...own, ...offered.flatMap(({ skills }) => skills.map(({ name }) => name))];
  return [...new Set(names)].filter((name) => name !== '' && !name.includes(',')).toSorted();
}

/** Resolves `none` where there is no skill to choose. */
export async function askSkills(
  place: StepPlace,
  { skills = [] }: SessionOptions,
  client: SecGeminiClient,
  sessionId?: string,
): Promise<StepAnswer<readonly string[]> | 'none'> {
  const names = [...new Set([...(await skillNames(client, sessionId)), ...skills])];
  if (names.length === 0) return 'none';
  const items = names.map((name) => ({
    label: labelText(name, 80),
    iconPath: new vscode.ThemeIcon('mortar-board'),
    name,
  }));
  const answer = await pickStep({
    ...place,
    placeholder: 'Skills that the agent has to use; without a tick it decides itself',
    items,
    chosen: items.filter(({ name }) => skills.includes(name)),
    many: true,
  });
  return answer === 'back' || answer === undefined ? answer : { value: answer.value.map(({ name }) => name) };
}

/** URLs of tool servers; undefined in `value`: the service's own choice. Resolves `none` where the account has no server. */
export async function askServers(
  place: StepPlace,
  client: SecGeminiClient,
  chosen: readonly string[] | undefined,
): Promise<StepAnswer<readonly string[] | undefined> | 'none'> {
  const servers = (await client.mcp?.listAccount()) ?? [];
  if (servers.length === 0) return 'none';
  const items = servers.map(({ name, url }) => ({
    label: labelText(name, 80),
    description: labelText(url, 120),
    iconPath: new vscode.ThemeIcon('server'),
    url,
  }));
  const answer = await pickStep({
    ...place,
    placeholder: "Tool servers of the session; without a tick the service's own choice",
    items,
    chosen: items.filter(({ url }) => chosen?.includes(url)),
    many: true,
  });
  if (answer === 'back' || answer === undefined) return answer;
  return { value: answer.value.length === 0 ? undefined : answer.value.map(({ url }) => url) };
}

const is =
  (id: string | undefined) =>
  (choice: Choice): boolean =>
    choice.id === id;

function first(answer: StepAnswer<readonly Choice[]>): StepAnswer<string | undefined> {
  return answer === 'back' || answer === undefined ? answer : { value: answer.value[0]?.id };
}
