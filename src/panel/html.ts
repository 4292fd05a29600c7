/** The page of a chat panel, as text. Pure: the caller makes the nonce (128 bits or more, fresh for every call) and the URIs. */

export interface ChatHtmlOptions {
  /** Base64url or hex of at least 128 random bits. */
  readonly nonce: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  /** `webview.cspSource`. */
  readonly cspSource: string;
  readonly title: string;
  /** Language of the words on the page, e.g. `en` (`vscode.env.language`). */
  readonly language?: string;
}

/** The policy of trust.md S02, to the letter. */
export function contentSecurityPolicy(nonce: string, cspSource: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** The whole document. Throws when the nonce is too short or holds a character that could leave its attribute. */
export function chatHtml(options: ChatHtmlOptions): string {
  const { nonce, scriptUri, styleUri, cspSource, title, language = 'en' } = options;
  if (!/^[A-Za-z0-9_-]{22,128}$/.test(nonce))
    throw new Error('The nonce must have at least 128 bits, as base64url or hex.');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(contentSecurityPolicy(nonce, cspSource))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escapeHtml(styleUri)}">
<title>${escapeHtml(title)}</title>
</head>
<body>
<div id="app"></div>
<script type="module" nonce="${nonce}" src="${escapeHtml(scriptUri)}"></script>
</body>
</html>
`;
}

/** For text and for attributes in double quotes. */
function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
