import assert from 'node:assert/strict';
import { bugReportText, preparedText, ratingsOf, withNote } from '../../../src/core/feedback.ts';
import { type FeedbackNote, type LocalFacts, mergeFacts, withFacts } from '../../../src/core/session-local.ts';
import { localFactsSchema } from '../../../src/core/session-schema.ts';

const rated = (messageId: string, score: number, at = 0): FeedbackNote => ({
  kind: 'feedback',
  messageId,
  score,
  text: '',
  at,
});
const bug: FeedbackNote = { kind: 'bug', messageId: 'm1', group: 'g1', text: 'Wrong line', at: 0 };

describe('feedback', () => {
  it('keeps one rating for each answer and every report', () => {
    let facts: LocalFacts | undefined = { domain: 'malware' };
    for (const note of [rated('m1', 1), rated('m2', 1), bug, bug, rated('m1', -1)])
      facts = withFacts(facts, withNote(facts, note));
    assert.deepEqual(
      facts?.feedback?.map(({ kind, messageId, score }) => [kind, messageId, score]),
      [
        ['feedback', 'm2', 1],
        ['bug', 'm1', undefined],
        ['bug', 'm1', undefined],
        ['feedback', 'm1', -1],
      ],
    );
    assert.deepEqual(ratingsOf(facts), { m1: 'down', m2: 'up' });
    assert.equal(facts?.domain, 'malware');
    assert.equal(ratingsOf({ feedback: [bug] }), undefined);
    assert.equal(ratingsOf(undefined), undefined);
  });

  it('does not grow without end', () => {
    let facts: LocalFacts = {};
    for (let index = 0; index < 600; index += 1) facts = withNote(facts, rated(`m${String(index)}`, 1));
    assert.equal(facts.feedback?.length, 500);
    assert.equal(facts.feedback?.at(-1)?.messageId, 'm599');
  });

  it('survives the disk and another window', () => {
    const facts = withNote(undefined, { ...bug, sent: false });
    assert.deepEqual(localFactsSchema.parse(JSON.parse(JSON.stringify(facts))), JSON.parse(JSON.stringify(facts)));
    assert.deepEqual(mergeFacts(undefined, facts, { domain: 'x' }), { ...facts, domain: 'x' });
  });

  it('shows a report as it leaves, with nothing hidden in it', () => {
    const text = bugReportText('  Line 3 is wrong \n', { extension: 'Sec-Gemini 0.1.0', editor: 'VS Code 1.103' });
    assert.equal(text, 'Line 3 is wrong\n\n(Sec-Gemini 0.1.0, VS Code 1.103)');
    const prepared = preparedText({ id: 's1', protocol: 'v3' }, { ...bug, text: `${text}\u202e` });
    assert.match(prepared, /^Bug report\n\nLine 3 is wrong/);
    assert.match(prepared, /Session: s1 \(v3\)\nAnswer: m1\nGroup: g1\nTime: 1970-01-01T00:00:00\.000Z/);
    assert.ok(prepared.includes('⟦U+202E⟧'));
    assert.match(preparedText({ id: 's1', protocol: 'v3' }, rated('m1', -1)), /^Feedback: a bad answer\n\nSession/);
  });
});
