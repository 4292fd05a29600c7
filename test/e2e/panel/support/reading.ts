/** Parts that specs of the panel look at, and a conversation that is longer than the view. */
import type { Locator, Page } from '@playwright/test';
import { FakeModel, message, prompt } from './fake-model.ts';

export const log = (page: Page): Locator => page.getByRole('log', { name: 'Conversation' });
export const box = (page: Page): Locator => page.getByRole('textbox', { name: 'Message Sec-Gemini' });

/** A long conversation with rows of very different height. */
export function longModel(count: number): FakeModel {
  const model = new FakeModel();
  model.apply({
    type: 'history',
    messages: Array.from({ length: count }, (_, index) =>
      index % 5 === 0
        ? prompt(`question ${index.toString()}`)
        : message({
            id: `long-${index.toString()}`,
            content: `answer ${index.toString()}\n\n${'A paragraph of some length that wraps. '.repeat((index * 7) % 23)}\n\n\`\`\`py\n${'x = 1\n'.repeat((index * 3) % 11)}\`\`\``,
          }),
    ),
  });
  return model;
}
