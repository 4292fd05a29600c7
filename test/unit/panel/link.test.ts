import assert from 'node:assert/strict';
import { checkLink } from '../../../src/panel/link.ts';

const REFUSED = [
  ...[
    'command:workbench.action.quit',
    'vscode://x/y',
    'vscode-insiders://x',
    'file:///etc/passwd',
    'data:text/html,x',
    'javascript:alert(1)',
  ],
  ...[
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    'java\nscript:alert(1)',
    ' javascript:alert(1)',
    '\u0000javascript:alert(1)',
  ],
  ...[
    'vbscript:x',
    'blob:https://a/b',
    'about:blank',
    'ws://a',
    'wss://a',
    'ftp://a/b',
    'ssh://a',
    'git://a',
    'smb://a',
    'ms-msdt:/id',
    'tel:1',
  ],
  ...[
    'intent://x',
    'chrome://settings',
    'view-source:https://a',
    'filesystem:https://a/t',
    'jar:https://a!/b',
    'mhtml:x',
    'search-ms:q',
    'x:y',
  ],
  ...[
    '//evil.example',
    '/relative',
    'relative',
    '',
    '#x',
    '?q',
    'http:',
    'https:',
    'https://',
    'http://[',
    'https://a b',
    'https://a\u0000b',
  ],
  ...[
    'https://user@evil.example',
    'https://user:pass@evil.example',
    'https://github.com@evil.example/x',
    'https://\u202eevil.example\u0007',
  ],
];

describe('links', () => {
  it('refuses every other scheme, spelling and disguise', () => {
    for (const href of REFUSED) assert.deepEqual(checkLink(href), { ok: false }, JSON.stringify(href));
  });

  it('shows the host as it is on the wire', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['https://example.com/a?b#c', 'example.com'],
      ['HTTPS://EXAMPLE.com', 'example.com'],
      ['https://gооgle.com', 'xn--ggle-55da.com'],
      ['https://аррӏе.com/', 'xn--80ak6aa92e.com'],
      ['https://example.com:8443/x', 'example.com:8443'],
      ['http://0x7f000001/', '127.0.0.1'],
      ['https://faß.de', 'xn--fa-hia.de'],
      ['mailto:a@b.example', 'a@b.example'],
    ];
    for (const [href, host] of cases) {
      const link = checkLink(href);
      assert.ok(link.ok, href);
      assert.equal(link.host, host);
    }
  });
});
