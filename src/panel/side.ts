/** What stands beside the conversation and is replaced, not repeated: task list, memory, loaded skills. Read with bounds; all text is untrusted. Pure. */

import type { Message } from '../core/model.ts';
import type { MemoryGroup, Side, SideTask } from './protocol.ts';

const MOST_TASKS = 200;
const MOST_ITEMS = 200;
const MOST_SKILLS = 50;
const TEXT_CHARS = 500;
const SOURCE_CHARS = 100_000;
const DEPTH = 8;

/** From the latest of each kind. Undefined when there is nothing to show. */
export function sideOf(latest: {
  readonly tasks?: Message | undefined;
  readonly memory?: Message | undefined;
  readonly skills: readonly Message[];
}): Side | undefined {
  const tasks = latest.tasks === undefined ? undefined : tasksOf(latest.tasks.content);
  const memory = latest.memory === undefined ? undefined : memoryOf(latest.memory.content);
  const skills = [...new Set(latest.skills.map(skillName).filter((name) => name !== ''))].slice(-MOST_SKILLS);
  if ((tasks ?? []).length === 0 && (memory ?? []).length === 0 && skills.length === 0) return undefined;
  return { tasks: tasks ?? [], memory: memory ?? [], skills };
}

function skillName({ title, content }: Message): string {
  return cut(title === '' ? content : title);
}

/** `{title, state, children}` or a list of such; a text that is none becomes one task, so that nothing is lost. */
function tasksOf(source: string): SideTask[] {
  const found: SideTask[] = [];
  const walk = (value: unknown, level: number): void => {
    if (found.length >= MOST_TASKS || level > DEPTH) return;
    if (Array.isArray(value)) {
      for (const each of value) walk(each, level);
      return;
    }
    if (typeof value === 'string') {
      found.push({ title: cut(value), state: '', level });
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const { title, name, description, state, status, children, tasks, subtasks } = value as Record<string, unknown>;
    const words = firstText(title, name, description);
    if (words !== '') found.push({ title: words, state: firstText(state, status), level });
    walk(children ?? tasks ?? subtasks ?? [], words === '' ? level : level + 1);
  };
  walk(parsed(source), 0);
  if (found.length === 0 && source.trim() !== '') found.push({ title: cut(source), state: '', level: 0 });
  return found;
}

/** `[{category, items: [{id, content}]}]`; a text that is none becomes one item. */
function memoryOf(source: string): MemoryGroup[] {
  const value = parsed(source);
  const groups: MemoryGroup[] = [];
  let left = MOST_ITEMS;
  for (const each of Array.isArray(value) ? value : []) {
    if (typeof each !== 'object' || each === null) continue;
    const { category, title, items } = each as Record<string, unknown>;
    const texts = (Array.isArray(items) ? items : [])
      .slice(0, left)
      .map(itemText)
      .filter((text) => text !== '');
    left -= texts.length;
    if (texts.length > 0) groups.push({ category: firstText(category, title), items: texts });
  }
  if (groups.length === 0 && source.trim() !== '' && !/^\[\s*\]$/.test(source.trim()))
    groups.push({ category: '', items: [cut(source)] });
  return groups;
}

function itemText(item: unknown): string {
  if (typeof item === 'string') return cut(item);
  if (typeof item !== 'object' || item === null) return '';
  const { content, text, value } = item as Record<string, unknown>;
  return firstText(content, text, value);
}

function firstText(...values: readonly unknown[]): string {
  for (const value of values) if (typeof value === 'string' && value.trim() !== '') return cut(value);
  return '';
}

function cut(text: string): string {
  return text.length <= TEXT_CHARS ? text : `${text.slice(0, TEXT_CHARS).toWellFormed()}…`;
}

function parsed(source: string): unknown {
  if (source.length > SOURCE_CHARS) return undefined;
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
