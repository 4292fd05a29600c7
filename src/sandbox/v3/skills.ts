/** Skills that an account has uploaded. The sandbox keeps, lists and gives them back; having no model, it does not follow them. */
import * as z from 'zod/mini';
import { Refusal } from '../state/model.ts';
import type { Store } from '../state/store.ts';

const KEY = 'skill:';
const MOST_SKILLS = 100;
const MOST_BYTES = 1024 * 1024;
/** A plain file name: no path, nothing hidden, nothing that a terminal or a list would show wrongly. */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_ .+()-]{0,127}$/u;

const skillSchema = z.string();

/** Undefined when there is none of this name. */
export function uploadedSkill(store: Store, user: string, name: string): string | undefined {
  return skillSchema.safeParse(store.kept(user).get(`${KEY}${name}`)).data;
}

export function uploadedSkills(store: Store, user: string): string[] {
  return [...store.kept(user).keys()].flatMap((key) => (key.startsWith(KEY) ? [key.slice(KEY.length)] : []));
}

/** Throws Refusal for a name or a content that is none, and when the account has too many. */
export function uploadSkill(store: Store, user: string, name: string, content: string): void {
  if (!NAME.test(name) || name.endsWith('.')) throw new Refusal(400, 'The name must be a plain file name.');
  if (content.trim() === '') throw new Refusal(400, 'The skill is empty.');
  if (Buffer.byteLength(content) > MOST_BYTES) throw new Refusal(413, `A skill may have at most ${MOST_BYTES} bytes.`);
  const isNew = uploadedSkill(store, user, name) === undefined;
  if (isNew && uploadedSkills(store, user).length >= MOST_SKILLS)
    throw new Refusal(429, `An account may have at most ${MOST_SKILLS} skills.`);
  store.keep(user, `${KEY}${name}`, content);
}

/** False when there is none of this name. */
export function deleteSkill(store: Store, user: string, name: string): boolean {
  if (uploadedSkill(store, user, name) === undefined) return false;
  store.keep(user, `${KEY}${name}`, undefined);
  return true;
}

/** The `description` of a skill's front matter. */
export function skillDescription(content: string): string {
  const [, matter = ''] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(content) ?? [];
  const [, description = ''] = /^description:[ \t]*(.*)$/m.exec(matter) ?? [];
  return description.trim().slice(0, 500);
}
