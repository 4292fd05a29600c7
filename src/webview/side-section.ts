/** Beside the conversation: the agent's tasks, its memory and the loaded skills as they are now. Replaced with each word of the service, never repeated. */

import { labelText, visibleText } from '../core/visible-text.ts';
import type { MemoryGroup, Side, SideTask } from '../panel/protocol.ts';
import { el, setText, show } from './dom.ts';
import { icon } from './icons.ts';

type TaskState = 'done' | 'running' | 'failed' | 'open';

export class SideSection {
  readonly element: HTMLElement;
  readonly #toggle: HTMLButtonElement;
  readonly #words: HTMLElement;
  readonly #body: HTMLElement;
  readonly #onChange: (open: boolean) => void;
  #open: boolean;
  #drawn = '';

  /** `onChange`: the reader opened or closed it; what follows has another height. */
  constructor(open: boolean, onChange: (open: boolean) => void) {
    this.#open = open;
    this.#onChange = onChange;
    this.#words = el('span', { class: 'side-words' });
    this.#toggle = el('button', { type: 'button', class: 'fold side-toggle' }, icon('chevron'), this.#words);
    // The keyboard scrolls it.
    this.#body = el('div', { class: 'side-body', role: 'group', 'aria-label': 'Now', tabindex: '0' });
    this.element = el('section', { class: 'side', 'aria-label': 'Tasks, memory and skills' }, this.#toggle, this.#body);
    this.element.hidden = true;
    this.#toggle.addEventListener('click', () => {
      this.#setOpen(!this.#open);
      this.#onChange(this.#open);
    });
    this.#setOpen(open);
  }

  /** True when it looks different now. */
  update(side: Side | undefined): boolean {
    const drawn = JSON.stringify(side) ?? '';
    if (drawn === this.#drawn) return false;
    this.#drawn = drawn;
    show(this.element, side !== undefined);
    if (side === undefined) return true;
    setText(this.#words, summary(side));
    this.#body.replaceChildren(
      ...(side.tasks.length > 0 ? [tasksPart(side.tasks)] : []),
      ...(side.memory.length > 0 ? [memoryPart(side.memory)] : []),
      ...(side.skills.length > 0 ? [skillsPart(side.skills)] : []),
    );
    return true;
  }

  #setOpen(open: boolean): void {
    this.#open = open;
    this.#toggle.setAttribute('aria-expanded', open.toString());
    show(this.#body, open);
  }
}

/** `Tasks 1 of 3: Look for secrets · Memory 2 · Skills 1` */
function summary({ tasks, memory, skills }: Side): string {
  // The heading of a list is no work by itself.
  const leaves = tasks.filter((task, at) => (tasks[at + 1]?.level ?? 0) <= task.level);
  const done = leaves.filter((task) => stateOf(task) === 'done').length;
  const now = leaves.find((task) => stateOf(task) === 'running');
  const notes = memory.reduce((sum, group) => sum + group.items.length, 0);
  return [
    ...(tasks.length > 0
      ? [
          `Tasks ${done.toString()} of ${leaves.length.toString()}${now === undefined ? '' : `: ${labelText(now.title, 60)}`}`,
        ]
      : []),
    ...(notes > 0 ? [`Memory ${notes.toString()}`] : []),
    ...(skills.length > 0 ? [`Skills ${skills.length.toString()}`] : []),
  ].join(' · ');
}

function stateOf({ state }: SideTask): TaskState {
  if (/^(?:done|executed|completed?|finished|success(?:ful)?|passed)$/i.test(state)) return 'done';
  if (/^(?:running|executing|in[ _-]?progress|active|started|doing)$/i.test(state)) return 'running';
  return /^(?:failed|error|cancell?ed|aborted|skipped)$/i.test(state) ? 'failed' : 'open';
}

const MARKS: Readonly<Record<TaskState, string>> = { done: '✓', running: '●', failed: '✕', open: '○' };

function tasksPart(tasks: readonly SideTask[]): HTMLElement {
  const list = el('ul', { class: 'tasks', 'aria-label': 'Tasks' });
  for (const task of tasks) {
    const state = stateOf(task);
    const item = el('li', { class: `step step-${state}` });
    item.dataset['level'] = Math.min(task.level, 6).toString();
    item.append(
      el('span', { class: 'step-mark', 'aria-hidden': 'true' }, MARKS[state]),
      el('span', { class: 'step-title' }, visibleText(task.title)),
    );
    if (task.state !== '') item.append(el('span', { class: 'step-state' }, labelText(task.state, 40)));
    list.append(item);
  }
  return part('Tasks', list);
}

function memoryPart(memory: readonly MemoryGroup[]): HTMLElement {
  const list = el('ul', { class: 'memory', 'aria-label': 'Memory' });
  for (const { category, items } of memory)
    for (const text of items)
      list.append(
        el(
          'li',
          {},
          ...(category === '' ? [] : [el('span', { class: 'memory-category' }, `${labelText(category, 60)}: `)]),
          visibleText(text),
        ),
      );
  return part('Memory', list);
}

function skillsPart(skills: readonly string[]): HTMLElement {
  const list = el('ul', { class: 'skills', 'aria-label': 'Loaded skills' });
  for (const skill of skills) list.append(el('li', { class: 'skill' }, labelText(skill, 80)));
  return part('Loaded skills', list);
}

function part(name: string, list: HTMLElement): HTMLElement {
  return el('div', { class: 'side-part' }, el('h2', { class: 'part-name' }, name), list);
}
