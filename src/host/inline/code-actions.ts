/** Questions offered beside the problems of other tools. */

import * as vscode from 'vscode';
import { COMMANDS, FINDINGS_SOURCE } from '../../manifest.ts';
import { labelText } from '../../core/visible-text.ts';
import { takesThreads } from '../code-documents.ts';

/** More problems under one cursor would fill the menu. */
const MAX_PROBLEMS = 3;

const QUESTIONS = [
  { command: COMMANDS.explainProblem, title: 'Sec-Gemini: Explain This Problem' },
  { command: COMMANDS.checkExploitable, title: 'Sec-Gemini: Is This Exploitable?' },
  { command: COMMANDS.fixProblem, title: 'Sec-Gemini: Fix This' },
] as const;

export const problemActions: vscode.CodeActionProvider = {
  provideCodeActions(document, _range, { diagnostics }) {
    if (!takesThreads(document)) return [];
    // Our own findings have actions of their own (host/findings).
    const others = diagnostics.filter(({ source }) => source !== FINDINGS_SOURCE);
    return others.slice(0, MAX_PROBLEMS).flatMap((diagnostic) =>
      QUESTIONS.map(({ command, title }) => {
        const about = others.length === 1 ? '' : `: ${labelText(diagnostic.message, 60)}`;
        const action = new vscode.CodeAction(`${title}${about}`, vscode.CodeActionKind.QuickFix);
        action.diagnostics = [diagnostic];
        action.command = {
          command,
          title,
          arguments: [document.uri, { range: diagnostic.range, message: diagnostic.message }],
        };
        return action;
      }),
    );
  },
};
