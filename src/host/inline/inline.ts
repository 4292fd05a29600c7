/** Threads at lines of code: what the commands do. Loaded on first use. */

import * as vscode from 'vscode';
import { parseHunks } from '../../core/code-blocks.ts';
import { type Disposable, DisposableStore, toDisposable } from '../../core/disposable.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { restorePlaceholders } from '../../core/redaction.ts';
import { PROBLEM_TITLES, type ProblemQuestion, problemQuestion } from '../../core/thread-prompt.ts';
import { threadMarkdown } from '../../core/thread-view.ts';
import type { CodeThread } from '../../core/threads.ts';
import type { ChangePlan, CodeQuestion, Services } from '../services.ts';
import { Asking } from './asking.ts';
import { editorRange, lineRange, pathOf, takesThreads } from '../code-documents.ts';
import { loadThreads, saveThreads } from './kept-threads.ts';
import { chooseProblem, codeOf, reported, stepPlaces } from './problems.ts';
import { Proposals } from './proposals.ts';
import { CodePlaces } from '../code-places.ts';
import { ShownComment, ThreadWidgets } from './thread-widgets.ts';
import { type CodeTarget, openAsDiff, useCode } from './use-code.ts';

const SAVE_MS = 300;

export class Inline implements Disposable {
  readonly #services: Services;
  readonly #owned = new DisposableStore();
  readonly #widgets: ThreadWidgets;
  readonly #places: CodePlaces;
  readonly #asking: Asking;
  readonly proposals: Proposals;
  #saving: NodeJS.Timeout | undefined;
  #lastEditor: vscode.TextEditor | undefined;

  /** `lastEditor`: the panel, from which it may be used first, takes the focus from the editor. */
  constructor(services: Services, controller: vscode.CommentController, lastEditor: vscode.TextEditor | undefined) {
    this.#lastEditor = lastEditor;
    const { threads, sessions, context } = services;
    this.#services = services;
    this.#asking = new Asking(services);
    for (const thread of loadThreads(context.workspaceState)) threads.add(thread);
    this.#widgets = this.#owned.add(new ThreadWidgets(controller, threads, sessions));
    this.#places = this.#owned.add(new CodePlaces(threads, (id) => this.#widgets.renderSoon(id)));
    this.proposals = this.#owned.add(new Proposals());
    for (const { id } of threads.all()) this.#widgets.render(id);
    for (const document of vscode.workspace.textDocuments) this.#shown(document);
    this.#owned.add(vscode.workspace.onDidOpenTextDocument((document) => this.#shown(document)));
    this.#owned.add(
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor !== undefined && takesThreads(editor.document)) this.#lastEditor = editor;
      }),
    );
    this.#owned.add(
      threads.onDidChange((id) => {
        this.#widgets.renderSoon(id);
        this.#saveSoon();
      }),
    );
    this.#owned.add(
      sessions.onDidChange((change) => {
        threads.follow(change);
        for (const thread of threads.all())
          if (
            thread.sessionId === change.sessionId ||
            thread.prompts.some((prompt) => prompt.sessionId === change.sessionId)
          )
            this.#widgets.renderSoon(thread.id);
      }),
    );
    this.#owned.add(
      sessions.onDidChangeList(() => {
        for (const document of vscode.workspace.textDocuments) this.#shown(document);
        for (const { id } of threads.all()) this.#widgets.renderSoon(id);
      }),
    );
    this.#owned.add(toDisposable(() => this.#save()));
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** Opens the editor's own box for a question at the selection or the cursor's line. */
  async startAtCursor(): Promise<void> {
    const editor = (await onlyFile(vscode.window.visibleTextEditors)) ?? this.#editor();
    await vscode.window.showTextDocument(editor.document, { viewColumn: editor.viewColumn ?? vscode.ViewColumn.One });
    await vscode.commands.executeCommand('workbench.action.addComment');
  }

  /** What was typed into the box of a thread, new or known. `choose`: the session is asked for. */
  async submit(argument: unknown, choose: boolean): Promise<void> {
    const { thread: widget, text } = replyArgument(argument);
    const known = this.#widgets.idOf(widget);
    if (known !== undefined) {
      if (choose && !(await this.changeSession(known))) return this.#keepUnsent(known, text);
      await this.#ask(known, text);
      return;
    }
    const document = await vscode.workspace.openTextDocument(widget.uri);
    const sessionId = await this.#asking.session(choose).catch((error: unknown) => {
      // The box is empty by now: what was typed must not be lost with it.
      void vscode.env.clipboard.writeText(text);
      throw error;
    });
    if (sessionId === undefined) {
      await vscode.env.clipboard.writeText(text);
      widget.dispose();
      void vscode.window.showInformationMessage('Nothing was sent. Your question is on the clipboard.');
      return;
    }
    const range = widget.range === undefined ? { first: 1, last: document.lineCount } : lineRange(widget.range);
    const thread = this.#asking.create({ document, range, title: text, sessionId });
    this.#places.track(thread.id, thread.place);
    this.#widgets.adopt(thread.id, widget);
    await this.#ask(thread.id, text);
  }

  async problem(kind: ProblemQuestion, uri: unknown, meant: unknown): Promise<void> {
    const editor = uri instanceof vscode.Uri ? undefined : this.#editor();
    const document = editor?.document ?? (await vscode.workspace.openTextDocument(uri as vscode.Uri));
    if (!takesThreads(document))
      throw new SecGeminiError('invalidArgument', 'There is no code here to ask about.', {
        action: 'Put the cursor on a problem in a file of the workspace.',
      });
    const place = problemArgument(meant);
    const at = place?.range ?? editor?.selection ?? new vscode.Range(0, 0, 0, 0);
    const diagnostic = await chooseProblem(document, at, place);
    if (diagnostic === undefined) return;
    const sessionId = await this.#asking.session(false);
    if (sessionId === undefined) return;
    const problem = await reported(diagnostic);
    const range = await codeOf(document, diagnostic.range);
    const title = `${PROBLEM_TITLES[kind]} ${problem.rule === '' ? problem.message : problem.rule}`;
    const { source, rule } = problem;
    const thread = this.#asking.create({ document, range, title, sessionId, problem: { source, rule } });
    this.#places.track(thread.id, thread.place);
    this.#widgets.expand(thread.id);
    await this.#ask(thread.id, problemQuestion(kind, problem), await stepPlaces(document, range, diagnostic));
  }

  /** A question of another feature, as a thread of its own or in the one it names. */
  async askAtCode({
    uri,
    range,
    title,
    question,
    sessionId,
    threadId,
    problem,
    onThread,
  }: CodeQuestion): Promise<void> {
    const { threads, sessions } = this.#services;
    const document = await vscode.workspace.openTextDocument(uri);
    let thread = threadId === undefined ? undefined : threads.get(threadId);
    if (thread === undefined) {
      const status = sessions.state(sessionId)?.info.status;
      const isUsable = status !== undefined && status !== 'expired' && status !== 'deleted';
      const session = isUsable ? sessionId : await this.#asking.session(false);
      if (session === undefined) return;
      thread = this.#asking.create({ document, range, title, sessionId: session, problem });
      this.#places.track(thread.id, thread.place);
    }
    onThread?.(thread.id);
    await this.show(thread.id);
    await this.#ask(thread.id, question);
  }

  async proposeChange(uri: vscode.Uri, plan: ChangePlan): Promise<void> {
    await this.proposals.open(await vscode.workspace.openTextDocument(uri), plan);
  }

  /** Asks again what did not leave. */
  async sendUnsent(argument: unknown): Promise<void> {
    const thread = this.#thread(argument);
    if (thread.unsent !== undefined) await this.#ask(thread.id, thread.unsent);
  }

  /** Shows the code with its thread. */
  async show(argument: unknown): Promise<void> {
    const thread = this.#thread(argument);
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(thread.anchor.uri, true));
    this.#places.look(document);
    const { place } = this.#thread(thread.id);
    const selection = editorRange(document, place);
    const visible = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
    await vscode.window.showTextDocument(document, {
      viewColumn: visible?.viewColumn ?? vscode.ViewColumn.One,
      selection,
    });
    this.#widgets.expand(thread.id);
    void this.#load(thread);
  }

  /** True when a question named that place. */
  async showNamed(reference: string): Promise<boolean> {
    const thread = this.#services.threads.named(reference);
    if (thread !== undefined) await this.show(thread.id);
    return thread !== undefined;
  }

  async openInPanel(argument: unknown): Promise<void> {
    const { sessionId, prompts } = this.#thread(argument);
    await this.#services.run('openSession', prompts.at(-1)?.sessionId ?? sessionId);
  }

  setResolved(argument: unknown, isResolved: boolean): void {
    const { id } = this.#thread(argument);
    this.#services.threads.update(id, { isResolved });
    this.#widgets.render(id);
  }

  async delete(argument: unknown): Promise<void> {
    const { id, title } = this.#thread(argument);
    const choice = await vscode.window.showWarningMessage(
      `Delete the thread "${title}"?`,
      { modal: true, detail: 'The thread goes from the code. The conversation stays in its session.' },
      'Delete',
    );
    if (choice !== 'Delete') return;
    this.#services.threads.remove(id);
    this.#widgets.render(id);
  }

  async export(argument: unknown): Promise<void> {
    const thread = this.#thread(argument);
    await this.#load(thread);
    const path = pathOf(vscode.Uri.parse(thread.anchor.uri, true));
    const content = threadMarkdown(thread, path, this.#widgets.view(thread));
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language: 'markdown' }));
  }

  /** False when the user closed the question. */
  async changeSession(argument: unknown): Promise<boolean> {
    const { id } = this.#thread(argument);
    const sessionId = await this.#asking.session(true);
    if (sessionId !== undefined) this.#services.threads.update(id, { sessionId });
    return sessionId !== undefined;
  }

  async stop(argument: unknown): Promise<void> {
    const { sessionId } = this.#thread(argument);
    await this.#services.sessions.stop(sessionId);
  }

  async useCode(comment: unknown): Promise<void> {
    if (!(comment instanceof ShownComment)) throw noThread();
    const thread = this.#thread(comment.threadId);
    const entry = this.#widgets.view(thread).entries.find(({ key }) => key === comment.key);
    if (entry === undefined) throw noThread();
    const secrets = await this.#services.secretMap(thread.prompts.at(-1)?.sessionId ?? thread.sessionId);
    await useCode(this.proposals, this.#target(thread), entry.text, secrets);
  }

  /** Code of the panel: against the thread whose answer holds it, else against what is selected in the editor. */
  async compareCode(sessionId: string, text: string, language: string): Promise<void> {
    const secrets = await this.#services.secretMap(sessionId);
    const code = restorePlaceholders(text.replace(/\n$/, ''), secrets);
    const thread = this.#services.threads
      .all()
      .findLast(
        (other) =>
          other.prompts.some((prompt) => prompt.sessionId === sessionId) &&
          this.#widgets
            .view(other)
            .entries.some((entry) => entry.codes > 0 && restorePlaceholders(entry.text, secrets).includes(code)),
      );
    const target = thread === undefined ? this.#selected() : this.#target(thread);
    await openAsDiff(this.proposals, target, { language, code, hunks: parseHunks(code, language) });
  }

  #target(thread: CodeThread): CodeTarget {
    return {
      uri: vscode.Uri.parse(thread.anchor.uri, true),
      place: () => this.#services.threads.get(thread.id)?.place ?? thread.place,
      makeRoom: () => this.#widgets.collapse(thread.id),
    };
  }

  #selected(): CodeTarget {
    const { document, selection } = this.#editor();
    if (selection.isEmpty)
      throw new SecGeminiError('invalidArgument', 'Nothing is selected that the code could be compared with.', {
        action: 'Select the lines that it should replace.',
      });
    const place = { ...lineRange(selection), confidence: 'exact' as const };
    return { uri: document.uri, place: () => place };
  }

  /** A failure and a "no" both leave the question with its thread, marked as not sent. */
  async #ask(threadId: string, question: string, others: Parameters<Asking['ask']>[2] = []): Promise<void> {
    this.#widgets.sending.add(threadId);
    this.#widgets.expand(threadId);
    try {
      await this.#asking.ask(threadId, question, others);
    } finally {
      this.#widgets.sending.delete(threadId);
      this.#widgets.render(threadId);
    }
  }

  #keepUnsent(threadId: string, question: string): void {
    this.#services.threads.update(threadId, { unsent: question });
  }

  /** Looks for the document's threads and loads their conversations. */
  #shown(document: vscode.TextDocument): void {
    this.#places.look(document);
    for (const thread of this.#services.threads.at(document.uri.toString())) void this.#load(thread);
  }

  async #load(thread: CodeThread): Promise<void> {
    const ids = new Set([thread.sessionId, ...thread.prompts.map((prompt) => prompt.sessionId)]);
    for (const id of ids) await this.#services.sessions.open(id);
    this.#widgets.render(thread.id);
  }

  /** The thread that a widget, a comment, a tree row or an id names. */
  #thread(argument: unknown): CodeThread {
    const id =
      typeof argument === 'string'
        ? argument
        : (this.#widgets.idOf(argument) ?? (argument as { readonly threadId?: unknown } | undefined)?.threadId);
    const thread = typeof id === 'string' ? this.#services.threads.get(id) : undefined;
    if (thread === undefined) throw noThread();
    return thread;
  }

  #editor(): vscode.TextEditor {
    const active = vscode.window.activeTextEditor;
    if (active !== undefined && takesThreads(active.document)) return active;
    if (this.#lastEditor?.document.isClosed === false) return this.#lastEditor;
    // What was open before anything of ours was loaded, with something else in front: the walkthrough.
    const visible = vscode.window.visibleTextEditors.find(({ document }) => takesThreads(document));
    if (visible !== undefined) return visible;
    throw new SecGeminiError('invalidArgument', 'No file is open in the editor.', {
      action: 'Open the code that you want to ask about.',
    });
  }

  #saveSoon(): void {
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => this.#save(), SAVE_MS);
  }

  #save(): void {
    clearTimeout(this.#saving);
    const { threads, context, log } = this.#services;
    saveThreads(context.workspaceState, threads.all()).catch((error: unknown) =>
      log.error('The threads could not be kept', error),
    );
  }
}

/** The one file among the tabs, brought to the front, when no editor can be seen: something else (the walkthrough) stands before it. */
async function onlyFile(visible: readonly vscode.TextEditor[]): Promise<vscode.TextEditor | undefined> {
  if (visible.length > 0) return undefined;
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const [file, ...others] = tabs.flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri] : []));
  return file === undefined || others.length > 0
    ? undefined
    : vscode.window.showTextDocument(file, { viewColumn: vscode.ViewColumn.One });
}

function noThread(): SecGeminiError {
  return new SecGeminiError('invalidArgument', 'This thread is no longer there.', {
    action: 'Choose one beside the code or in the tree of sessions.',
  });
}

/** The editor passes `{ thread, text }`; anything else is refused. */
function replyArgument(argument: unknown): vscode.CommentReply {
  const { thread, text } = (argument ?? {}) as Partial<Record<keyof vscode.CommentReply, unknown>>;
  if (typeof thread === 'object' && thread !== null && typeof text === 'string' && 'uri' in thread)
    return argument as vscode.CommentReply;
  throw new SecGeminiError('invalidArgument', 'There is no question here.', {
    action: 'Run "Sec-Gemini: Ask Sec-Gemini" at the code and type it there.',
  });
}

function problemArgument(argument: unknown): { readonly range: vscode.Range; readonly message: string } | undefined {
  const { range, message } = (argument ?? {}) as { readonly range?: unknown; readonly message?: unknown };
  return range instanceof vscode.Range && typeof message === 'string' ? { range, message } : undefined;
}
