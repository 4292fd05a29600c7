/** Ask About Each File…: one question over many files, with progress, pause and cancel, and one table at the end. */

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import type { FileAnswer, FileQueue } from '../../core/file-queue.ts';
import { fileQuestions } from '../../core/file-questions.ts';
import { resultsCsv, resultsMarkdown } from '../../core/file-results.ts';
import type { Attachment } from '../../core/model.ts';
import { isTreeNode } from '../../core/session-tree.ts';
import { labelText } from '../../core/visible-text.ts';
import { COMMANDS } from '../../manifest.ts';
import { pickSession } from '../pick-session.ts';
import type { FeatureOf, Services } from '../services.ts';

interface Target {
  readonly sessionId: string;
  readonly files: readonly Attachment[];
}

export function createBatchFeature(services: Services): FeatureOf<'askEachFile' | 'pauseFileQueue'> {
  const { sessions, attacher, store } = services;
  let running: FileQueue | undefined;
  const item = store.add(vscode.window.createStatusBarItem('secGemini.fileQueue', vscode.StatusBarAlignment.Left, -1));
  item.name = 'Sec-Gemini: questions over files';
  item.command = COMMANDS.pauseFileQueue;

  const showItem = (): void => {
    if (running === undefined) return item.hide();
    const { answers, total, isPaused } = running;
    const words = `${answers.length} of ${total} files${isPaused ? ', paused' : ''}`;
    item.text = `$(${isPaused ? 'debug-continue' : 'debug-pause'}) ${words}`;
    item.tooltip = isPaused ? 'Continue asking about the files' : 'Pause after this file';
    item.accessibilityInformation = { label: `Sec-Gemini: ${words}. ${item.tooltip}`, role: 'button' };
    item.show();
  };

  /** Files of a session that its tree names, or files of the Explorer, attached first by the usual way. */
  const targetOf = async (first: unknown, all: unknown): Promise<Target | undefined> => {
    const nodes = (Array.isArray(all) && all.length > 0 ? all : [first]).filter(isTreeNode);
    const file = nodes.find((node) => node.kind === 'file');
    if (file !== undefined) {
      const known = sessions.state(file.sessionId)?.attachments ?? [];
      const ids = new Set(
        nodes.flatMap((node) =>
          node.kind === 'file' && node.sessionId === file.sessionId ? [node.attachment.id] : [],
        ),
      );
      return { sessionId: file.sessionId, files: known.filter(({ id }) => ids.has(id)) };
    }
    const named = Array.isArray(all)
      ? all.filter((uri) => uri instanceof vscode.Uri)
      : first instanceof vscode.Uri
        ? [first]
        : undefined;
    const uris =
      named ??
      (await vscode.window.showOpenDialog({
        title: 'Ask About Each File',
        openLabel: 'Ask About Each',
        canSelectMany: true,
      }));
    if (uris === undefined || uris.length === 0) return undefined;
    const sessionId = await pickSession(sessions, 'Ask in which session?', { withNew: true });
    if (sessionId === undefined) return undefined;
    await sessions.open(sessionId);
    const before = new Set(sessions.state(sessionId)?.attachments.map(({ id }) => id));
    if (!(await attacher.uris(sessionId, uris, named === undefined ? 'hand' : 'call'))) return undefined;
    const files = (sessions.state(sessionId)?.attachments ?? []).filter(({ id }) => !before.has(id));
    return { sessionId, files };
  };

  const askAll = async ({ sessionId, files }: Target, question: string): Promise<readonly FileAnswer[]> => {
    const name = labelText(sessions.state(sessionId)?.info.name ?? '', 60);
    return vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: `Asking about each file in "${name}"`,
        cancellable: true,
      },
      async (progress, token) => {
        const queue = fileQuestions(sessions, {
          sessionId,
          files,
          question,
          newId: randomUUID,
          onProgress: ({ answers, total, current, isPaused }) => {
            const words = isPaused ? 'paused' : current === undefined ? '' : labelText(current, 60);
            progress.report({ message: `${answers.length} of ${total}${words === '' ? '' : `, ${words}`}` });
            showItem();
          },
        });
        running = queue;
        token.onCancellationRequested(() => queue.cancel());
        try {
          return await queue.run();
        } finally {
          running = undefined;
          showItem();
        }
      },
    );
  };

  return {
    commands: {
      askEachFile: async (first, all) => {
        if (running !== undefined)
          throw new SecGeminiError('invalidArgument', 'Questions over files are still running.', {
            action: 'Wait for their end, or cancel them in their notification.',
          });
        const question = await vscode.window.showInputBox({
          title: 'Ask About Each File',
          prompt: 'The question is asked once for each file; the answers come as one table.',
          ignoreFocusOut: true,
          validateInput: (text) => (text.trim() === '' ? 'Type a question first.' : undefined),
        });
        if (question === undefined || question.trim() === '') return;
        const target = await targetOf(first, all);
        if (target === undefined) return;
        if (target.files.length === 0)
          throw new SecGeminiError('notFound', 'There is no file to ask about.', { action: 'Attach files first.' });
        const answers = await askAll(target, question);
        const markdown = resultsMarkdown(question, answers);
        await showTable(markdown);
        const answered = answers.filter(({ statusCode }) => statusCode === 200).length;
        const choice = await vscode.window.showInformationMessage(
          `${answered} of ${answers.length} files were answered.`,
          'Copy as CSV',
          'Copy as Markdown',
        );
        if (choice !== undefined)
          await vscode.env.clipboard.writeText(choice === 'Copy as CSV' ? resultsCsv(answers) : markdown);
      },
      pauseFileQueue: () => {
        if (running === undefined)
          throw new SecGeminiError('invalidArgument', 'No questions over files are running.', {
            action: 'Start them by "Ask About Each File…".',
          });
        if (running.isPaused) running.resume();
        else running.pause();
      },
    },
  };
}

async function showTable(markdown: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ content: markdown, language: 'markdown' });
  await vscode.window.showTextDocument(document, { preview: true });
}
