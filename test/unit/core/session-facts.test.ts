import assert from 'node:assert/strict';
import { plainMarkdown } from '../../../src/core/plain-markdown.ts';
import { sessionFacts } from '../../../src/core/session-facts.ts';
import { initialState } from '../../../src/core/session-state.ts';
import { sessionRow } from '../../../src/core/session-tree.ts';
import { sessionInfo } from '../../fakes/fake-client.ts';
import type { SessionInfo, SessionStatus, Usage } from '../../../src/core/model.ts';

const usage = (totalTokens: number, costUsd: number): Usage => ({
  promptTokens: totalTokens - 10,
  generatedTokens: 10,
  thinkingTokens: 0,
  cachedTokens: 0,
  toolTokens: 0,
  totalTokens,
  costUsd,
});

describe('facts of a session', () => {
  const facts = (over: Partial<SessionInfo>, now = 0): Record<string, string> =>
    Object.fromEntries(sessionFacts(initialState(sessionInfo('s', over)), { words: '' }, now));

  it('name tokens and cost, whole and by model, as estimates', () => {
    const told = facts({
      usage: usage(12_345, 0.0123),
      modelUsage: [
        { model: 'small', calls: 1, usage: usage(345, 0) },
        { model: 'big\u202E', calls: 3, usage: usage(12_000, 2.5) },
      ],
    });
    assert.equal(told['Tokens (estimate)'], '12,345 (12,335 asked, 10 answered)');
    assert.equal(told['Cost (estimate)'], '$0.0123');
    assert.equal(told['small (estimate)'], '345 tokens in 1 call');
    assert.equal(told['big⟦U+202E⟧ (estimate)'], '12,000 tokens in 3 calls, $2.50');
  });

  it('say when the service deletes it and since when it is public', () => {
    const told = facts({ expiresAt: 6 * 86_400_000, published: true, publishedAt: -3_600_000 });
    assert.match(told['Deleted by the service'] ?? '', /^in 6 d \(19\d\d-/);
    assert.match(told['Public'] ?? '', /^since 1 h ago, the link ends in 6 d/);
  });

  it('mark in the row what ends soon, what is public and what is archived', () => {
    const state = initialState(sessionInfo('s', { expiresAt: 5 * 3_600_000, published: true, archived: true }));
    const row = sessionRow(state, 0);
    assert.match(row.description, /public · deleted in 5 h/);
    assert.equal(row.contextValue, 'session.archived.published');
  });

  it('have an icon of their own for each state that asks for a different look', () => {
    const look = (status: SessionStatus): string => {
      const row = sessionRow(initialState(sessionInfo('s', { status })), 0);
      return `${row.icon} ${row.accessibleLabel}`;
    };
    const states = ['idle', 'pending', 'running', 'paused', 'canceled', 'completed', 'failed'] as const;
    const asking = ['waitingForConfirmation', 'waitingForClarification', 'maxAttemptsExceeded', 'unknown'] as const;
    const looks = [...states, ...asking, 'pausing', 'canceling'].map((status) => look(status as SessionStatus));
    assert.equal(new Set(looks).size, looks.length);
    assert.match(look('waitingForConfirmation'), /waiting for your approval/);
  });
});

describe('plain text for Markdown', () => {
  it('leaves no character that Markdown could take for its own', () => {
    const hostile = '![x](https://evil.example/p.png) [a](command:evil) <img src=x> `code` https://evil.example a@b.c';
    const text = plainMarkdown(`${hostile}\n\n# heading $(trash) \u202E`);
    assert.doesNotMatch(text.replace(/&#\d+;/g, ''), /[!-/:-@[-`{-~\n]/);
    assert.ok(text.includes('U&#43;202E'));
  });
});
