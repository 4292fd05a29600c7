// Modules of the host that are loaded when one of their functions is called, not when a module imports them.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Plugin } from 'esbuild';
import { onCallModules } from './on-call-modules.ts';
import { root } from './paths.ts';

/** The host's bundle is made of this. */
export const hostEntry = 'src/host/main.ts';

const atRoot = (path: string): string => relative(root, path).replaceAll('\\', '/');

/**
 * Each part that loads later imports the host first, which stands by then. esbuild makes a chunk of each set of entries
 * that share a module, and each import() is such an entry: without this, what the host shares with its parts would be
 * fifty chunks, each with the glue of a CommonJS module, found, read and compiled one by one. With it, all of the host is
 * shared by all entries: one chunk, from which the parts take what they need.
 */
const host = `import './${hostEntry}';`;

/** A module among those that are loaded together. */
interface Place {
  readonly group: string;
  readonly index: number;
}

/** What a module that is loaded on call may export: functions, classes, and constants that are known without it. */
const exported =
  /^export (?:(?:async )?function\*? ?(?<call>\w+)|(?:abstract )?class (?<made>\w+)|const (?<known>\w+)(?:: \w+)? = (?<value>[\d_.* +-]+|'[^'\\]*');$)/gmu;
const anyExport = /^export (?!type |interface |declare ).*/gmu;

/**
 * What stands for such a module in the host: functions that call those of the module, and classes that make its. The call
 * loads it, synchronously (`require`), so that nothing changes for who calls: not the order of things, nor what is thrown.
 * Throws for what cannot be stood for.
 */
function stub(path: string, source: string, { group, index }: Place): string {
  const found = [...source.matchAll(exported)];
  const other = [...source.matchAll(anyExport)].find(({ index }) => found.every((each) => each.index !== index));
  if (other !== undefined)
    throw new Error(
      `${path} is loaded on call: it may export functions, classes and plain numbers or texts only, not: ${other[0]}`,
    );
  return [
    `const m=()=>__onCall(import('on-call:${group}')).m${String(index)};`,
    ...found.map(({ groups: { call, made, known, value } = {} }) =>
      known !== undefined
        ? `export const ${known}=${String(value)};`
        : made !== undefined
          ? `export const ${made}=new Proxy(function(){},{construct:(_,a)=>new(m().${made})(...a),get:(_,k)=>m().${made}[k]});`
          : `export function ${String(call)}(...a){return m().${String(call)}(...a)}`,
    ),
  ].join('\n');
}

/** Where the parts of the host are told from their stubs. */
const ITSELF = '?itself';

/** Splits the host: into what it loads at once, what import() brings, and what is loaded on call. */
export const hostParts: Plugin = {
  name: 'host-parts',
  setup(builder) {
    const places = new Map(
      Object.entries(onCallModules).flatMap(([group, paths]) =>
        paths.map((path, index): [string, Place] => [path, { group, index }]),
      ),
    );
    const missing = [...places.keys()].filter((path) => !existsSync(join(root, path)));
    if (missing.length > 0) throw new Error(`on-call-modules.ts names what is not there: ${missing.join(', ')}`);
    builder.onResolve({ filter: /^on-call:/ }, ({ path }) => ({
      path: path.slice('on-call:'.length),
      namespace: 'group',
    }));
    builder.onResolve({ filter: /^\.{1,2}\// }, async ({ kind, path, importer, resolveDir, pluginData }) => {
      if (pluginData === hostParts || importer.includes('node_modules')) return undefined;
      if (path.endsWith(ITSELF)) return { path: join(root, path.slice(0, -ITSELF.length)), suffix: ITSELF };
      const found = await builder.resolve(path, {
        kind: 'import-statement',
        importer,
        resolveDir,
        pluginData: hostParts,
      });
      if (found.errors.length > 0) return { errors: found.errors };
      const name = atRoot(found.path);
      if (kind === 'dynamic-import') return { path: name, namespace: 'part' };
      return places.has(name) ? { path: name, namespace: 'on-call' } : undefined;
    });
    const load = (namespace: string, contents: (path: string) => string): void =>
      builder.onLoad({ filter: /./, namespace }, ({ path }) => ({ contents: contents(path), resolveDir: root }));
    load('part', (path) => `${host}export * from './${path}';`);
    load('group', (group) => {
      const paths = onCallModules[group] ?? [];
      return host + paths.map((path, index) => `export * as m${String(index)} from './${path}${ITSELF}';`).join('');
    });
    builder.onLoad({ filter: /./, namespace: 'on-call' }, ({ path }) => {
      const file = join(root, path);
      const place = places.get(path);
      if (place === undefined) throw new Error(`${path} is in no group.`);
      return { contents: stub(path, readFileSync(file, 'utf8'), place), resolveDir: root, watchFiles: [file] };
    });
  },
};

/** What the bundler left of the stubs' loading becomes the synchronous loading of CommonJS. */
export const loadOnCall = (code: string): string =>
  code.replaceAll(/__onCall\(import\(("[^"]+")\)\)/gu, (_, chunk: string) => `require(${chunk})`);
