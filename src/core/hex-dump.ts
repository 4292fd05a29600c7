/** Bytes as a person reads them: offset, hexadecimal, printable ASCII. Pure. */

const PER_LINE = 16;

/** `maxBytes` bounds the text; what is left out is said in the last line. `total`: size of the whole in bytes. */
export function hexDump(bytes: Uint8Array, total: number, maxBytes: number): string {
  const shown = bytes.subarray(0, maxBytes);
  const lines: string[] = [];
  for (let offset = 0; offset < shown.length; offset += PER_LINE) {
    const row = shown.subarray(offset, offset + PER_LINE);
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0'));
    const left = hex.slice(0, 8).join(' ').padEnd(23);
    const right = hex.slice(8).join(' ').padEnd(23);
    const ascii = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${offset.toString(16).padStart(8, '0')}  ${left}  ${right}  |${ascii}|`);
  }
  if (total > shown.length) lines.push(`… ${total - shown.length} more bytes are not shown.`);
  return `${lines.join('\n')}\n`;
}

/** True for content that a text editor cannot show: a NUL byte near the start, as VS Code itself decides. */
export function looksBinary(head: Uint8Array): boolean {
  return head.subarray(0, 512).includes(0);
}
