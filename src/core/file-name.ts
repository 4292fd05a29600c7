/** Names of files on the wire. Pure. */

/**
 * A base name the wire can carry: no path, no control characters, no half characters, at most 255 UTF-8 bytes with the extension kept. An empty result becomes
 * `file`. Header injection and path tricks end here (trust.md S33).
 */
export function safeFileName(name: string): string {
  const base = name.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const clean = base.replace(/[\u0000-\u001f\u007f-\u009f]/g, '').trim();
  if (clean === '' || clean === '.' || clean === '..') return 'file';
  const encoder = new TextEncoder();
  if (encoder.encode(clean).length <= 255) return clean;
  const dot = clean.lastIndexOf('.');
  const extension = dot > 0 && clean.length - dot <= 16 ? clean.slice(dot) : '';
  const room = 255 - encoder.encode(extension).length;
  let stem = '';
  let used = 0;
  for (const character of clean.slice(0, clean.length - extension.length)) {
    used += encoder.encode(character).length;
    if (used > room) break;
    stem += character;
  }
  return stem + extension;
}
