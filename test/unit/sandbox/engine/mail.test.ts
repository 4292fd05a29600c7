import assert from 'node:assert/strict';
import { looksLikeMail, readMail } from '../../../../src/sandbox/engine/mail.ts';
import { TextLines } from '../../../../src/scan/text.ts';
import { ask, fileOf } from './support.ts';

const MAIL = [
  'Return-Path: <bounce@sender.invalid>',
  'Received-SPF: softfail (no such host)',
  'Authentication-Results: mx.example.org;',
  ' dkim=pass header.d=example.com;',
  ' dmarc=fail',
  'From: "support@bank.example" <help@example.com>',
  'Reply-To: me@other.invalid',
  'To: you@example.org',
  'Subject: Your account will be suspended',
  'MIME-Version: 1.0',
  '',
  'Hello,',
  '<a href=3D"https://login.evil.invalid/x">www.bank.example</a>',
  '<a href="https://www.example.com/">example.com</a>',
  'Act within 24 hours.',
  'Content-Disposition: attachment; filename="scan.pdf.js"',
  'https://xn--bnk-0na.invalid/',
  '',
].join('\n');

const rulesOf = (text: string): string[] =>
  readMail(fileOf('m.eml', text), new TextLines(text)).findings.map((finding) => `${finding.ruleId}:${finding.line}`);

describe('mail', () => {
  it('is known by its headers', () => {
    assert.equal(looksLikeMail('m.txt', MAIL), true);
    assert.equal(looksLikeMail('m.eml', 'Subject: x\n\nbody'), true);
    assert.equal(looksLikeMail('a.yaml', 'name: x\non: push\n'), false);
    assert.equal(looksLikeMail('a.txt', 'From: here\n\nDate: there\nTo: x\nSubject: y'), false);
  });

  it('finds what speaks against it, on its lines', () => {
    assert.deepEqual(rulesOf(MAIL).toSorted(), [
      'mail/attachment:16',
      'mail/display-name:6',
      'mail/dmarc-fail:5',
      'mail/link-mismatch:13',
      'mail/punycode:17',
      'mail/reply-to-mismatch:7',
      'mail/return-path-mismatch:1',
      'mail/spf-softfail:2',
      'mail/urgency:15',
      'mail/urgency:9',
    ]);
  });

  it('says nothing about an honest mail', () => {
    const honest =
      'From: Kim <kim@example.com>\nReply-To: kim@mail.example.com\nTo: a@b.org\nSubject: Lunch\nAuthentication-Results: mx; spf=pass; dkim=pass; dmarc=pass\n\nSee <a href="https://www.example.com/menu">example.com</a>.\n';
    assert.deepEqual(rulesOf(honest), []);
  });

  it('shows headers and checks in the answer, inert', async () => {
    const text = await ask('inspect', { files: [fileOf('m.eml', `${MAIL}X: \`a\` | <img src=x>\n`)] });
    assert.match(text, /\*\*Mail headers\*\*/);
    assert.match(text, /SPF `softfail` \(line 2\), DKIM `pass` \(line 4\), DMARC `fail` \(line 5\)/);
    assert.ok(text.includes('`me@other.invalid`'));
  });
});
