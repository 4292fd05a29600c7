/** Key and port of a profile's sandbox: made with its state file, once, whoever comes first. */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { copyFileSync, constants, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FILE } from '../../core/sandbox-lease.ts';
import { Journal } from '../state/journal.ts';
import { recordSchema } from '../state/records.ts';

/** Other programs may have taken the port: so many more are tried. */
const MORE_PORTS = 20;
/** Below the ports that systems give out by themselves on Windows and macOS, above the well-known ones. */
const FIRST_PORT = 20_000;
const LAST_PORT = 48_000;

export interface ProfileState {
  /** 256 random bits, base64url. */
  readonly key: string;
  readonly port: number;
}

/** The profile's own port, then others, the same ones in the same order for everybody who knows the key. */
export function portsOf(key: string, port: number): number[] {
  const more = Array.from({ length: MORE_PORTS }, (_, index) => {
    const hash = createHash('sha256').update(`port ${index} ${key}`).digest();
    return FIRST_PORT + (hash.readUInt32BE(0) % (LAST_PORT - FIRST_PORT));
  });
  return [...new Set([port, ...more])];
}

/** Reads the state's head; makes the state when there is none. A file that is no state is put aside, not deleted. */
export async function ensureState(folder: string, say: (words: string) => void): Promise<ProfileState> {
  const file = join(folder, STATE_FILE);
  for (let attempt = 0; attempt < 10; attempt++) {
    const known = readState(file);
    if (known !== undefined) return known;
    if (existsSync(file)) {
      const aside = `${file}.damaged-${Date.now()}`;
      renameSync(file, aside);
      say(`The sandbox's state could not be read; it was put aside as ${aside}.`);
    }
    await createState(file);
  }
  throw new Error('The sandbox cannot start: its state file cannot be made.');
}

function readState(file: string): ProfileState | undefined {
  const head = recordSchema.safeParse(Journal.readFirst(file)?.json).data;
  if (head?.t !== 'head' || head.key === undefined || head.port === undefined) return undefined;
  return { key: head.key, port: head.port };
}

/** Puts a whole file in place, unless somebody else just did. */
async function createState(file: string): Promise<void> {
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  const journal = Journal.open(temporary, () => undefined);
  const head = {
    t: 'head',
    version: 1,
    key: randomBytes(32).toString('base64url'),
    port: randomInt(FIRST_PORT, LAST_PORT),
  };
  journal.append({ json: head });
  await journal.close();
  try {
    putInPlace(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Both ways fail with EEXIST when the file is there; the second is for file systems without hard links. */
function putInPlace(temporary: string, file: string): void {
  try {
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    copyFileSync(temporary, file, constants.COPYFILE_EXCL);
  }
}
