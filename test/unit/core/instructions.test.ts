import assert from 'node:assert/strict';
import { BUILT_IN_DOMAINS } from '../../../src/core/domains/built-in.ts';
import { DOMAIN_TEMPLATE, parseDomain } from '../../../src/core/domains/domain.ts';
import type { SecGeminiError } from '../../../src/core/errors.ts';
import {
  INSTRUCTION_LIMITS,
  fingerprint,
  resolveInstructions,
  substitute,
  withFirstBlock,
} from '../../../src/core/instructions.ts';

const variables = { session: 'Case 7', files: 'a.py, b.py', tricky: '$<session>' };
const fails = (code: string, words: RegExp) => (error: SecGeminiError) => {
  assert.equal(error.code, code);
  assert.match(`${error.message} ${error.action}`, words);
  return true;
};

describe('variables of instructions', () => {
  it('are filled in once; an unknown one is an error that names it', () => {
    assert.equal(substitute('In $<session>: $<files>.', variables), 'In Case 7: a.py, b.py.');
    assert.equal(substitute('$<tricky>', variables), '$<session>', 'values are not looked through');
    assert.equal(substitute('write $$<session> and $5 < 6', variables), 'write $<session> and $5 < 6');
    assert.throws(
      () => substitute('$<sesion>', variables),
      fails('invalidArgument', /\$<sesion>.*Known are \$<session>/),
    );
    assert.throws(() => substitute('$<__proto__>', variables), fails('invalidArgument', /__proto__/));
    assert.throws(() => substitute('$<>', variables), fails('invalidArgument', /unknown variable/));
  });
});

describe('custom instructions', () => {
  const domain = 'Review for $<session>.';

  it("in default mode are the domain's own; a given text is ignored and that is said", () => {
    assert.deepEqual(resolveInstructions({ mode: 'default', text: '' }, domain, variables), {
      text: 'Review for Case 7.',
      notes: [],
    });
    const { text, notes } = resolveInstructions({ mode: 'default', text: 'mine $<nonsense>' }, domain, variables);
    assert.equal(text, 'Review for Case 7.');
    assert.match(notes.join(' '), /your own text is ignored/);
  });

  it("append to the domain's, or replace them and nothing of the service's", () => {
    assert.equal(
      resolveInstructions({ mode: 'append', text: 'Mine.' }, domain, variables).text,
      'Review for Case 7.\n\nMine.',
    );
    const { text, notes } = resolveInstructions({ mode: 'replace', text: 'Mine: $<files>' }, domain, variables);
    assert.equal(text, 'Mine: a.py, b.py');
    assert.match(notes.join(' '), /service's own instructions stay/);
  });

  it('are limited in UTF-8 bytes after substitution', () => {
    for (const [mode, limit] of Object.entries(INSTRUCTION_LIMITS) as ['append' | 'replace', number][]) {
      const fitting = '€'.repeat(Math.floor(limit / 3)) + 'x'.repeat(limit % 3);
      assert.equal(resolveInstructions({ mode, text: fitting }, '', {}).text, fitting);
      assert.throws(
        () => resolveInstructions({ mode, text: `${fitting}x` }, '', {}),
        fails('tooLarge', new RegExp(`${limit + 1} bytes.*${limit}`)),
      );
      assert.throws(
        () => resolveInstructions({ mode, text: '$<a>' }, '', { a: 'x'.repeat(limit + 1) }),
        fails('tooLarge', /variables filled in/),
      );
    }
    assert.deepEqual(INSTRUCTION_LIMITS, { append: 51_200, replace: 102_400 });
  });

  it('stand visibly before the prompt', () => {
    assert.equal(withFirstBlock('Be brief.', 'Why?'), '<instructions>\nBe brief.\n</instructions>\n\nWhy?');
    assert.equal(withFirstBlock('', 'Why?'), 'Why?');
    assert.notEqual(fingerprint('ab'), fingerprint('ba'));
  });
});

describe('knowledge domains', () => {
  it('that come along have substance, and nothing in them that cannot be filled in', () => {
    assert.deepEqual(
      BUILT_IN_DOMAINS.map(({ id }) => id),
      [
        'general',
        'secure-code-review',
        'threat-intelligence',
        'malware-triage',
        'incident-response',
        'cloud-configuration',
        'cryptography',
      ],
    );
    for (const { id, instructions, prompts } of BUILT_IN_DOMAINS.slice(1)) {
      assert.ok(instructions.length > 1000, id);
      assert.ok(prompts.length >= 4, id);
      assert.equal(substitute(instructions, {}), instructions);
      for (const { label, text } of prompts) assert.match(label, /^[a-z-]+$/, text);
    }
  });

  it('of the user are Markdown with front matter', () => {
    const made = parseDomain('profile:mine', DOMAIN_TEMPLATE);
    assert.deepEqual([made.id, made.title, made.prompts[0]?.label], ['profile:mine', 'My domain', 'first-look']);
    assert.match(made.instructions, /^You help with/);
    const full = parseDomain('x', '---\r\ntitle: T\r\nmode: dfir\r\nskills: [a, b]\r\n---\r\nDo it.\r\n');
    assert.deepEqual([full.mode, full.skills, full.instructions], ['dfir', ['a', 'b'], 'Do it.']);
  });

  it('with a mistake say which', () => {
    const bad = (text: string, words: RegExp): void =>
      assert.throws(() => parseDomain('x', text), fails('invalidArgument', words));
    bad('# no front matter', /begins with a line/);
    bad('---\ntitle: [\n---\nx', /not YAML/);
    bad('---\ndescription: d\n---\nx', /mistake: title/);
    bad('---\ntitle: T\nrun: rm -rf\n---\nx', /run/);
    bad('---\ntitle: T\nmode: "a b"\n---\nx', /mode/);
    bad('---\ntitle: T\n---\n', /no instructions/);
    bad(`---\na: &a [x]\ntitle: ${'*a '.repeat(3)}\n---\nx`, /./);
  });
});
