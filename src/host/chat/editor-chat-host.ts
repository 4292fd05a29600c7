/** What the chat asks of the editor, made of VS Code. Requests come from an untrusted page: each is checked here once more, and confirmed where it leaves the editor. */

import * as vscode from 'vscode';
import type { Event } from '../../core/emitter.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { Message } from '../../core/model.ts';
import { isOfThisRemote } from '../../core/remote.ts';
import { messageIndexOf } from '../../core/session-fork.ts';
import { labelText, visibleText } from '../../core/visible-text.ts';
import type { ChatHost } from '../../panel/chat-host.ts';
import { checkLink } from '../../panel/link.ts';
import type { ApprovalEnd } from '../../core/approval-end.ts';
import { approvalView } from '../../panel/approval-view.ts';
import type { ApprovalView, Completion, Mention } from '../../panel/protocol.ts';
import type { Services } from '../services.ts';
import { showError } from '../errors.ts';
import { LastEditor } from '../last-editor.ts';
import { openLogPlace } from '../logs/log-places.ts';
import { Mentions } from './mentions.ts';
import { openReference } from './open-reference.ts';
import { openSymbol } from './open-symbol.ts';
import { ownPrompts } from './own-prompts.ts';
import { prompts, promptsFor } from './prompts.ts';

export class EditorChatHost implements ChatHost {
  readonly #services: Services;
  readonly #mentions: Mentions;
  readonly #showLog: (shows: boolean) => Promise<void>;
  readonly #lastEditor: LastEditor;

  /** `showLog` is the chat's: it tells every panel. */
  constructor(services: Services, showLog: (shows: boolean) => Promise<void>) {
    this.#services = services;
    this.#showLog = showLog;
    this.#lastEditor = services.store.add(new LastEditor());
    this.#mentions = new Mentions(services, this.#lastEditor, (sessionId) => this.attachFiles(sessionId));
  }

  async attachFiles(sessionId: string): Promise<void> {
    const uris = await vscode.window.showOpenDialog({
      canSelectMany: true,
      openLabel: 'Attach',
      title: 'Attach files to the session',
    });
    if (uris !== undefined) await this.#tell(this.#services.attacher.uris(sessionId, uris, 'hand'));
  }

  async attachUris(sessionId: string, uris: readonly string[]): Promise<void> {
    const known = new Set((vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.scheme));
    const parsed = uris.map((text) => ofThisMachine(vscode.Uri.parse(text, true)));
    // A drop names files of the editor; a link from a web page is no file.
    const stranger = parsed.find((uri) => uri.scheme !== 'file' && !known.has(uri.scheme));
    if (stranger !== undefined)
      throw new SecGeminiError('invalidArgument', `${labelText(stranger.scheme)}: addresses cannot be attached.`, {
        action: 'Drop files of the editor.',
      });
    // The page names any path it likes: nobody but the page saw the drop.
    await this.#tell(this.#services.attacher.uris(sessionId, parsed, 'call'));
  }

  async attachBytes(
    sessionId: string,
    files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  ): Promise<void> {
    await this.#tell(this.#services.attacher.bytes(sessionId, files, 'hand'));
  }

  async mention(sessionId: string, mention: Mention): Promise<void> {
    await this.#tell(this.#mentions.take(sessionId, mention));
  }

  async openLink(href: string): Promise<void> {
    const link = checkLink(href);
    if (!link.ok)
      throw new SecGeminiError('invalidArgument', 'This link cannot be opened.', {
        action: 'Only https, http and mailto links can.',
      });
    const choice = await vscode.window.showWarningMessage(
      `Open ${labelText(link.host, 120)}?`,
      {
        modal: true,
        detail: `${visibleText(link.href)}\n\nThe link comes from the answer. Opening it tells that site whatever the address holds.`,
      },
      'Open Link',
    );
    if (choice === 'Open Link') await vscode.env.openExternal(vscode.Uri.parse(link.href, true));
  }

  async openFile(reference: string): Promise<void> {
    if (await this.#services.openThreadPlace(reference)) return;
    if (!(await openLogPlace(this.#services, reference))) await openReference(reference);
  }

  async openSymbol(name: string): Promise<void> {
    await openSymbol(name);
  }

  async openTranscript(sessionId: string): Promise<void> {
    await this.#services.run('openTranscript', sessionId);
  }

  async copy(text: string): Promise<void> {
    await vscode.env.clipboard.writeText(text);
  }

  async compareCode(sessionId: string, text: string, language: string): Promise<void> {
    await this.#services.compareCode(sessionId, text, language);
  }

  async insertAtCursor(text: string): Promise<void> {
    const editor = await this.#lastEditor.shown();
    if (editor === undefined)
      throw new SecGeminiError('invalidArgument', 'No editor is open.', {
        action: 'Open the file that the text belongs in.',
      });
    if (!(await editor.edit((edit) => edit.replace(editor.selection, text))))
      throw new SecGeminiError(
        'invalidArgument',
        `${labelText(vscode.workspace.asRelativePath(editor.document.uri), 120)} cannot be changed here.`,
        { action: 'Click into the file that the text belongs in, and insert it again.' },
      );
  }

  async openText(text: string, language: string): Promise<void> {
    const languages = await vscode.languages.getLanguages();
    const document = await vscode.workspace.openTextDocument({
      content: text,
      language: languages.includes(language) ? language : 'plaintext',
    });
    await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
  }

  async saveText(text: string, suggestedName: string): Promise<void> {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const target = await vscode.window.showSaveDialog({
      title: 'Save as',
      ...(folder === undefined
        ? {}
        : { defaultUri: vscode.Uri.joinPath(folder, suggestedName.replace(/[/\\]/g, '_')) }),
    });
    if (target !== undefined) await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  }

  async complete(sessionId: string, trigger: '#' | '/', query: string): Promise<readonly Completion[]> {
    if (trigger === '#') return this.#mentions.complete(query);
    const { domains, context } = this.#services;
    const own = promptsFor(await ownPrompts(context), query);
    return [...own, ...(await domains.prompts(sessionId, query)), ...prompts(query)];
  }

  async forkAt(sessionId: string, message: Message): Promise<void> {
    const { sessions, forks, run } = this.#services;
    const state = sessions.state(sessionId);
    if (state === undefined) return;
    const id = await forks.fork(sessionId, messageIndexOf(state, message.id));
    if (id !== undefined) await run('openSession', id);
  }

  async rewindTo(sessionId: string, message: Message, before: boolean): Promise<void> {
    const { sessions, forks, run } = this.#services;
    const state = sessions.state(sessionId);
    if (state === undefined) return;
    const index = messageIndexOf(state, message.id);
    const id = await forks.rewind(sessionId, before ? index - 1 : index);
    if (id === undefined) return;
    if (before) sessions.setDraft(id, message.content);
    await run('openSession', id);
  }

  async rate(sessionId: string, answer: Message, up: boolean): Promise<void> {
    await this.#services.run('rateAnswer', sessionId, answer.id, up ? 'up' : 'down');
  }

  async reportBug(sessionId: string, answer: Message): Promise<void> {
    await this.#services.run('reportBug', sessionId, answer.id);
  }

  async reviewApproval(sessionId: string, request: Message): Promise<void> {
    await this.#services.run('reviewApproval', sessionId, request.id);
  }

  async denyApproval(sessionId: string, request: Message): Promise<void> {
    await this.#services.denyApproval(sessionId, request.id);
  }

  get onDidChangeApproval(): Event<void> {
    return this.#services.approvals.onDidChange;
  }

  approval(sessionId: string): ApprovalView | undefined {
    const waiting = this.#services.approvals.of(sessionId);
    return waiting === undefined ? undefined : approvalView(waiting);
  }

  approvalEnds(sessionId: string): Readonly<Record<string, ApprovalEnd>> {
    return this.#services.approvals.ends(sessionId);
  }

  async setAsksAlways(sessionId: string, always: boolean): Promise<void> {
    await this.#services.approvals.setAlwaysAsk(sessionId, always);
  }

  async setShowsLog(shows: boolean): Promise<void> {
    await this.#showLog(shows);
  }

  setShowsReasoning(sessionId: string, shows: boolean): void {
    this.#services.sessions.setFacts(sessionId, { showsReasoning: shows });
  }

  async setApiKey(): Promise<void> {
    await this.#services.run('setApiKey');
  }

  async retryNow(_sessionId: string): Promise<void> {
    const { connection, sessions } = this.#services;
    if (connection.client === undefined) await connection.connect({ ask: true });
    else await sessions.refresh();
  }

  async reloadHistory(sessionId: string): Promise<void> {
    await this.#services.sessions.open(sessionId);
  }

  loadDraft(sessionId: string): string {
    return this.#services.sessions.state(sessionId)?.draft ?? '';
  }

  saveDraft(sessionId: string, text: string): void {
    this.#services.sessions.setDraft(sessionId, text);
  }

  /** The page gets no details of local files: what fails is told natively. */
  async #tell(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      await showError(error, this.#services.run);
    }
  }
}

/** In a remote window the editor's own rows name files as `vscode-remote:`; here, on that machine, they are plain files. */
function ofThisMachine(uri: vscode.Uri): vscode.Uri {
  const ours = uri.scheme === 'vscode-remote' && isOfThisRemote(uri.authority, vscode.env.remoteName);
  return ours ? uri.with({ scheme: 'file', authority: '' }) : uri;
}
