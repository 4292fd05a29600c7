/** The native confirmation before files leave: every name, size, the destination and whether the service logs (trust.md S31). */

import * as vscode from 'vscode';
import { type EgressAnswer, type EgressRequest, type OutgoingFile, formatBytes } from '../../core/egress.ts';
import { labelText } from '../../core/visible-text.ts';

/** More than this many lines would push the buttons off a small screen; "Review…" shows all. */
const LISTED = 20;

export async function confirmEgress(request: EgressRequest): Promise<EgressAnswer> {
  const count = request.files.length;
  const choice = await vscode.window.showInformationMessage(
    `Send ${count} ${count === 1 ? 'file' : 'files'} to Sec-Gemini?`,
    { modal: true, detail: detail(request) },
    'Send',
    'Review…',
  );
  if (choice === 'Send') return 'send';
  if (choice === 'Review…') return review(request);
  return 'cancel';
}

function detail(request: EgressRequest): string {
  const lines = request.files.slice(0, LISTED).map(describe);
  if (request.files.length > LISTED) lines.push(`… and ${request.files.length - LISTED} more (Review… shows all)`);
  const logging =
    request.logging === undefined ? '' : `\nThe service ${request.logging ? 'logs' : 'does not log'} this session.`;
  return `${lines.join('\n')}\n\n${formatBytes(request.totalBytes)} in all, to ${request.destination}, session "${labelText(request.sessionName, 80)}".${logging}`;
}

function describe(file: OutgoingFile): string {
  const from = file.origin === file.name ? '' : ` (${labelText(file.origin, 120)})`;
  return `${labelText(file.name, 120)} – ${formatBytes(file.size)}${from}`;
}

async function review(request: EgressRequest): Promise<EgressAnswer> {
  const picked = await vscode.window.showQuickPick(
    request.files.map((file) => ({
      label: labelText(file.name, 120),
      description: formatBytes(file.size),
      detail: labelText(file.origin, 200),
      picked: true,
      file,
    })),
    {
      title: `Send to ${request.destination}`,
      placeHolder: 'Untick what must not leave, then press Enter',
      canPickMany: true,
      ignoreFocusOut: true,
      matchOnDetail: true,
    },
  );
  if (picked === undefined || picked.length === 0) return 'cancel';
  return { only: picked.map((row) => row.file) };
}
