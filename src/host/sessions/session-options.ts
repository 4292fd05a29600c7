/** "Session Options…": what goes along with each prompt of a session, changed one by one. It holds from the next prompt on. */

import * as vscode from 'vscode';
import { type SessionOptions, HARNESSES } from '../../core/session-options.ts';
import { labelText } from '../../core/visible-text.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { requireClient } from '../requirements.ts';
import type { Services } from '../services.ts';
import type { StepAnswer } from '../wizard.ts';
import { askHarness, askMode, askPrivacy, askSkills } from './option-steps.ts';

type Ask = (options: SessionOptions) => Promise<StepAnswer<Partial<SessionOptions>> | 'none'>;

export async function changeSessionOptions({ sessions }: Services, sessionId: string): Promise<void> {
  const client = requireClient(sessions);
  if (client.capabilities.promptOptions !== true)
    throw new SecGeminiError('invalidArgument', `Options of prompts are not on this protocol (${client.protocol}).`, {
      action: 'Model and logging are chosen when a session is made ("New Session…").',
    });
  for (;;) {
    const state = sessions.state(sessionId);
    if (state === undefined) return;
    const options = state.options ?? {};
    const title = `Options of ${labelText(state.info.name, 60)}`;
    const rows = rowsOf(options, title, client, sessionId);
    const choice = await vscode.window.showQuickPick(rows, { title, placeHolder: 'They hold from the next prompt on' });
    if (choice === undefined) return;
    const answer = await choice.ask(options);
    if (answer === 'none')
      throw new SecGeminiError('notFound', 'There is no skill yet.', { action: 'Run "Sec-Gemini: New Skill…" first.' });
    if (answer === undefined) return;
    if (answer !== 'back') sessions.setOptions(sessionId, { ...options, ...answer.value });
  }
}

function rowsOf(
  options: SessionOptions,
  title: string,
  client: ReturnType<typeof requireClient>,
  sessionId: string,
): (vscode.QuickPickItem & { readonly ask: Ask })[] {
  const { harness, mode, logging, systemInfo, skills = [] } = options;
  const privacy = [
    ...(logging === false ? ['asks for no logging'] : []),
    ...(systemInfo === true ? ['tells about this machine'] : []),
  ];
  const as = <K extends keyof SessionOptions>(key: K, answer: StepAnswer<SessionOptions[K]>) =>
    answer === 'back' || answer === undefined ? answer : { value: { [key]: answer.value } };
  return [
    {
      label: 'Agent',
      iconPath: new vscode.ThemeIcon('hubot'),
      description: HARNESSES.find(({ id }) => id === harness)?.label ?? harness ?? "the service's own choice",
      ask: async (now) => as('harness', await askHarness({ title }, now)),
    },
    {
      label: 'Mode',
      iconPath: new vscode.ThemeIcon('compass'),
      description: mode === undefined ? 'none' : labelText(mode, 60),
      ask: async (now) => as('mode', await askMode({ title }, now)),
    },
    {
      label: 'Logging and this machine',
      iconPath: new vscode.ThemeIcon('eye'),
      description: privacy.length === 0 ? "the service's default; nothing about this machine" : privacy.join(', '),
      ask: async (now) => askPrivacy({ title }, now),
    },
    {
      label: 'Skills',
      iconPath: new vscode.ThemeIcon('mortar-board'),
      description: skills.length === 0 ? 'the agent decides' : skills.map((name) => labelText(name, 40)).join(', '),
      ask: async (now) => {
        const answer = await askSkills({ title }, now, client, sessionId);
        return answer === 'none' ? answer : as('skills', answer);
      },
    },
  ];
}
