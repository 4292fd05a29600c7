// Builds the bundles into dist/ with esbuild: `node scripts/build.ts [--production] [--watch]`.
//   extension.cjs  the entry, tiny; loads host.cjs on first use
//   host.cjs       everything that runs in the extension host; chunks/ holds what it loads on first use
//   sandbox.mjs    the local Sec-Gemini, a process of its own
//   log-worker.mjs the process that holds a local log as a database
//   webview/       the page: main.js with lazy chunks, style.css
// Each bundle leaves dist/meta-NAME.json (esbuild's metafile), from which the licence notices are made.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type BuildOptions,
  type BuildResult,
  type Metafile,
  type Plugin,
  build as esbuild,
  context,
  transform,
} from 'esbuild';
import { zodCopies } from './lib/zod-copies.ts';
import { hostEntry, hostParts, loadOnCall } from './lib/on-call.ts';
import { pageBundle } from './lib/page-bundle.ts';
import { root } from './lib/paths.ts';

export const dist: string = join(root, 'dist');

/** The floor of `engines.vscode` ^1.103: Electron 37 has Node 22. */
const nodeTarget = 'node22';

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

/**
 * esbuild splits ES modules only, and the extension host hands out `vscode` through CommonJS: so the host is split as ES
 * modules, and each file is then turned into CommonJS. (Without splitting, what is imported on first use would sit in
 * the one file, and all of zod with it, as esbuild cannot shake a tree that import() reaches.)
 */
const toCommonJs: Plugin = {
  name: 'to-commonjs',
  setup(builder) {
    const { minify, sourcemap } = builder.initialOptions;
    const hasMaps = sourcemap !== undefined && sourcemap !== false;
    builder.onEnd(async ({ outputFiles = [] }) => {
      const files = outputFiles.filter(({ path }) => path.endsWith('.cjs'));
      const chunks = join(dist, 'chunks');
      rmSync(chunks, { recursive: true, force: true });
      mkdirSync(chunks, { recursive: true });
      for (const { path, text } of files) {
        const banner = [
          ...(text.includes('"vscode"') ? ['const __vscode=require("vscode");'] : []),
          ...(text.includes('__importMetaUrl')
            ? ['const __importMetaUrl=require("node:url").pathToFileURL(__filename).href;']
            : []),
        ].join('');
        const { code: made, map } = await transform(loadOnCall(text), {
          format: 'cjs',
          // Not 'node', which lists the exports once more, for Node's import() of CommonJS; nobody does that here.
          platform: 'neutral',
          target: nodeTarget,
          supported: { 'dynamic-import': false },
          sourcefile: basename(path),
          ...(banner === '' ? {} : { banner }),
          ...(minify === undefined ? {} : { minify }),
          ...(hasMaps ? { sourcemap: 'external' as const } : {}),
        });
        // Each module's `import * as vscode` would become a copy of the whole API, property by property.
        const code = made.replaceAll(/[\w$]+\(require\("vscode"\)\)/g, '__vscode');
        writeFileSync(path, hasMaps ? `${code}//# sourceMappingURL=${basename(path)}.map\n` : code);
        if (hasMaps) writeFileSync(`${path}.map`, map);
        else rmSync(`${path}.map`, { force: true });
      }
    });
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
    sources: [hostEntry],
    options: {
      ...nodeCommon,
      entryPoints: { host: hostEntry },
      format: 'esm',
      splitting: true,
      outdir: dist,
      chunkNames: 'chunks/chunk-[hash]',
      outExtension: { '.js': '.cjs' },
      write: false,
      plugins: [zodCopies, hostParts, toCommonJs],
      // CommonJS has no import.meta; some dependencies ask for its url.
      define: { 'import.meta.url': '__importMetaUrl' },
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
    name: 'logs',
    sources: ['src/host/logs/log-worker.ts'],
    options: {
      ...nodeCommon,
      format: 'esm',
      outfile: join(dist, 'log-worker.mjs'),
      banner: {
        js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
      },
    },
  },
  {
    name: 'webview',
    sources: ['src/webview/main.ts', 'src/webview/style.css'],
    options: { ...pageBundle, outdir: join(dist, 'webview') },
  },
];

function optionsOf(bundle: Bundle, production: boolean): BuildOptions {
  return {
    entryPoints: [...bundle.sources],
    ...bundle.options,
    absWorkingDir: root,
    bundle: true,
    metafile: true,
    minify: production,
    // What is transformed once more carries its map along.
    sourcemap: production ? false : bundle.options.write === false ? 'inline' : 'linked',
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
  if (outdir === undefined || outdir === dist) return;
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
