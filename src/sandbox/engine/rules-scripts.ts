/** Rules for Python, JavaScript and TypeScript, Ruby, PHP. */
import type { Rule } from './patterns.ts';

const SQL = '(?:select\\s.{1,80}\\sfrom|insert\\s+into|update\\s.{1,60}\\sset|delete\\s+from|drop\\s+table)\\b';

const PARAMETERS =
  'Use parameters: a placeholder in the statement and the values as a separate argument, so that the driver keeps data and command apart.';
const INJECTION =
  'Text that comes from outside becomes part of the SQL statement. Whoever controls it can read, change or delete data that the program may reach.';
const COMMAND =
  'The string is run by a shell. Outside input in it can add commands of its own, with the rights of this process.';
const NO_SHELL = 'Call the program directly with a list of arguments and without a shell; allow only expected values.';
const DESERIALISE =
  'The format can name code to be run while it is read. Data from outside then runs code of its sender.';
const WEAK_HASH = 'MD5 and SHA-1 are broken against collisions, and far too fast for passwords.';
const STRONG_HASH = 'For integrity use SHA-256 or better; for passwords argon2id, scrypt or bcrypt.';
const TLS_OFF =
  'Without the check of certificates anyone on the way can answer in the name of the server and read everything.';
const TLS_ON = 'Leave the check on; add a private authority to the trust store instead.';

export const rulesForScripts: readonly Rule[] = [
  {
    id: 'python/sql-injection',
    languages: ['python'],
    severity: 'critical',
    pattern: new RegExp(
      `\\b[fF]["']{1,3}[^"']{0,200}${SQL}[^"]{0,300}\\{|["'][^"']{0,200}${SQL}.{0,300}["']{1,3}\\s{0,4}(?:%\\s{0,4}[\\w(]|\\+\\s{0,4}\\w|\\.format\\()`,
      'i',
    ),
    title: 'SQL statement built from text',
    explanation: INJECTION,
    remediation: PARAMETERS,
  },
  {
    id: 'python/command-injection',
    languages: ['python'],
    severity: 'high',
    pattern:
      /\bos\.(?:system|popen)\(|\bsubprocess\.\w{2,16}\(.{0,300}shell\s{0,3}=\s{0,3}True|\bcommands\.getoutput\(/,
    unless: /\bos\.(?:system|popen)\(\s{0,4}(["'])[^"'{}]{0,200}\1\s{0,4}\)/,
    title: 'Command run by a shell',
    explanation: COMMAND,
    remediation: NO_SHELL,
  },
  {
    id: 'python/eval',
    languages: ['python'],
    severity: 'high',
    pattern: /(?<![\w.])(?:eval|exec)\(\s{0,4}[^)\s"']/,
    title: 'Text run as code',
    explanation: 'eval and exec run whatever the text says. With outside input in it, that is remote code execution.',
    remediation:
      'Parse the value instead: json.loads for data, ast.literal_eval for literals, a table of functions for choices.',
  },
  {
    id: 'python/unsafe-deserialisation',
    languages: ['python'],
    severity: 'high',
    pattern:
      /\b(?:c?pickle|dill|shelve|marshal|joblib|jsonpickle)\.(?:loads?|open|decode)\(|\byaml\.(?:load|unsafe_load)\(/i,
    unless: /(?:Safe|CSafe)Loader/,
    title: 'Unsafe deserialisation',
    explanation: DESERIALISE,
    remediation: 'Use JSON, or yaml.safe_load for YAML; sign data that has to be pickled.',
  },
  {
    id: 'python/debug-server',
    languages: ['python'],
    severity: 'medium',
    pattern: /\.run\(.{0,200}debug\s{0,3}=\s{0,3}True|^\s*DEBUG\s{0,3}=\s{0,3}True/,
    title: 'Debug mode is on',
    explanation: 'The debugger of web frameworks shows source and variables and can run code from the browser.',
    remediation: 'Switch it on by the environment of the developer only; never in what is deployed.',
  },
  {
    id: 'python/tls-not-verified',
    languages: ['python'],
    severity: 'high',
    pattern: /verify\s{0,3}=\s{0,3}False|_create_unverified_context|CERT_NONE/,
    title: 'Certificates are not checked',
    explanation: TLS_OFF,
    remediation: TLS_ON,
  },
  {
    id: 'python/weak-hash',
    languages: ['python'],
    severity: 'medium',
    pattern: /\bhashlib\.(?:md5|sha1)\(|\bhashlib\.new\(\s{0,3}["'](?:md5|sha1)["']/i,
    unless: /usedforsecurity\s{0,3}=\s{0,3}False/,
    title: 'Weak hash function',
    explanation: WEAK_HASH,
    remediation: STRONG_HASH,
  },
  {
    id: 'python/template-injection',
    languages: ['python'],
    severity: 'high',
    pattern:
      /\brender_template_string\(\s{0,4}(?:[fF]["']|[^"')]{0,200}\+|\w+\s{0,3}[,)])|\bTemplate\(\s{0,4}request\./,
    title: 'Template made of outside text',
    explanation:
      'Template languages can reach the objects behind them: text of a user as a template runs code on the server.',
    remediation: 'Keep the template constant and pass the text as a variable.',
  },
  {
    id: 'python/path-traversal',
    languages: ['python'],
    severity: 'high',
    pattern: /\b(?:open|send_file)\(.{0,200}\brequest\.(?:args|form|values|json|GET|POST|files)/,
    title: 'Path taken from the request',
    explanation: 'A name such as ../../etc/passwd leaves the folder that was meant.',
    remediation: 'Join it to a fixed folder, resolve it, and refuse what is not below that folder.',
  },
  {
    id: 'javascript/sql-injection',
    languages: ['javascript'],
    severity: 'critical',
    pattern: new RegExp(
      '`[^`]{0,200}' + SQL + '[^`]{0,300}\\$\\{|["\'][^"\']{0,200}' + SQL + '.{0,300}["\']\\s{0,4}\\+\\s{0,4}[\\w(]',
      'i',
    ),
    unless: /\bsql`|Prisma\.sql/,
    title: 'SQL statement built from text',
    explanation: INJECTION,
    remediation: PARAMETERS,
  },
  {
    id: 'javascript/command-injection',
    languages: ['javascript'],
    severity: 'high',
    pattern:
      /\b(?:child_process\.|cp\.)?exec(?:Sync)?\(\s{0,4}(?:`[^`]{0,300}\$\{|["'][^"']{0,300}["']\s{0,4}\+|req\.)|shell\s{0,3}:\s{0,3}true/,
    title: 'Command run by a shell',
    explanation: COMMAND,
    remediation: 'Use execFile or spawn with a list of arguments and without shell: true.',
  },
  {
    id: 'javascript/eval',
    languages: ['javascript'],
    severity: 'high',
    pattern:
      /(?<![\w.$])eval\(\s{0,4}[^)\s]|\bnew\s+Function\(\s{0,4}[^)\s]|\bset(?:Timeout|Interval)\(\s{0,4}["'`]|\bvm\.runIn\w{3,20}\(/,
    title: 'Text run as code',
    explanation:
      'The text is run as a program. With outside input in it, that is code execution in the page or on the server.',
    remediation: 'Parse the value instead (JSON.parse), or choose from a table of functions.',
  },
  {
    id: 'javascript/dom-xss',
    languages: ['javascript'],
    severity: 'high',
    pattern:
      /\.(?:inner|outer)HTML\s{0,3}\+?=\s{0,3}(?!["'`][^"'`$+]{0,300}["'`]\s*;?\s*$)\S|\bdocument\.write(?:ln)?\(\s{0,4}[^"')]|\.insertAdjacentHTML\(|dangerouslySetInnerHTML|\bv-html=|bypassSecurityTrust/,
    unless: /DOMPurify|sanitize/i,
    title: 'HTML made of text',
    explanation: 'Markup in the text becomes part of the page, scripts included (cross-site scripting).',
    remediation: 'Set textContent, or let a maintained sanitiser clean the HTML last.',
  },
  {
    id: 'javascript/tls-not-verified',
    languages: ['javascript'],
    severity: 'high',
    pattern: /rejectUnauthorized\s{0,3}:\s{0,3}false|NODE_TLS_REJECT_UNAUTHORIZED\W{1,6}0/,
    title: 'Certificates are not checked',
    explanation: TLS_OFF,
    remediation: TLS_ON,
  },
  {
    id: 'javascript/weak-hash',
    languages: ['javascript'],
    severity: 'medium',
    pattern:
      /createHash\(\s{0,3}["'](?:md5|sha1)["']|createCipher\(|createCipheriv\(\s{0,3}["'](?:des|rc4|aes-\d{3}-ecb)/i,
    title: 'Weak hash or cipher',
    explanation: `${WEAK_HASH} DES, RC4 and ECB do not hide the data well.`,
    remediation: `${STRONG_HASH} For encryption use AES-GCM with a fresh nonce.`,
  },
  {
    id: 'javascript/insecure-random',
    languages: ['javascript'],
    severity: 'medium',
    pattern:
      /(?:token|secret|password|session|nonce|otp|csrf|reset|key)\w{0,30}["']?\s{0,3}[:=][^;]{0,80}Math\.random\(/i,
    title: 'Guessable random value',
    explanation: 'Math.random can be predicted from a few of its values.',
    remediation: 'Use crypto.randomBytes, crypto.randomUUID or crypto.getRandomValues.',
  },
  {
    id: 'javascript/path-traversal',
    languages: ['javascript'],
    severity: 'high',
    pattern: /\b(?:readFile|readFileSync|createReadStream|sendFile|unlink)\(.{0,200}\breq\.(?:query|params|body)/,
    title: 'Path taken from the request',
    explanation: 'A name such as ../../etc/passwd leaves the folder that was meant.',
    remediation: 'Join it to a fixed folder, resolve it, and refuse what is not below that folder.',
  },
  {
    id: 'javascript/wildcard-message',
    languages: ['javascript'],
    severity: 'medium',
    pattern:
      /\.postMessage\(.{1,300},\s{0,3}["']\*["']\s{0,3}[,)]|Access-Control-Allow-Origin["']\s{0,3},\s{0,3}["']\*/,
    title: 'Any origin is allowed',
    explanation: 'Every page may receive the message or read the answer.',
    remediation: 'Name the origins that are meant.',
  },
  {
    id: 'php/sql-injection',
    languages: ['php'],
    severity: 'critical',
    pattern: new RegExp(
      `"[^"]{0,200}${SQL}[^"]{0,300}\\$\\w|["'][^"']{0,200}${SQL}.{0,300}["']\\s{0,4}\\.\\s{0,4}\\$`,
      'i',
    ),
    title: 'SQL statement built from text',
    explanation: INJECTION,
    remediation: 'Use PDO or mysqli with prepare, placeholders and bound values.',
  },
  {
    id: 'php/command-injection',
    languages: ['php'],
    severity: 'critical',
    pattern:
      /\b(?:system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec)\s{0,3}\([^)]{0,200}\$|`[^`]{0,100}\$_(?:GET|POST|REQUEST)/,
    unless: /escapeshellarg/,
    title: 'Command run by a shell',
    explanation: COMMAND,
    remediation: 'Avoid the shell; where it must be, pass each value through escapeshellarg.',
  },
  {
    id: 'php/code-execution',
    languages: ['php'],
    severity: 'critical',
    pattern:
      /\b(?:eval|assert|create_function)\s{0,3}\([^)]{0,200}(?:\$|base64_decode|gzinflate|str_rot13)|preg_replace\(\s{0,3}["']\/.{0,100}\/\w{0,5}e\w{0,5}["']/,
    title: 'Text run as code',
    explanation: 'The text is run as a program. Hidden behind base64 or gzinflate it is the usual form of a web shell.',
    remediation:
      'Remove it. Where it was not put there by you, treat the server as taken over and look for the way in.',
  },
  {
    id: 'php/file-inclusion',
    languages: ['php'],
    severity: 'critical',
    pattern:
      /\b(?:include|require)(?:_once)?\b[^;]{0,200}\$_(?:GET|POST|REQUEST|COOKIE)|\b(?:readfile|file_get_contents|fopen)\(\s{0,3}[^)]{0,100}\$_(?:GET|POST|REQUEST)/,
    title: 'File chosen by the request',
    explanation: 'The sender chooses the file that is run or shown, on this server or from another.',
    remediation: 'Choose from a fixed list of names.',
  },
  {
    id: 'php/xss',
    languages: ['php'],
    severity: 'high',
    pattern: /\b(?:echo|print)\b[^;]{0,200}\$_(?:GET|POST|REQUEST|COOKIE)|<\?=\s{0,3}\$_(?:GET|POST|REQUEST)/,
    unless: /htmlspecialchars|htmlentities|intval|\(int\)/,
    title: 'Request echoed into the page',
    explanation: 'Markup in the request becomes part of the page, scripts included (cross-site scripting).',
    remediation: 'Pass it through htmlspecialchars with ENT_QUOTES, or let a template engine escape it.',
  },
  {
    id: 'php/unserialize',
    languages: ['php'],
    severity: 'high',
    pattern: /\bunserialize\s{0,3}\(\s{0,3}[^)]{0,100}\$/,
    unless: /allowed_classes/,
    title: 'Unsafe deserialisation',
    explanation: DESERIALISE,
    remediation: 'Use json_decode, or unserialize with allowed_classes set to false.',
  },
  {
    id: 'ruby/sql-injection',
    languages: ['ruby'],
    severity: 'critical',
    pattern: new RegExp(
      `\\.(?:where|find_by_sql|order|execute|exec_query|select|joins)\\(?\\s{0,3}"[^"]{0,300}#\\{|"[^"]{0,200}${SQL}[^"]{0,300}#\\{`,
      'i',
    ),
    title: 'SQL statement built from text',
    explanation: INJECTION,
    remediation: PARAMETERS,
  },
  {
    id: 'ruby/command-injection',
    languages: ['ruby'],
    severity: 'high',
    pattern:
      /(?<![\w.])(?:system|exec|spawn|IO\.popen|Open3\.\w{3,12})\(?\s{0,3}"[^"]{0,300}#\{|`[^`]{0,200}#\{|%x[{([][^\])}]{0,200}#\{/,
    title: 'Command run by a shell',
    explanation: COMMAND,
    remediation: NO_SHELL,
  },
  {
    id: 'ruby/eval',
    languages: ['ruby'],
    severity: 'high',
    pattern:
      /(?<![\w.])(?:eval|instance_eval|class_eval)\(?\s{0,3}(?:params|"[^"]{0,200}#\{|\w+\b(?!\s*do))|\.(?:constantize|send)\(?\s{0,3}params|\bsend\(\s{0,3}params/,
    title: 'Text run as code',
    explanation: 'The text is run as a program, or chooses the method that is called.',
    remediation: 'Choose from a fixed table of methods or classes.',
  },
  {
    id: 'ruby/unsafe-deserialisation',
    languages: ['ruby'],
    severity: 'high',
    pattern: /\bMarshal\.load\(|\bYAML\.(?:load|unsafe_load)\(|\bOj\.load\(/,
    unless: /safe_load/,
    title: 'Unsafe deserialisation',
    explanation: DESERIALISE,
    remediation: 'Use JSON.parse or YAML.safe_load.',
  },
  {
    id: 'ruby/xss',
    languages: ['ruby'],
    severity: 'high',
    pattern: /\.html_safe\b|<%==|\braw\(?\s{0,3}(?:params|@)/,
    title: 'HTML is not escaped',
    explanation: 'Markup in the text becomes part of the page, scripts included (cross-site scripting).',
    remediation: 'Let the template escape it, or use sanitize with a list of tags.',
  },
  {
    id: 'ruby/tls-not-verified',
    languages: ['ruby'],
    severity: 'high',
    pattern: /VERIFY_NONE/,
    title: 'Certificates are not checked',
    explanation: TLS_OFF,
    remediation: TLS_ON,
  },
];
