/**
 * The built-in list of files that hold secrets by custom (trust.md S26). Pure. A path is judged in every spelling that some file system
 * takes for the same file: case, composed and decomposed letters, look-alike and invisible characters, dots and spaces at the end,
 * alternate streams, short names, percent signs (CVE-2025-59944).
 */

/**
 * A rule without a slash is about the file's own name, anywhere; one with slashes about the end of the path; one that ends in a slash
 * about everything below such a folder. `*` is anything but a slash. Lower case.
 */
const RULES: readonly string[] = [
  '.env*',
  '*.env',
  '*.pem',
  '*.key',
  '*.p12',
  '*.pfx',
  '*.p8',
  '*.pkcs12',
  '*.jks',
  '*.keystore',
  '*.bks',
  '*.ppk',
  '*.kdbx',
  '*.kdb',
  '*.keytab',
  '*.keychain',
  '*.keychain-db',
  '*.agekey',
  '*.ovpn',
  '*.tfstate',
  '*.tfstate.backup',
  '*.tfvars',
  '*.tfvars.json',
  '*.mobileprovision',
  '*.publishsettings',
  'id_rsa*',
  'id_dsa*',
  'id_ecdsa*',
  'id_ed25519*',
  'id_xmss*',
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  '.pypirc',
  '.netrc',
  '_netrc',
  '.pgpass',
  'pgpass.conf',
  '.my.cnf',
  '.mylogin.cnf',
  '.git-credentials',
  '.gitconfig.local',
  '.dockercfg',
  '.dockerconfigjson',
  '.htpasswd',
  '.s3cfg',
  '.boto',
  '.passwd-s3fs',
  '.vault-token',
  '.terraformrc',
  'terraform.rc',
  'credentials.tfrc.json',
  'rclone.conf',
  'wallet.dat',
  'kubeconfig',
  'kubeconfig.*',
  '*.kubeconfig',
  'service-account*.json',
  'service_account*.json',
  'application_default_credentials.json',
  'client_secret*.json',
  '.*_history',
  'login data',
  'cookies.sqlite',
  'key3.db',
  'key4.db',
  'logins.json',
  '.git/config',
  '.git/config.worktree',
  '.git/credentials',
  '.config/git/credentials',
  '.config/gh/hosts.yml',
  '.config/glab-cli/config.yml',
  '.config/hub',
  '.cargo/credentials',
  '.cargo/credentials.toml',
  '.gem/credentials',
  '.m2/settings.xml',
  '.m2/settings-security.xml',
  '.gradle/gradle.properties',
  '.composer/auth.json',
  '.bundle/config',
  '.docker/config.json',
  '.containers/auth.json',
  'containers/auth.json',
  '.aws/credentials',
  '.aws/config',
  '.aws/sso/cache/*',
  '.oci/config',
  'etc/shadow',
  'etc/gshadow',
  'etc/sudoers',
  'proc/*/environ',
  'proc/*/mem',
  '.ssh/',
  '.gnupg/',
  '.kube/',
  '.azure/',
  'gcloud/',
  '.password-store/',
  '.git/modules/',
];

/** What a rule does not mean, in the canonical letters of `spellings`: templates for people to fill in, the public half of a key. */
const EXCEPTIONS: ReadonlyMap<string, RegExp> = new Map([
  ['.env*', /\/\.env(?:\.[^/.:]+)*\.(?:example|sample|template|dist)$/],
  ...['id_rsa*', 'id_dsa*', 'id_ecdsa*', 'id_ed25519*', 'id_xmss*'].map((rule): [string, RegExp] => [
    rule,
    /\/id_[^/:]+\.pub$/,
  ]),
]);

const compiled = RULES.map((rule) => ({
  rule: rule.endsWith('/') ? `${rule}**` : rule,
  pattern: patternOf(rule),
  exception: EXCEPTIONS.get(rule),
}));

/** As the user reads it when a name hides which file it means. */
const SHORT_NAME = 'a short name that hides the real one (NAME~1)';

/** The rule that keeps this file here, as a user reads it (`.env*`), or undefined. `path` has slashes of either kind and may be a bare name. */
export function denyRule(path: string): string | undefined {
  for (const spelling of spellings(path)) {
    for (const { rule, pattern, exception } of compiled)
      if (pattern.test(spelling) && exception?.test(spelling) !== true) return rule;
    if (/\/[^/.~]{1,6}~\d{1,4}(?:\.[^/.]{0,3})?$/.test(spelling)) return SHORT_NAME;
  }
  return undefined;
}

/** The rule for a file that is known by several paths, e.g. a link and what it points to. */
export function denyRuleOf(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const rule = denyRule(path);
    if (rule !== undefined) return rule;
  }
  return undefined;
}

/** `/a/b/name` in canonical letters, one for each file that the spelling could name. */
function* spellings(path: string): Generator<string> {
  yield* canonical(path);
  const decoded = percentDecoded(path);
  if (decoded !== path) yield* canonical(decoded);
}

function* canonical(path: string): Generator<string> {
  const folded = path
    .normalize('NFKC')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu, '')
    // Twice, as some letters (a dotless i) meet their ASCII fellow in upper case only.
    .toUpperCase()
    .toLowerCase();
  const segments: string[] = [];
  const parts = folded.split(/[/\\]/);
  const last = parts.pop() ?? '';
  for (const part of parts) {
    // A stream of a folder is the folder; `c:name` is a name on a drive.
    const segment = bare(part.replace(/^[a-z]:/, '').replace(/:.*$/, ''));
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const folder = segments.map((segment) => `/${segment}`).join('');
  // `name:stream`, `name:10-42` (a selection) and `c:name`: each piece may be the name.
  for (const piece of new Set([last, ...last.split(':')])) yield `${folder}/${bare(piece)}`;
}

/** Without what Windows drops: spaces and dots at the end. `..` stays. */
function bare(segment: string): string {
  const trimmed = segment.trimStart();
  if (trimmed === '..' || trimmed === '.') return trimmed;
  let end = trimmed.length;
  // No pattern: one that looks for the end would try from every dot of a long row.
  while (end > 0 && (trimmed[end - 1] === '.' || trimmed[end - 1] === ' ')) end -= 1;
  return trimmed.slice(0, end);
}

function percentDecoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path.replace(/%([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}

function patternOf(rule: string): RegExp {
  const below = rule.endsWith('/');
  const segments = rule.split('/').filter((segment) => segment !== '');
  const sources = segments.map((segment, index) => {
    const source = segment.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
    const isFolder = below || index < segments.length - 1;
    if (!isFolder || segment.includes('*')) return source;
    // What a FAT-style file system calls the folder: `.git` is `git~1` there.
    const short = segment.replace(/[. ]/g, '').slice(0, 6);
    return `(?:${source}|${short.replace(/[+?^${}()|[\]\\]/g, '\\$&')}~\\d{1,4})`;
  });
  return new RegExp(`/${sources.join('/')}${below ? '/.*' : '$'}`, 's');
}
