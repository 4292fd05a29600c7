import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  ASK_TOOL,
  CHAT_PANEL,
  CHAT_PARTICIPANT,
  COMMANDS,
  COMMENT_CONTROLLER,
  CONTEXT_KEYS,
  SETTINGS,
  SKILL_SCHEME,
  VIEWS,
  VIEW_CONTAINER,
} from '../../src/manifest.ts';

interface Manifest {
  publisher: string;
  name: string;
  displayName: string;
  engines: { vscode: string };
  devDependencies: Record<string, string>;
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string; title: string; category: string }[];
    views: Record<string, { id: string }[]>;
    viewsContainers: { activitybar: { id: string }[] };
    chatParticipants: { id: string; name: string; commands: { name: string }[] }[];
    languageModelTools: { name: string; inputSchema: { additionalProperties: boolean } }[];
    menus: Record<string, { command?: string; when?: string }[]>;
    viewsWelcome: { view: string; contents: string; when?: string }[];
    configuration: { properties: Record<string, { scope: string; ignoreSync: boolean }> };
  };
}
const root = join(import.meta.dirname, '..', '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const strings = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Record<string, string>;
const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

describe('package.json and src/manifest.ts', () => {
  it('name the extension as the product does', () => {
    assert.equal(`${manifest.publisher}.${manifest.name}`, 'secgemini-vscode.sec-gemini');
    assert.equal(manifest.displayName, 'Sec-Gemini (community)');
  });

  it('have the same commands, views and settings, in both directions', () => {
    assert.deepEqual(
      sorted(manifest.contributes.commands.map(({ command }) => command)),
      sorted(Object.values(COMMANDS)),
    );
    assert.deepEqual(
      sorted(
        Object.values(manifest.contributes.views)
          .flat()
          .map(({ id }) => id),
      ),
      sorted(Object.values(VIEWS)),
    );
    assert.deepEqual(
      manifest.contributes.viewsContainers.activitybar.map(({ id }) => id),
      [VIEW_CONTAINER],
    );
    assert.deepEqual(sorted(Object.keys(manifest.contributes.configuration.properties)), sorted(SETTINGS));
    const [participant] = manifest.contributes.chatParticipants;
    assert.deepEqual(
      [participant?.id, participant?.name, participant?.commands.map(({ name }) => name)],
      [CHAT_PARTICIPANT, 'sec-gemini', ['review', 'explain', 'triage']],
    );
    assert.deepEqual(
      manifest.contributes.languageModelTools.map(({ name, inputSchema }) => [name, inputSchema.additionalProperties]),
      [[ASK_TOOL, false]],
    );
    assert.deepEqual(manifest.activationEvents, [`onWebviewPanel:${CHAT_PANEL}`, `onFileSystem:${SKILL_SCHEME}`]);
  });

  it('use only commands that exist in menus and welcome texts, and only context keys of the table', () => {
    const known = new Set<string>(Object.values(COMMANDS));
    const used = Object.values(manifest.contributes.menus)
      .flat()
      .flatMap(({ command }) => (command === undefined ? [] : [command]));
    const links = Object.values(strings).flatMap((text) =>
      [...text.matchAll(/\(command:([^)]+)\)/g)].map((found) => found[1] ?? ''),
    );
    for (const command of [...used, ...links]) assert.ok(known.has(command), command);
    const keys = new Set<string>([...Object.values(CONTEXT_KEYS), ...Object.values(VIEWS), COMMENT_CONTROLLER]);
    const clauses = [...Object.values(manifest.contributes.menus).flat(), ...manifest.contributes.viewsWelcome].map(
      ({ when }) => when ?? '',
    );
    for (const key of clauses.join(' ').match(/secGemini\.\w+/g) ?? []) assert.ok(keys.has(key), key);
  });

  it('have every text and no text too many', () => {
    const used = sorted([...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map((found) => found[1] ?? ''));
    assert.deepEqual(used, sorted(Object.keys(strings)));
    for (const { title, category } of manifest.contributes.commands) {
      assert.equal(category, 'Sec-Gemini');
      assert.ok(!strings[title.slice(1, -1)]?.startsWith('Sec-Gemini'), title);
    }
  });

  it('let no workspace decide where data goes (trust.md S14)', () => {
    for (const [key, setting] of Object.entries(manifest.contributes.configuration.properties)) {
      assert.equal(setting.scope, 'application', key);
      assert.equal(setting.ignoreSync, true, key);
      assert.ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(key), key);
    }
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
  });

  it('activate for nothing but our own things and offer no deep links (trust.md S38)', () => {
    assert.ok(manifest.activationEvents.every((event) => /^(onWebviewPanel|onFileSystem):/.test(event)));
    assert.ok(sources().every(({ text }) => !/registerUriHandler/.test(text)));
  });

  it('use an editor API no newer than the engine', () => {
    assert.equal(
      manifest.devDependencies['@types/vscode']?.split('.').slice(0, 2).join('.'),
      manifest.engines.vscode.replace('^', '').split('.').slice(0, 2).join('.'),
    );
  });
});

describe('the sources', () => {
  it('never trust Markdown, never run a shell, never write HTML raw (trust.md S01, S05, S29)', () => {
    const forbidden =
      /\b((?<!workspace\.)isTrusted|supportHtml|enableCommandUris|rejectUnauthorized\s*:\s*false|setKeysForSync|\.outerHTML\s*=|document\.write|insertAdjacentHTML)\b|shell:\s*true|\bexecSync?\(/;
    // The engine's rules describe such code; they do not do it.
    const found = sources().filter(
      ({ path, text }) =>
        !path.startsWith('sandbox/engine/rules') && forbidden.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')),
    );
    assert.deepEqual(
      found.map(({ path }) => path),
      [],
    );
  });

  it('give every page one folder to read from, its own (trust.md S07)', () => {
    const all = sources()
      .map(({ text }) => text)
      .join('\n');
    assert.deepEqual(all.match(/localResourceRoots.*/g), ['localResourceRoots: [webviewRoot],']);
    assert.deepEqual(all.match(/webviewRoot = .*/g), [
      "webviewRoot = vscode.Uri.joinPath(context.extensionUri, 'dist', 'webview');",
    ]);
    // New, restored, or shown again: there is no other way to make a page.
    assert.deepEqual(all.match(/createWebviewPanel\(.*|webview\.options = .*|registerWebviewViewProvider.*/g), [
      'webview.options = pageOptions;',
      "createWebviewPanel(CHAT_PANEL, 'Sec-Gemini', column(), pageOptions);",
    ]);
    assert.match(all, /pageOptions: vscode\.WebviewOptions = \{\s+enableScripts: true,\s+localResourceRoots:/);
  });
});

function sources(): { path: string; text: string }[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('gen/'))
    .map((path) => ({ path, text: readFileSync(join(root, 'src', path), 'utf8') }));
}
