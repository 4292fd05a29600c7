// How the page is bundled: the same for what is shipped and for the tests' own copy.
import type { BuildOptions } from 'esbuild';

/** The page's floor of `engines.vscode` ^1.103: Electron 37 has Chromium 138. */
export const pageBundle: BuildOptions = {
  bundle: true,
  platform: 'browser',
  target: 'chrome138',
  format: 'esm',
  splitting: true,
  entryNames: '[name]',
  chunkNames: 'chunk-[hash]',
  // What markdown-it brings along and the page never uses, or the browser knows already: 36 kB of 200.
  alias: {
    'linkify-it': './src/webview/markdown/no-linkify.ts',
    entities: './src/webview/markdown/entities.ts',
  },
};
