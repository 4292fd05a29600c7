import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chatHtml, contentSecurityPolicy } from '../../../src/panel/html.ts';

const options = {
  nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
  scriptUri: 'https://file.vscode-cdn.net/dist/webview/main.js',
  styleUri: 'https://file.vscode-cdn.net/dist/webview/style.css',
  cspSource: "'self' https://*.vscode-cdn.net",
  title: '<b>"Title" & more</b>',
};

describe('the page of a panel', () => {
  it('has exactly the policy of trust.md S02', () => {
    const policy = contentSecurityPolicy('NONCE', 'SOURCE');
    assert.equal(
      policy,
      "default-src 'none'; script-src 'nonce-NONCE'; style-src SOURCE; font-src SOURCE; base-uri 'none'; form-action 'none'",
    );
    assert.doesNotMatch(policy, /unsafe-|https?:|\*/);
    const html = chatHtml(options);
    assert.ok(html.includes(`content="${contentSecurityPolicy(options.nonce, options.cspSource)}"`));
    assert.equal(html.match(/http-equiv/g)?.length, 1);
    assert.ok(
      html.indexOf('Content-Security-Policy') < html.indexOf('<link'),
      'the policy stands before anything that loads',
    );
  });

  it('escapes what it is given, and holds no inline script, style or handler', () => {
    const html = chatHtml(options);
    assert.ok(html.includes('<title>&lt;b&gt;&quot;Title&quot; &amp; more&lt;/b&gt;</title>'));
    assert.doesNotMatch(html, /<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/);
  });

  it('takes only nonces of 128 bits or more, and 1,000 of them differ', () => {
    for (const nonce of [
      '',
      'short',
      'AAAAAAAAAAAAAAAAAAAAA',
      'AAAAAAAAAAAAAAAAAAAAA"',
      "AAAAAAAAAAAAAAAAAAAAAA'",
      'A'.repeat(129),
    ])
      assert.throws(() => chatHtml({ ...options, nonce }));
    const pages = new Set(
      Array.from({ length: 1000 }, () => chatHtml({ ...options, nonce: randomBytes(16).toString('base64url') })),
    );
    assert.equal(pages.size, 1000);
  });
});
