/** Findings as a file: SARIF 2.1.0 for other tools, Markdown for people. */

import * as vscode from 'vscode';
import type { Finding } from '../../core/findings.ts';
import type { ReportedPlace } from '../../core/findings-markdown.ts';
import { labelText } from '../../core/visible-text.ts';
import { editorRange } from '../code-documents.ts';

/** Its API (exports of the activated extension): `openLogs(uris)`. */
const SARIF_VIEWER = 'MS-SarifVSCode.sarif-viewer';

type Form = 'sarif' | 'md';

export async function exportFindings(findings: readonly Finding[], version: string): Promise<void> {
  const rows: (vscode.QuickPickItem & { readonly form: Form })[] = [
    { label: 'SARIF 2.1.0', description: 'for other tools: code scanning, SARIF viewers', form: 'sarif' },
    { label: 'Markdown', description: 'to read', form: 'md' },
  ];
  const choice = await vscode.window.showQuickPick(rows, { title: 'Export Findings: as what?' });
  if (choice === undefined) return;
  const { form } = choice;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    title: 'Export Findings',
    filters: form === 'sarif' ? { SARIF: ['sarif', 'json'] } : { Markdown: ['md'] },
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, `findings.${form}`) }),
  });
  if (target === undefined) return;
  const places = await Promise.all(findings.map(reported));
  const text = await written(places, form, version);
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  await tell(target, form, places.length);
}

async function written(places: readonly ReportedPlace[], form: Form, version: string): Promise<string> {
  if (form === 'md') return (await import('../../core/findings-markdown.ts')).findingsMarkdown(places, new Date());
  const { findingsSarif } = await import('../../core/findings-sarif.ts');
  return `${JSON.stringify(findingsSarif(places, version), undefined, 2)}\n`;
}

async function tell(target: vscode.Uri, form: Form, count: number): Promise<void> {
  const viewer = form === 'sarif' ? vscode.extensions.getExtension<unknown>(SARIF_VIEWER) : undefined;
  const OPEN = 'Open';
  const VIEW = 'Open in SARIF Viewer';
  const name = labelText(target.path.split('/').at(-1) ?? '', 80);
  const answer = await vscode.window.showInformationMessage(
    `Exported ${count} ${count === 1 ? 'finding' : 'findings'} to ${name}.`,
    OPEN,
    ...(viewer === undefined ? [] : [VIEW]),
  );
  if (answer === OPEN) await vscode.commands.executeCommand('vscode.open', target);
  if (answer !== VIEW || viewer === undefined) return;
  const api = viewer.isActive ? viewer.exports : await viewer.activate();
  const { openLogs } = (api ?? {}) as { readonly openLogs?: unknown };
  if (typeof openLogs === 'function') await openLogs.call(api, [target]);
  else await vscode.commands.executeCommand('vscode.open', target);
}

/** With the lines as they are now, where they can be read and are still those that were reported. */
async function reported(finding: Finding): Promise<ReportedPlace> {
  const uri = vscode.Uri.parse(finding.anchor.uri, true);
  const isInside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  const path = isInside ? vscode.workspace.asRelativePath(uri, false).replaceAll('\\', '/') : uri.toString();
  if (finding.place.confidence === 'lost') return { finding, path };
  try {
    const document = await vscode.workspace.openTextDocument(uri);
    return { finding, path, lines: document.getText(editorRange(document, finding.place)) };
  } catch {
    return { finding, path };
  }
}
