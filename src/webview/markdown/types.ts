/** Names for what markdown-it hands around. */

import type { MarkdownIt as Engine } from 'markdown-it';

export type { Engine };
export type Token = ReturnType<Engine['parse']>[number];

export interface Env {
  [name: string | symbol]: unknown;
  references: Record<string, { title: string; href: string }>;
  /** Levels of the headings that the next one stands below, outermost first. */
  outline: number[];
}
