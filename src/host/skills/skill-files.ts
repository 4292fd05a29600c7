/**
 * Skills as files of the editor: opening asks the service, saving uploads. What cannot be uploaded stays dirty in its editor, with the reason.
 * Nothing is uploaded but by a save of the user: the editor's automatic saves are refused.
 */

import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import type { Connection } from '../../core/connection.ts';
import { describeError, isSecGeminiError } from '../../core/errors.ts';
import { checkSkill, skillTemplate } from '../../core/skill-name.ts';
import { labelText } from '../../core/visible-text.ts';
import { SKILL_SCHEME } from '../../manifest.ts';
import { recordedSend } from '../record.ts';
import { requireGroup, requireTrusted } from '../requirements.ts';
import type { Services } from '../services.ts';

const WHAT = 'Skills';

interface Known {
  readonly bytes: Uint8Array;
  readonly mtime: number;
  /** Made here and not uploaded yet. */
  readonly isNew: boolean;
}

export class SkillFiles implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #services: Services;
  readonly #known = new Map<string, Known>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly #uploaded: () => void;
  readonly #reasons: Map<string, vscode.TextDocumentSaveReason>;
  readonly onDidChangeFile = this.#changed.event;

  /** `reasons`: why a document of ours is being saved, by its address; `uploaded`: a skill came or changed by a save. */
  constructor(services: Services, reasons: Map<string, vscode.TextDocumentSaveReason>, uploaded: () => void) {
    this.#services = services;
    this.#reasons = reasons;
    this.#uploaded = uploaded;
  }

  /** The address of a skill: its place is part of it, so that a text of one service is never saved to another. */
  uri(name: string): vscode.Uri {
    return vscode.Uri.from({ scheme: SKILL_SCHEME, authority: this.#place(), path: `/${name}` });
  }

  /** A file with a template that only this window knows until it is saved. */
  create(name: string): vscode.Uri {
    const uri = this.uri(name);
    this.#known.set(uri.toString(), {
      bytes: new TextEncoder().encode(skillTemplate(name)),
      mtime: Date.now(),
      isNew: true,
    });
    return uri;
  }

  /** It is gone from the service: open editors show that, and keep their text. */
  forget(name: string): void {
    const uri = this.uri(name);
    this.#known.delete(uri.toString());
    this.#changed.fire([{ type: vscode.FileChangeType.Deleted, uri }]);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    if (uri.path === '/') return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    const { bytes, mtime } = await this.#read(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime, size: bytes.byteLength };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return (await this.#read(uri)).bytes;
  }

  async writeFile(uri: vscode.Uri, bytes: Uint8Array): Promise<void> {
    const key = uri.toString();
    const reason = this.#reasons.get(key);
    this.#reasons.delete(key);
    try {
      if (reason !== undefined && reason !== vscode.TextDocumentSaveReason.Manual)
        throw new vscode.FileSystemError('Skills are uploaded only when you save them yourself.');
      await this.#upload(uri, bytes);
    } catch (error) {
      throw error instanceof vscode.FileSystemError ? error : new vscode.FileSystemError(describeError(error));
    }
    this.#known.set(key, { bytes, mtime: Date.now(), isNew: false });
    this.#uploaded();
  }

  async #upload(uri: vscode.Uri, bytes: Uint8Array): Promise<void> {
    const name = nameOf(uri);
    const text = new TextDecoder().decode(bytes);
    checkSkill(name, text);
    requireTrusted('Uploading a skill');
    const skills = requireGroup(this.#services.sessions, 'skills', WHAT);
    if (uri.authority !== this.#place())
      throw new vscode.FileSystemError(
        `This skill belongs to ${labelText(uri.authority, 80)}, and you are connected to ${this.#place()}.`,
      );
    const { scanSecrets } = await import('../../scan/secrets.ts');
    const secrets = await scanSecrets(text, { fileName: name });
    if (secrets.length > 0) {
      const lines = secrets.slice(0, 5).map(({ line, title }) => `line ${line}: ${labelText(title, 80)}`);
      const choice = await vscode.window.showWarningMessage(
        `Upload skill ${labelText(name, 80)} with ${secrets.length === 1 ? 'a secret' : `${secrets.length} secrets`}?`,
        { modal: true, detail: `${lines.join('\n')}\n\nEvery session that uses the skill gets its text.` },
        'Upload Anyway',
      );
      if (choice !== 'Upload Anyway') throw new vscode.FileSystemError('Not uploaded. The text stays here.');
    }
    const destination = this.#services.sessions.client?.origin ?? '';
    const what = { kind: 'skill', name, destination, rule: 'saved by the user' } as const;
    await recordedSend(this.#services, what, text, () => skills.upload(name, text));
  }

  async #read(uri: vscode.Uri): Promise<Known> {
    const key = uri.toString();
    const known = this.#known.get(key);
    if (known?.isNew === true) return known;
    await connected(this.#services.connection);
    if (uri.authority !== this.#place() || uri.path.indexOf('/', 1) >= 0)
      throw vscode.FileSystemError.FileNotFound(uri);
    try {
      const text = await requireGroup(this.#services.sessions, 'skills', WHAT).get(nameOf(uri));
      const bytes = new TextEncoder().encode(text);
      // The service tells no time: another text is a newer one, and VS Code then asks before it is overwritten.
      const same = known !== undefined && hash(known.bytes) === hash(bytes);
      const read: Known = { bytes, mtime: same ? known.mtime : Date.now(), isNew: false };
      this.#known.set(key, read);
      return read;
    } catch (error) {
      if (isSecGeminiError(error, 'notFound')) throw vscode.FileSystemError.FileNotFound(uri);
      throw vscode.FileSystemError.Unavailable(describeError(error));
    }
  }

  #place(): string {
    const { connection, sessions } = this.#services;
    if (connection.isSandbox) return 'sandbox';
    return sessions.client === undefined ? 'offline' : new URL(sessions.client.origin).host;
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

const nameOf = (uri: vscode.Uri): string => uri.path.slice(1);

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** After a reload a document is asked for before the service has answered. */
async function connected(connection: Connection): Promise<void> {
  while (connection.status.kind === 'connecting') await new Promise<void>((resolve) => once(connection, resolve));
}

function once(connection: Connection, then: () => void): void {
  const listener = connection.onDidChange(() => {
    listener.dispose();
    then();
  });
}
