import assert from 'node:assert/strict';
import { newestVersion, newsText } from '../../../src/core/news.ts';
import { absolutePaths, publicTexts, publishDetail } from '../../../src/core/publish-review.ts';
import { initialState } from '../../../src/core/session-state.ts';
import { message, sessionInfo } from '../../fakes/fake-client.ts';

describe('what becomes public', () => {
  const state = {
    ...initialState(sessionInfo('s')),
    messages: [
      message('1', 'prompt', 'look at /home/ada/x.py'),
      message('2', 'toolCall', '{"path":"C:\\\\Users\\\\ada\\\\y.txt"}'),
      message('local:3', 'notice', 'a note of this machine'),
      message('4', 'response', 'see /home/ada/x.py. And https://example.com/etc/passwd, src/home/z'),
    ],
  };

  it('is all of the transcript, and no note of this machine', () => {
    assert.deepEqual(
      publicTexts(state).map(({ where }) => where),
      ['your question 1', 'tool call 1', 'message 1'],
    );
  });

  it('names absolute paths once, and neither addresses nor relative ones', () => {
    const paths = absolutePaths([...publicTexts(state), { where: 'x', text: String.raw`D:\case\a.log \\srv\share\b` }]);
    assert.deepEqual(paths, ['/home/ada/x.py', 'C:\\\\Users\\\\ada\\\\y.txt', 'D:\\case\\a.log', '\\\\srv\\share\\b']);
  });

  it('is told with secrets masked, paths, names of files, and that the search is no promise', () => {
    const secrets = [{ title: 'GitHub token', masked: 'ghp_… (40 characters)', where: 'your question 1' }];
    const detail = publishDetail(state, secrets, absolutePaths(publicTexts(state)), ['a\u202Eb.py']);
    assert.match(detail, /all 3 messages/);
    assert.match(detail, /1 possible secret:\n {4}GitHub token in your question 1: ghp_…/);
    assert.match(detail, /2 absolute paths:\n {4}\/home\/ada\/x\.py/);
    assert.match(detail, /1 file by name:\n {4}a⟦U\+202E⟧b\.py/);
    assert.match(publishDetail(state, [], [], []), /No secret was found.*not what is confidential/);
  });
});

describe('news', () => {
  it('is told the newest first, and what was seen is told apart', () => {
    const entries = [
      { version: 1, message: 'old' },
      { version: 3, message: 'new\u202E' },
    ];
    assert.equal(newestVersion(entries), 3);
    assert.equal(newestVersion([]), 0);
    const text = newsText(entries, 1, 'x');
    assert.ok(text.indexOf('New (3)') < text.indexOf('Earlier (1)'));
    assert.ok(text.includes('new⟦U+202E⟧'));
    assert.match(newsText([], 0, 'x'), /no news/);
  });
});
