/** Choose Knowledge Domain…, New Knowledge Domain, Custom Instructions… and Preview Instructions, for one session each. */

import * as vscode from 'vscode';
import { BUILT_IN_DOMAINS } from '../../core/domains/built-in.ts';
import { SecGeminiError, describeError } from '../../core/errors.ts';
import { INSTRUCTION_LIMITS } from '../../core/instructions.ts';
import { type InstructionsMode, requireLive } from '../../core/session-local.ts';
import { labelText, visibleText } from '../../core/visible-text.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import type { FeatureOf, Services } from '../services.ts';
import { requireTrusted } from '../requirements.ts';
import { profileFolder } from './domain-files.ts';
import { instructionsSkill, takesSkills } from './instructions-skill.ts';

export function createDomainsFeature(
  services: Services,
): FeatureOf<'chooseDomain' | 'newDomain' | 'customInstructions' | 'previewInstructions'> {
  const { context, sessions, domains } = services;

  const chosen = async (argument: unknown, title: string): Promise<string | undefined> => {
    const id = sessionArgument(sessions, argument) ?? services.activeSession() ?? (await pickSession(sessions, title));
    if (id !== undefined) requireLive(id);
    return id;
  };

  const preview = async (sessionId: string): Promise<void> => {
    const { text, notes } = await domains.resolve(sessionId);
    const bytes = new TextEncoder().encode(text).byteLength;
    const head = [
      text === ''
        ? 'No instructions go with this session.'
        : domains.goesAsSkill(sessionId)
          ? `These ${bytes} bytes go to the service as the skill ${instructionsSkill(sessionId)}, and each prompt of this session asks for it:`
          : `These ${bytes} bytes go in front of the next prompt, between <instructions> and </instructions>:`,
      ...notes,
    ].join('\n');
    const content = `${head}\n\n${visibleText(text)}\n`;
    const document = await vscode.workspace.openTextDocument({ content, language: 'markdown' });
    await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Active });
  };

  return {
    commands: {
      chooseDomain: async (argument) => {
        const sessionId = await chosen(argument, 'A knowledge domain for which session?');
        if (sessionId === undefined) return;
        const current = (await domains.of(sessionId))?.id;
        const own = await domains.own();
        const mark = (id: string): string => (id === current ? '$(check) ' : '');
        const rows: (vscode.QuickPickItem & { readonly id?: string; readonly uri?: vscode.Uri })[] = [
          ...BUILT_IN_DOMAINS.map(({ id, title, description }) => ({
            label: `${mark(id)}${title}`,
            detail: description,
            id,
          })),
          ...(own.length === 0 ? [] : [{ label: 'Your own', kind: vscode.QuickPickItemKind.Separator }]),
          ...own.map(({ uri, from, domain, problem }) =>
            domain === undefined
              ? {
                  label: `$(warning) ${labelText(uri.path.split('/').at(-1) ?? '', 60)}`,
                  description: from,
                  detail: labelText(problem ?? '', 200),
                  uri,
                }
              : {
                  label: `${mark(domain.id)}${labelText(domain.title, 60)}`,
                  description: from,
                  detail: labelText(domain.description, 120),
                  id: domain.id,
                },
          ),
        ];
        const row = await vscode.window.showQuickPick(rows, {
          title: 'Knowledge domain of this session',
          placeHolder: 'Its text goes visibly in front of the next prompt; its questions are in the composer behind /',
          matchOnDetail: true,
        });
        if (row?.uri !== undefined) await vscode.window.showTextDocument(row.uri);
        if (row?.id === undefined) return;
        await domains.choose(sessionId, row.id);
        try {
          await domains.resolve(sessionId);
        } catch (error) {
          void vscode.window.showWarningMessage(visibleText(describeError(error)));
        }
      },
      newDomain: async () => {
        const name = await vscode.window.showInputBox({
          title: 'New Knowledge Domain',
          prompt: 'Name of its file. It is kept in your profile on this machine.',
          validateInput: (text) =>
            /^[a-z0-9][a-z0-9-]{0,59}$/.test(text.trim()) ? undefined : 'Small letters, digits and hyphens.',
        });
        if (name === undefined) return;
        const folder = profileFolder(context);
        await vscode.workspace.fs.createDirectory(folder);
        const uri = vscode.Uri.joinPath(folder, `${name.trim()}.md`);
        const exists = await vscode.workspace.fs.stat(uri).then(
          () => true,
          () => false,
        );
        const { DOMAIN_TEMPLATE } = await import('../../core/domains/domain.ts');
        if (!exists) await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(DOMAIN_TEMPLATE));
        await vscode.window.showTextDocument(uri);
      },
      customInstructions: async (argument) => {
        const sessionId = await chosen(argument, 'Custom instructions for which session?');
        if (sessionId === undefined) return;
        const now = domains.instructionsOf(sessionId);
        const mode = await pickMode(now.mode);
        if (mode === undefined) return;
        const text = await pickText(now.text);
        if (text === undefined) return;
        // Chosen before anything is kept: what the user closes changes nothing.
        await domains.resolve(sessionId, { mode, text });
        const way = takesSkills(sessions.client) ? await pickWay(domains.goesAsSkill(sessionId)) : 'prompt';
        if (way === undefined) return;
        const { notes } = await domains.setInstructions(sessionId, { mode, text });
        sessions.setFacts(sessionId, { instructionsAs: way === 'skill' ? 'skill' : undefined });
        const answer = await vscode.window.showInformationMessage(
          ['Instructions kept for this session.', ...notes].join(' '),
          'Preview',
        );
        if (answer === 'Preview') await preview(sessionId);
      },
      previewInstructions: async (argument) => {
        const sessionId = await chosen(argument, 'Instructions of which session?');
        if (sessionId !== undefined) await preview(sessionId);
      },
    },
  };
}

async function pickMode(current: InstructionsMode): Promise<InstructionsMode | undefined> {
  const rows: (vscode.QuickPickItem & { readonly mode: InstructionsMode })[] = [
    { label: 'Default', detail: "The knowledge domain's text alone; your own text is ignored", mode: 'default' },
    {
      label: 'Append',
      detail: `Your text behind the knowledge domain's, up to ${INSTRUCTION_LIMITS.append} bytes`,
      mode: 'append',
    },
    {
      label: 'Replace',
      detail: `Your text instead of the knowledge domain's (never of the service's own), up to ${INSTRUCTION_LIMITS.replace} bytes`,
      mode: 'replace',
    },
  ];
  const choice = await vscode.window.showQuickPick(
    rows.map((row) => (row.mode === current ? { ...row, description: 'now' } : row)),
    { title: 'Custom Instructions (1/2)' },
  );
  return choice?.mode;
}

async function pickWay(isSkill: boolean): Promise<'prompt' | 'skill' | undefined> {
  const rows: (vscode.QuickPickItem & { readonly way: 'prompt' | 'skill' })[] = [
    {
      label: 'In Front of the Next Prompt',
      detail: 'Visible in the conversation, once, and again when they change',
      way: 'prompt',
    },
    {
      label: 'As a Skill',
      detail: 'Kept by the service for your account; each prompt of this session tells the agent to use it',
      way: 'skill',
    },
  ];
  const choice = await vscode.window.showQuickPick(
    rows.map((row) => ((row.way === 'skill') === isSkill ? { ...row, description: 'now' } : row)),
    { title: 'Custom Instructions: how do they reach the agent?' },
  );
  if (choice?.way === 'skill') requireTrusted('Uploading a skill');
  return choice?.way;
}

async function pickText(current: string): Promise<string | undefined> {
  const editor = vscode.window.activeTextEditor;
  const how = await vscode.window.showQuickPick(
    [
      { label: 'Write one line…', id: 'line' },
      { label: 'Take a file…', id: 'file' },
      ...(editor === undefined ? [] : [{ label: 'Take the text of the active editor', id: 'editor' }]),
      ...(current === '' ? [] : [{ label: 'Keep the text as it is', id: 'keep' }]),
    ],
    { title: 'Custom Instructions (2/2)', placeHolder: 'Variables: $<session>, $<files>, $<workspace>, $<date> …' },
  );
  switch (how?.id) {
    case 'line':
      return (
        await vscode.window.showInputBox({
          title: 'Custom Instructions',
          value: current.includes('\n') ? '' : current,
          ignoreFocusOut: true,
        })
      )?.trim();
    case 'file': {
      const [uri] = (await vscode.window.showOpenDialog({ title: 'Instructions', openLabel: 'Use' })) ?? [];
      if (uri === undefined) return undefined;
      const { size } = await vscode.workspace.fs.stat(uri);
      if (size > 4 * INSTRUCTION_LIMITS.replace)
        throw new SecGeminiError('tooLarge', 'This file is too large for instructions.', {
          action: `Instructions have up to ${INSTRUCTION_LIMITS.replace} bytes.`,
        });
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)).trim();
    }
    case 'editor':
      return editor?.document.getText().trim();
    case 'keep':
      return current;
    default:
      return undefined;
  }
}
