// What a tool says comes in pages with a mark that leads to the next, and is cut with a mark: nothing is lost, nobody takes a part for the whole.
import assert from 'node:assert/strict';
import { MAX_RESULT_BYTES, boundText } from '../../../src/core/tools/output.ts';
import { type World, world } from './support.ts';

const NAMES = Array.from({ length: 1_234 }, (_, n) => `many/f${String(n).padStart(4, '0')}.txt`);
const LINES = Array.from({ length: 5_000 }, (_, n) => `needle in line ${n + 1}`);

describe('the output of a tool', function () {
  this.timeout(60_000);
  let w: World;
  before(async () => {
    w = await world({
      ...Object.fromEntries(NAMES.map((name) => [name, 'x\n'])),
      'many/.env': 'TOKEN=CANARY\n',
      'long.txt': LINES.join('\n'),
    });
  });
  after(() => w.dispose());

  /** Every page, by the mark of the one before. */
  const pages = async (
    name: string,
    args: Readonly<Record<string, unknown>>,
    next: (text: string) => Readonly<Record<string, unknown>> | undefined,
  ): Promise<readonly string[]> => {
    const found = w.tools.registry.find(name);
    assert.ok(found !== undefined);
    const texts: string[] = [];
    for (
      let more: Readonly<Record<string, unknown>> | undefined = {};
      more !== undefined;
      more = next(texts.at(-1) ?? '')
    ) {
      const { text } = await found.run(found.parse({ ...args, ...more }), { signal: new AbortController().signal });
      texts.push(text);
      assert.ok(texts.length < 100, 'it comes to an end');
    }
    return texts;
  };
  const byCursor = (text: string): Readonly<Record<string, unknown>> | undefined => {
    const cursor = /with cursor "(\d+)"\]/.exec(text)?.[1];
    return cursor === undefined ? undefined : { cursor };
  };

  it('lists every file once, page by page, and says that some are left out', async () => {
    const texts = await pages('list_files', { path: 'many' }, byCursor);
    assert.ok(texts.length > 1);
    const listed = texts.flatMap((text) => text.split('\n').filter((line) => !line.startsWith('[')));
    assert.deepEqual(listed.toSorted(), NAMES);
    assert.ok(texts.some((text) => text.includes('[some files are left out')));
  });

  it('gives every match once, page by page', async () => {
    const texts = await pages('search_text', { query: 'needle', path: 'long.txt' }, byCursor);
    assert.ok(texts.length > 1);
    const numbers = texts.flatMap((text) => [...text.matchAll(/^long\.txt:(\d+): /gm)].map(([, line]) => Number(line)));
    assert.equal(new Set(numbers).size, numbers.length);
    const isWhole = !texts.some((text) => text.includes('more matches than were collected'));
    assert.ok(numbers.length === LINES.length || !isWhole, `${numbers.length} of ${LINES.length} without a word`);
  });

  it('reads a long file to its end, range by range', async () => {
    const texts = await pages('read_file', { path: 'long.txt' }, (text) => {
      const line = /\[more: go on with startLine (\d+)\]/.exec(text)?.[1];
      return line === undefined ? undefined : { startLine: Number(line) };
    });
    assert.ok(texts.length > 1);
    const lines = texts.flatMap((text) => [...text.matchAll(/^\d+\t(.*)$/gm)].map(([, line]) => line));
    assert.deepEqual(lines, LINES);
  });

  it('refuses a cursor that is none', async () => {
    await assert.rejects(pages('list_files', { cursor: '-1; x' }, byCursor), /cursor: take it from the mark/);
  });

  it('is cut at its bound, within no character, with a mark that says how much there is', () => {
    for (const character of ['a', 'é', '😀']) {
      const text = character.repeat(MAX_RESULT_BYTES + 1);
      const cut = boundText(text);
      assert.ok(Buffer.byteLength(cut) <= MAX_RESULT_BYTES);
      const [kept = '', mark] = cut.split('\n');
      assert.equal(kept.replaceAll(character, ''), '');
      assert.equal(
        mark,
        `[cut: ${MAX_RESULT_BYTES} of ${Buffer.byteLength(text)} bytes are shown; ask for less, or for a range]`,
      );
    }
    assert.equal(boundText('short'), 'short');
  });
});
