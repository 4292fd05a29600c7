import assert from 'node:assert/strict';
import { transcriptText } from '../../../src/panel/transcript-text.ts';
import { message, prompt } from '../../e2e/panel/support/fake-model.ts';

describe('the transcript as plain text', () => {
  it('names every row as the panel does, results and errors with what to do included', () => {
    const text = transcriptText('My\nsession', [
      { ...prompt('what is \u202ethis?'), createdAt: 0 },
      message({ id: 'c', kind: 'toolCall', title: 'scan', content: '{"a":1}', createdAt: Date.UTC(2026, 0, 2) }),
      message({ id: 'r', kind: 'toolResult', parentId: 'c', title: 'scan', content: 'two hits', createdAt: 0 }),
      message({ id: 'a', content: 'It **is** bad.', status: 'interrupted', createdAt: 0 }),
      message({
        id: 'e',
        kind: 'error',
        content: '',
        createdAt: 0,
        error: { code: 'unavailable', message: 'It broke.', action: 'Try again.' },
      }),
    ]);
    assert.equal(
      text,
      [
        'Conversation: My session',
        '',
        'You',
        '',
        'what is ⟦U+202E⟧this?',
        '',
        'Tool call scan (2026-01-02T00:00:00.000Z)',
        '',
        '{"a":1}',
        '',
        'Result:',
        '',
        'two hits',
        '',
        'Sec-Gemini',
        '',
        'It **is** bad.',
        '',
        'Interrupted: the rest did not arrive.',
        '',
        'Error',
        '',
        'It broke. Try again.',
        '',
      ].join('\n'),
    );
  });

  it('holds no image data', () => {
    const text = transcriptText('x', [message({ render: 'image', content: 'QUJD'.repeat(100) })]);
    assert.ok(!text.includes('QUJD'));
  });
});
