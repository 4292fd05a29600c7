/** The workspace that `npm start` opens: what its README promises is what a newcomer sees. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { EngineFile } from '../../../../src/sandbox/engine/types.ts';
import { ask, fileOf } from './support.ts';

const ROOT = new URL('../../../../examples/workspace/', import.meta.url);
const open = async (path: string): Promise<EngineFile> => fileOf(basename(path), await readFile(new URL(path, ROOT)));

describe('example workspace', () => {
  it('server.py has its key on line 12, masked, and an injection', async () => {
    const files = [await open('app/server.py')];
    const inspected = await ask('What is in this file?', { files });
    assert.match(inspected, /`server\.py:12`: Secret in the file/);
    assert.match(inspected, /python\/sql-injection/);
    assert.ok(!inspected.includes('not-a-real-key'));
    assert.match(await ask('what is on line 12 of server.py', { files }), /API_KEY = "demo…/);
    assert.match(await ask('explain finding 1', { files }), /\*\*What to do\.\*\*/);
  });

  it('the mail, the log, the script and the page have what is said of them', async () => {
    const expected: Readonly<Record<string, readonly string[]>> = {
      'mail/invoice-reminder.eml': ['mail/link-mismatch', 'mail/reply-to-mismatch', 'mail/spf-fail', 'mail/attachment'],
      'logs/auth.log': ['log/brute-force', 'log/success-after-failures', '203.0.113.77'],
      'scripts/update-helper.ps1': [
        'powershell/download-and-run',
        'powershell/persistence',
        '(was defanged)',
        'CVE-2023-36884',
      ],
      'web/search.js': ['javascript/dom-xss', 'javascript/insecure-random'],
    };
    for (const [path, parts] of Object.entries(expected)) {
      const text = await ask('inspect', { files: [await open(path)] });
      for (const part of parts) assert.ok(text.includes(part), `${path}: ${part}`);
    }
  });

  it('its README points to files that are there', async () => {
    const readme = await readFile(new URL('README.md', ROOT), 'utf8');
    for (const match of readme.matchAll(/`((?:app|mail|logs|scripts)\/[\w.-]+)`/g))
      await readFile(new URL(match[1] ?? '', ROOT));
    assert.equal((readme.match(/^\d\. /gm) ?? []).length, 5);
  });
});
