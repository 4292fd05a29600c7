import assert from 'node:assert/strict';
import { SecGeminiError } from '../../../src/core/errors.ts';
import { statusLine } from '../../../src/core/status-line.ts';
import { initialState, reduce } from '../../../src/core/session-state.ts';
import { message, sessionInfo } from '../../fakes/fake-client.ts';

const connected = {
  kind: 'connected',
  target: 'service',
  origin: 'https://x.invalid',
  account: { userId: 'u', models: [] },
} as const;
const calm = initialState(sessionInfo('s1', { name: 'Audit' }));
const working = reduce(calm, { type: 'turnStart', prompt: message('q', 'prompt', 'hi') });
const waiting = reduce(working, { type: 'turnEnd', outcome: 'waiting' });
const unread = reduce(calm, { type: 'message', message: message('a', 'response', 'yes') });

describe('status line', () => {
  it('says what matters most: waiting, then working, then new answers', () => {
    assert.equal(
      statusLine(connected, [calm, unread, working, waiting], false).accessibleLabel,
      'Sec-Gemini: waiting for you',
    );
    assert.equal(statusLine(connected, [calm, unread, working], false).accessibleLabel, 'Sec-Gemini: working');
    assert.equal(statusLine(connected, [calm, unread], false).accessibleLabel, 'Sec-Gemini: 1 new');
    assert.equal(statusLine(connected, [calm], false).accessibleLabel, 'Sec-Gemini');
    assert.match(statusLine(connected, [calm], true).tooltip, /local sandbox \(no model\)/);
  });

  it('names the state of the connection and what to do', () => {
    const error = new SecGeminiError('unavailable', 'No network.');
    assert.equal(statusLine({ kind: 'offline', target: 'service', error }, [], false).emphasis, 'warning');
    assert.match(
      statusLine({ kind: 'offline', target: 'service', error }, [], false).tooltip,
      /No network\. Check the network/,
    );
    assert.equal(statusLine({ kind: 'keyRefused', origin: 'o', error }, [], false).emphasis, 'error');
    assert.match(statusLine({ kind: 'signedOut' }, [], false).tooltip, /local sandbox/);
    assert.match(
      statusLine({ kind: 'unconfirmed', origin: 'https://evil.example' }, [], false).tooltip,
      /no key was sent/,
    );
    assert.match(statusLine({ kind: 'connecting', target: 'sandbox' }, [], true).text, /spin/);
  });
});
