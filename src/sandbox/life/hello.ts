/** Asks whoever listens on a port to prove that it is this profile's sandbox, without telling it the key (core/sandbox-lease.ts). */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { request } from 'node:http';
import * as z from 'zod/mini';
import { HELLO_PATH } from '../../core/sandbox-lease.ts';
import { proofOf } from '../server.ts';

/** A sandbox that is reading a large state answers late. */
const PATIENCE_MS = 5000;
const MOST_BYTES = 4096;

const helloSchema = z.object({ proof: z.string().check(z.regex(/^[0-9a-f]{64}$/)), stopping: z.optional(z.boolean()) });

/** `leaving`: it is about to end, or the connection broke: ask again in a moment. `other`: another program. */
export async function sayHello(port: number, key: string): Promise<'ours' | 'leaving' | 'other'> {
  const nonce = randomBytes(16).toString('hex');
  let text: string;
  try {
    text = await get(port, `${HELLO_PATH}?nonce=${nonce}`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 'leaving' : 'other';
  }
  try {
    const { proof, stopping } = helloSchema.parse(JSON.parse(text));
    if (!timingSafeEqual(Buffer.from(proof, 'hex'), Buffer.from(proofOf(key, nonce), 'hex'))) return 'other';
    return stopping === true ? 'leaving' : 'ours';
  } catch {
    return 'other';
  }
}

function get(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, agent: false, timeout: PATIENCE_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > MOST_BYTES) call.destroy(new Error('The answer is too long.'));
      });
      response.once('end', () => resolve(text));
      response.once('error', reject);
    });
    call.once('timeout', () => call.destroy(new Error('No answer.')));
    call.once('error', reject);
    call.end();
  });
}
