// Stands in for the module `vscode` in plain Node: what a test puts into `fakeVscode` is what the host's modules import.
import { registerHooks } from 'node:module';

export const fakeVscode: Record<string, unknown> = {};

const NAMES = [
  'window',
  'workspace',
  'commands',
  'env',
  'Uri',
  'ProgressLocation',
  'ConfigurationTarget',
  // Made with `new`, or asked for by `instanceof`.
  'ChatResponseTurn',
  'LanguageModelTextPart',
  'LanguageModelToolResult',
  'Location',
  'MarkdownString',
  'Range',
  'ThemeIcon',
  'TreeItem',
  'TreeItemCheckboxState',
  'TreeItemCollapsibleState',
] as const;

Object.assign(globalThis, { fakeVscode });

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode' ? { url: 'fake:vscode', shortCircuit: true } : next(specifier, context),
  load: (url, context, next) =>
    url === 'fake:vscode'
      ? {
          format: 'module',
          shortCircuit: true,
          // Asked at every use, so that each test brings its own.
          source: NAMES.map(
            (name) =>
              `export const ${name} = new Proxy(function () {}, { get: (_, key) => globalThis.fakeVscode.${name}?.[key], construct: (_, given) => new globalThis.fakeVscode.${name}(...given) });`,
          ).join('\n'),
        }
      : next(url, context),
});
