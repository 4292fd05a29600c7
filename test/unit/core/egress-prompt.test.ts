// The text of a prompt at the gate (S32): searched, asked about, and nothing else gets through.
import assert from 'node:assert/strict';
import type { PromptAnswer, PromptRequest } from '../../../src/core/egress-prompt.ts';
import { promptDetailOf, promptQuestionOf } from '../../../src/core/egress-words.ts';
import type { LedgerEntry } from '../../../src/core/ledger.ts';
import { TOKEN, about, gate } from './egress-support.ts';

const TEXT = `Why does this fail?\ncurl -H "Authorization: token ${TOKEN}" x`;

function promptGate(answer?: PromptAnswer) {
  const asked: PromptRequest[] = [];
  const entries: LedgerEntry[] = [];
  const { egress } = gate('send', {
    ...(answer === undefined
      ? {}
      : {
          confirmPrompt: async (request: PromptRequest) => {
            asked.push(request);
            return answer;
          },
        }),
    ask: () => 'whenFlagged',
    ledger: {
      append: async (entry) => void entries.push(entry),
      read: async () => entries,
      clear: async () => undefined,
    },
  });
  return { egress, asked, entries };
}

describe('a prompt at the gate', () => {
  it('goes unasked when nothing was found in it', async () => {
    const { egress, asked, entries } = promptGate('cancel');
    assert.equal(await egress.reviewPrompt(about, 'What is in the files?'), 'What is in the files?');
    await egress.prompt(about, 'What is in the files?');
    assert.equal(asked.length, 0);
    assert.equal(entries[0]?.rule, 'sent by the user');
  });

  it('is asked about by line and kind, without the secret in the question', async () => {
    const { egress, asked } = promptGate('send');
    await egress.reviewPrompt(about, TEXT);
    const [request] = asked;
    assert.ok(request);
    assert.equal(promptQuestionOf(request), 'Your message contains a secret.');
    assert.match(promptDetailOf(request), /^line 2: GitHub token/);
    assert.ok(!(promptQuestionOf(request) + promptDetailOf(request) + JSON.stringify(request.secrets)).includes(TOKEN));
  });

  it('leaves as it is only after that answer, and the ledger says so', async () => {
    const { egress, entries } = promptGate('send');
    assert.equal(await egress.reviewPrompt(about, TEXT), TEXT);
    await egress.prompt(about, TEXT);
    assert.equal(entries[0]?.rule, 'sent by the user; 1 secret sent as it is');
    assert.ok(!entries[0]?.name.includes(TOKEN));
  });

  it('leaves with placeholders, the same as in the files of the session', async () => {
    const { egress, entries } = promptGate('redact');
    const text = await egress.reviewPrompt(about, TEXT);
    assert.equal(text, TEXT.replace(TOKEN, '[[SECRET-1:github-token]]'));
    await egress.prompt(about, text);
    assert.equal(entries[0]?.rule, 'sent by the user; 1 secret redacted');
    assert.equal(await egress.reviewPrompt(about, TOKEN), '[[SECRET-1:github-token]]');
    assert.deepEqual(await egress.secretMap('s1'), { '[[SECRET-1:github-token]]': TOKEN });
  });

  it('that waited is asked about again only where nobody agreed to it in this window, e.g. after a reload', async () => {
    const before = promptGate('send');
    await before.egress.reviewPrompt(about, TEXT);
    assert.equal(before.egress.reviewWaiting(about, TEXT), TEXT);
    assert.equal(before.asked.length, 1);
    const after = promptGate('redact');
    assert.equal(await after.egress.reviewWaiting(about, TEXT), TEXT.replace(TOKEN, '[[SECRET-1:github-token]]'));
    const [request] = after.asked;
    assert.ok(request);
    assert.equal(promptQuestionOf(request), 'A message that waited in the queue contains a secret.');
    assert.equal(await after.egress.reviewWaiting(about, 'nothing in it'), 'nothing in it');
    await assert.rejects(async () => promptGate('cancel').egress.reviewWaiting(about, TEXT), { code: 'cancelled' });
  });

  it('does not leave when an option that goes along holds a secret; what is told of the machine is in the record', async () => {
    const { egress, entries } = promptGate('send');
    await assert.rejects(egress.prompt(about, 'hello', { forced_skills: `a,${TOKEN}` }), (error: Error) => {
      assert.match(
        error.message,
        /^The option "forced_skills" of this session holds a secret \(GitHub token\)\. Nothing was sent\.$/,
      );
      return true;
    });
    assert.equal(entries.length, 0);
    await egress.prompt(about, 'hello', { 'config.mode': 'dfir', sys_os: 'linux 6' });
    assert.equal(entries[0]?.rule, 'sent by the user, with sys_os');
  });

  for (const answer of ['cancel', undefined] as const)
    it(`stays when the user keeps it${answer === undefined ? ', or cannot be asked' : ''}`, async () => {
      const { egress, entries } = promptGate(answer);
      await assert.rejects(egress.reviewPrompt(about, TEXT), { code: 'cancelled' });
      await assert.rejects(egress.prompt(about, TEXT), { code: 'permissionDenied' });
      assert.equal(entries.length, 0);
    });

  it('does not leave by a way that did not ask, nor by an answer for another session or text', async () => {
    const { egress, entries } = promptGate('send');
    await assert.rejects(egress.prompt(about, TEXT), { code: 'permissionDenied' });
    await egress.reviewPrompt(about, TEXT);
    await assert.rejects(egress.prompt({ ...about, sessionId: 's2' }, TEXT), { code: 'permissionDenied' });
    await assert.rejects(egress.prompt(about, `${TEXT}!`), { code: 'permissionDenied' });
    assert.equal(entries.length, 0);
  });
});
