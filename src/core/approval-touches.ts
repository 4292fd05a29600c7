/**
 * What a tool call may touch, guessed from its name and its arguments: the service tells neither. A guess helps to look twice and excuses
 * nobody from reading the arguments; it is always said to be one. Pure.
 */

export interface Touch {
  readonly what: 'network' | 'files' | 'commands' | 'money' | 'messages' | 'accounts';
  /** The word or the value that gave it away, untrusted. */
  readonly why: string;
}

/** Words of a tool's or an argument's name, split at case and signs. */
const NAMES: readonly (readonly [Touch['what'], RegExp])[] = [
  [
    'network',
    /^(?:https?|url|uri|fetch|download|upload|request|web|browse|crawl|dns|whois|lookup|resolve|ping|port|ports|scan|connect|host|hostname|domain|ip|address|endpoint|webhook|proxy|ssh|ftp|socket)$/,
  ],
  [
    'files',
    /^(?:file|files|filename|path|paths|folder|directory|dir|disk|read|write|delete|remove|rm|move|copy|save|edit|patch|unzip|archive)$/,
  ],
  [
    'commands',
    /^(?:exec|execute|run|shell|bash|sh|cmd|command|commands|script|code|eval|process|kill|install|deploy|container|docker)$/,
  ],
  [
    'money',
    /^(?:buy|pay|payment|purchase|order|price|cost|budget|invoice|charge|subscribe|transfer|amount|usd|eur|currency|billing)$/,
  ],
  [
    'messages',
    /^(?:send|mail|email|sms|message|notify|post|publish|tweet|slack|chat|reply|recipient|recipients|ticket|comment)$/,
  ],
  [
    'accounts',
    /^(?:password|token|secret|credential|credentials|login|user|users|account|permission|permissions|role|grant|revoke|key|keys|auth)$/,
  ],
];

const VALUES: readonly (readonly [Touch['what'], RegExp])[] = [
  ['network', /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]{1,200}/i],
  ['network', /\b(?:\d{1,3}\.){3}\d{1,3}\b/],
  [
    'network',
    /\b(?:[a-z0-9-]{1,63}\.){1,8}(?:com|net|org|io|dev|app|gov|edu|info|example|invalid|test|local|internal)\b/i,
  ],
  ['files', /(?:^|[\s"'=])(?:~|\.{1,2}|[A-Za-z]:)?[/\\][\w.@-]+(?:[/\\][\w.@-]+)*/],
  ['money', /(?:[$€£]\s?\d[\d.,]*|\b\d[\d.,]*\s?(?:usd|eur|gbp|dollars?|euros?)\b)/i],
  ['commands', /(?:^|[;&|]\s*)(?:sudo|rm|curl|wget|bash|sh|powershell|python3?|node|nc|chmod|ssh)\s/],
];

const MOST_CHARS = 20_000;

/** Each kind at most once, with what gave it away first. */
export function touchesOf(toolName: string, args: Readonly<Record<string, unknown>>): readonly Touch[] {
  const found = new Map<Touch['what'], string>();
  const note = (what: Touch['what'], why: string): void => {
    if (!found.has(what)) found.set(what, why.length <= 80 ? why : `${why.slice(0, 79)}…`);
  };
  const inName = (name: string): void => {
    for (const word of wordsOf(name)) for (const [what, pattern] of NAMES) if (pattern.test(word)) note(what, name);
  };
  let left = MOST_CHARS;
  const inValue = (value: unknown, depth: number): void => {
    if (left <= 0 || depth > 8) return;
    if (typeof value === 'string') {
      const text = value.slice(0, left);
      left -= text.length;
      for (const [what, pattern] of VALUES) {
        const match = pattern.exec(text);
        if (match !== null) note(what, match[0].trim());
      }
    } else if (Array.isArray(value)) for (const each of value) inValue(each, depth + 1);
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value)) {
        inName(key);
        inValue(each, depth + 1);
      }
  };
  // Values first: an address says more than the word "url".
  inValue(Object.values(args), 0);
  inName(toolName);
  inValue(args, 0);
  return [...found].map(([what, why]) => ({ what, why }));
}

function wordsOf(name: string): string[] {
  return (
    name
      .slice(0, 200)
      // A dry run is the opposite of running.
      .replace(/dry[ _-]?run/gi, ' ')
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter((word) => word !== '')
  );
}
