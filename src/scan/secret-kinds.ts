/** Patterns of secrets with a form of their own. Each one is linear: bounded repeats, anchored where a run begins. */

export interface SecretKind {
  /** Stable id, e.g. `aws-access-key-id`. */
  readonly kind: string;
  /** What it is, as a reader would say it. */
  readonly title: string;
  readonly pattern: RegExp;
  /** The group that holds the secret itself; the whole match when absent. */
  readonly group?: number;
  /** A value that has the form and is none. */
  readonly reject?: (value: string, match: RegExpExecArray) => boolean;
}

/** Shannon entropy in bits per character. */
export const entropyOf = (value: string): number => {
  if (value.length === 0) return 0;
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
};

const dull = (value: string): boolean => entropyOf(value) < 2.5;

const token = (kind: string, title: string, source: string, group?: number): SecretKind => ({
  kind,
  title,
  // The look-behind lets a token begin only where a run of word characters begins: no quadratic search in long runs.
  pattern: new RegExp(`(?<![A-Za-z0-9_-])${source}(?![A-Za-z0-9_-])`, 'g'),
  ...(group === undefined ? {} : { group }),
  reject: dull,
});

export const secretKinds: readonly SecretKind[] = [
  token('aws-access-key-id', 'AWS access key id', '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}'),
  {
    kind: 'aws-secret-access-key',
    title: 'AWS secret access key',
    pattern:
      /(?:aws[\w.-]{0,20})?secret[_.-]?(?:access[_.-]?)?key["']?\s{0,8}(?::=|=>|[:=])\s{0,8}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
    group: 1,
    reject: (value) => entropyOf(value) < 3.5,
  },
  token('github-token', 'GitHub token', 'gh[pousr]_[A-Za-z0-9]{36,251}'),
  token('github-fine-grained-token', 'GitHub fine-grained token', 'github_pat_[A-Za-z0-9_]{22,255}'),
  token('gitlab-token', 'GitLab token', 'gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_-]{20,255}'),
  token('slack-token', 'Slack token', 'xox[abeoprs]-[A-Za-z0-9-]{10,250}'),
  {
    kind: 'slack-webhook',
    title: 'Slack webhook address',
    pattern: /https:\/\/hooks\.slack\.com\/(?:services|workflows)\/([A-Za-z0-9_/]{20,120})/g,
    group: 1,
  },
  {
    kind: 'discord-webhook',
    title: 'Discord webhook address',
    pattern: /https:\/\/(?:\w{1,10}\.)?discord(?:app)?\.com\/api\/webhooks\/(\d{17,20}\/[\w-]{50,90})/g,
    group: 1,
  },
  token('google-api-key', 'Google API key', 'AIza[A-Za-z0-9_-]{35}'),
  token('google-oauth-secret', 'Google OAuth client secret', 'GOCSPX-[A-Za-z0-9_-]{28}'),
  token('google-oauth-token', 'Google OAuth access token', 'ya29\\.[A-Za-z0-9_-]{20,500}'),
  token('stripe-key', 'Stripe secret key', '(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,247}'),
  token('stripe-webhook-secret', 'Stripe webhook secret', 'whsec_[A-Za-z0-9+/=]{24,128}'),
  token('twilio-key', 'Twilio API key', 'SK[0-9a-f]{32}'),
  token('sendgrid-key', 'SendGrid API key', 'SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{32,64}'),
  token('mailgun-key', 'Mailgun API key', 'key-[0-9a-f]{32}'),
  token('npm-token', 'npm access token', 'npm_[A-Za-z0-9]{36}'),
  token('pypi-token', 'PyPI upload token', 'pypi-AgE[A-Za-z0-9_-]{50,500}'),
  token('anthropic-key', 'Anthropic API key', 'sk-ant-[A-Za-z0-9_-]{24,250}'),
  token('openai-key', 'OpenAI API key', 'sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_]{32,250}'),
  token('huggingface-token', 'Hugging Face token', 'hf_[A-Za-z0-9]{30,100}'),
  token('databricks-token', 'Databricks token', 'dapi[0-9a-f]{32}(?:-\\d)?'),
  token('docker-token', 'Docker Hub token', 'dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,100}'),
  token('shopify-token', 'Shopify token', 'shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}'),
  token('digitalocean-token', 'DigitalOcean token', 'do[opr]_v1_[0-9a-f]{64}'),
  token('vault-token', 'HashiCorp Vault token', 'hv[sbr]\\.[A-Za-z0-9_-]{24,300}'),
  token('telegram-token', 'Telegram bot token', '\\d{8,10}:AA[A-Za-z0-9_-]{33}'),
  token('age-secret-key', 'age secret key', 'AGE-SECRET-KEY-1[A-Z0-9]{58}'),
  {
    kind: 'jwt',
    title: 'JSON Web Token',
    pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{16,2000}/g,
  },
  {
    kind: 'private-key',
    title: 'private key',
    // The end mark is taken along where it is near, so that the whole block is masked; a cut block counts as far as it goes, and so does a header alone.
    pattern:
      /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?:[A-Za-z0-9+/=:,.\s\\]|-(?!----)){16,12000}-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|(?:(?:\s|\\[nr]){1,8}[A-Za-z0-9+/=]{16,4000}){1,300})?/g,
  },
  {
    kind: 'putty-private-key',
    title: 'PuTTY private key',
    pattern: /^PuTTY-User-Key-File-\d: [\w-]{3,40}/gm,
  },
  {
    kind: 'connection-string',
    title: 'password in a connection string',
    pattern:
      /(?<![A-Za-z0-9])(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|redis|rediss|amqps?|mssql|sqlserver|ftps?|sftp|ssh|smtps?|ldaps?|https?|clickhouse)(?:\+\w{2,12})?:\/\/[^\s:@/"'<>]{0,64}:([^\s:@/"'<>]{3,128})@[\w.[-]/gi,
    group: 1,
    reject: (value) => isPlaceholder(value),
  },
  {
    kind: 'connection-string-password',
    title: 'password in a connection string',
    pattern:
      /(?:server|data source|host|user id|uid|initial catalog|database)\s{0,3}=[^;"'\n]{1,100};(?:[^;"'\n]{1,100};){0,6}?\s{0,3}(?:password|pwd)\s{0,3}=\s{0,3}([^;"'\n]{4,128})/gi,
    group: 1,
    reject: (value) => isPlaceholder(value),
  },
  {
    kind: 'azure-storage-key',
    title: 'Azure storage or service bus key',
    pattern: /(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{42,88}={0,2})/g,
    group: 1,
    reject: (value) => entropyOf(value) < 3.5,
  },
  {
    kind: 'authorization-header',
    title: 'credentials in an Authorization header',
    pattern:
      /authorization["']?\s{0,4}[:=,]\s{0,4}["'`]?(?:basic|bearer|token)\s{1,4}([A-Za-z0-9+/._~-]{16,2000}={0,2})/gi,
    group: 1,
    reject: (value) => isPlaceholder(value) || entropyOf(value) < 3,
  },
  {
    kind: 'curl-password',
    title: 'password on a command line',
    pattern:
      /(?:curl|wget|http)\s[^\n]{0,60}?(?:-u|--user|--password[= ])\s{0,2}["']?[\w.@-]{0,40}:?([^\s"':$]{8,100})/g,
    group: 1,
    reject: (value) => isPlaceholder(value) || !isMixed(value),
  },
];

const PLACEHOLDER =
  /^(?:[$%<{[(*#@&]|\.\.\.)|\$\{|\{\{|\}\}|<[^>]*>|\*{3}|x{4}|\.{3}|…|your[_-]?|example|placeholder|changeme|change[_-]me|insert|replace[_-]?(?:me|with|this)|redacted|dummy|sample|undefined|^null|^none|^true|^false|process\.env|os\.environ|getenv|env\.|secrets\.|vault:|^(?:pass(?:word|wd)?|secret|token|user(?:name)?|admin|root|test)$/i;

/** True for values that stand where a secret will be: variables, angle brackets, asterisks, "changeme". */
export const isPlaceholder = (value: string): boolean => PLACEHOLDER.test(value) || /^(.)\1*$/.test(value);

/** True when at least two of lower case, upper case, digit and symbol occur. */
export const isMixed = (value: string): boolean =>
  [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((part) => part.test(value)).length >= 2;
