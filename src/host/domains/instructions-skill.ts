/**
 * A session's instructions as a skill that the agent has to use, where the service has skills: an alternative to the visible first block. The
 * text is looked through and written down like everything that leaves.
 */

import type { SecGeminiClient } from '../../core/client.ts';
import { isSecGeminiError } from '../../core/errors.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { SessionManager } from '../../core/session-manager.ts';
import type { HostLog } from '../log.ts';
import { recordedSend } from '../record.ts';

export interface SkillPorts {
  readonly sessions: SessionManager;
  readonly ledger: Ledger;
  readonly log: HostLog;
  /** The same text, or with its secrets replaced, as the user says. Rejects with `cancelled`. */
  readonly review: (sessionId: string, text: string) => Promise<string>;
}

/** One name a session, so that a changed text takes the place of the one before. */
export function instructionsSkill(sessionId: string): string {
  return `vscode-instructions-${sessionId.replaceAll(/[^a-zA-Z0-9]/g, '').slice(0, 12)}`;
}

export function takesSkills(client: SecGeminiClient | undefined): client is SecGeminiClient {
  return client?.skills !== undefined && client.capabilities.promptOptions === true;
}

/** Uploads the text and makes the session's prompts ask for it. Rejects with what the service or the user says; nothing has changed then. */
export async function uploadInstructions(ports: SkillPorts, sessionId: string, text: string): Promise<void> {
  const { sessions } = ports;
  const { client } = sessions;
  const skills = client?.skills;
  if (client === undefined || skills === undefined) return;
  const name = instructionsSkill(sessionId);
  const cleared = await ports.review(sessionId, text);
  const content = `---\nname: ${name}\ndescription: Instructions of the user for this session; follow them in every answer\n---\n\n${cleared}\n`;
  const what = {
    kind: 'skill',
    name,
    destination: client.origin,
    rule: 'instructions of a session, as a skill',
  } as const;
  await recordedSend(ports, what, content, () => skills.upload(name, content));
  const options = sessions.state(sessionId)?.options;
  sessions.setOptions(sessionId, { ...options, skills: [...new Set([...(options?.skills ?? []), name])] });
}

/** The session's prompts no longer ask for it, and the service forgets it. */
export async function removeInstructions({ sessions, log }: SkillPorts, sessionId: string): Promise<void> {
  const name = instructionsSkill(sessionId);
  const options = sessions.state(sessionId)?.options;
  if (options?.skills?.includes(name) !== true) return;
  sessions.setOptions(sessionId, { ...options, skills: options.skills.filter((other) => other !== name) });
  try {
    await sessions.client?.skills?.delete(name);
  } catch (error) {
    if (!isSecGeminiError(error, 'notFound')) log.warn(`The skill ${name} could not be deleted on the service.`);
  }
}
