/**
 * An exported session as one HTML file without script: it loads nothing, runs nothing and leads nowhere by itself, also without its policy.
 * Raw HTML of an answer is text, images and links are their words and addresses. A chunk of its own: markdown-it is loaded when it is needed.
 */

import { createHash } from 'node:crypto';
import MarkdownIt, { type MarkdownIt as Markdown } from 'markdown-it';
import { isConversation, isoTime, messageName, sessionFacts, usageWords } from '../../core/export-words.ts';
import { formatBytes } from '../../core/format.ts';
import type { Message } from '../../core/model.ts';
import type { SessionExport } from '../../core/session-export.ts';
import { labelText, visibleText } from '../../core/visible-text.ts';

const STYLE = `
:root{color-scheme:light dark;--line:#8886;--dim:#767676}
body{font:15px/1.55 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}article{border-top:1px solid var(--line);padding:.2rem 0 1rem}
article>h2{font-size:1rem;margin:.8rem 0 .2rem}.facts,dl{color:var(--dim);font-size:.85rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}dd{margin:0;overflow-wrap:anywhere}
pre{overflow-x:auto;padding:.7rem;border:1px solid var(--line);border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}table{border-collapse:collapse}
td,th{border:1px solid var(--line);padding:.2rem .5rem;text-align:left}
.you{background:#8881;padding-left:.8rem;padding-right:.8rem;border-radius:4px}.url{color:var(--dim)}
details>summary{cursor:pointer}
`;

export function exportHtml(document: SessionExport): string {
  const { session, attachments, messages } = document;
  const markdown = renderer();
  const name = text(session.name === '' ? 'Untitled session' : session.name);
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const facts = sessionFacts(session, document.exportedAt);
  const notes = [
    ...(document.maskedSecrets === undefined ? [] : [`Secrets replaced by placeholders: ${document.maskedSecrets}.`]),
    ...(document.chosen === true ? ['Only chosen messages are in this document.'] : []),
  ];
  return [
    '<!DOCTYPE html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; form-action 'none'; base-uri 'none'">`,
    '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${name}</title><style>${STYLE}</style></head><body>`,
    `<h1>${name}</h1>`,
    `<dl>${facts.map(([key, value]) => `<dt>${text(key)}</dt><dd>${text(value)}</dd>`).join('')}</dl>`,
    ...notes.map((note) => `<p>${text(note)}</p>`),
    ...(attachments.length === 0
      ? []
      : [
          `<h2>Attached files</h2><ul>${attachments
            .map(
              ({ name: file, size, sha256 }) =>
                `<li>${text(file)}${size === undefined ? '' : `, ${formatBytes(size)}`}${sha256 === undefined ? '' : `, SHA-256 <code>${text(sha256)}</code>`}</li>`,
            )
            .join('')}</ul>`,
        ]),
    ...messages.map((message) => article(message, markdown)),
    '</body></html>\n',
  ].join('\n');
}

function article(message: Message, markdown: Markdown): string {
  const facts = [
    isoTime(message.createdAt),
    labelText(message.author, 80),
    message.status === 'complete' ? '' : message.status,
    message.usage === undefined ? '' : usageWords(message.usage),
  ].filter((fact) => fact !== '');
  const error = message.error === undefined ? '' : `<p>${text(`${message.error.message} ${message.error.action}`)}</p>`;
  const inside = `<p class="facts">${text(facts.join(' · '))}</p>${body(message, markdown)}${error}`;
  const name = text(messageName(message));
  if (isConversation(message))
    return `<article class="${message.sender === 'user' ? 'you' : 'other'}"><h2>${name}</h2>${inside}</article>`;
  return `<article><details><summary>${name}</summary>${inside}</details></article>`;
}

function body({ kind, render, mimeType, content }: Message, markdown: Markdown): string {
  if (content === '') return '';
  if (render === 'image' || /^image\//i.test(mimeType)) return '<p>Image not shown.</p>';
  if (render === 'markdown' && kind !== 'prompt') return markdown.render(visibleText(content));
  return `<pre dir="auto">${text(content)}</pre>`;
}

/** CommonMark with tables; nothing of it may load or lead anywhere. */
function renderer(): Markdown {
  const markdown = new MarkdownIt({ html: false, linkify: false });
  markdown.validateLink = () => true;
  const { rules } = markdown.renderer;
  rules.link_open = () => '<u>';
  rules.link_close = (tokens, at) => {
    let open = at;
    while (open > 0 && tokens[open]?.type !== 'link_open') open -= 1;
    return `</u> <span class="url">(${text(String(tokens[open]?.attrGet('href') ?? ''))})</span>`;
  };
  rules.image = (tokens, at) =>
    `[image: ${text(tokens[at]?.content ?? '')}] <span class="url">(${text(String(tokens[at]?.attrGet('src') ?? ''))})</span>`;
  rules.fence = (tokens, at) => `<pre>${text(tokens[at]?.content ?? '')}</pre>\n`;
  rules.code_block = (tokens, at) => `<pre>${text(tokens[at]?.content ?? '')}</pre>\n`;
  // The style of a table's cells would be an attribute that the policy refuses.
  for (const name of ['th_open', 'td_open'] as const) rules[name] = () => (name === 'th_open' ? '<th>' : '<td>');
  return markdown;
}

function text(value: string): string {
  return visibleText(value).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
