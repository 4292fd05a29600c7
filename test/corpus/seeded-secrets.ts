/**
 * Fake secrets of many kinds in the places where people leave them. They are put together at run time from parts, so
 * that no text of this repository has the form of a secret.
 */
import type { Random } from './random.ts';
import { ALNUM, DIGITS, HEX, LOWER, UPPER, randomOf } from './random.ts';

export interface SeededSecret {
  readonly kind: string;
  readonly fileName: string;
  readonly text: string;
  /** Line of the secret in the text, from 1. */
  readonly line: number;
  readonly secret: string;
}

type Place = readonly [fileName: string, before: string, after: string];

const PYTHON: Place = ['settings.py', 'client = Client("', '")'];
const SCRIPT: Place = ['index.ts', "const client = connect('", "');"];
const ENVIRONMENT: Place = ['.env', 'SERVICE_VALUE=', ''];
const YAML: Place = ['config.yaml', '  value: ', ''];
const JSON_FILE: Place = ['config.json', '  "value": "', '",'];
const SHELL: Place = ['deploy.sh', 'export VALUE="', '"'];
const LOG: Place = ['app.log', '2024-01-09T08:14:07Z DEBUG request with ', ' took 12 ms'];
const PROSE: Place = ['notes.md', 'Use ', ' until Friday.'];
const ANYWHERE: readonly Place[] = [PYTHON, SCRIPT, ENVIRONMENT, YAML, JSON_FILE, SHELL, LOG, PROSE];

const B64 = `${ALNUM}+/`;
const URLSAFE = `${ALNUM}_-`;
const b64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

interface Kind {
  readonly kind: string;
  readonly make: (random: Random) => string;
  readonly places?: readonly Place[];
}

const join = (...parts: readonly string[]): string => parts.join('');

/** A password as a person makes it: a word, a number, a sign. */
const chosenPassword = (random: Random): string =>
  `${random.text(UPPER, 1)}${random.text(LOWER, random.int(4, 7))}${random.pick(['-', '!', '_', '#', '.'])}${random.int(10, 9999)}${random.pick(['', '!', '$$', 'x'])}`;

export const KINDS: readonly Kind[] = [
  { kind: 'aws access key id', make: (r) => join('AK', 'IA', r.text(`${UPPER}234567`, 16)) },
  {
    kind: 'aws secret access key',
    make: (r) => r.text(B64, 40),
    places: [
      ['credentials', 'aws_secret_access_key = ', ''],
      ['.env', 'AWS_SECRET_ACCESS_KEY=', ''],
      ['s3.py', 'AWS_SECRET_ACCESS_KEY = "', '"'],
      ['s3.js', "  secretAccessKey: '", "',"],
      ['main.tf', '  secret_key = "', '"'],
    ],
  },
  { kind: 'github token', make: (r) => join('gh', r.pick(['p', 'o', 's', 'u']), '_', r.text(ALNUM, 36)) },
  {
    kind: 'github fine-grained token',
    make: (r) => join('github', '_pat_', r.text(ALNUM, 22), '_', r.text(ALNUM, 59)),
  },
  { kind: 'gitlab token', make: (r) => join('gl', 'pat-', r.text(ALNUM, 20)) },
  {
    kind: 'slack token',
    make: (r) => join('xox', 'b-', r.text(DIGITS, 12), '-', r.text(DIGITS, 12), '-', r.text(ALNUM, 24)),
  },
  {
    kind: 'slack webhook',
    make: (r) =>
      join(
        'https://hooks.',
        'slack.com/services/T',
        r.text(UPPER + DIGITS, 8),
        '/B',
        r.text(UPPER + DIGITS, 8),
        '/',
        r.text(ALNUM, 24),
      ),
  },
  { kind: 'google api key', make: (r) => join('AI', 'za', r.text(URLSAFE, 34), r.text(ALNUM, 1)) },
  { kind: 'stripe key', make: (r) => join('sk', '_live_', r.text(ALNUM, 24)) },
  { kind: 'sendgrid key', make: (r) => join('S', 'G.', r.text(ALNUM, 22), '.', r.text(ALNUM, 43)) },
  { kind: 'npm token', make: (r) => join('np', 'm_', r.text(ALNUM, 36)) },
  { kind: 'pypi token', make: (r) => join('py', 'pi-Ag', 'EIcHlwaS5vcmc', r.text(ALNUM, 90)) },
  { kind: 'openai key', make: (r) => join('s', 'k-proj-', r.text(ALNUM, 74)) },
  { kind: 'anthropic key', make: (r) => join('s', 'k-ant-api03-', r.text(ALNUM, 93), 'AA') },
  { kind: 'hugging face token', make: (r) => join('h', 'f_', r.text(LOWER + UPPER, 34)) },
  {
    kind: 'telegram token',
    make: (r) => join(r.text('123456789', 1), r.text(DIGITS, 9), ':A', 'A', r.text(ALNUM, 33)),
  },
  {
    kind: 'json web token',
    make: (r) =>
      join(
        b64url({ alg: 'HS256', typ: 'JWT' }),
        '.',
        b64url({ sub: r.text(DIGITS, 10), n: r.text(LOWER, 6) }),
        '.',
        r.text(ALNUM, 43),
      ),
  },
  {
    kind: 'private key',
    make: (r) => join('-----BEGIN ', r.pick(['RSA ', 'EC ', 'OPENSSH ', '']), 'PRIVATE', ' KEY-----'),
    places: [
      ['id_key', '', '\nMIIEvQIBADANBgkqh'],
      ['key.py', 'KEY = """', '\nMIIEvQIBADANBgkqh'],
      ['key.yaml', '    ', '\n    MIIEvQIBADANBgkqh'],
    ],
  },
  {
    kind: 'connection string',
    make: chosenPassword,
    places: [
      ['db.py', 'DSN = "postgresql://app:', '@db.internal:5432/orders"'],
      ['.env', 'DATABASE_URL=mysql://root:', '@10.0.0.5/shop'],
      ['cache.js', "const url = 'redis://default:", "@cache.internal:6379';"],
      ['mongo.yaml', '  uri: mongodb+srv://svc:', '@cluster0.internal/prod'],
      ['app.config', '<add connectionString="Server=db1;Database=shop;User Id=sa;Password=', ';Encrypt=true" />'],
    ],
  },
  {
    kind: 'azure storage key',
    make: (r) => `${r.text(B64, 86)}==`,
    places: [
      [
        '.env',
        'STORAGE=DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=',
        ';EndpointSuffix=core.windows.net',
      ],
      ['blob.cs', 'var c = "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=', '";'],
    ],
  },
  {
    kind: 'password in code',
    make: chosenPassword,
    places: [
      ['login.py', 'password = "', '"'],
      ['login.js', "  password: '", "',"],
      ['Login.java', 'String password = "', '";'],
      ['login.go', 'Password: "', '",'],
      ['.env', 'DB_PASSWORD=', ''],
      ['values.yaml', '  adminPassword: "', '"'],
    ],
  },
  {
    kind: 'key in code',
    make: (r) => r.text(ALNUM, r.int(24, 40)),
    places: [
      ['api.py', 'API_KEY = "', '"'],
      ['api.ts', "const apiKey = '", "';"],
      ['api.php', "$api_secret = '", "';"],
      ['.env', 'SESSION_SECRET=', ''],
      ['api.rb', "config.secret_key = '", "'"],
      ['api.json', '  "clientSecret": "', '",'],
    ],
  },
  {
    kind: 'authorization header',
    make: (r) => r.text(ALNUM, 40),
    places: [
      ['call.sh', "curl -H 'Authorization: Bearer ", "' https://api.internal/v1"],
      ['call.py', 'headers = {"Authorization": "Bearer ', '"}'],
      ['request.http', 'Authorization: Basic ', ''],
    ],
  },
  { kind: 'digitalocean token', make: (r) => join('do', 'p_v1_', r.text(HEX, 64)) },
];

const FILLER: readonly string[] = [
  '# settings of the service',
  'import os',
  'name: orders',
  '',
  'const port = 8080;',
  'The service was started by hand.',
];

/** `perKind` secrets of each kind; the same for the same seed. */
export const seededSecrets = (seed: number, perKind: number): SeededSecret[] => {
  const random = randomOf(seed);
  return KINDS.flatMap(({ kind, make, places = ANYWHERE }) =>
    Array.from({ length: perKind }, (_unused, index) => {
      const secret = make(random);
      const [fileName, before, after] = places[index % places.length] ?? PROSE;
      const above = Array.from({ length: random.int(0, 5) }, () => random.pick(FILLER));
      const text = [...above, `${before}${secret}${after}`, random.pick(FILLER), ''].join('\n');
      return { kind, fileName, text, line: above.length + 1, secret };
    }),
  );
};
