/**
 * The one place that makes a MarkdownString (trust.md S03, S05): never trusted, no HTML, no theme icons, and of untrusted text not one
 * character that Markdown could take for its own: no link, no image, no command. VS Code fetches images of an untrusted comment unasked.
 */

import * as vscode from 'vscode';
import type { Fact } from '../core/session-facts.ts';
import { plainMarkdown } from '../core/plain-markdown.ts';
import type { SafeMarkdown } from '../core/safe-markdown.ts';

/** A title and pairs of words below it. */
export function factsMarkdown(title: string, facts: readonly Fact[]): vscode.MarkdownString {
  const lines = facts.map(([label, value]) => `${plainMarkdown(label)}: ${plainMarkdown(value)}`);
  const markdown = [`**${plainMarkdown(title)}**`, lines.join('  \n')].filter((part) => part !== '').join('\n\n');
  // Untrusted and without HTML is VS Code's default; a test over all sources forbids the words that would change it.
  return new vscode.MarkdownString(markdown, false);
}

/** An answer for a comment or a hover. `core/safe-markdown.ts` writes it anew, in a chunk that only who needs it loads. */
export function answerMarkdown(markdown: SafeMarkdown): vscode.MarkdownString {
  return new vscode.MarkdownString(markdown, false);
}
