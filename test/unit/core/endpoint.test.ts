import assert from 'node:assert/strict';
import { isLoopback, parseEndpoint } from '../../../src/core/endpoint.ts';
import { isSecGeminiError } from '../../../src/core/errors.ts';

describe('endpoint', () => {
  it('takes https anywhere and http to this machine', () => {
    for (const [text, origin, port, loopback] of [
      ['https://api.secgemini.google', 'https://api.secgemini.google', 443, false],
      [' https://API.SecGemini.google/ ', 'https://api.secgemini.google', 443, false],
      ['https://host:8443', 'https://host:8443', 8443, false],
      ['http://127.0.0.1:9', 'http://127.0.0.1:9', 9, true],
      ['http://localhost', 'http://localhost', 80, true],
      ['http://[::1]:7', 'http://[::1]:7', 7, true],
      ['https://bücher.example', 'https://xn--bcher-kva.example', 443, false],
    ] as const) {
      const endpoint = parseEndpoint(text);
      assert.deepEqual([endpoint.origin, endpoint.port, endpoint.loopback], [origin, port, loopback], text);
    }
  });

  for (const text of [
    '',
    'api.secgemini.google',
    'ftp://host',
    'ws://127.0.0.1',
    'https:host',
    'https:/host',
    'http://10.0.0.1',
    'http://192.168.1.1:8080',
    'http://localhost.evil',
    'http://127.0.0.1.evil',
    'http://127.0.0.2',
    'http://0.0.0.0',
    'http://2130706433',
    'http://0x7f.1',
    'http://0177.0.0.1',
    'http://127.1',
    'http://[::ffff:127.0.0.1]',
    'http://[0:0:0:0:0:0:0:1]',
    'http://localhost.',
    'https://user@host',
    'https://user:hunter2@host',
    'https://@host',
    'https://127.0.0.1@evil.example',
    'https://host/path',
    'https://host/?q=1',
    'https://host?',
    'https://host#',
    'https://host\\@evil',
    'https://ho\nst',
    'https://ho st',
    'https://',
    'https://host:99999',
    'javascript:alert(1)',
    'file:///etc/passwd',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseEndpoint(text),
        (error) => {
          assert.ok(isSecGeminiError(error, 'invalidArgument'));
          assert.ok(!error.message.includes('hunter2'));
          return true;
        },
      );
    });
  }

  it('loopback is exactly three names', () => {
    for (const name of ['127.0.0.1', '::1', '[::1]', 'localhost', 'LOCALHOST'])
      assert.equal(isLoopback(name), true, name);
    for (const name of ['127.0.0.2', 'localhost.', 'localhost.evil', '0.0.0.0', '::', ''])
      assert.equal(isLoopback(name), false, name);
  });
});
