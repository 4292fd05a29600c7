import assert from 'node:assert/strict';
import { SecGeminiError } from '../../../src/core/errors.ts';
import { FileQueue, MAX_QUEUED_FILES, questionAbout } from '../../../src/core/file-queue.ts';
import { resultsCsv, resultsMarkdown } from '../../../src/core/file-results.ts';

const files = ['a', 'b', 'c'].map((name) => ({ id: name, name, sha256: `${name}0` }));
const ok = { statusCode: 200, statusMessage: 'OK', text: 'fine', tokens: 3 };

describe('questions over many files', () => {
  it('asks one after another, and each file has its own outcome', async () => {
    const asked: string[] = [];
    let open = 0;
    const queue = new FileQueue({
      files,
      ask: async ({ name }) => {
        open += 1;
        assert.equal(open, 1);
        await new Promise(setImmediate);
        open -= 1;
        asked.push(name);
        if (name === 'b') throw new SecGeminiError('rateLimited', 'Too many.', { action: 'Wait.' });
        return ok;
      },
      onProgress: () => undefined,
    });
    assert.deepEqual(
      (await queue.run()).map(({ name, statusCode, statusMessage }) => [name, statusCode, statusMessage]),
      [
        ['a', 200, 'OK'],
        ['b', 500, 'Too many. Wait.'],
        ['c', 200, 'OK'],
      ],
    );
    assert.deepEqual(asked, ['a', 'b', 'c']);
  });

  it('waits between two files while it is paused', async () => {
    const asked: string[] = [];
    const seen: string[] = [];
    const queue: FileQueue = new FileQueue({
      files,
      ask: async ({ name }) => {
        asked.push(name);
        if (name === 'a') queue.pause();
        return ok;
      },
      onProgress: ({ answers, current, isPaused }) =>
        void seen.push(`${String(answers.length)}${current ?? '-'}${isPaused ? 'p' : ''}`),
    });
    const done = queue.run();
    await new Promise(setImmediate);
    assert.deepEqual(asked, ['a']);
    assert.ok(queue.isPaused);
    queue.resume();
    await done;
    assert.deepEqual(asked, ['a', 'b', 'c']);
    assert.deepEqual(seen.slice(0, 4), ['0a', '0ap', '1-p', '1-']);
  });

  it('cancels what is under way, also out of a pause, and asks nothing more', async () => {
    const queue = new FileQueue({
      files,
      ask: async (_file, signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        throw signal.reason;
      },
      onProgress: () => undefined,
    });
    const done = queue.run();
    await new Promise(setImmediate);
    queue.pause();
    queue.cancel();
    assert.deepEqual(
      (await done).map(({ statusMessage }) => statusMessage),
      ['cancelled', 'not asked', 'not asked'],
    );
  });

  it('refuses more than a hundred before anything is asked', () => {
    const many = Array.from({ length: MAX_QUEUED_FILES + 1 }, (_, index) => ({ id: String(index), name: 'x' }));
    assert.throws(() => new FileQueue({ files: many, ask: async () => ok, onProgress: () => undefined }), {
      code: 'invalidArgument',
    });
  });

  it('writes tables in which nothing runs', () => {
    const evil = { name: '=HYPERLINK("x")', sha256: 'ab', ...ok, text: '![a](http://evil) <b>|\n\u202e' };
    assert.equal(
      resultsCsv([evil]),
      'File,SHA-256,Status,Tokens,Answer\r\n"\'=HYPERLINK(""x"")",ab,200 OK,3,"![a](http://evil) <b>|\n⟦U+202E⟧"\r\n',
    );
    const table = resultsMarkdown('Is it *bad*?', [evil]);
    assert.match(table, /^Question about each file: Is it \\\*bad\\\*\?\n/);
    assert.ok(table.includes('\\!\\[a\\](http://evil) \\<b\\>\\| ⟦U+202E⟧ |'));
    assert.equal(
      questionAbout('a`b.py', ' Why? '),
      "About the attached file `a'b.py` only, not about the others:\n\nWhy?",
    );
  });
});
