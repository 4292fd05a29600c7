/** The users of the sandbox, one per API key. */
import { createHash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod/mini';

/** What a user may do; the defaults let everything be tried. `--user JSON` changes them. */
export const accountOptionsSchema = z.strictObject({
  id: z.optional(z.string().check(z.minLength(1))),
  org_id: z._default(z.string().check(z.minLength(1)), 'local-sandbox'),
  type: z._default(z.enum(['ui', 'user', 'admin', 'system', 'service']), 'user'),
  /** Forces can_log=false on each of the user's sessions. */
  never_log: z._default(z.boolean(), false),
  can_disable_logging: z._default(z.boolean(), true),
  /** Seconds since the epoch, 0 = never. A key past it is refused. */
  key_expire_time: z._default(z.int().check(z.nonnegative()), 0),
  /** Tokens (estimated) and prompts per minute, 0 = as many as one likes. */
  tpm: z._default(z.int().check(z.nonnegative()), 0),
  rpm: z._default(z.int().check(z.nonnegative()), 0),
  allow_experimental: z._default(z.boolean(), false),
});

export type AccountOptions = z.input<typeof accountOptionsSchema>;

export interface Account extends Required<z.output<typeof accountOptionsSchema>> {
  readonly id: string;
}

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

export class Accounts {
  readonly #entries: readonly { readonly digest: Buffer; readonly account: Account }[];
  readonly #now: () => number;

  /** The id comes from the key, so that a restart with the same keys in another order finds everybody's sessions. */
  constructor(
    users: readonly { readonly key: string; readonly options?: AccountOptions | undefined }[],
    now: () => number,
  ) {
    this.#now = now;
    this.#entries = users.map(({ key, options }) => {
      const { id = `user-${digest(`sandbox user ${key}`).toString('hex').slice(0, 12)}`, ...rest } =
        accountOptionsSchema.parse(options ?? {});
      return { digest: digest(key), account: { ...rest, id } };
    });
  }

  /** The user of a key. Takes the same time whatever the key is and whichever it matches. */
  find(key: string | undefined): Account | undefined {
    const given = digest(key ?? '');
    let found: Account | undefined;
    for (const entry of this.#entries) if (timingSafeEqual(entry.digest, given)) found = entry.account;
    if (found === undefined || key === undefined || key === '') return undefined;
    return found.key_expire_time > 0 && this.#now() >= found.key_expire_time * 1000 ? undefined : found;
  }

  byId(id: string): Account | undefined {
    return this.#entries.find(({ account }) => account.id === id)?.account;
  }
}
