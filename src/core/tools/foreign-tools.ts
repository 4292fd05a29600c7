/**
 * The tools and resources of others in this window: each is offered only while the user has ticked it exactly as it is now, under a name of its
 * own, and runs through the same runner as the editor's tools: the question first, the output searched, bounded and recorded.
 */

import { type Disposable, DisposableStore, toDisposable } from '../disposable.ts';
import { Emitter, type Event } from '../emitter.ts';
import { SecGeminiError } from '../errors.ts';
import { type Log, silentLog } from '../log.ts';
import { labelText } from '../visible-text.ts';
import {
  type Bounded,
  type ForeignInfo,
  type ForeignResource,
  type ForeignSource,
  MOST_OF_A_SOURCE,
  boundDefinition,
  changedParts,
  checkArguments,
  offeredName,
  pinOf,
} from './foreign.ts';
import { READ_RESOURCE, resourceTool } from './resource-tool.ts';
import { FOREIGN, type Tool, type ToolProvider } from './tool.ts';

/** One entry of the view. */
export interface ForeignEntry {
  /** Source and own name: ticks are kept by it. */
  readonly key: string;
  readonly sourceId: string;
  readonly kind: 'tool' | 'resource';
  /** As it is offered: the tool's name, the resource's address. */
  readonly name: string;
  /** As its source calls it. */
  readonly label: string;
  readonly description: string;
  /** Its source says that it only reads: it may be allowed for a session. */
  readonly readsOnly: boolean;
  /** `changed`: it was ticked, and is no longer what it was then. */
  readonly state: 'off' | 'on' | 'changed';
  /** What is not as it was; '' unless changed. */
  readonly changes: string;
  /** Of the definition that is shown here. */
  readonly pin: string;
}

export interface ForeignToolsOptions {
  /** What the user ticked: key -> pin. In the application's own state, where no workspace and no agent writes (S16). */
  readonly ticks: { get(): Readonly<Record<string, string>>; set(ticks: Readonly<Record<string, string>>): void };
  /** Hex, of a text. */
  readonly hash: (text: string) => string;
  /** Takes every grant of a tool back. */
  readonly revoke: (tool: string) => void;
  readonly log?: Log | undefined;
}

/** Milliseconds; the user's own servers may go far. */
const TIMEOUT_MS = 60_000;

interface Item {
  readonly entry: ForeignEntry;
  readonly tool?: Tool;
  readonly resource?: ForeignResource;
}

export class ForeignTools implements Disposable {
  readonly #options: ForeignToolsOptions;
  readonly #log: Log;
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new Emitter<void>());
  readonly #sources: ForeignSource[] = [];
  readonly #known = new WeakMap<ForeignInfo, { readonly bounded: Bounded; readonly pin: string }>();
  /** What was already said once. */
  readonly #told = new Set<string>();

  constructor(options: ForeignToolsOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Throws `invalidArgument` for a source whose id or prefix is taken. */
  add(source: ForeignSource): Disposable {
    if (this.#sources.some(({ id, prefix }) => id === source.id || prefix === source.prefix))
      throw new SecGeminiError('invalidArgument', `There is a source of tools called ${source.prefix} already.`, {
        action: 'Give it another name.',
      });
    this.#sources.push(source);
    this.refresh();
    return toDisposable(() => {
      const at = this.#sources.indexOf(source);
      if (at >= 0) this.#sources.splice(at, 1);
      this.refresh();
    });
  }

  sources(): readonly ForeignSource[] {
    return this.#sources;
  }

  /** What a source offers, and what of it may be used. */
  entries(sourceId: string): readonly ForeignEntry[] {
    const source = this.#sources.find(({ id }) => id === sourceId);
    return source === undefined ? [] : this.#items(source).map(({ entry }) => entry);
  }

  /** Ticked and unchanged, as a provider of the one registry. */
  provider(): ToolProvider {
    return {
      name: FOREIGN,
      tools: () => {
        const items = this.#on();
        const resources = items.flatMap(({ resource }) => (resource === undefined ? [] : [resource]));
        const from = new Set(items.flatMap(({ entry, resource }) => (resource === undefined ? [] : [entry.sourceId])));
        const places = this.#sources.filter(({ id }) => from.has(id)).map(({ label, place }) => `${label} (${place})`);
        return [
          ...items.flatMap(({ tool }) => (tool === undefined ? [] : [tool])),
          ...(resources.length === 0
            ? []
            : [resourceTool(resources, places.join(' or '), (uri, context) => this.#read(uri, context))]),
        ];
      },
    };
  }

  /** Ticked and unchanged: what the service may list as skills. */
  resources(): readonly ForeignResource[] {
    return this.#on().flatMap(({ resource }) => (resource === undefined ? [] : [resource]));
  }

  /** Ticks or unticks exactly what was shown: throws `invalidArgument` when it is another one by now. */
  tick(shown: ForeignEntry, on: boolean): void {
    const { ticks, revoke } = this.#options;
    const source = this.#sources.find(({ id }) => id === shown.sourceId);
    const item = source === undefined ? undefined : this.#items(source).find(({ entry }) => entry.key === shown.key);
    const { [shown.key]: _old, ...others } = ticks.get();
    revoke(shown.name);
    if (!on) ticks.set(others);
    else {
      if (item === undefined || item.entry.pin !== shown.pin)
        throw new SecGeminiError(
          'invalidArgument',
          `"${shown.label}" has changed since it was shown; it was not ticked.`,
          {
            action: 'Look at it again.',
          },
        );
      ticks.set({ ...others, [shown.key]: shown.pin });
    }
    this.refresh();
  }

  /** A source has changed. Whatever is no longer what was ticked loses its grants now. */
  refresh(): void {
    for (const source of this.#sources)
      for (const { entry } of this.#items(source))
        if (entry.state === 'changed') {
          this.#options.revoke(entry.kind === 'tool' ? entry.name : READ_RESOURCE);
          const what = `${entry.key}\n${entry.changes}`;
          if (!this.#told.has(what))
            this.#log.warn(`${source.label}: "${entry.label}" is no longer what was ticked: ${entry.changes}`);
          this.#told.add(what);
        }
    this.#changed.fire();
  }

  dispose(): void {
    this.#sources.length = 0;
    this.#owned.dispose();
  }

  #on(): readonly Item[] {
    return this.#sources
      .filter(({ state }) => state.kind === 'ready')
      .flatMap((source) => this.#items(source))
      .filter(({ entry }) => entry.state === 'on');
  }

  #items(source: ForeignSource): readonly Item[] {
    const ticks = this.#options.ticks.get();
    const items = new Map<string, Item>();
    for (const info of source.tools().slice(0, MOST_OF_A_SOURCE)) {
      const key = `${source.id}\n${info.name}`;
      const { bounded, pin } = this.#bounded(info);
      if ('leftOut' in bounded || items.has(key)) continue;
      const name = offeredName(source.prefix, info.name, this.#options.hash);
      const { annotations, title, description, inputSchema } = bounded;
      const entry: ForeignEntry = {
        key,
        sourceId: source.id,
        kind: 'tool',
        name,
        label: labelText(info.name, 100),
        description: title === info.name ? description : `${title}. ${description}`,
        readsOnly: annotations.readOnlyHint,
        ...this.#judge(ticks[key], pin),
      };
      const tool: Tool = {
        name,
        title,
        description,
        inputSchema,
        annotations,
        preview: false,
        timeoutMs: TIMEOUT_MS,
        place: `${source.label} (${source.place})`,
        parse: (args) => checkArguments(name, inputSchema, args),
        run: async (args, context) => {
          this.#mustBeOn(source, key);
          return source.call(info.name, args, context);
        },
      };
      items.set(key, { entry, tool });
    }
    for (const resource of source.resources().slice(0, MOST_OF_A_SOURCE)) {
      const key = `${source.id}\nresource\n${resource.uri}`;
      if (resource.uri === '' || resource.uri.length > 1000 || items.has(key)) continue;
      const shown: ForeignResource = {
        uri: resource.uri,
        name: labelText(resource.name === '' ? resource.uri : resource.name, 100),
        description: labelText(resource.description ?? '', 500),
        mimeType: labelText(resource.mimeType ?? 'text/plain', 60),
      };
      const entry: ForeignEntry = {
        key,
        sourceId: source.id,
        kind: 'resource',
        name: resource.uri,
        label: shown.name,
        description: shown.description ?? '',
        readsOnly: false,
        ...this.#judge(
          ticks[key],
          pinOf({ title: shown.name, description: shown.description, inputSchema: shown.uri }, this.#options.hash),
        ),
      };
      items.set(key, { entry, resource: shown });
    }
    return [...items.values()];
  }

  /** Once for each object that a source gives. */
  #bounded(info: ForeignInfo): { readonly bounded: Bounded; readonly pin: string } {
    const known = this.#known.get(info);
    if (known !== undefined) return known;
    const bounded = boundDefinition(info);
    const made = { bounded, pin: 'leftOut' in bounded ? '' : pinOf(bounded, this.#options.hash) };
    this.#known.set(info, made);
    return made;
  }

  #judge(pinned: string | undefined, pin: string): Pick<ForeignEntry, 'state' | 'changes' | 'pin'> {
    if (pinned === undefined) return { state: 'off', changes: '', pin };
    return pinned === pin
      ? { state: 'on', changes: '', pin }
      : { state: 'changed', changes: changedParts(pinned, pin), pin };
  }

  /** Asked again right before it runs: the user may have looked at the question for minutes. */
  #mustBeOn(source: ForeignSource, key: string): void {
    const isOn =
      this.#sources.includes(source) &&
      this.#items(source).some(({ entry }) => entry.key === key && entry.state === 'on');
    if (!isOn)
      throw new SecGeminiError('invalidArgument', 'This tool is no longer what the user ticked; it was not called.', {
        action: 'The user can tick it again.',
      });
  }

  async #read(uri: string, context: Parameters<ForeignSource['read']>[1]): ReturnType<ForeignSource['read']> {
    const found = this.#sources
      .flatMap((source) => this.#items(source).map((item) => ({ source, ...item })))
      .find(({ entry, resource }) => entry.state === 'on' && resource?.uri === uri);
    if (found === undefined)
      throw new SecGeminiError('notFound', 'There is no such resource here.', { action: 'List what is offered.' });
    return found.source.read(uri, context);
  }
}
