import assert from 'node:assert/strict';
import type { SecretFlag } from '../../../src/core/egress-inspect.ts';
import { itemOf } from '../../../src/core/egress-inspect.ts';
import type { EgressItem, EgressRequest, OutgoingFile, RuleVerdict } from '../../../src/core/egress-model.ts';
import {
  canRedact,
  choiceDetail,
  choiceWords,
  detailOf,
  questionOf,
  reviewDetail,
} from '../../../src/core/egress-words.ts';

const secret = (line: number): SecretFlag => ({ kind: 'jwt', title: 'JSON Web Token', line, start: 0, end: 9 });

function item(name: string, more: Partial<EgressItem> = {}, verdict?: RuleVerdict): EgressItem {
  const file: OutgoingFile = { name, origin: `src/${name}`, paths: [], size: 1500, async *open() {} };
  const { secrets = [], scanned = 'whole', sample } = more;
  return itemOf(file, { secrets, scanned, sample, sha256: undefined }, verdict);
}

function request(items: readonly EgressItem[], more: Partial<EgressRequest> = {}): EgressRequest {
  return {
    sessionId: 's',
    sessionName: 'Session',
    destination: 'https://fake.invalid',
    logging: true,
    files: items.map(({ file }) => file),
    items,
    refused: [],
    totalBytes: 1500 * items.length,
    ...more,
  };
}

describe('the words of the confirmation', () => {
  it('asks with the fixed words, counting what would leave', () => {
    assert.equal(questionOf(request([item('a')])), 'Send 1 file to Sec-Gemini?');
    assert.equal(questionOf(request([item('a'), item('b')])), 'Send 2 files to Sec-Gemini?');
    const ignored = item('c.log', {}, { kind: 'ask', rule: '.gitignore: *.log' });
    assert.equal(questionOf(request([item('a'), ignored])), 'Send 1 file to Sec-Gemini?');
  });

  it('shows name, size, origin, destination, session and logging', () => {
    assert.equal(
      detailOf(request([item('a.ts')])),
      'a.ts – 1.5 kB (src/a.ts)\n\n1.5 kB in all, to https://fake.invalid, session "Session".\nThe service logs this session.',
    );
    assert.match(detailOf(request([item('a')], { logging: false })), /does not log this session/);
    assert.doesNotMatch(detailOf(request([item('a')], { logging: undefined })), /log/);
  });

  it('lists secrets with line and kind, and says that Send sends them', () => {
    const detail = detailOf(request([item('clean'), item('a.ts', { secrets: [3, 7, 9, 11].map(secret) })]));
    assert.match(
      detail,
      /^a\.ts – .*\n {4}line 3: JSON Web Token\n {4}line 7: .*\n {4}line 9: .*\n {4}… and 1 more secrets\nclean/,
    );
    assert.match(detail, /4 secrets were found\. "Send" sends them as they are\./);
  });

  it('lists what stays here with the rule, samples, notes and what was not searched', () => {
    const refused = [{ file: item('.env').file, rule: '.env*' }];
    const detail = detailOf(
      request(
        [
          item('x.exe', { sample: 'executable', scanned: 'none' }),
          item('big.txt', { scanned: 'part' }),
          item('y.log', {}, { kind: 'ask', rule: '.gitignore: *.log' }),
        ],
        { refused },
      ),
    );
    assert.match(detail, /x\.exe – 1\.5 kB, executable \(src\/x\.exe\) – Send only name, size and hashes/);
    assert.match(detail, /big\.txt.*\n {4}only its first 2 MB were searched for secrets/);
    assert.match(detail, /y\.log.* – Do not send\n {4}ignored by \.gitignore: \*\.log/);
    assert.match(detail, /Not sent:\n\.env – rule \.env\*/);
  });

  it('shows names with nothing hidden (S10) and stays short for many files', () => {
    const evil = item('a\u202egpj.exe\nline 1: nothing');
    assert.match(detailOf(request([evil])), /^a⟦U\+202E⟧gpj\.exe line 1: nothing – /);
    assert.doesNotMatch(reviewDetail(evil), /\u202e|\n/);
    const many = detailOf(
      request(
        Array.from({ length: 500 }, (_, index) => item(`f${index}`, { secrets: [secret(1)] })),
        { refused: Array.from({ length: 500 }, () => ({ file: evil.file, rule: '.env*' })) },
      ),
    );
    assert.ok(many.split('\n').length < 70);
    assert.match(many, /… and 480 more \(Review… shows all\)/);
  });

  it('offers to redact only where there is something to redact', () => {
    assert.equal(canRedact(request([item('a')])), false);
    assert.equal(canRedact(request([item('a', { secrets: [secret(1)] })])), true);
    assert.equal(canRedact(request([item('a', { secrets: [secret(1)], scanned: 'part' })])), false);
  });

  it('has words for each choice', () => {
    const flagged = item('a', { secrets: [secret(1)] });
    assert.deepEqual(flagged.choices.map(choiceWords), [
      'Send',
      'Redact and send',
      'Send only name, size and hashes',
      'Do not send',
    ]);
    assert.equal(new Set(flagged.choices.map((choice) => choiceDetail(choice, flagged))).size, 4);
  });
});
