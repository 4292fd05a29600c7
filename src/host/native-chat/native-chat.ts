/**
 * VS Code's own chat as one more door: the participant `@sec-gemini` and the tool `ask_sec_gemini`. What goes out goes through the same gate and
 * the same sessions as everywhere; what comes back is written anew before a renderer of the editor sees it. Loaded on first use.
 */

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { queryResult } from '../../core/api-events.ts';
import { askOnce } from '../../core/ask-once.ts';
import type { AttachCandidate } from '../../core/attach-source.ts';
import { SecGeminiError, describeError } from '../../core/errors.ts';
import type { Message } from '../../core/model.ts';
import { chatPrompt, toolConfirmation, toolQuestion } from '../../core/native-chat.ts';
import { markdownText, safeMarkdown } from '../../core/safe-markdown.ts';
import { COMMANDS } from '../../manifest.ts';
import { lineRange, takesThreads } from '../code-documents.ts';
import { answerMarkdown } from '../safe-markdown.ts';
import { Places } from '../places.ts';
import type { DocumentLines, Services } from '../services.ts';

/** More would not fit into a model's window. */
const MAX_TOOL_UNITS = 100_000;
/** Confirmations that may wait for their answer. */
const MAX_TOLD = 50;

export class NativeChat {
  readonly #services: Services;
  /** Where the tool asks, while that session can be used. */
  #toolSession: string | undefined;
  /** By question: where the confirmation said that it goes; the latest few. */
  readonly #told = new Map<string, string | undefined>();

  constructor(services: Services) {
    this.#services = services;
  }

  /** One request to `@sec-gemini`. Errors are part of the result: the chat shows them. */
  async answer(
    request: vscode.ChatRequest,
    { history }: vscode.ChatContext,
    stream: vscode.ChatResponseStream,
    token: vscode.CancellationToken,
  ): Promise<vscode.ChatResult> {
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => abort.abort());
    let sessionId: string | undefined;
    try {
      // What is no question makes no session.
      const asked = await whatIsAsked(request);
      this.#connected();
      sessionId = await this.#session(sessionOf(history), 'Asked in chat');
      await this.#respond(sessionId, asked, stream, abort.signal);
      return { metadata: { sessionId } };
    } catch (error) {
      if (abort.signal.aborted) return { metadata: { sessionId } };
      this.#services.log.error('A request of the chat failed', error);
      // VS Code draws it as Markdown, and the service words some of it.
      return { metadata: { sessionId }, errorDetails: { message: safeMarkdown(markdownText(describeError(error))) } };
    } finally {
      listener.dispose();
      if (sessionId !== undefined)
        stream.button({ command: COMMANDS.openSession, title: 'Open Conversation', arguments: [sessionId] });
    }
  }

  prepareTool(input: unknown): vscode.PreparedToolInvocation {
    const { sessions, connection } = this.#services;
    const origin = sessions.client?.origin;
    const destination = origin === undefined ? 'Sec-Gemini (not connected)' : new Places(connection).name(origin);
    const question = toolQuestion(input);
    const key = JSON.stringify(question);
    this.#told.delete(key);
    this.#told.set(key, origin);
    for (const oldest of this.#told.keys()) if (this.#told.size > MAX_TOLD) this.#told.delete(oldest);
    return {
      invocationMessage: 'Asking Sec-Gemini',
      confirmationMessages: {
        title: 'Ask Sec-Gemini?',
        // plainMarkdown wrote every untrusted word of it.
        message: answerMarkdown(safeMarkdown(toolConfirmation(question, destination))),
      },
    };
  }

  async invokeTool(input: unknown, token: vscode.CancellationToken): Promise<vscode.LanguageModelToolResult> {
    const { question, files } = toolQuestion(input);
    const key = JSON.stringify({ question, files });
    const { sessions, attacher, files: workspace } = this.#services;
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => abort.abort());
    try {
      this.#connected();
      // Somebody agreed to the service of then: the sandbox is none to send it elsewhere.
      if (this.#told.has(key) && this.#told.get(key) !== sessions.client?.origin)
        throw new SecGeminiError('permissionDenied', 'The question would go to another service than was agreed to.', {
          action: 'Ask again. Nothing was sent.',
        });
      // A model chose them, nobody pointed at them: the path gate first, then every rule for collected files and the question that every call gets.
      const chosen: AttachCandidate[] = [];
      for (const file of files)
        chosen.push(await attacher.candidate(vscode.Uri.file((await workspace.place(file)).path)));
      const within = workspace.folders.map(({ path }) => path);
      this.#toolSession = await this.#session(this.#toolSession, 'Asked by a chat tool');
      const sessionId = this.#toolSession;
      if (chosen.length > 0 && !(await attacher.files(sessionId, chosen, { chosen: 'collected', by: 'call', within })))
        return textResult('The user did not agree to send these files to Sec-Gemini. Nothing was asked.');
      const state = await askOnce(sessions, sessionId, question, { promptId: randomUUID(), signal: abort.signal });
      const { text, statusCode, statusMessage } = queryResult(state);
      if (text === '' && statusCode !== 200) throw new SecGeminiError('unavailable', `No answer: ${statusMessage}`);
      return textResult(text.slice(0, MAX_TOOL_UNITS));
    } finally {
      listener.dispose();
    }
  }

  async #respond(
    sessionId: string,
    asked: Asked,
    stream: vscode.ChatResponseStream,
    signal: AbortSignal,
  ): Promise<void> {
    const { attacher, sessions } = this.#services;
    const { isReview, question, uris, places, left } = asked;
    if (left > 0)
      stream.markdown(
        left === 1
          ? '_One reference is no file and was left out._\n\n'
          : `_${left} of the references are no files and were left out._\n\n`,
      );
    if (isReview) {
      stream.progress('Sec-Gemini reviews');
      const report = await this.#services.reviewFiles(sessionId, uris, signal, question);
      if (report === undefined) throw notSent();
      stream.markdown(answerMarkdown(safeMarkdown(report)));
      return;
    }
    if (uris.length > 0 && !(await attacher.uris(sessionId, uris, 'call'))) throw notSent();
    if (places.length > 0 && (await attacher.places(sessionId, places)) === undefined) throw notSent();
    stream.progress('Sec-Gemini is working');
    const promptId = randomUUID();
    const shown = new Set<string>();
    const show = (messages: readonly Message[], isOver: boolean): void => {
      const at = messages.findLastIndex(({ kind }) => kind === 'prompt');
      for (const message of messages.slice(at + 1))
        if (!shown.has(message.id) && (isOver || message.status !== 'streaming') && say(message, stream))
          shown.add(message.id);
    };
    const listener = sessions.onDidChange(({ sessionId: changed, state }) => {
      if (changed === sessionId && state.turn.promptId === promptId) show(state.messages, false);
    });
    try {
      const state = await askOnce(sessions, sessionId, question, { promptId, signal });
      show(state.messages, true);
      if (state.turn.outcome === 'failed' && state.turn.error !== undefined)
        throw new SecGeminiError('unavailable', state.turn.error.message);
    } finally {
      listener.dispose();
    }
  }

  #connected(): void {
    if (this.#services.sessions.client === undefined)
      throw new SecGeminiError('unavailable', 'Not connected to Sec-Gemini.', {
        action: 'Run "Sec-Gemini: Start Local Sandbox" or "Sec-Gemini: Set API Key" first.',
      });
  }

  /** The known one while it can be used, else a new one. */
  async #session(known: string | undefined, name: string): Promise<string> {
    const { sessions } = this.#services;
    const status = known === undefined ? undefined : sessions.state(known)?.info.status;
    if (known === undefined || status === undefined || status === 'expired' || status === 'deleted')
      return (await sessions.create({ name })).id;
    await sessions.open(known);
    return known;
  }
}

/** True when the message is said, or has nothing to say. */
function say(message: Message, stream: vscode.ChatResponseStream): boolean {
  const { kind, content, render } = message;
  switch (kind) {
    case 'response':
    case 'agentResponse':
    case 'clarificationRequest':
      stream.markdown(
        answerMarkdown(
          safeMarkdown(
            render === 'markdown'
              ? content
              : render === 'text'
                ? markdownText(content)
                : `_${render}: open the conversation to see it._`,
          ),
        ),
      );
      stream.markdown('\n\n');
      return true;
    case 'confirmationRequest':
      stream.button({ command: COMMANDS.reviewApproval, title: 'Review Pending Approval' });
      return true;
    case 'toolCall':
      stream.progress('Sec-Gemini uses a tool');
      return true;
    case 'error':
    case 'failure':
      stream.markdown(answerMarkdown(safeMarkdown(markdownText(message.error?.message ?? content))));
      return true;
    default:
      return false;
  }
}

/** Where this chat asked before. */
function sessionOf(history: vscode.ChatContext['history']): string | undefined {
  for (const turn of history.toReversed()) {
    const id: unknown = turn instanceof vscode.ChatResponseTurn ? turn.result.metadata?.['sessionId'] : undefined;
    if (typeof id === 'string') return id;
  }
  return undefined;
}

interface Asked {
  /** Of the files in `uris`; the question is then what to look at above all, or empty. */
  readonly isReview: boolean;
  readonly question: string;
  readonly uris: readonly vscode.Uri[];
  readonly places: readonly DocumentLines[];
  /** References that are no files. */
  readonly left: number;
}

/** Rejects with `invalidArgument` when there is nothing to ask, or to review. */
async function whatIsAsked({ command, prompt, references }: vscode.ChatRequest): Promise<Asked> {
  const isReview = command === 'review';
  const question = isReview ? prompt.trim() : chatPrompt(command, prompt);
  const { uris, places, left } = await referenced(references);
  if (!isReview) return { isReview, question, uris, places, left };
  const named = [...uris, ...places.map(({ document }) => document.uri)];
  const active = vscode.window.activeTextEditor?.document;
  const own = active !== undefined && takesThreads(active) ? [active.uri] : [];
  const files = [...new Map((named.length > 0 ? named : own).map((uri) => [uri.toString(), uri])).values()];
  if (files.length === 0)
    throw new SecGeminiError('invalidArgument', 'There is no file to review.', {
      action: 'Add files as references, or open one.',
    });
  return { isReview, question, uris: files, places, left };
}

/** What the user added to the request: files, and lines of files. */
async function referenced(references: readonly vscode.ChatPromptReference[]): Promise<{
  readonly uris: readonly vscode.Uri[];
  readonly places: readonly DocumentLines[];
  readonly left: number;
}> {
  const uris: vscode.Uri[] = [];
  const places: DocumentLines[] = [];
  let left = 0;
  for (const { value } of references) {
    if (value instanceof vscode.Uri) uris.push(value);
    else if (value instanceof vscode.Location)
      places.push({
        document: await vscode.workspace.openTextDocument(value.uri),
        ...lineRange(value.range),
      });
    else left += 1;
  }
  return { uris, places, left };
}

function notSent(): SecGeminiError {
  return new SecGeminiError('cancelled', 'Nothing was sent: the files were not agreed to.', {
    action: 'Ask again, and agree to the files or leave them out.',
  });
}

function textResult(text: string): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
}
