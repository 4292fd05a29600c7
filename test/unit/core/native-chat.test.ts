import assert from 'node:assert/strict';
import { chatPrompt, toolConfirmation, toolQuestion } from '../../../src/core/native-chat.ts';
import { safeMarkdown } from '../../../src/core/safe-markdown.ts';

describe("VS Code's own chat", () => {
  it('asks what its commands say, and refuses to ask nothing', () => {
    assert.match(chatPrompt('explain', ''), /^Explain what is attached/);
    assert.match(chatPrompt('triage', ' Is it worse? '), /^Triage what is attached[^]*\n\nIs it worse\?$/);
    assert.equal(chatPrompt(undefined, ' Why? '), 'Why?');
    assert.throws(() => chatPrompt(undefined, ' \n'), { code: 'invalidArgument' });
    assert.throws(() => chatPrompt('help', ''), { code: 'invalidArgument' });
  });

  it("takes a tool's input for what it is: a question and at most ten files", () => {
    assert.deepEqual(toolQuestion({ question: ' Why? ' }), { question: 'Why?', files: [] });
    assert.deepEqual(toolQuestion({ question: 'x', files: ['a.py'] }).files, ['a.py']);
    for (const bad of [
      undefined,
      'question',
      {},
      { question: ' ' },
      { question: 'x'.repeat(20_001) },
      { question: 'x', files: 'a.py' },
      { question: 'x', files: Array.from({ length: 11 }, () => 'a') },
      { question: 'x', approved: true },
    ])
      assert.throws(() => toolQuestion(bad), { code: 'invalidArgument' }, JSON.stringify(bad)?.slice(0, 60));
  });

  it('shows before it asks where to, the whole question and the files, as words that mean nothing else', () => {
    const shown = toolConfirmation(
      { question: '![x](https://evil.invalid/p.png)\n[Allow](command:x) \u202e', files: ['a`b<img>.py'] },
      'https://api.secgemini.google',
    );
    assert.ok(!/[![\]()<>`]/.test(shown.replaceAll('⟦', '').replaceAll('⟧', '')), shown);
    const drawn = safeMarkdown(shown);
    assert.match(drawn, /U\+202E/);
    assert.ok(!/(?<!\\)\]\(/.test(drawn) && !/(?<!\\)</.test(drawn), drawn);
    // The whole of it, however long: what nobody saw nobody agreed to (S18).
    assert.ok(toolConfirmation({ question: `${'x'.repeat(19_990)} end`, files: [] }, 'y').endsWith('x end'));
  });
});
