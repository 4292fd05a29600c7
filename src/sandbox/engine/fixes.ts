/** Mechanical fixes for single lines that a rule flags. Where a safe one needs more than the line, there is none. */

type Fix = (line: string) => string | undefined;

const replace =
  (pattern: RegExp, by: string): Fix =>
  (line) => {
    const fixed = line.replace(pattern, by);
    return fixed === line ? undefined : fixed;
  };

/** `execute(f"… '{user}'")` to a statement with placeholders and its values. */
const parameters: Fix = (line) => {
  const found = /^(.*\.execute\()\s*[fF](["'])((?:(?!\2).){1,400})\2\s*(\).*)$/.exec(line);
  if (found === null) return undefined;
  const [, head = '', quote = '"', statement = '', rest = ''] = found;
  const values: string[] = [];
  const text = statement.replace(/(['"]?)\{([\w.[\]()]{1,80})\}\1/g, (_all, _quote: string, value: string) => {
    values.push(value);
    return '?';
  });
  if (values.length === 0 || text.includes('{')) return undefined;
  return `${head}${quote}${text}${quote}, (${values.join(', ')}${values.length === 1 ? ',' : ''})${rest}`;
};

/** `check_output("ping -c 1 " + host, shell=True)` to a list without a shell. */
const withoutShell: Fix = (line) => {
  const found =
    /^(.*subprocess\.\w{2,16}\()\s*(["'])([\w ./:=-]{1,200}) \2\s*\+\s*(\w{1,80})\s*,\s*shell\s*=\s*True\s*(\).*)$/.exec(
      line,
    );
  if (found === null) return undefined;
  const [, head = '', quote = '"', words = '', value = '', rest = ''] = found;
  const list = [
    ...words
      .trim()
      .split(/ +/)
      .map((word) => `${quote}${word}${quote}`),
    value,
  ];
  return `${head}[${list.join(', ')}]${rest}`;
};

const FIXES: Readonly<Record<string, Fix>> = {
  'python/sql-injection': parameters,
  'python/command-injection': withoutShell,
  'python/eval': replace(/(?<![\w.])eval\(/, 'ast.literal_eval('),
  'python/unsafe-deserialisation': replace(
    /\byaml\.(?:load|unsafe_load)\(([^,()]{1,200})(?:,[^()]{0,100})?\)/,
    'yaml.safe_load($1)',
  ),
  'python/debug-server': replace(/debug(\s*)=(\s*)True/, 'debug$1=$2False'),
  'python/tls-not-verified': replace(/verify(\s*)=(\s*)False/, 'verify$1=$2True'),
  'python/weak-hash': replace(/\bhashlib\.(?:md5|sha1)\(/, 'hashlib.sha256('),
  'javascript/dom-xss': replace(/\.innerHTML(\s*)=(?!=)/, '.textContent$1='),
  'javascript/tls-not-verified': replace(/rejectUnauthorized(\s*):(\s*)false/, 'rejectUnauthorized$1:$2true'),
  'javascript/weak-hash': replace(/createHash\((["'])(?:md5|sha1)\1/i, 'createHash($1sha256$1'),
  'javascript/insecure-random': replace(/Math\.random\(\)\.toString\(36\)\.slice\(2\)/, 'crypto.randomUUID()'),
};

/** The line as it should be; undefined where no rule of the table knows how. */
export const fixedLine = (ruleId: string, line: string): string | undefined => FIXES[ruleId]?.(line);
