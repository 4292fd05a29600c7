import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { linesOf } from '../../../src/core/anchor.ts';
import { findingsSchema, parseFindings } from '../../../src/core/findings-parse.ts';
import { placeSnippet } from '../../../src/core/findings-place.ts';
import { aboutFinding, reviewPrompt } from '../../../src/core/findings-prompt.ts';
import { findingMessage } from '../../../src/core/findings-words.ts';
import { type Finding, Findings, isStale, placedFinding } from '../../../src/core/findings.ts';

const CODE = [
  'import sqlite3',
  '',
  'def orders(customer):',
  '    rows = run(f"SELECT id FROM orders WHERE customer = \'{customer}\'")',
  '    return rows',
  '',
  'KEY = "s3cr3t-value-0123456789"',
  'debug(True)',
];
const QUERY = 'rows = run(f"SELECT id FROM orders WHERE customer = \'{customer}\'")';
const REPORTED = {
  file: 'app.py',
  snippet: QUERY,
  line: 999,
  severity: 'high',
  rule: 'sql-injection',
  title: 'SQL built from text',
  explanation: 'Use parameters.',
  fix: 'rows = run("SELECT id FROM orders WHERE customer = ?", customer)',
} as const;
const block = (findings: unknown): string =>
  `Words.\n\n\`\`\`json\n${JSON.stringify({ format: 'sec-gemini-findings', version: 1, findings })}\n\`\`\`\n`;
const place = (patch: object, lines = CODE, id = 'f1', at = 1): Finding =>
  placedFinding({ ...REPORTED, ...patch }, { id, sessionId: 's', uri: 'file:///ws/app.py', at }, linesOf(lines));

describe('findings of an answer', () => {
  it('are read entry by entry; what is none is counted, and an answer without the block stays text', () => {
    const { title: _left, ...untitled } = REPORTED;
    const parsed = parseFindings(block([REPORTED, { ...REPORTED, severity: 'High', fix: null }, untitled, 'x', null]));
    assert.deepEqual(
      parsed?.findings.map(({ severity, fix }) => [severity, fix === undefined]),
      [
        ['high', false],
        ['high', true],
      ],
    );
    assert.equal(parsed.unread, 3);
    assert.deepEqual(parseFindings(block([])), { findings: [], unread: 0 });
    for (const text of [
      '',
      'no block',
      '```json\n{"findings": []}\n```',
      '```json\n{"format": "sec-gemini-findings", \n```',
    ])
      assert.equal(parseFindings(text), undefined, text);
    assert.equal(parseFindings(block([]).replace('"version":1', '"version":2')), undefined);
    assert.equal(parseFindings(block(Array.from({ length: 600 }, () => REPORTED)))?.unread, 100);
  });

  it('have a published schema that is what the reader takes', () => {
    const path = join(import.meta.dirname, '..', '..', '..', 'media', 'findings.v1.schema.json');
    if (process.env['UPDATE_SCHEMA'] !== undefined)
      writeFileSync(path, `${JSON.stringify(findingsSchema(), undefined, 2)}\n`);
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), findingsSchema(), 'run with UPDATE_SCHEMA=1');
  });

  it('are asked for with the names by which they may call the files', () => {
    const prompt = reviewPrompt([{ path: 'src/app.py', attachedAs: 'app.py' }]);
    assert.match(prompt, /^Review `src\/app\.py` for security faults\. It is attached as `app\.py`\./);
    assert.match(prompt, /"format": "sec-gemini-findings", "version": 1/);
    const urgent = reviewPrompt([{ path: 'app.py', attachedAs: 'app.py' }], ' Above all the keys. ');
    assert.match(urgent, /^Review `app\.py` [^\n]*attached\.\n\nAbove all the keys\.\n\nAnswer with one fenced block/);
    // What holds the example is no answer.
    assert.equal(parseFindings(prompt)?.findings.length, 0);
    assert.match(aboutFinding({ ...REPORTED, rule: 'a`b' }), /^A review reported `a'b` \(high\): SQL built from text/);
  });
});

describe('the place of a finding', () => {
  const at = (snippet: string, hint?: number): string => {
    const found = placeSnippet(linesOf(CODE), snippet, hint);
    return found === undefined ? 'none' : `${found.first}-${found.last} ${found.match}`;
  };

  it('is where its quoted code is, whatever line the answer says', () => {
    assert.equal(at(QUERY, 999), '4-4 whole');
    assert.equal(at(`\n${CODE.slice(2, 4).join('\r\n')}\n`, 1), '3-4 whole');
    assert.equal(at('SELECT id FROM orders', 1), '4-4 part');
    assert.equal(at('KEY = "[[SECRET-1:assigned-secret]]"'), '7-7 part');
    assert.equal(at('KEY = "s3cr… (23 characters)"'), '7-7 part');
    assert.equal(at('def orders(customer):\n    ...\n    return rows'), '3-5 part');
    assert.equal(
      at('def orders(customer): # all\n    rows = run(f"SELECT total FROM orders WHERE customer = \'{customer}\'")'),
      '3-4 near',
    );
    for (const snippet of ['somewhere(else)', '...', '}', '']) assert.equal(at(snippet), 'none', snippet);
  });

  it('chooses between equal lines by the hint', () => {
    const twice = linesOf(['check(value)', 'a', 'b', 'c', 'd', 'check(value)', 'e']);
    assert.equal(placeSnippet(twice, 'check(value)', 5)?.first, 6);
    assert.equal(placeSnippet(twice, 'check(value)', 1)?.first, 1);
    assert.equal(placeSnippet(twice, 'heck(value', 7)?.first, 6);
  });

  it('is the beginning of the file for code that is not there, and the finding says so', () => {
    const lost = place({ snippet: 'somewhere(else)', line: 5 });
    assert.deepEqual(
      [lost.place, lost.quoted, lost.fix],
      [{ first: 1, last: 1, confidence: 'lost' }, 'none', undefined],
    );
    assert.match(findingMessage(lost), /Place not found: the code it quotes is not in this file\./);
    // A fix replaces whole lines: a part of one is no place for it.
    assert.equal(place({ snippet: 'SELECT id FROM orders' }).fix, undefined);
    assert.equal(place({}).fix, REPORTED.fix);
  });
});

describe('the list of findings', () => {
  const uri = 'file:///ws/app.py';

  it('keeps no code', () => {
    assert.ok(!JSON.stringify({ ...place({}), fix: undefined }).includes('SELECT id'));
  });

  it('is renewed by the next review of the whole file; what was suppressed stays so, wherever its code is now', () => {
    const findings = new Findings();
    findings.take([place({}), place({ snippet: 'debug(True)', rule: 'debug' }, CODE, 'f2')], [uri]);
    findings.update('f1', { suppressed: { reason: 'a test', at: 2 } });
    const lower = ['# new', ...CODE];
    findings.take([place({}, lower, 'g1', 9)], [uri]);
    assert.deepEqual(
      findings.all().map(({ id, suppressed, place: { first } }) => [id, suppressed?.reason, first]),
      [['g1', 'a test', 5]],
    );
    findings.take([], [uri]);
    assert.equal(findings.all().length, 1, 'a suppressed one is kept, found again or not');
  });

  it('leaves alone what a review of changes did not look at', () => {
    const findings = new Findings();
    const changed: string[] = [];
    findings.onDidChange((each) => changed.push(each));
    findings.take([place({})], [uri]);
    findings.take([place({ snippet: 'debug(True)', rule: 'debug' }, CODE, 'f2')], []);
    assert.deepEqual(
      findings.at(uri).map(({ id }) => id),
      ['f1', 'f2'],
    );
    findings.update('f2', { place: { first: 8, last: 8, confidence: 'likely' } });
    assert.equal(isStale(findings.get('f2') ?? place({})), true);
    assert.match(findingMessage(findings.get('f2') ?? place({})), /Stale: the code has changed since the review\./);
    findings.update('f2', {});
    findings.remove(['f1', 'nothing']);
    assert.deepEqual(changed, [uri, uri, uri, uri]);
  });

  it("forgets the service's words with the account; the user's own notes stay", () => {
    const findings = new Findings();
    findings.take([place({}), place({ snippet: 'debug(True)', rule: 'debug' }, CODE, 'f2')], [uri]);
    findings.update('f2', { suppressed: { reason: 'a test', at: 2 }, verdict: 'confirmed' });
    findings.signOut();
    assert.deepEqual(
      findings.all().map(({ id, suppressed }) => [id, suppressed?.reason]),
      [['f2', 'a test']],
    );
    for (const words of [REPORTED.title, REPORTED.explanation, REPORTED.fix, 'confirmed'])
      assert.ok(!JSON.stringify(findings.all()).includes(words), words);
    findings.take([place({ snippet: 'debug(True)', rule: 'debug' }, CODE, 'g2')], [uri]);
    assert.equal(findings.get('g2')?.suppressed?.reason, 'a test', 'and are found again');
  });

  it('tells equal lines apart: each keeps its own suppression', () => {
    const twice = ['debug(True)', 'x', 'debug(True)'];
    const both = (prefix: string, at: number): Finding[] =>
      [1, 3].map((line) => place({ snippet: 'debug(True)', rule: 'debug', line }, twice, `${prefix}${line}`, at));
    const findings = new Findings();
    findings.take(both('a', 1), [uri]);
    findings.update('a3', { suppressed: { reason: 'ok', at: 1 } });
    findings.take(both('b', 2), [uri]);
    assert.deepEqual(
      findings.all().map(({ id, suppressed }) => [id, suppressed?.reason]),
      [
        ['b1', undefined],
        ['b3', 'ok'],
      ],
    );
  });
});
