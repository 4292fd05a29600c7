/** Which addresses a link may have, and how they are shown. Pure; the host asks again before anything opens. */

export type CheckedLink =
  | { readonly ok: true; /** As `URL` writes it: the host in punycode. */ readonly href: string; readonly host: string }
  | { readonly ok: false };

/** Allows https, http and mailto only; no user info (it disguises the host), no control characters. */
export function checkLink(href: string): CheckedLink {
  if (/[\u0000-\u0020\u007f-\u009f]/.test(href)) return { ok: false };
  const url = URL.parse(href);
  if (url === null) return { ok: false };
  if (url.protocol === 'mailto:') return { ok: true, href: url.href, host: url.pathname };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { ok: false };
  if (url.host === '' || url.username !== '' || url.password !== '') return { ok: false };
  return { ok: true, href: url.href, host: url.host };
}
