// Generated files: what they are made of is judged like files of its own (trust.md S26).
import assert from 'node:assert/strict';
import type { EgressPorts, MadeOf, OutgoingFile, OutgoingPart } from '../../../src/core/egress-model.ts';
import { about, file, gate, sent } from './egress-support.ts';

/** A diff of these files: a line for each. */
function diff(...names: readonly string[]): OutgoingFile & { readonly madeOf: MadeOf } {
  const texts = new Map(
    names.map((name): [OutgoingPart, string] => [{ name, paths: [`/ws/${name}`] }, `change of ${name}\n`]),
  );
  const madeOf: MadeOf = {
    parts: [...texts.keys()],
    without: (left) => file('', [...texts].flatMap(([part, text]) => (left.has(part) ? [] : [text])).join('')),
  };
  return { ...file('x.diff', [...texts.values()].join(''), { paths: [] }), madeOf };
}

/** As `.secgeminiignore` with the line `plans/`, seen by its path alone. */
const rules: EgressPorts['rules'] = async (files) =>
  new Map(
    files
      .filter(({ paths }) => paths.some((path) => path.startsWith('/ws/plans/')))
      .map((each) => [each, { kind: 'refused', rule: '.secgeminiignore: plans/' }]),
  );

describe('a generated file at the gate', () => {
  it('goes whole when nothing in it is kept here', async () => {
    const { egress, asked } = gate('send', { rules });
    const [upload] = await egress.clear([diff('a.ts', 'b.ts')], about);
    assert.ok(upload);
    assert.equal(await sent(upload), 'change of a.ts\nchange of b.ts\n');
    assert.deepEqual(asked[0]?.items[0]?.notes, []);
  });

  it('loses what an ignore file or the deny list names, says so, and asks about the rest', async () => {
    const { egress, asked } = gate('send', { rules, ask: () => 'whenFlagged' });
    const [upload] = await egress.clear([diff('a.ts', 'plans/x.md', '.env')], about);
    assert.ok(upload);
    assert.equal(await sent(upload), 'change of a.ts\n');
    assert.equal(upload.size, 15);
    assert.deepEqual(asked[0]?.items[0]?.notes, [
      'left out: plans/x.md (rule .secgeminiignore: plans/), .env (rule .env*)',
    ]);
  });

  it('is refused when all of it is kept here, and the user is not even asked', async () => {
    const { egress, asked } = gate('send', { rules, confirmDenied: async () => true });
    await assert.rejects(egress.clear([diff('plans/x.md', '.env')], about), {
      code: 'permissionDenied',
      message: /x\.diff stays on this machine \(rule all of it is kept here: plans\/x\.md /,
    });
    assert.equal(asked.length, 0);
  });

  it('does not leave a part that names no file', async () => {
    const whole = diff('a.ts', 'b.ts');
    const parts = whole.madeOf.parts.map((part, index) => (index === 0 ? { ...part, paths: [] } : part));
    const without = (left: ReadonlySet<OutgoingPart>): OutgoingFile => file('', `${left.size} less`);
    const { egress } = gate('send', { rules });
    const [upload] = await egress.clear([{ ...whole, madeOf: { parts, without } }], about);
    assert.ok(upload);
    assert.equal(await sent(upload), '1 less');
  });

  it('judges the parts wherever they lie, and git’s ignored ones when it was told to', async () => {
    const seen: unknown[] = [];
    const { egress } = gate('send', {
      rules: async (files, { chosen, within }) => {
        seen.push([files.map(({ origin, roots }) => `${origin} ${String(roots)}`), chosen, within]);
        return new Map(
          files
            .filter(({ origin }) => origin === 'b.ts')
            .map((each) => [each, { kind: 'ask', rule: '.gitignore: b.ts' }]),
        );
      },
    });
    const whole = diff('a.ts', 'b.ts');
    const madeOf: MadeOf = { ...whole.madeOf, roots: ['/repo'], withoutGitIgnored: true };
    const [upload] = await egress.clear([{ ...whole, madeOf }], { ...about, within: ['/elsewhere'] });
    assert.ok(upload);
    assert.equal(await sent(upload), 'change of a.ts\n');
    assert.deepEqual(seen[0], [['a.ts /repo', 'b.ts /repo'], 'collected', undefined]);
  });
});
