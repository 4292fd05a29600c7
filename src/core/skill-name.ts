/** Which names and texts a skill may have. */

import { SecGeminiError } from './errors.ts';
import { hasHiddenCharacters } from './visible-text.ts';

/** A sentence on what is wrong with the name, or undefined. Commas would make two skills of one where a prompt asks for it (v3.md). */
export function skillNameProblem(name: string): string | undefined {
  if (name === '') return 'A skill needs a name.';
  if (name.length > 128) return 'A name has at most 128 characters.';
  if (name.includes(',')) return 'A name has no comma: prompts ask for several skills by commas.';
  if (/[/\\:]/.test(name)) return 'A name is no path: leave out slashes and colons.';
  if (hasHiddenCharacters(name)) return 'A name has no invisible characters.';
  if (name.startsWith('.') || name.endsWith('.')) return 'A name neither begins nor ends with a dot.';
  if (!/^[\p{L}\p{N}_]/u.test(name)) return 'A name begins with a letter, a digit or an underscore.';
  if (!/^[\p{L}\p{N}\p{M}_ .+()-]+$/u.test(name)) return 'A name has letters, digits, spaces and _ . + ( ) - only.';
  return name === name.trim() ? undefined : 'A name neither begins nor ends with a space.';
}

/** Bytes of UTF-8. */
const MOST_BYTES = 1024 * 1024;

/** Throws `invalidArgument` (or `tooLarge`) for what cannot be uploaded; the text stays in its editor. */
export function checkSkill(name: string, content: string): void {
  const problem = skillNameProblem(name);
  if (problem !== undefined)
    throw new SecGeminiError('invalidArgument', problem, { action: 'Save it under another name ("New Skill…").' });
  if (content.trim() === '')
    throw new SecGeminiError('invalidArgument', 'The skill is empty.', { action: 'Write what the agent has to do.' });
  if (new TextEncoder().encode(content).byteLength > MOST_BYTES)
    throw new SecGeminiError('tooLarge', 'The skill is larger than 1 MiB.', { action: 'Shorten it.' });
  const matter = /^---\r?\n/.test(content);
  if (matter && !/\r?\n---(\r?\n|$)/.test(content))
    throw new SecGeminiError('invalidArgument', 'The front matter of the skill does not end.', {
      action: 'Close it by a line of three hyphens.',
    });
}

/** What a new skill starts with. */
export function skillTemplate(name: string): string {
  const bare = name.replace(/\.md$/i, '');
  return `---\nname: ${bare}\ndescription: When the agent should use this skill\n---\n\n# ${bare}\n\nSay step by step what the agent has to do.\n`;
}
