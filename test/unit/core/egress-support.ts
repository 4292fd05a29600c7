/** A gate with a scripted answer, and candidates that count how often they are opened. */
import { createHash } from 'node:crypto';
import { Egress } from '../../../src/core/egress.ts';
import type {
  EgressAbout,
  EgressAnswer,
  EgressChoice,
  EgressPorts,
  EgressRequest,
  OutgoingFile,
} from '../../../src/core/egress-model.ts';
import { inspectText } from '../../../src/scan/inspect-text.ts';

export const TOKEN = ['gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('');

export interface Watched extends OutgoingFile {
  opened: number;
}

export function file(name: string, content: string | Uint8Array = 'x', more: Partial<OutgoingFile> = {}): Watched {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const made: Watched = {
    name,
    origin: `src/${name}`,
    paths: [`/ws/src/${name}`],
    size: bytes.length,
    ...more,
    opened: 0,
    async *open() {
      made.opened += 1;
      for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
    },
  };
  return made;
}

export const about: EgressAbout = {
  sessionId: 's1',
  sessionName: 'S',
  destination: 'https://fake.invalid',
  logging: true,
  chosen: 'named',
  by: 'hand',
};

export function gate(
  answer: EgressAnswer | ((request: EgressRequest) => EgressAnswer),
  ports: Partial<EgressPorts> = {},
) {
  const asked: EgressRequest[] = [];
  let ids = 0;
  const egress = new Egress({
    confirm: async (request) => {
      asked.push(request);
      return typeof answer === 'function' ? answer(request) : answer;
    },
    maxBytes: () => 10_000_000,
    scan: (bytes, options) => inspectText(bytes, options),
    newHash: (algorithm) => {
      const hash = createHash(algorithm);
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
    },
    newId: () => `id-${(ids += 1)}`,
    now: () => 1,
    ...ports,
  });
  return { egress, asked };
}

export const choose =
  (choice: EgressChoice) =>
  (request: EgressRequest): EgressAnswer => ({ choices: new Map(request.files.map((each) => [each, choice])) });

export async function sent(upload: { open(): AsyncIterable<Uint8Array> }): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of upload.open()) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
