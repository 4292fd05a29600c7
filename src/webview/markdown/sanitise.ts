/** The last step before the page: rendered HTML through DOMPurify's allow-list, as text in and a fragment out (trust.md S01, S13). */

import DOMPurify from 'dompurify';

const TAGS = [
  ...[
    'p',
    'br',
    'hr',
    'h3',
    'h4',
    'h5',
    'h6',
    'em',
    'strong',
    's',
    'code',
    'pre',
    'blockquote',
    'ul',
    'ol',
    'li',
    'a',
    'span',
  ],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
];

const CLASSES =
  /^(?:image|h[1-6]|task-open|task-done|align-(?:left|right|center)|language-[A-Za-z0-9+#_-]{1,32}|hljs-[a-z_-]{1,32}|(?:function|class|inherited)_)$/;

/**
 * Sanitises and drops every class that is not ours, so that content can neither fake nor clobber parts of the page (S12). `more`: tags of
 * plain structure that Markdown never makes.
 */
export function sanitise(html: string, more: readonly string[] = []): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: [...TAGS, ...more],
    ALLOWED_ATTR: ['class', 'href', 'start'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const element of fragment.querySelectorAll('[class]')) {
    for (const name of [...element.classList]) if (!CLASSES.test(name)) element.classList.remove(name);
    if (element.classList.length === 0) element.removeAttribute('class');
  }
  return fragment;
}
