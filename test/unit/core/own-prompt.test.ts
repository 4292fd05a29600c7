import assert from 'node:assert/strict';
import { PROMPT_TEMPLATE, ownPrompt } from '../../../src/core/own-prompt.ts';

describe('a prompt of one’s own', () => {
  it('has its file’s name, its first heading as detail, and the rest as text', () => {
    assert.deepEqual(
      ownPrompt('hunt', '\ufeff# Look for beacons #\r\n\r\nList every host.\r\n\r\n# Then\r\nSay why.\r\n'),
      {
        label: '/hunt',
        detail: 'Look for beacons',
        insert: 'List every host.\n\n# Then\nSay why.',
      },
    );
    assert.deepEqual(ownPrompt('plain', 'Just\nwords'), {
      label: '/plain',
      detail: 'Just words',
      insert: 'Just\nwords',
    });
    assert.equal(ownPrompt('new', PROMPT_TEMPLATE)?.detail, 'What it is for');
  });

  it('shows what would hide in the list and in the box', () => {
    const prompt = ownPrompt('x', '# a\u202eb\nread \u{e0041}this\u200b');
    assert.equal(prompt?.detail, 'a⟦U+202E⟧b');
    assert.equal(prompt.insert, 'read ⟦U+E0041⟧this⟦U+200B⟧');
  });

  it('is none without a text, or with a name that nobody could type', () => {
    for (const text of ['', ' \n', '# only a heading', '# only a heading\n\n'])
      assert.equal(ownPrompt('x', text), undefined);
    for (const name of ['', 'two words', '../x', '\u202ex', '.hidden', 'x'.repeat(61)])
      assert.equal(ownPrompt(name, 'text'), undefined, name);
  });
});
