/** One answer of every render type, and hostile ones: nothing of them may load, run, style or navigate. */
import type { RenderAs } from '../../../../src/core/model.ts';

export interface Sample {
  readonly title: string;
  readonly render: RenderAs;
  readonly content: string;
  readonly mimeType?: string;
}

const json = (value: unknown): string => JSON.stringify(value);
const HOSTILE =
  '</script><img src="https://evil.example/p.png" onerror="window.hit()"><svg onload="window.hit()"><style>*{background:url(https://evil.example/c)}</style>\u202e';

export const samples: readonly Sample[] = [
  { title: 'Markdown', render: 'markdown', content: '**Bold** and `code`.' },
  { title: 'Text', render: 'text', content: 'plain **not bold** <b>not a tag</b>' },
  {
    title: 'HTML',
    render: 'html',
    content:
      '<h1>Heading</h1><p>Paragraph with <b>bold</b> and <a href="https://example.org/x">a link</a>.</p><table><tr><td>cell</td></tr></table>',
  },
  {
    title: 'JSON',
    render: 'json',
    content:
      '{"findings":[{"ruleId":"python/sql-injection","line":12,"size":12345678901234567890}],"nested":{"empty":[],"none":null},"name":"a\\u202eb"}',
  },
  {
    title: 'Table',
    render: 'table',
    content: json([
      { address: '192.0.2.1', count: 12, severity: 'high' },
      { address: '198.51.100.7', count: 3, severity: 'critical' },
      { address: '203.0.113.9', count: 7, severity: 'low' },
    ]),
  },
  {
    title: 'Graph',
    render: 'graph',
    content: json({
      nodes: [
        { id: 'mail', label: 'Mail with a rather long subject line', type: 'message' },
        { id: 'site', label: 'login.example.net', type: 'host' },
        { id: 'kit', label: 'kit.zip' },
        { id: 'alone', label: 'Alone' },
      ],
      edges: [
        { from: 'mail', to: 'site', label: 'links to' },
        { from: 'site', to: 'kit', label: 'serves' },
        { from: 'kit', to: 'kit' },
      ],
    }),
  },
  {
    title: 'Timeline',
    render: 'timeline',
    content: json([
      { time: '2024-01-05T06:12:01Z', title: 'First failed log-in', detail: 'root from 198.51.100.7' },
      { time: '2024-01-05T06:14:40Z', title: 'Log-in succeeded' },
      { time: '2024-01-05T07:00:00Z', title: 'New cron job' },
    ]),
  },
  { title: 'Code', render: 'code', content: 'print("hi")\n', mimeType: 'text/x-python' },
  { title: 'Canvas', render: 'canvas', content: '<canvas id="c"></canvas><script>window.hit()</script>' },
  { title: 'Future', render: 'unknown', content: 'a kind of the future <b>x</b>' },
];

export const hostile: readonly Sample[] = [
  {
    title: HOSTILE,
    render: 'html',
    content: `<h1>words</h1>${HOSTILE}<form action="https://evil.example"><button>go</button></form><a href="javascript:window.hit()">x</a><meta http-equiv="refresh" content="0;url=https://evil.example"><base href="https://evil.example">`,
  },
  { title: HOSTILE, render: 'json', content: json({ [HOSTILE]: HOSTILE, __proto__: 1, list: [HOSTILE] }) },
  { title: HOSTILE, render: 'table', content: json([{ [HOSTILE]: HOSTILE, b: 'javascript:window.hit()' }]) },
  {
    title: HOSTILE,
    render: 'graph',
    content: json({
      nodes: [
        { id: HOSTILE, label: HOSTILE, class: 'x', style: 'fill:url(https://evil.example)' },
        '__proto__',
        'constructor',
        '\u0001',
      ],
      edges: [
        { from: HOSTILE, to: '__proto__', label: HOSTILE },
        { from: 'constructor', to: '\u0001' },
      ],
    }),
  },
  { title: HOSTILE, render: 'timeline', content: json([{ time: '2024-01-05', title: HOSTILE, detail: HOSTILE }]) },
];
