/** What the commands of findings do. Loaded on first use, or with the host where findings are kept. */

import * as vscode from 'vscode';
import { blockEdit } from '../../core/code-blocks.ts';
import { type Disposable, DisposableStore, toDisposable } from '../../core/disposable.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { VERIFY_QUESTION, aboutFinding } from '../../core/findings-prompt.ts';
import { findingLabel } from '../../core/findings-words.ts';
import { type Finding, Findings, isStale } from '../../core/findings.ts';
import { labelText } from '../../core/visible-text.ts';
import { CodePlaces } from '../code-places.ts';
import { linesOfDocument, pathOf, takesThreads } from '../code-documents.ts';
import { FINDINGS_SOURCE } from '../../manifest.ts';
import { pickSession } from '../pick-session.ts';
import type { Services } from '../services.ts';
import { exportFindings } from './export-findings.ts';
import { loadFindings, loadReviews, saveFindings } from './kept-findings.ts';
import { ProblemsList } from './problems-list.ts';
import { type ReviewResult, Reviewing } from './reviewing.ts';

const SAVE_MS = 300;

export class FindingsDesk implements Disposable {
  readonly #services: Services;
  readonly #owned = new DisposableStore();
  readonly #findings: Findings;
  readonly #reviewing: Reviewing;
  #saving: NodeJS.Timeout | undefined;

  constructor(services: Services) {
    const { connection, context, log, threads } = services;
    this.#services = services;
    this.#findings = this.#owned.add(new Findings((error) => log.error('A listener of the findings failed', error)));
    this.#findings.take(loadFindings(context.workspaceState), []);
    const places = this.#owned.add(new CodePlaces(this.#findings, () => undefined));
    this.#owned.add(new ProblemsList(this.#findings));
    this.#reviewing = this.#owned.add(
      new Reviewing(services, this.#findings, loadReviews(context.workspaceState), {
        ended: (result) => void this.#tell(result),
        changed: () => this.#saveSoon(),
      }),
    );
    for (const document of vscode.workspace.textDocuments) places.look(document);
    this.#owned.add(this.#findings.onDidChange(() => this.#saveSoon()));
    let isAccount = connection.status.kind === 'connected' && !connection.isSandbox;
    this.#owned.add(
      connection.onDidChange(({ kind }) => {
        if (kind === 'connected') isAccount = !connection.isSandbox;
        else if (kind === 'signedOut' && isAccount) this.#findings.signOut();
      }),
    );
    this.#owned.add(threads.onDidChange((id) => this.#verified(id)));
    this.#owned.add(
      vscode.workspace.onDidDeleteFiles(({ files }) => {
        const gone = files.flatMap((uri) => this.#findings.at(uri.toString()));
        this.#findings.remove(gone.filter(({ suppressed }) => suppressed === undefined).map(({ id }) => id));
      }),
    );
    this.#owned.add(toDisposable(() => this.#save()));
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** Explorer and editor menus pass (uri, uris); without them the file of the active editor is meant. */
  async reviewFiles(first: unknown, all: unknown): Promise<void> {
    this.#connected();
    const many = Array.isArray(all) ? all.filter((uri) => uri instanceof vscode.Uri) : [];
    const active = vscode.window.activeTextEditor?.document;
    const uris =
      many.length > 0
        ? many
        : first instanceof vscode.Uri
          ? [first]
          : first === undefined && active !== undefined && takesThreads(active)
            ? [active.uri]
            : [];
    if (uris.length === 0)
      throw new SecGeminiError('invalidArgument', 'There is no file to review.', {
        action: 'Open the file, or right-click it in the Explorer.',
      });
    const sessionId = await this.#session();
    if (sessionId === undefined) return;
    const [uri] = uris;
    const what =
      uris.length === 1 && uri !== undefined ? labelText(uri.path.split('/').at(-1) ?? '', 60) : `${uris.length} files`;
    await this.#told(
      this.#withProgress(`Sec-Gemini reviews ${what}`, (signal) => this.#reviewing.files(sessionId, uris, signal)),
    );
  }

  /** For who has a session and shows the result itself. */
  async review(
    sessionId: string,
    uris: readonly vscode.Uri[],
    signal: AbortSignal,
    words?: string,
  ): Promise<string | undefined> {
    const result = await this.#reviewing.files(sessionId, uris, signal, words);
    if (result === undefined) return undefined;
    const { found, unread, error } = result;
    if (found === undefined) return error ?? 'The answer holds no findings that could be read; see the conversation.';
    const { findingsMarkdown } = await import('../../core/findings-markdown.ts');
    const places = found.map((finding) => ({
      finding: this.#findings.get(finding.id) ?? finding,
      path: pathOf(vscode.Uri.parse(finding.anchor.uri, true)),
    }));
    const rest = unread === 0 ? '' : `\n${unread} more could not be read: see the conversation.\n`;
    return `${findingsMarkdown(places, new Date())}${rest}`;
  }

  async reviewChanges(): Promise<void> {
    this.#connected();
    await this.#told(
      this.#reviewing.changes(
        () => this.#session(),
        (work) => this.#withProgress('Sec-Gemini reviews changes', work),
      ),
    );
  }

  async ask(id: string): Promise<void> {
    const finding = this.#finding(id);
    const question = await vscode.window.showInputBox({
      title: labelText(finding.title, 80),
      prompt: 'Ask about this finding. Its code goes along; nothing leaves before you confirmed it.',
      ignoreFocusOut: true,
      validateInput: (text) => (text.trim() === '' ? 'Type a question first.' : undefined),
    });
    if (question === undefined || question.trim() === '') return;
    await this.#askAt(finding, question, question);
  }

  async verify(id: string): Promise<void> {
    const finding = this.#finding(id);
    await this.#askAt(finding, `Verify: ${finding.title}`, VERIFY_QUESTION);
  }

  async suppress(id: string): Promise<void> {
    const finding = this.#finding(id);
    const reason = await vscode.window.showInputBox({
      title: 'Suppress This Finding',
      prompt: `Why is "${labelText(finding.title, 60)}" no problem here? The reason is kept and exported with it.`,
      ignoreFocusOut: true,
      validateInput: (text) => (text.trim() === '' ? 'Say why, for whoever looks at it next.' : undefined),
    });
    if (reason === undefined || reason.trim() === '') return;
    this.#findings.update(id, { suppressed: { reason: labelText(reason, 500), at: Date.now() } });
    // The command has done its work; the message may stand for long.
    void vscode.window
      .showInformationMessage('The finding is suppressed. "Show Suppressed Findings" lists it.', 'Undo')
      .then((choice) => choice === 'Undo' && this.#findings.update(id, { suppressed: undefined }));
  }

  /** The list of what is suppressed; choosing rows takes them back into Problems. */
  async showSuppressed(): Promise<void> {
    const suppressed = this.#findings.all().filter((finding) => finding.suppressed !== undefined);
    if (suppressed.length === 0) {
      void vscode.window.showInformationMessage('No findings are suppressed.');
      return;
    }
    const rows = suppressed.map((finding) => ({
      label: findingLabel(finding, pathOf(vscode.Uri.parse(finding.anchor.uri, true))),
      description: labelText(finding.rule, 60),
      detail: labelText(finding.suppressed?.reason ?? '', 200),
      id: finding.id,
    }));
    const back = await vscode.window.showQuickPick(rows, {
      title: 'Suppressed Findings',
      placeHolder: 'Tick those that should be shown in Problems again',
      canPickMany: true,
      matchOnDescription: true,
      matchOnDetail: true,
    });
    for (const { id } of back ?? []) this.#findings.update(id, { suppressed: undefined });
  }

  /** Opens the proposed lines as a diff; the user applies them there. */
  async applyFix(id: string): Promise<void> {
    const finding = this.#finding(id);
    const { fix, sessionId } = finding;
    if (fix === undefined)
      throw new SecGeminiError('invalidArgument', 'This finding came without a fix.', {
        action: 'Choose "Ask About This Finding" and ask for one.',
      });
    // The user's own file gets what the user's own file held: placeholders are for the way out.
    const { restorePlaceholders } = await import('../../core/redaction.ts');
    const code = restorePlaceholders(fix, await this.#services.secretMap(sessionId));
    await this.#services.proposeChange(vscode.Uri.parse(finding.anchor.uri, true), (document) => {
      const now = this.#finding(id);
      if (isStale(now))
        throw new SecGeminiError('invalidArgument', 'The code has changed since this fix was proposed.', {
          action: 'Run "Review File" again.',
        });
      return [blockEdit(linesOfDocument(document), now.place, code)];
    });
  }

  async export(): Promise<void> {
    const findings = this.#findings.all();
    if (findings.length === 0)
      throw new SecGeminiError('invalidArgument', 'There are no findings to export.', {
        action: 'Run "Review File" or "Review Changes" first.',
      });
    const { version } = this.#services.context.extension.packageJSON as { readonly version: string };
    await exportFindings(findings, version);
  }

  /** Open findings go, suppressed ones stay: their reasons are the user's own. */
  async clear(): Promise<void> {
    const open = this.#findings.all().filter(({ suppressed }) => suppressed === undefined);
    if (open.length === 0) return;
    const choice = await vscode.window.showWarningMessage(
      `Clear ${open.length} ${open.length === 1 ? 'finding' : 'findings'}?`,
      {
        modal: true,
        detail: 'They go from Problems. Suppressed findings stay, and the answers stay in their sessions.',
      },
      'Clear',
    );
    if (choice === 'Clear') this.#findings.remove(open.map(({ id }) => id));
  }

  #connected(): void {
    if (this.#services.sessions.client === undefined)
      throw new SecGeminiError('unavailable', 'Not connected to Sec-Gemini.', {
        action: 'Run "Sec-Gemini: Start Local Sandbox" or "Sec-Gemini: Set API Key" first.',
      });
  }

  async #session(): Promise<string | undefined> {
    const { sessions } = this.#services;
    if (sessions.sessions().length === 0) return (await sessions.create()).id;
    return pickSession(sessions, 'Review in which session?', { withNew: true });
  }

  async #askAt(finding: Finding, title: string, question: string): Promise<void> {
    const { id, anchor, place, rule, sessionId, threadId } = finding;
    await this.#services.askAtCode({
      uri: vscode.Uri.parse(anchor.uri, true),
      range: place,
      title: labelText(title, 80),
      question: `${aboutFinding(finding)}\n\n${question}`,
      sessionId,
      threadId,
      problem: { source: FINDINGS_SOURCE, rule: labelText(rule, 200) },
      onThread: (made) => this.#findings.update(id, { threadId: made }),
    });
  }

  /** The verdict of a thread stands with its finding too. */
  #verified(threadId: string): void {
    const verdict = this.#services.threads.get(threadId)?.verdict;
    if (verdict === undefined) return;
    for (const finding of this.#findings.all())
      if (finding.threadId === threadId) this.#findings.update(finding.id, { verdict });
  }

  async #withProgress<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    return vscode.window.withProgress(options, async (_progress, token) => {
      const abort = new AbortController();
      const listener = token.onCancellationRequested(() => abort.abort());
      try {
        return await work(abort.signal);
      } finally {
        listener.dispose();
      }
    });
  }

  async #told(result: Promise<ReviewResult | undefined>): Promise<void> {
    const ended = await result;
    // The command has done its work; the message may stand for long.
    if (ended !== undefined) void this.#tell(ended);
  }

  async #tell({ review, found, unread, error }: ReviewResult): Promise<void> {
    const CONVERSATION = 'Open Conversation';
    const PROBLEMS = 'Show Problems';
    const rest = unread === 0 ? '' : ` ${unread} more could not be read: see the conversation.`;
    let choice: string | undefined;
    if (found === undefined)
      choice = await vscode.window.showWarningMessage(
        error === undefined
          ? 'The answer holds no findings that could be read; it stays as text in its session.'
          : `The review came to no end: ${labelText(error, 200)}`,
        CONVERSATION,
      );
    else {
      const open = found.filter(({ id }) => this.#findings.get(id)?.suppressed === undefined).length;
      const hidden = found.length - open;
      const words =
        found.length === 0
          ? 'The review found nothing.'
          : `The review found ${found.length}: ${open} in Problems${hidden === 0 ? '' : `, ${hidden} suppressed`}.`;
      choice = await vscode.window.showInformationMessage(
        `${words}${rest}`,
        ...(open === 0 ? [] : [PROBLEMS]),
        CONVERSATION,
      );
    }
    if (choice === PROBLEMS) await vscode.commands.executeCommand('workbench.actions.view.problems');
    if (choice === CONVERSATION) await this.#services.run('openSession', review.sessionId);
  }

  #finding(id: string): Finding {
    const finding = this.#findings.get(id);
    if (finding !== undefined) return finding;
    throw new SecGeminiError('notFound', 'This finding is no longer there.', {
      action: 'Choose one in Problems, or run "Review File" again.',
    });
  }

  #saveSoon(): void {
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.#save(), SAVE_MS);
  }

  #save(): void {
    clearTimeout(this.#saving);
    const { context, log } = this.#services;
    saveFindings(context.workspaceState, this.#findings.all(), this.#reviewing.all()).catch((error: unknown) =>
      log.error('The findings could not be kept', error),
    );
  }
}
