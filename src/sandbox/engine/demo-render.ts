/** One sample of every render type. Hostile text is among it: a client has to show it as text. */
import { crc32, deflateSync } from 'node:zlib';
import type { EngineStep } from './types.ts';

export type RenderSample = Omit<Extract<EngineStep, { type: 'block' }>, 'type'>;

const MARKDOWN = `# A heading

Plain text with **bold**, *italic*, ~~struck~~ and \`inline code\`.

| Rule | Severity | Line |
| --- | :---: | ---: |
| python/sql-injection | critical | 12 |
| secret/password | high | 3 |

- [x] read the file
- [ ] mend the query

1. first
2. second
   - nested

> A quotation.

\`\`\`python
cursor.execute("SELECT name FROM users WHERE id = ?", (user_id,))
\`\`\`

[A link to an address that does not exist](https://example.invalid/path?query=1 "title")

---

What follows is hostile and has to stay inert:

![an image that would report who reads this](https://tracker.example.invalid/pixel.png?secret=1)

<script>document.title = 'script ran'</script>
<img src="https://tracker.example.invalid/beacon.png" onerror="document.title = 'handler ran'">
<iframe src="https://frame.example.invalid/"></iframe>

[javascript link](javascript:document.title='link-ran') [command link](command:workbench.action.quit)

Text with <unknown> tags & entities &lt;b&gt; has to keep its words.`;

const pixel = (x: number, y: number): readonly [number, number, number] =>
  (Math.floor(x / 8) + Math.floor(y / 8)) % 2 === 0 ? [66, 133, 244] : [52, 168, 83];

/** A small chequered PNG as base64. */
export const samplePng = (width = 64, height = 32): string => {
  const raw = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) raw.set(pixel(x, y), y * (width * 3 + 1) + 1 + x * 3);
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(body.length + 8);
    frame.writeUInt32BE(data.length, 0);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc32(body), body.length + 4);
    return frame;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]).toString('base64');
};

/** Each of the ten render types once, and a second text with a very long line. */
export const renderSamples = (): readonly RenderSample[] => [
  { render: 'markdown', title: 'Markdown', content: MARKDOWN },
  {
    render: 'text',
    title: 'Text',
    content: 'Plain text: **not bold**, <b>not a tag</b>.\n\tA tab, and a second line.',
  },
  { render: 'text', title: 'A long line', content: `begin ${'no-place-to-break-'.repeat(200)} end` },
  {
    render: 'html',
    title: 'HTML',
    content:
      '<h1>Heading</h1><p onclick="alert(1)">Paragraph with <b>bold</b>.</p><script>document.title = "ran"</script><img src=x onerror=alert(1)>',
  },
  {
    render: 'json',
    title: 'JSON',
    content: JSON.stringify({
      findings: [{ ruleId: 'python/sql-injection', line: 12 }],
      nested: { empty: [], none: null, html: '<i>x</i>' },
    }),
  },
  {
    render: 'table',
    title: 'Table',
    content: JSON.stringify([
      { address: '192.0.2.1', count: 12, note: 'first' },
      { address: '198.51.100.7', count: 3, note: '<b>second</b>' },
    ]),
  },
  {
    render: 'graph',
    title: 'Graph',
    content: JSON.stringify({
      nodes: [
        { id: 'mail', label: 'Mail', type: 'message' },
        { id: 'site', label: 'Site', type: 'host' },
        { id: 'kit', label: 'kit.zip', type: 'file' },
        { id: 'user', label: 'User' },
      ],
      edges: [
        { from: 'mail', to: 'site', label: 'links to' },
        { from: 'site', to: 'kit', label: 'serves' },
        { from: 'user', to: 'mail', label: 'reads' },
      ],
    }),
  },
  {
    render: 'timeline',
    title: 'Timeline',
    content: JSON.stringify([
      { time: '2024-01-05T06:12:01Z', title: 'First failed log-in' },
      { time: '2024-01-05T06:14:40Z', title: 'Log-in succeeded' },
    ]),
  },
  { render: 'image', title: 'Image', content: samplePng() },
  {
    render: 'code',
    title: 'Code',
    content: 'def greet(name: str) -> str:\n    return f"Hello, {name}"  # <script>inert</script>\n',
  },
  { render: 'canvas', title: 'Canvas', content: '<canvas id="c"></canvas><script>document.title = "ran"</script>' },
];
