/**
 * What the placeholders of a session stand for, on this machine only: one sealed file in the session's folder (AES-256-GCM, mode 0600), its
 * key in SecretStorage.
 *
 * Why not SecretStorage alone: it has no step that reads, changes and writes for several windows at once, and its entries do not go with
 * their session. So the file goes whenever the session's folder goes (deleted, retention, sign-out), and is of no use without the key, which
 * the system's keyring guards and no backup of the folder holds.
 */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { SecretMapStore } from '../../core/egress-model.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { type Log, silentLog } from '../../core/log.ts';
import type { SecretMap } from '../../core/redaction.ts';
import { type LockOptions, takeLock } from './lock.ts';
import { type StorageFs, nodeStorageFs, storageError } from './storage-fs.ts';

/** Of the editor's SecretStorage, what is used here. */
export interface KeyStore {
  get(name: string): PromiseLike<string | undefined>;
  store(name: string, value: string): PromiseLike<void>;
}

/** The sealed bytes of each session, implemented by SessionFiles. */
export interface SealedFiles {
  readSealed(sessionId: string): Promise<Uint8Array | undefined>;
  updateSealed(sessionId: string, change: (sealed: Uint8Array | undefined) => Uint8Array): Promise<void>;
}

export interface SecretMapsOptions {
  readonly files: SealedFiles;
  readonly keys: KeyStore;
  /** Folder for the lock under which the key is made; made when it is missing. */
  readonly root: string;
  readonly log?: Log | undefined;
  readonly fs?: StorageFs | undefined;
  readonly lock?: LockOptions | undefined;
}

/** SecretStorage entry: 32 bytes as base64, one for the profile. */
const KEY_NAME = 'secGemini.secretMapKey';
const MAGIC = Buffer.from('SGM1');
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Behind what cannot be opened any more: its numbers are not given to other secrets. */
const LOST: SecretMap = { '[[SECRET-100000:lost]]': '' };

const mapSchema = z.record(z.string(), z.string());

export class SecretMaps implements SecretMapStore {
  readonly #options: SecretMapsOptions;
  readonly #log: Log;

  constructor(options: SecretMapsOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
  }

  /** Empty when there is none, or when it cannot be opened. */
  async load(sessionId: string): Promise<SecretMap> {
    const sealed = await this.#options.files.readSealed(sessionId);
    if (sealed === undefined) return {};
    return this.#open(sealed, await this.#key(), sessionId);
  }

  async update(sessionId: string, change: (map: SecretMap) => SecretMap): Promise<void> {
    const key = await this.#key();
    await this.#options.files.updateSealed(sessionId, (sealed) =>
      seal(change(sealed === undefined ? {} : this.#open(sealed, key, sessionId)), key, sessionId),
    );
  }

  #open(sealed: Uint8Array, key: Uint8Array, sessionId: string): SecretMap {
    try {
      return unseal(sealed, key, sessionId);
    } catch {
      this.#log.warn('The placeholders of a session cannot be opened: their key is gone. They stay as they are shown.');
      return LOST;
    }
  }

  /** Asked anew each time: another window may have made it meanwhile. */
  async #key(): Promise<Uint8Array> {
    const { keys, root, fs = nodeStorageFs, lock } = this.#options;
    try {
      const known = parseKey(await keys.get(KEY_NAME));
      if (known !== undefined) return known;
      await fs.mkdir(root);
      const held = await takeLock(join(root, 'secret-maps.lock'), { fs, ...lock });
      try {
        const made = parseKey(await keys.get(KEY_NAME));
        if (made !== undefined) return made;
        const key = randomBytes(32);
        await keys.store(KEY_NAME, key.toString('base64'));
        return key;
      } finally {
        await held.release();
      }
    } catch (error) {
      if (error instanceof SecGeminiError) throw error;
      throw storageError("The placeholders' key could not be kept in the editor's secret storage", error);
    }
  }
}

function parseKey(text: string | undefined): Uint8Array | undefined {
  const bytes = text === undefined ? undefined : Buffer.from(text, 'base64');
  return bytes?.length === 32 ? bytes : undefined;
}

/** Bound to its session: a file that was moved to another one does not open. */
function seal(map: SecretMap, key: Uint8Array, sessionId: string): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(sessionId, 'utf8'));
  const body = Buffer.concat([cipher.update(JSON.stringify(map), 'utf8'), cipher.final()]);
  return Buffer.concat([MAGIC, iv, cipher.getAuthTag(), body]);
}

function unseal(sealed: Uint8Array, key: Uint8Array, sessionId: string): SecretMap {
  const bytes = Buffer.from(sealed);
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('not a sealed map');
  const iv = bytes.subarray(MAGIC.length, MAGIC.length + IV_BYTES);
  const body = MAGIC.length + IV_BYTES + TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(sessionId, 'utf8'));
  decipher.setAuthTag(bytes.subarray(MAGIC.length + IV_BYTES, body));
  const text = Buffer.concat([decipher.update(bytes.subarray(body)), decipher.final()]).toString('utf8');
  return mapSchema.parse(JSON.parse(text));
}
