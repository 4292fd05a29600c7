// Runs inside the extension host: activates the extensions in the order of $SEC_GEMINI_BENCH_ORDER and writes, for each,
// how long activate() took here and what VS Code itself measured, as JSON to $SEC_GEMINI_BENCH_RESULTS.
import { writeFileSync } from 'node:fs';
import * as vscode from 'vscode';

export async function run(): Promise<void> {
  const order = (process.env.SEC_GEMINI_BENCH_ORDER ?? '').split(',');
  const wall: Record<string, number> = {};
  for (const id of order) {
    const extension = vscode.extensions.getExtension(id);
    if (extension === undefined) throw new Error(`${id} is not there`);
    if (extension.isActive) throw new Error(`${id} was activated before anybody used it`);
    const started = performance.now();
    await extension.activate();
    wall[id] = performance.now() - started;
  }
  const perf = await startupPerformance(order);
  writeFileSync(process.env.SEC_GEMINI_BENCH_RESULTS ?? '', JSON.stringify({ wall, perf }));
}

/** The text of "Developer: Startup Performance", once it names every extension. */
async function startupPerformance(ids: readonly string[]): Promise<string> {
  const texts = (): string[] =>
    vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === 'perf').map((document) => document.getText());
  const complete = (): string | undefined => texts().find((text) => ids.every((id) => text.includes(id)));
  const changed = new Promise<void>((resolve) => {
    const check = (): void => {
      if (complete() !== undefined) resolve();
    };
    vscode.workspace.onDidOpenTextDocument(check);
    vscode.workspace.onDidChangeTextDocument(check);
  });
  await vscode.commands.executeCommand('perfview.show');
  if (complete() === undefined) await changed;
  return complete() ?? '';
}
