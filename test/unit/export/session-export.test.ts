import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maskExport } from '../../../src/core/export-mask.ts';
import { exportMarkdown } from '../../../src/core/export-markdown.ts';
import type { Message, MessageStatus } from '../../../src/core/model.ts';
import { encodeExport, exportOf, importedSession, parseExport } from '../../../src/core/session-export.ts';
import { type SessionState, initialState, reduce } from '../../../src/core/session-state.ts';
import { exportHtml } from '../../../src/host/export/export-html.ts';
import { scanSecrets } from '../../../src/scan/secrets.ts';
import { message, sessionInfo } from '../../fakes/fake-client.ts';
import { MESSAGE_KINDS, RENDERS } from '../../fakes/message-kinds.ts';

const STATUS: readonly MessageStatus[] = ['streaming', 'complete', 'interrupted', 'error'];
const NOW = Date.UTC(2026, 10, 21, 15);

const usage = fc.record({
  promptTokens: fc.nat(),
  generatedTokens: fc.nat(),
  thinkingTokens: fc.nat(),
  cachedTokens: fc.nat(),
  toolTokens: fc.nat(),
  totalTokens: fc.nat(),
});
const wire = fc.oneof(
  fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    fc.jsonValue({ maxDepth: 3 }),
  ),
  fc.record({ id: fc.string(), number: fc.bigInt(), bytes: fc.uint8Array(), odd: fc.double() }),
);
const messages: fc.Arbitrary<Message> = fc.record(
  {
    id: fc.uuid(),
    sessionId: fc.constant('s1'),
    parentId: fc.uuid(),
    turn: fc.nat(),
    group: fc.string(),
    kind: fc.constantFrom(...MESSAGE_KINDS),
    sender: fc.constantFrom('user' as const, 'agent' as const, 'system' as const),
    author: fc.string(),
    title: fc.string(),
    content: fc.string({ unit: 'binary' }),
    render: fc.constantFrom(...RENDERS),
    mimeType: fc.string(),
    status: fc.constantFrom(...STATUS),
    activity: fc.string(),
    createdAt: fc.nat(),
    usage,
    raw: wire,
  },
  {
    requiredKeys: [
      'id',
      'sessionId',
      'kind',
      'sender',
      'author',
      'title',
      'content',
      'render',
      'mimeType',
      'status',
      'createdAt',
    ],
  },
);

function session(list: readonly Message[], more: object = {}): SessionState {
  const info = sessionInfo('s1', { name: 'Audit', raw: { future: [1, { x: null }] }, ...more });
  return reduce(initialState(info), { type: 'history', messages: list });
}

function reimport(text: string, id = 'imported-1'): SessionState {
  const document = parseExport(text);
  const { info, local } = importedSession(document, id, NOW + 5);
  return reduce(reduce(initialState(info), { type: 'local', facts: local }), {
    type: 'history',
    messages: document.messages,
  });
}

describe('an exported session', () => {
  it('gives the same JSON after an import and another export, whatever is in it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(messages, { selector: ({ id }) => id, maxLength: 8 }), (list) => {
        const text = encodeExport(exportOf(session(list), { now: NOW }));
        assert.equal(encodeExport(exportOf(reimport(text), { now: NOW + 99_999 })), text);
      }),
    );
  });

  it('keeps fields that this version does not know, in every place', () => {
    const document = JSON.parse(encodeExport(exportOf(session([message('a', 'response', 'x')]), { now: NOW }))) as {
      [key: string]: unknown;
      session: object;
      messages: object[];
    };
    const newer = {
      ...document,
      signature: { by: 'a later version' },
      session: { ...document.session, colour: 'red' },
      messages: [{ ...document.messages[0], reactions: ['+1'] }],
    };
    const again = JSON.parse(encodeExport(exportOf(reimport(JSON.stringify(newer)), { now: 0 }))) as object;
    assert.deepEqual(again, newer);
  });

  it('says what is wrong with a file that is none', () => {
    const fails = (text: string, words: RegExp): void => {
      assert.throws(() => parseExport(text), words, text.slice(0, 60));
    };
    fails('no json', /not JSON/);
    fails('{"messages":[]}', /no exported Sec-Gemini session/);
    fails('{"format":"sec-gemini-session","version":2}', /format version 2/);
    fails('{"format":"sec-gemini-session","version":1,"messages":[{}]}', /damaged/);
    fails('['.repeat(100_000), /not JSON/);
  });

  it('cannot reach a prototype by an import', () => {
    const text = encodeExport(exportOf(session([message('a', 'response', 'x', { raw: {} })]), { now: NOW }));
    const document = parseExport(text.replace('"raw": {}', '"raw": {"__proto__": {"polluted": 1}}'));
    assert.equal((document.messages[0]?.raw as { polluted?: number } | undefined)?.polluted, undefined);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });

  it('holds the chosen messages only, and says so', () => {
    const state = session([message('a', 'prompt', 'one'), message('b', 'response', 'two')]);
    const document = exportOf(state, { now: NOW, messages: new Set(['b']) });
    assert.equal(document.chosen, true);
    assert.deepEqual(
      document.messages.map(({ id }) => id),
      ['b'],
    );
  });

  it('has no secret in any form when they are to be replaced', async () => {
    const secret = ['ghp', 'R4nd0mZ8kLmQ2vXc7TpW5sYb1NfJ6hGd3KaE'].join('_');
    const password = 'corr3ct-h0rse!Battery';
    const list = [
      message('a', 'prompt', `use ${secret} please`),
      message('b', 'toolCall', JSON.stringify({ password, header: `Bearer ${secret}` }), {
        title: 'http_get',
        raw: { content: { password } },
      }),
      message('c', 'response', `I used ${secret} and "${password}".`, { raw: { content: `I used ${secret}` } }),
      message('d', 'response', `${'x '.repeat(250_000)}${secret}${' y'.repeat(1000)}`),
    ];
    const whole = exportOf(session(list, { description: `with ${secret}` }), { now: NOW });
    const masked = await maskExport(whole, scanSecrets);
    for (const text of [encodeExport(masked), exportMarkdown(masked, { metadata: true }), exportHtml(masked)]) {
      assert.ok(!text.includes(secret), 'the token');
      assert.ok(!text.includes(password), 'the password');
      assert.match(text, /SECRET/);
    }
    assert.equal(masked.maskedSecrets, 2);
    assert.ok(encodeExport(whole).includes(secret), 'only on request');
    assert.deepEqual(
      masked.messages.map(({ id }) => id),
      ['a', 'b', 'c', 'd'],
    );
  });
});

describe('an exported session as Markdown', () => {
  const list = [
    message('a', 'prompt', '# not a heading\n```\ncode'),
    message('b', 'thinking', 'hm'),
    message('c', 'toolCall', '{"path":"a"}', { title: 'read_file' }),
    message('d', 'response', '**Yes**', {
      author: 'agent',
      usage: { promptTokens: 1, generatedTokens: 2, thinkingTokens: 3, cachedTokens: 0, toolTokens: 0, totalTokens: 6 },
    }),
  ];
  const document = exportOf(session(list), { now: NOW });

  it('is the conversation alone without metadata', () => {
    const text = exportMarkdown(document, { metadata: false });
    assert.equal(text, '# Audit\n\n## You\n\n````\n# not a heading\n```\ncode\n````\n\n## Sec-Gemini\n\n**Yes**\n');
  });

  it('is everything with it', () => {
    const text = exportMarkdown(document, { metadata: true });
    for (const part of [
      '- Session id: s1',
      '## Thinking',
      '## Tool call read\\_file',
      '6 tokens (1 in, 2 out, 3 thinking)',
      'id d',
    ])
      assert.ok(text.includes(part), part);
  });
});

describe('an exported session as HTML', () => {
  const TAGS = /<\/?([a-zA-Z][^\s/>]*)([^>]*)>/g;
  const SAFE = new Set(
    'html head meta title style body h1 h2 h3 h4 h5 h6 dl dt dd p ul ol li article details summary pre code u span em strong s table thead tbody tr th td blockquote hr br'.split(
      ' ',
    ),
  );

  function isInert(html: string): void {
    const body = html.slice(html.indexOf('<body>'));
    for (const [whole, tag = '', attributes = ''] of body.matchAll(TAGS)) {
      assert.ok(SAFE.has(tag.toLowerCase()), whole);
      assert.match(attributes.trim(), /^(|dir="auto"|class="(you|other|facts|url)"|start="\d+")( *\/)?$/, whole);
    }
    assert.equal(html.match(/<meta http-equiv/g)?.length, 1);
    assert.match(html, /default-src 'none'; style-src 'sha256-[^']+'/);
  }

  it('has no script, no address that loads, no handler: for hostile answers too', () => {
    const hostile = [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '![a](https://evil.example/x.png "t")',
      '[a](javascript:alert(1))',
      '<https://evil.example>',
      '[x]: https://evil.example\n\n[x]',
      '</style><script>1</script>',
      '```html" onload="x\n<b>\n```',
      '| a |\n|:-:|\n| b |',
      '<meta http-equiv="refresh" content="0;url=https://evil.example">',
      '3. three\n4. four',
      '<a href="x">y</a>',
    ];
    for (const content of hostile)
      for (const kind of MESSAGE_KINDS) {
        const state = session([message('a', kind, content, { title: content, author: content })], {
          name: content,
          description: content,
        });
        isInert(exportHtml(exportOf(state, { now: NOW })));
      }
  });

  it('stays so for any Markdown', () => {
    const piece = fc.oneof(
      fc.constantFrom('<', '>', '"', '](', '![', '`', '|', '\n', '&lt;', 'onx=', '<svg/onload=1>', '- ', '# '),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) =>
        isInert(exportHtml(exportOf(session([message('a', 'response', pieces.join(''))]), { now: NOW }))),
      ),
    );
  });
});

describe('a session of 5,000 messages', () => {
  it('exports in every form, and nothing of it is missing', async () => {
    const list = Array.from({ length: 5000 }, (_, at) =>
      message(
        `m${at}`,
        MESSAGE_KINDS[at % MESSAGE_KINDS.length] ?? 'response',
        `Finding ${at}: \`x\`\n\n| a | b |\n|---|---|\n| ${at} | y |`,
        { raw: { id: `m${at}`, n: at } },
      ),
    );
    const document = exportOf(session(list), { now: NOW });
    const text = encodeExport(document);
    assert.equal(encodeExport(exportOf(reimport(text), { now: 0 })), text);
    for (const whole of [text, exportMarkdown(document, { metadata: true }), exportHtml(document)])
      for (const at of [0, 1, 24, 2500, 4999]) assert.ok(whole.includes(`Finding ${at}:`), `${at}`);
    assert.equal((await maskExport(document, scanSecrets)).messages.length, 5000);
  }).timeout(60_000);
});
