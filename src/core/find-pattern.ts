/** What a reader looks for, as a pattern: the same for the host, which counts over everything, and for the page, which marks what it shows. Pure. */

/** The words as they stand; any white space fits any other, because a line may break where a blank was typed. Global. */
export function findPattern(query: string, caseSensitive: boolean): RegExp {
  const words = query.replace(/[\^$\\.*+?()[\]{}|/]/g, String.raw`\$&`).replace(/\s+/g, String.raw`\s+`);
  return new RegExp(words, caseSensitive ? 'gu' : 'giu');
}

/**
 * Markdown as a reader sees it, well enough to be searched: signs of emphasis, code and links are gone, their words stay. What stands within
 * code loses its stars too; who searches counts in the source as well.
 */
export function plainMarkdown(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]\n]*)\]\([^()\n]*\)/g, '$1')
    .replace(/\*+|`+|~~+|(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, '')
    .replace(/\\(?=[!-/:-@[-`{-~])/g, '');
}
