import assert from 'node:assert/strict';
import { findIndicators, refang } from '../../../../src/sandbox/engine/indicators.ts';
import { scanSecrets } from '../../../../src/scan/secrets.ts';
import { TextLines } from '../../../../src/scan/text.ts';

const find = async (text: string, isCode = false): Promise<string[]> => {
  const lines = new TextLines(text);
  const found = await findIndicators(lines, await scanSecrets(lines), isCode, new AbortController().signal);
  return found.map(({ kind, value, lines: at }) => `${kind} ${value} @${at.join(',')}`);
};

describe('indicators', () => {
  it('finds each kind with its line', async () => {
    const text = [
      'see https://www.example.com/a?b=1.',
      'from 192.0.2.7 and 2001:db8::ff00:42:8329',
      'CVE-2021-44228 by someone@example.org',
      `md5 ${'0123456789abcdef'.repeat(2)}`,
      `sha1 ${'0123456789abcdef'.repeat(3).slice(0, 40)}`,
      `sha256 ${'fedcba9876543210'.repeat(4)}`,
      'host files.example.net answered',
    ].join('\n');
    assert.deepEqual(await find(text), [
      'url https://www.example.com/a?b=1 @1',
      'domain www.example.com @1',
      'domain files.example.net @7',
      'ipv4 192.0.2.7 @2',
      'ipv6 2001:db8::ff00:42:8329 @2',
      'email someone@example.org @3',
      `sha256 ${'fedcba9876543210'.repeat(4)} @6`,
      `sha1 ${'0123456789abcdef'.repeat(3).slice(0, 40)} @5`,
      `md5 ${'0123456789abcdef'.repeat(2)} @4`,
      'cve CVE-2021-44228 @3',
    ]);
  });

  it('refangs', async () => {
    const text =
      'hxxps[:]//evil[.]example[.]com/x\nhxxp://1.2.3[.]4/y\nbad(dot)example(dot)org\nme[at]example[.]com 198[.]51[.]100[.]4\nhXXp[://]a.example.net/z';
    assert.deepEqual(await find(text), [
      'url https://evil.example.com/x @1',
      'url http://1.2.3.4/y @2',
      'url http://a.example.net/z @5',
      'domain evil.example.com @1',
      'domain bad.example.org @3',
      'domain a.example.net @5',
      'ipv4 1.2.3.4 @2',
      'ipv4 198.51.100.4 @4',
      'email me@example.com @4',
    ]);
    assert.equal(refang('hxxp://a[.]b'), 'http://a.b');
  });

  it('joins repeats, and keeps their lines', async () => {
    assert.deepEqual(await find('192.0.2.1\nx\n192.0.2.1 192.0.2.1'), ['ipv4 192.0.2.1 @1,3']);
  });

  it('takes no file names, members, versions, times or namespaces for hosts', async () => {
    assert.deepEqual(
      await find(
        'main.py setup.sh notes.md a.b.c version 1.2.3.4 v10.0.0.1 12:34:56 std::vector a::b 999.1.1.1 1.2.3.4.5',
      ),
      [],
    );
    assert.deepEqual(await find('app.com.run(); request.host.com; x = user.info.com', true), []);
    assert.deepEqual(await find('const host = "api.example.com";', true), ['domain api.example.com @1']);
  });

  it('keeps passwords out of URLs, and secrets out of hashes', async () => {
    const password = ['Blue', '-Sky', '-77'].join('');
    const found = await find(
      `postgres://x\nhttps://user:${password}@host.example.com/db\nAPI_KEY=${'0a1b2c3d4e5f6071'.repeat(2)}`,
    );
    assert.ok(found.every((entry) => !entry.includes(password)));
    assert.ok(found.every((entry) => !entry.startsWith('md5')));
    assert.ok(found.some((entry) => entry.startsWith('url https://user:')));
  });
});
