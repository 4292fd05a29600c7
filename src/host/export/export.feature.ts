/** Export Session… and Import Session…: a session as a file (JSON, Markdown, HTML), and such a JSON file as a read-only session. */

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { maskExport } from '../../core/export-mask.ts';
import { isoTime, messageName } from '../../core/export-words.ts';
import type { Message } from '../../core/model.ts';
import type { SessionExport } from '../../core/session-export.ts';
import { importedId } from '../../core/session-local.ts';
import { safeFileName } from '../../core/file-name.ts';
import { labelText } from '../../core/visible-text.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import type { FeatureOf, Services } from '../services.ts';

type Form = 'json' | 'markdown' | 'markdownWithMetadata' | 'html';

interface Choice {
  readonly form: Form;
  readonly mask: boolean;
  readonly choose: boolean;
}

/** Nobody's conversation is larger; it would not fit into an editor's memory twice. */
const MAX_IMPORT_BYTES = 256 * 1024 * 1024;

export function createExportFeature(services: Services): FeatureOf<'exportSession' | 'importSession'> {
  const { sessions, run } = services;
  return {
    commands: {
      exportSession: async (argument) => {
        const sessionId =
          sessionArgument(sessions, argument) ??
          services.activeSession() ??
          (await pickSession(sessions, 'Export which session?', { withNew: false, offline: true }));
        if (sessionId === undefined) return;
        const choice = await pickForm();
        if (choice === undefined) return;
        // The service's own record, with every field, in the place of what was pieced together here.
        await sessions.reload(sessionId);
        const state = sessions.state(sessionId);
        if (state === undefined) throw new SecGeminiError('notFound', 'This session is not known here.');
        const messages = choice.choose ? await pickMessages(state.messages) : undefined;
        if (choice.choose && messages === undefined) return;
        const target = await pickTarget(state.info.name, choice.form);
        if (target === undefined) return;
        const { exportOf } = await import('../../core/session-export.ts');
        const whole = exportOf(state, { now: Date.now(), messages });
        const masked = async () => maskExport(whole, (await import('../../scan/secrets.ts')).scanSecrets);
        const text = await written(choice.mask ? await masked() : whole, choice.form);
        await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
        const name = labelText(target.path.split('/').at(-1) ?? '', 80);
        const answer = await vscode.window.showInformationMessage(`Exported to ${name}.`, 'Open');
        if (answer === 'Open') await vscode.commands.executeCommand('vscode.open', target);
      },
      importSession: async () => {
        const [uri] =
          (await vscode.window.showOpenDialog({
            title: 'Import an exported session',
            openLabel: 'Import',
            filters: { 'Exported session': ['json'] },
          })) ?? [];
        if (uri === undefined) return;
        const { size } = await vscode.workspace.fs.stat(uri);
        if (size > MAX_IMPORT_BYTES)
          throw new SecGeminiError('tooLarge', 'This file is too large for an exported session.', {
            action: 'The limit is 256 MB.',
          });
        const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
        const { importedSession, parseExport } = await import('../../core/session-export.ts');
        const document = parseExport(text);
        const id = importedId(randomUUID());
        const { info, local } = importedSession(document, id, Date.now());
        sessions.adopt(info, document.messages, local);
        await run('openSession', id);
      },
    },
  };
}

async function pickForm(): Promise<Choice | undefined> {
  const forms: (vscode.QuickPickItem & { readonly form: Form })[] = [
    {
      label: 'JSON',
      description: 'everything, with tool calls, reasoning and the wire; can be imported again',
      form: 'json',
    },
    { label: 'Markdown', description: 'the conversation', form: 'markdown' },
    {
      label: 'Markdown with metadata',
      description: 'every message with time, author and tokens',
      form: 'markdownWithMetadata',
    },
    { label: 'HTML', description: 'one page without script, loads nothing', form: 'html' },
  ];
  const form = await vscode.window.showQuickPick(forms, {
    title: 'Export Session: as what? (1/2)',
    ignoreFocusOut: true,
  });
  if (form === undefined) return undefined;
  const scopes: (vscode.QuickPickItem & Omit<Choice, 'form'>)[] = [
    { label: 'Everything', mask: false, choose: false },
    {
      label: 'Everything, secrets replaced',
      description: 'keys, tokens and passwords that are found become placeholders',
      mask: true,
      choose: false,
    },
    { label: 'Choose messages…', mask: false, choose: true },
    { label: 'Choose messages…, secrets replaced', mask: true, choose: true },
  ];
  const scope = await vscode.window.showQuickPick(scopes, {
    title: 'Export Session: what of it? (2/2)',
    ignoreFocusOut: true,
  });
  return scope === undefined ? undefined : { form: form.form, mask: scope.mask, choose: scope.choose };
}

/** Ids of the messages that the user ticked; undefined when the list was closed. */
async function pickMessages(messages: readonly Message[]): Promise<ReadonlySet<string> | undefined> {
  const rows = messages.map((message) => ({
    label: messageName(message),
    description: isoTime(message.createdAt),
    detail: labelText(message.content, 120),
    picked: true,
    id: message.id,
  }));
  const chosen = await vscode.window.showQuickPick(rows, {
    title: 'Which messages?',
    canPickMany: true,
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
  return chosen === undefined ? undefined : new Set(chosen.map(({ id }) => id));
}

async function pickTarget(name: string, form: Form): Promise<vscode.Uri | undefined> {
  const ending = form === 'json' ? 'json' : form === 'html' ? 'html' : 'md';
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.window.showSaveDialog({
    title: 'Export Session',
    filters: { [ending.toUpperCase()]: [ending] },
    ...(folder === undefined
      ? {}
      : { defaultUri: vscode.Uri.joinPath(folder, `${safeFileName(name).replace(/\.+$/, '')}.${ending}`) }),
  });
}

/** Loaded when it is asked for: the renderers are chunks of their own. */
async function written(document: SessionExport, form: Form): Promise<string> {
  if (form === 'json') return (await import('../../core/session-export.ts')).encodeExport(document);
  if (form === 'html') return (await import('./export-html.ts')).exportHtml(document);
  const { exportMarkdown } = await import('../../core/export-markdown.ts');
  return exportMarkdown(document, { metadata: form === 'markdownWithMetadata' });
}
