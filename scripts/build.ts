// Builds the bundles into dist/ with esbuild: `node scripts/build.ts [--production] [--watch]`.
//   extension.cjs  the entry, tiny; loads host.cjs on first use
//   host.cjs       everything that runs in the extension host
//   sandbox.mjs    the local Sec-Gemini, a process of its own
//   webview/       the page: main.js with lazy chunks, style.css
// Each bundle leaves dist/meta-NAME.json (esbuild's metafile), from which the licence notices are made.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, type BuildResult, type Metafile, type Plugin, build as esbuild, context } from 'esbuild';
import { root } from './lib/paths.ts';

export const dist: string = join(root, 'dist');

/** The floors of `engines.vscode` ^1.103: Electron 37 has Node 22 and Chromium 138. */
const nodeTarget = 'node22';
const pageTarget = 'chrome138';

interface Bundle {
  readonly name: string;
  readonly sources: readonly string[];
  readonly options: BuildOptions;
}

/** Lets the entry load the host bundle on first use instead of containing it; any other way in is an error. */
const lazyHost: Plugin = {
  name: 'lazy-host',
  setup(builder) {
    builder.onResolve({ filter: /^\.\/host\/main\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import'
        ? { path: './host.cjs', external: true }
        : { errors: [{ text: 'The entry loads ./host/main.ts by import() only, so that activation stays cheap.' }] },
    );
  },
};

const nodeCommon: BuildOptions = {
  platform: 'node',
  target: nodeTarget,
  // ws's optional native helpers are not shipped.
  external: ['vscode', 'bufferutil', 'utf-8-validate'],
};

const bundles: readonly Bundle[] = [
  {
    name: 'extension',
    sources: ['src/extension.ts'],
    options: {
      ...nodeCommon,
      format: 'cjs',
      outfile: join(dist, 'extension.cjs'),
      plugins: [lazyHost],
      // import() becomes require(): VS Code hands out `vscode` through the CommonJS loader.
      supported: { 'dynamic-import': false },
    },
  },
  {
    name: 'host',
    sources: ['src/host/main.ts'],
    options: {
      ...nodeCommon,
      format: 'cjs',
      outfile: join(dist, 'host.cjs'),
      // CommonJS has no import.meta; some dependencies ask for its url.
      define: { 'import.meta.url': '__importMetaUrl' },
      banner: { js: "const __importMetaUrl=require('node:url').pathToFileURL(__filename).href;" },
    },
  },
  {
    name: 'sandbox',
    sources: ['src/sandbox/main.ts'],
    options: {
      ...nodeCommon,
      format: 'esm',
      outfile: join(dist, 'sandbox.mjs'),
      // CommonJS dependencies ask for Node's modules by require().
      banner: {
        js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
      },
    },
  },
  {
    name: 'webview',
    sources: ['src/webview/main.ts', 'src/webview/style.css'],
    options: {
      platform: 'browser',
      target: pageTarget,
      format: 'esm',
      splitting: true,
      outdir: join(dist, 'webview'),
      entryNames: '[name]',
      chunkNames: 'chunk-[hash]',
    },
  },
];

function optionsOf(bundle: Bundle, production: boolean): BuildOptions {
  return {
    ...bundle.options,
    entryPoints: [...bundle.sources],
    absWorkingDir: root,
    bundle: true,
    metafile: true,
    minify: production,
    sourcemap: production ? false : 'linked',
    // The licences of all of it are in ThirdPartyNotices.txt.
    legalComments: 'none',
    logLevel: 'warning',
  };
}

/** Builds every bundle (or the one named) once. Throws when one fails. */
export async function build(production = false, only?: string): Promise<void> {
  mkdirSync(dist, { recursive: true });
  const chosen = bundles.filter(({ name }) => only === undefined || name === only);
  await Promise.all(
    chosen.map(async (bundle) =>
      finish(bundle, await esbuild({ ...optionsOf(bundle, production), metafile: true }), production),
    ),
  );
}

function finish(bundle: Bundle, { metafile }: BuildResult<{ metafile: true }>, production: boolean): void {
  writeFileSync(join(dist, `meta-${bundle.name}.json`), JSON.stringify(metafile));
  removeStale(bundle, metafile, production);
}

/** Chunks have hashes in their names and maps come and go: what this build did not write is removed. */
function removeStale(bundle: Bundle, metafile: Metafile, production: boolean): void {
  const { outdir, outfile } = bundle.options;
  if (outfile !== undefined && production) rmSync(`${outfile}.map`, { force: true });
  if (outdir === undefined) return;
  const written = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
  for (const name of readdirSync(outdir)) {
    if (!written.has(name)) rmSync(join(outdir, name), { recursive: true });
  }
}

/** Rebuilds on every change until the process ends. */
async function watch(): Promise<void> {
  for (const bundle of bundles) {
    const watched = await context({ ...optionsOf(bundle, false), logLevel: 'info' });
    await watched.watch();
  }
}

if (import.meta.main) {
  if (process.argv.includes('--watch')) await watch();
  else await build(process.argv.includes('--production'));
}
