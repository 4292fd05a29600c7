/**
 * A key that stands in settings.json came by the wrong door (trust.md S23): every extension reads it, Settings Sync and repositories carry it
 * on. It is never used from there. Once per window the user may move their own into secret storage, or delete what a workspace holds.
 */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../core/disposable.ts';
import { labelText, visibleText } from '../../core/visible-text.ts';
import type { HostLog } from '../log.ts';
import { endpointSetting } from '../settings.ts';

/** Names under which people put the key. None is a setting of ours: VS Code lets unregistered ones be read and deleted. */
const NAMES = ['secGemini.apiKey', 'sec-gemini.apiKey', 'secGemini.key'] as const;

const MOVE = 'Move to Secret Storage';
const DELETE = 'Delete From Settings';
const OPEN = 'Open Settings File';
const KEYS_PAGE = 'secgemini.google/keys';

/** One place that holds a key. */
interface Found {
  readonly name: (typeof NAMES)[number];
  readonly key: string;
  readonly target: vscode.ConfigurationTarget;
  /** The folder whose settings hold it; undefined for those of the user and the whole workspace. */
  readonly folder: vscode.Uri | undefined;
}

type Owner = 'user' | 'workspace';

export interface KeyPorts {
  readonly log: Pick<HostLog, 'redactor'>;
  /** What Set API Key does: asks about the endpoint, checks, keeps. Resolves false when the user did not agree; rejects when it was refused. */
  readonly keep: (key: string) => Promise<boolean>;
  readonly fail: (error: unknown) => void;
}

/** Looks at once, and again whenever settings or trust change, until each owner was told. */
export class KeysInSettings implements Disposable {
  readonly #ports: KeyPorts;
  readonly #store = new DisposableStore();
  readonly #told = new Set<Owner>();

  constructor(ports: KeyPorts) {
    this.#ports = ports;
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (NAMES.some((name) => event.affectsConfiguration(name))) void this.look();
      }),
    );
    this.#store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void this.look()));
    void this.look();
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Tells about what was found; resolves when the user has answered. Never rejects. */
  async look(): Promise<void> {
    try {
      await Promise.all([
        this.#once('user', () => this.#offerMove()),
        // A restricted workspace gets no word of ours on the screen: what it holds is not read.
        vscode.workspace.isTrusted ? this.#once('workspace', () => this.#offerDelete()) : undefined,
      ]);
    } catch (error) {
      this.#ports.fail(error);
    }
  }

  async #once(owner: Owner, offer: () => Promise<void>): Promise<void> {
    if (this.#told.has(owner) || this.#find(owner).length === 0) return;
    this.#told.add(owner);
    await offer();
  }

  async #offerMove(): Promise<void> {
    const choice = await vscode.window.showWarningMessage(
      `An API key stands in your settings (${names(this.#find('user'))}), where every extension can read it. It is not used from there. It can be checked with ${labelText(endpointSetting())}, kept in secret storage and deleted from settings.json.`,
      MOVE,
      DELETE,
    );
    // Read again: what the user agreed to is the key as it stands now.
    const found = this.#find('user');
    const [first] = found;
    if (first === undefined) return;
    if (choice === DELETE) await this.#delete(found, 'user');
    if (choice !== MOVE || !(await this.#ports.keep(first.key))) return;
    // Another key under another name is not lost unseen; the next window offers it.
    await this.#delete(
      found.filter(({ key }) => key === first.key),
      'user',
      'The API key works and is kept in secret storage. ',
    );
  }

  async #offerDelete(): Promise<void> {
    const choice = await vscode.window.showWarningMessage(
      `An API key stands in this workspace's settings (${names(this.#find('workspace'))}), where everyone who gets the workspace can read it. It is not used: a workspace does not choose your account. Delete it here and revoke it at ${KEYS_PAGE}.`,
      DELETE,
    );
    if (choice === DELETE) await this.#delete(this.#find('workspace'), 'workspace');
  }

  /** Deletes these entries and tells the outcome; what VS Code cannot delete is named, never passed over. */
  async #delete(entries: readonly Found[], owner: Owner, before = ''): Promise<void> {
    let why = '';
    for (const { name, target, folder } of entries) {
      try {
        await vscode.workspace.getConfiguration(undefined, folder).update(name, undefined, target);
      } catch (error) {
        why = ` ${error instanceof Error ? error.message : String(error)}`;
      }
    }
    const left = this.#find(owner).filter(({ name, key }) =>
      entries.some((entry) => entry.name === name && entry.key === key),
    );
    if (left.length === 0) {
      void vscode.window.showInformationMessage(
        `${before}${names(entries)} was deleted from settings. Copies may be left in backups, Settings Sync, Local History or a repository: revoke the key at ${KEYS_PAGE} and make a new one.`,
      );
      return;
    }
    const choice = await vscode.window.showWarningMessage(
      visibleText(`${before}${names(left)} could not be deleted from settings: delete it there yourself.${why}`),
      OPEN,
    );
    if (choice === OPEN)
      await vscode.commands.executeCommand(
        owner === 'user' ? 'workbench.action.openSettingsJson' : 'workbench.action.openWorkspaceSettingsFile',
      );
  }

  #find(owner: Owner): readonly Found[] {
    const found = owner === 'user' ? userKeys() : workspaceKeys();
    // Known before anything is said: no line of the log can hold it.
    for (const { key } of found) this.#ports.log.redactor.add(key);
    return found;
  }
}

function userKeys(): Found[] {
  const settings = vscode.workspace.getConfiguration();
  return NAMES.flatMap((name) =>
    entry(name, settings.inspect(name)?.globalValue, vscode.ConfigurationTarget.Global, undefined),
  );
}

function workspaceKeys(): Found[] {
  const settings = vscode.workspace.getConfiguration();
  const folders = vscode.workspace.workspaceFolders ?? [];
  return NAMES.flatMap((name) => [
    ...entry(name, settings.inspect(name)?.workspaceValue, vscode.ConfigurationTarget.Workspace, undefined),
    // The settings of an only folder are the workspace's.
    ...(vscode.workspace.workspaceFile === undefined ? [] : folders).flatMap(({ uri }) =>
      entry(
        name,
        vscode.workspace.getConfiguration(undefined, uri).inspect(name)?.workspaceFolderValue,
        vscode.ConfigurationTarget.WorkspaceFolder,
        uri,
      ),
    ),
  ]);
}

function entry(name: Found['name'], value: unknown, target: Found['target'], folder: Found['folder']): Found[] {
  const key = typeof value === 'string' ? value.trim() : '';
  return key === '' ? [] : [{ name, key, target, folder }];
}

function names(entries: readonly Found[]): string {
  return [...new Set(entries.map(({ name }) => name))].join(', ');
}
