/** Which knowledge domain and instructions a session has, and what goes in front of its next prompt. */

import * as vscode from 'vscode';
import type { Domain } from '../../core/domains/domain.ts';
import { SecGeminiError } from '../../core/errors.ts';
import {
  type ResolvedInstructions,
  type Variables,
  fingerprint,
  resolveInstructions,
  withFirstBlock,
} from '../../core/instructions.ts';
import type { Instructions } from '../../core/session-local.ts';
import type { SessionManager } from '../../core/session-manager.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Completion } from '../../panel/protocol.ts';
import type { HostLog } from '../log.ts';
import { type OwnDomain, ownDomains } from './domain-files.ts';
import { type SkillPorts, removeInstructions, takesSkills, uploadInstructions } from './instructions-skill.ts';

const GENERAL = 'general';
const NONE: Instructions = { mode: 'default', text: '' };

export class Domains {
  readonly #context: vscode.ExtensionContext;
  readonly #sessions: () => SessionManager;
  readonly #log: HostLog;
  readonly #skill: Omit<SkillPorts, 'sessions'>;

  /** `sessions`: asked late, as the session manager itself asks for what goes in front of a prompt. */
  constructor(context: vscode.ExtensionContext, sessions: () => SessionManager, skill: Omit<SkillPorts, 'sessions'>) {
    this.#context = context;
    this.#sessions = sessions;
    this.#log = skill.log;
    this.#skill = skill;
  }

  async own(): Promise<readonly OwnDomain[]> {
    return ownDomains(this.#context, this.#log);
  }

  /** The domain of a session; the general one when it has none, or when its file is gone. */
  async of(sessionId: string): Promise<Domain | undefined> {
    return this.#find(this.#sessions().state(sessionId)?.local?.domain ?? GENERAL);
  }

  async #find(id: string): Promise<Domain | undefined> {
    // Pages of text, which the first prompt needs and not the tree.
    const { BUILT_IN_DOMAINS } = await import('../../core/domains/built-in.ts');
    const builtIn = BUILT_IN_DOMAINS.find((domain) => domain.id === id);
    return builtIn ?? (await this.own()).find(({ domain }) => domain?.id === id)?.domain;
  }

  instructionsOf(sessionId: string): Instructions {
    return this.#sessions().state(sessionId)?.local?.instructions ?? NONE;
  }

  /** What would be sent with these instructions. Rejects as `resolveInstructions`. */
  async resolve(sessionId: string, instructions = this.instructionsOf(sessionId)): Promise<ResolvedInstructions> {
    const domain = await this.of(sessionId);
    return resolveInstructions(instructions, domain?.instructions ?? '', this.#variables(sessionId, domain));
  }

  /** Gives a session its domain. Rejects with `notFound` when there is none of this id. */
  async choose(sessionId: string, domainId: string): Promise<Domain> {
    const domain = await this.#find(domainId);
    if (domain === undefined)
      throw new SecGeminiError('notFound', `There is no knowledge domain "${labelText(domainId, 60)}".`, {
        action: 'Run "Sec-Gemini: Choose Knowledge Domain…" to see those that there are.',
      });
    const sessions = this.#sessions();
    sessions.setFacts(sessionId, { domain: domainId });
    const { harness, mode, skills = [] } = domain;
    // Which agent answers is part of a domain only where the service can be told.
    if (sessions.client?.capabilities.promptOptions === true)
      sessions.setOptions(sessionId, {
        ...sessions.state(sessionId)?.options,
        ...(harness === undefined ? {} : { harness }),
        ...(mode === undefined ? {} : { mode }),
        ...(skills.length === 0 ? {} : { skills }),
      });
    return domain;
  }

  /** Checked before they are kept: an unknown variable or a text too long is told here, not at the next prompt. */
  async setInstructions(sessionId: string, instructions: Instructions): Promise<ResolvedInstructions> {
    const resolved = await this.resolve(sessionId, instructions);
    const isNone = instructions.text === '' && instructions.mode === 'default';
    this.#sessions().setFacts(sessionId, { instructions: isNone ? undefined : instructions });
    return resolved;
  }

  /** True when the session's instructions go as a skill: the user chose it, and the service can. */
  goesAsSkill(sessionId: string): boolean {
    const sessions = this.#sessions();
    return sessions.state(sessionId)?.local?.instructionsAs === 'skill' && takesSkills(sessions.client);
  }

  /** The prompt, with the session's instructions in front of it when the service has not read them yet. */
  async compose(sessionId: string, prompt: string): Promise<string> {
    const { text } = await this.resolve(sessionId);
    const sent = this.#sessions().state(sessionId)?.local?.instructionsSent;
    const asSkill = text !== '' && this.goesAsSkill(sessionId);
    if (!asSkill) await removeInstructions(this.#ports, sessionId);
    if (text === '' || sent === (await this.#markOf(sessionId))) return prompt;
    if (!asSkill) return withFirstBlock(text, prompt);
    await uploadInstructions(this.#ports, sessionId, text);
    return prompt;
  }

  get #ports(): SkillPorts {
    return { ...this.#skill, sessions: this.#sessions() };
  }

  /** The composed prompt may leave: the same instructions are not sent again. */
  async settle(sessionId: string): Promise<void> {
    const mark = await this.#markOf(sessionId);
    if (this.#sessions().state(sessionId)?.local?.instructionsSent !== mark)
      this.#sessions().setFacts(sessionId, { instructionsSent: mark });
  }

  /** Of the texts as written: a new date or another file is no reason to send them again. */
  async #markOf(sessionId: string): Promise<string> {
    const { mode, text } = this.instructionsOf(sessionId);
    const way = this.goesAsSkill(sessionId) ? ['skill'] : [];
    return fingerprint(JSON.stringify([mode, text, (await this.of(sessionId))?.instructions ?? '', ...way]));
  }

  /** The questions of the session's domain for the composer's `/` list. */
  async prompts(sessionId: string, query: string): Promise<readonly Completion[]> {
    const wanted = query.toLowerCase();
    const domain = await this.of(sessionId);
    return (domain?.prompts ?? [])
      .map(({ label, detail, text }) => ({
        label: `/${label}`,
        detail: labelText(`${domain?.title ?? ''}: ${detail === '' ? text : detail}`, 120),
        insert: text,
      }))
      .filter(({ label, detail }) => label.slice(1).startsWith(wanted) || detail.toLowerCase().includes(wanted));
  }

  #variables(sessionId: string, domain: Domain | undefined): Variables {
    const state = this.#sessions().state(sessionId);
    const now = new Date();
    return {
      date: now.toISOString().slice(0, 10),
      time: now.toISOString().slice(11, 16),
      session: state?.info.name ?? '',
      description: state?.info.description ?? '',
      domain: domain?.title ?? '',
      files: state?.attachments.map(({ name }) => name).join(', ') ?? '',
      workspace: vscode.workspace.name ?? '',
      language: vscode.env.language,
    };
  }
}
