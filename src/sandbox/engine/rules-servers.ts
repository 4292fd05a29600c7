/** Rules for Java, C#, Go and SQL. */
import type { Rule } from './patterns.ts';

const SQL = '(?:select\\s.{1,80}\\sfrom|insert\\s+into|update\\s.{1,60}\\sset|delete\\s+from)\\b';
const INJECTION =
  'Text that comes from outside becomes part of the SQL statement. Whoever controls it can read, change or delete data that the program may reach.';
const COMMAND =
  'Outside input in the command line can add arguments or commands of its own, with the rights of this process.';
const DESERIALISE =
  'The format can name types to be built while it is read. Data from outside then runs code of its sender.';
const XXE =
  'The parser follows entities that the document names: local files and inner addresses can be read through it.';
const TLS_OFF =
  'Without the check of certificates anyone on the way can answer in the name of the server and read everything.';
const TLS_ON = 'Leave the check on; add a private authority to the trust store instead.';
const WEAK = 'MD5 and SHA-1 are broken against collisions, DES, RC4 and ECB do not hide the data well.';
const STRONG = 'Use SHA-256 for integrity, argon2id, scrypt or bcrypt for passwords, AES-GCM for encryption.';

export const rulesForServers: readonly Rule[] = [
  {
    id: 'java/sql-injection',
    languages: ['java'],
    severity: 'critical',
    pattern: new RegExp(
      `"[^"]{0,200}${SQL}.{0,300}"\\s{0,4}\\+\\s{0,4}\\w|String\\.format\\(\\s{0,3}"[^"]{0,200}${SQL}[^"]{0,200}%s`,
      'i',
    ),
    title: 'SQL statement built from text',
    explanation: INJECTION,
    remediation: 'Use PreparedStatement with placeholders and set the values.',
  },
  {
    id: 'java/command-injection',
    languages: ['java'],
    severity: 'high',
    pattern: /\bgetRuntime\(\)\s{0,3}\.exec\(|new\s+ProcessBuilder\([^)]{0,200}(?:"(?:sh|bash|cmd)|\+)/,
    title: 'Command line from text',
    explanation: COMMAND,
    remediation: 'Use ProcessBuilder with a list of fixed arguments and checked values.',
  },
  {
    id: 'java/unsafe-deserialisation',
    languages: ['java'],
    severity: 'high',
    pattern: /\bnew\s+(?:ObjectInputStream|XMLDecoder)\(|\.readObject\(\s*\)|\benableDefaultTyping\(|new\s+Yaml\(\s*\)/,
    title: 'Unsafe deserialisation',
    explanation: DESERIALISE,
    remediation: 'Use JSON bound to plain types, or an ObjectInputFilter that allows named classes only.',
  },
  {
    id: 'java/xxe',
    languages: ['java'],
    severity: 'medium',
    pattern:
      /\b(?:DocumentBuilderFactory|SAXParserFactory|XMLInputFactory)\.new(?:Instance|Factory)\(|new\s+SAXReader\(|new\s+SAXBuilder\(/,
    title: 'XML parser with its defaults',
    explanation: XXE,
    remediation: 'Set disallow-doctype-decl (or SUPPORT_DTD false) before the first document is parsed.',
  },
  {
    id: 'java/weak-crypto',
    languages: ['java'],
    severity: 'medium',
    pattern: /getInstance\(\s{0,3}"(?:MD5|SHA-?1|DES|DESede|RC4|RC2|AES\/ECB|AES")/i,
    title: 'Weak hash or cipher',
    explanation: `${WEAK} In Java, "AES" alone means ECB.`,
    remediation: STRONG,
  },
  {
    id: 'java/tls-not-verified',
    languages: ['java'],
    severity: 'high',
    pattern:
      /\bcheckServerTrusted\([^)]{0,120}\)\s{0,4}(?:throws\s+\w{1,40}\s{0,4})?\{\s{0,4}\}|ALLOW_ALL_HOSTNAME|NoopHostnameVerifier|setHostnameVerifier\(\s{0,3}\(\w*,\s*\w*\)\s*->\s*true/,
    title: 'Certificates are not checked',
    explanation: TLS_OFF,
    remediation: TLS_ON,
  },
  {
    id: 'java/insecure-random',
    languages: ['java'],
    severity: 'medium',
    pattern:
      /(?:token|secret|password|session|nonce|otp|key)\w{0,30}\s{0,3}=[^;]{0,80}(?:new\s+Random\(|Math\.random\()/i,
    title: 'Guessable random value',
    explanation: 'The values of this generator can be predicted from a few of them.',
    remediation: 'Use java.security.SecureRandom.',
  },
  {
    id: 'java/expression-injection',
    languages: ['java'],
    severity: 'high',
    pattern: /\bparseExpression\(\s{0,3}[^")\s]|\bScriptEngine\b.{0,100}\beval\(|\$\{jndi:/i,
    title: 'Text run as an expression',
    explanation: 'Expression languages can reach classes and run code; ${jndi:…} is the form of the Log4j attack.',
    remediation:
      'Keep expressions constant, evaluate outside values in a restricted context, and keep Log4j at 2.17.1 or later.',
  },
  {
    id: 'csharp/sql-injection',
    languages: ['csharp'],
    severity: 'critical',
    pattern: new RegExp(
      `\\$@?"[^"]{0,200}${SQL}[^"]{0,300}\\{|"[^"]{0,200}${SQL}.{0,300}"\\s{0,4}\\+\\s{0,4}\\w|string\\.Format\\(\\s{0,3}"[^"]{0,200}${SQL}[^"]{0,200}\\{0`,
      'i',
    ),
    unless: /FromSqlInterpolated|ExecuteSqlInterpolated/,
    title: 'SQL statement built from text',
    explanation: INJECTION,
    remediation: 'Use SqlCommand with parameters, or the interpolated methods of Entity Framework.',
  },
  {
    id: 'csharp/command-injection',
    languages: ['csharp'],
    severity: 'high',
    pattern:
      /\bProcess\.Start\([^)]{0,200}(?:\+|\$"|Request)|\bArguments\s{0,3}=\s{0,3}(?:\$"[^"]{0,200}\{|"[^"]{0,200}"\s{0,3}\+)/,
    title: 'Command line from text',
    explanation: COMMAND,
    remediation: 'Fill ProcessStartInfo.ArgumentList value by value, with UseShellExecute false.',
  },
  {
    id: 'csharp/unsafe-deserialisation',
    languages: ['csharp'],
    severity: 'high',
    pattern:
      /\bnew\s+(?:BinaryFormatter|LosFormatter|NetDataContractSerializer|SoapFormatter|ObjectStateFormatter)\(|TypeNameHandling\s{0,3}=\s{0,3}TypeNameHandling\.(?:All|Auto|Objects)/,
    title: 'Unsafe deserialisation',
    explanation: DESERIALISE,
    remediation: 'Use System.Text.Json with plain types; leave TypeNameHandling at None.',
  },
  {
    id: 'csharp/weak-crypto',
    languages: ['csharp'],
    severity: 'medium',
    pattern:
      /\b(?:MD5|SHA1|DES|RC2|TripleDES)(?:Managed|Cng|CryptoServiceProvider)?\.Create\(|new\s+(?:MD5|SHA1|DES|RC2|TripleDES)\w{0,24}\(|CipherMode\.ECB/,
    title: 'Weak hash or cipher',
    explanation: WEAK,
    remediation: STRONG,
  },
  {
    id: 'csharp/tls-not-verified',
    languages: ['csharp'],
    severity: 'high',
    pattern:
      /ServerCertificate(?:Custom)?ValidationCallback\s{0,3}\+?=.{0,120}(?:=>\s{0,3}true|return\s+true)|DangerousAcceptAnyServerCertificateValidator/,
    title: 'Certificates are not checked',
    explanation: TLS_OFF,
    remediation: TLS_ON,
  },
  {
    id: 'csharp/xss',
    languages: ['csharp'],
    severity: 'high',
    pattern: /\bHtml\.Raw\(|Response\.Write\([^)]{0,100}Request/,
    title: 'HTML is not escaped',
    explanation: 'Markup in the text becomes part of the page, scripts included (cross-site scripting).',
    remediation: 'Let Razor encode the value; sanitise where markup is wanted.',
  },
  {
    id: 'csharp/request-validation-off',
    languages: ['csharp'],
    severity: 'medium',
    pattern: /ValidateInput\(\s*false\s*\)|\bIgnoreAntiforgeryToken\b|DtdProcessing\.Parse|AllowAnyOrigin\(\)/,
    title: 'A protection is switched off',
    explanation: 'The framework would have refused markup, forged requests, document types or foreign origins here.',
    remediation: 'Leave it on, and allow only the one case that needs it.',
  },
  {
    id: 'go/sql-injection',
    languages: ['go'],
    severity: 'critical',
    pattern: new RegExp(
      `Sprintf\\(\\s{0,3}["\`][^"\`]{0,200}${SQL}[^"\`]{0,300}%[svdq]|["\`][^"\`]{0,200}${SQL}.{0,300}["\`]\\s{0,4}\\+\\s{0,4}\\w`,
      'i',
    ),
    title: 'SQL statement built from text',
    explanation: INJECTION,
    remediation: 'Pass the values as arguments of Query or Exec with placeholders ($1 or ?).',
  },
  {
    id: 'go/command-injection',
    languages: ['go'],
    severity: 'high',
    pattern:
      /\bexec\.Command(?:Context)?\([^)]{0,100}"(?:\/bin\/)?(?:sh|bash|cmd|powershell)"\s{0,3},\s{0,3}"(?:-c|\/c|-Command)"/i,
    title: 'Command run by a shell',
    explanation: COMMAND,
    remediation: 'Call exec.Command with the program and each argument on its own.',
  },
  {
    id: 'go/tls-not-verified',
    languages: ['go'],
    severity: 'high',
    pattern: /InsecureSkipVerify\s{0,3}:\s{0,3}true|ssh\.InsecureIgnoreHostKey\(/,
    title: 'Certificates or host keys are not checked',
    explanation: TLS_OFF,
    remediation: 'Leave the check on; set RootCAs for a private authority, and known hosts for SSH.',
  },
  {
    id: 'go/weak-crypto',
    languages: ['go'],
    severity: 'medium',
    pattern: /\b(?:md5|sha1)\.(?:New|Sum)\w{0,3}\(|\b(?:des|rc4)\.New\w{0,24}\(/,
    title: 'Weak hash or cipher',
    explanation: WEAK,
    remediation: STRONG,
  },
  {
    id: 'go/unescaped-template',
    languages: ['go'],
    severity: 'high',
    pattern: /\btemplate\.(?:HTML|JS|URL|HTMLAttr)\(\s{0,3}[^")\s]|^\s*(?:\w+\s+)?"text\/template"/,
    title: 'HTML is not escaped',
    explanation:
      'text/template and the typed strings switch escaping off: markup in the value becomes part of the page.',
    remediation: 'Use html/template and give it plain strings.',
  },
  {
    id: 'go/path-traversal',
    languages: ['go'],
    severity: 'high',
    pattern: /\bos\.(?:Open|ReadFile|Create|Remove)\([^)]{0,150}(?:r\.URL|r\.FormValue|req\.URL|\.Query\(\)|c\.Param)/,
    title: 'Path taken from the request',
    explanation: 'A name such as ../../etc/passwd leaves the folder that was meant.',
    remediation: 'Use os.Root, or filepath.IsLocal before the path is joined.',
  },
  {
    id: 'sql/grant-all',
    languages: ['sql'],
    severity: 'high',
    pattern: /\bgrant\s+all\b.{0,200}\bto\b/i,
    title: 'All rights granted',
    explanation: 'The account may change and delete everything; a mistake or an injection then reaches all of it.',
    remediation: 'Grant the few rights that the program needs, on the tables that it needs.',
  },
  {
    id: 'sql/dynamic-statement',
    languages: ['sql'],
    severity: 'high',
    pattern: /\b(?:exec(?:ute)?(?:\s+immediate)?|sp_executesql|prepare)\b[^;]{0,200}(?:\|\||\+\s{0,3}@|concat\()/i,
    title: 'Statement built from text',
    explanation: INJECTION,
    remediation:
      'Pass the values with USING or as parameters of sp_executesql; quote names with quotename or format %I.',
  },
  {
    id: 'sql/os-command',
    languages: ['sql'],
    severity: 'critical',
    pattern: /\bxp_cmdshell\b|\bcopy\b.{0,200}\bprogram\b|\binto\s+(?:outfile|dumpfile)\b|\bload_file\s{0,3}\(/i,
    title: 'The database reaches the operating system',
    explanation:
      'Commands are run or files are written by the database server: the usual second step after an injection.',
    remediation: 'Switch the feature off and take the right away; look for who put it there.',
  },
  {
    id: 'sql/plaintext-password',
    languages: ['sql'],
    severity: 'medium',
    pattern: /\b(?:identified\s+by|with\s+(?:login\s+)?password\s{0,3}=?)\s{0,3}'[^']{1,128}'/i,
    title: 'Password in a script',
    explanation: 'The password stays in the repository, in the history of the client and in the log of the server.',
    remediation: 'Set it by hand or from a secret store; change this one.',
  },
  {
    id: 'sql/delete-without-where',
    languages: ['sql'],
    severity: 'low',
    pattern:
      /^\s*(?:delete\s+from\s+[\w."`[\]]{1,120}|truncate\s+(?:table\s+)?[\w."`[\]]{1,120}|drop\s+(?:table|database)\s+[\w."`[\] ]{1,120})\s{0,3};/i,
    title: 'Everything is deleted',
    explanation: 'The statement has no condition: it empties or drops the whole table.',
    remediation: 'Add the condition, or keep such statements in a migration that is reviewed and can be undone.',
  },
];
