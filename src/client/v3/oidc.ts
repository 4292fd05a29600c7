/** The identity token of a deployment behind an identity proxy: sent only where it was made for, and only while it lives. */

import * as z from 'zod/mini';

const claims = z.object({
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
});

const LEFT_MS = 30_000;

/**
 * The value of the authorization header, or undefined when the token is no JWT, is meant for another host, or has less than 30 s left.
 * The signature is the proxy's to check. `hostname` as Endpoint has it; an audience may be the bare host or an address on it.
 */
export function bearerFor(token: string | undefined, hostname: string, nowMs: number): string | undefined {
  const payload = token?.trim().split('.')[1];
  if (token === undefined || payload === undefined || /[^\u0021-\u007e]/.test(token.trim())) return undefined;
  let parsed: z.infer<typeof claims>;
  try {
    parsed = claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
  const audiences = typeof parsed.aud === 'string' ? [parsed.aud] : parsed.aud;
  const alive = parsed.exp * 1000 - nowMs >= LEFT_MS;
  return alive && audiences.some((audience) => hostOf(audience) === hostname.toLowerCase())
    ? `Bearer ${token.trim()}`
    : undefined;
}

function hostOf(audience: string): string | undefined {
  try {
    const url = new URL(/^[a-z]+:\/\//i.test(audience) ? audience : `https://${audience}`);
    return url.username === '' && url.password === '' ? url.hostname : undefined;
  } catch {
    return undefined;
  }
}
