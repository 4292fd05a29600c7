import assert from 'node:assert/strict';
import fc from 'fast-check';
import { denyRule, denyRuleOf } from '../../../src/core/egress-deny.ts';

/** Each is `.env`, a key or a credentials file in some spelling that a file system or a person takes for it. */
const DENIED: readonly string[] = [
  // The names of trust.md S26.
  '.env',
  '.env.local',
  '.env.production.bak',
  '.env.example.local',
  '.env.exampled',
  '.env:.env.example',
  '.ssh/id_rsa.pub',
  '.env.example/.env',
  '.envrc',
  'prod.env',
  'server.pem',
  'tls.key',
  'id_rsa',
  'id_ed25519',
  'id_rsa.old',
  'id_rsa_work',
  'id_ecdsa_sk',
  'id_dsa',
  'id_ed25519-github',
  'id_rsa.pub.bak',
  '.npmrc',
  '.git/config',
  'repo/.git/config',
  'kubeconfig',
  'dev.kubeconfig',
  'kubeconfig.yaml',
  'vault.kdbx',
  'store.p12',
  'cert.pfx',
  '.netrc',
  '_netrc',
  '.pypirc',
  '.pgpass',
  '.git-credentials',
  '.docker/config.json',
  '.aws/credentials',
  '.aws/config',
  'home/.ssh/known_hosts',
  '.ssh/config',
  '.kube/config',
  '.gnupg/trustdb.gpg',
  '.azure/accessTokens.json',
  'main.tfstate',
  'prod.tfvars',
  '.config/gh/hosts.yml',
  '.config/gcloud/credentials.db',
  'service-account-prod.json',
  '.m2/settings.xml',
  '/etc/shadow',
  '/proc/self/environ',
  '/proc/1234/environ',
  '.bash_history',
  'Login Data',
  'logins.json',
  '.vault-token',
  'a/.cargo/credentials.toml',
  // Upper and lower case.
  '.ENV',
  '.Env.Local',
  'ID_RSA',
  'Server.PEM',
  '.GIT/CONFIG',
  '.Git/Config',
  'KUBECONFIG',
  '.NpmRc',
  'VAULT.KDBX',
  '.SSH/config',
  // Letters that are the same in upper case, by compatibility or composed differently.
  'server.\uff50em',
  '\uff0eenv',
  '\u2024env',
  'i\u{1d5bd}_rsa',
  '.gıt/config',
  'ſervice-account.json',
  '\u212aubeconfig',
  '.ｇｉｔ/config',
  'cafe\u0301/.env',
  'caf\u00e9/.env',
  // Characters that file systems leave out and eyes do not see.
  '.e\u200dnv',
  '.g\u200cit/config',
  '.env\ufe0f',
  'id\u00ad_rsa',
  '\ufeff.env',
  '.env\u{e0041}',
  '.en\u2060v',
  '.e\u0000nv',
  // Dots and spaces at the end.
  '.env.',
  '.env ',
  '.env. . .',
  'id_rsa.',
  'server.pem ',
  '.git./config',
  '.git /config',
  '.npmrc...',
  // Alternate streams, drives, line ranges.
  '.env::$DATA',
  '.env:stream',
  'C:.env',
  'c:\\x\\.env',
  '.git::$INDEX_ALLOCATION\\config',
  '.git:x/config',
  'server.pem:1-3',
  '.env:10-42',
  // Short names.
  'ENV~1',
  'GIT~1/config',
  'git~2\\config',
  'SSH~1/config',
  'KUBE~1/x',
  'SERVIC~1.JSO',
  'NPMRC~1',
  'DOCKER~1/config.json',
  'AB12CD~1.TXT',
  // Separators and detours.
  '.git\\config',
  'a\\b\\.env',
  '.git//config',
  '.git/./config',
  '.git/hooks/../config',
  'x/../.env',
  './.env',
  '..\\.env',
  '.ssh/a/../config',
  // Percent signs, as in a URI.
  '%2eenv',
  '.git%2fconfig',
  '.%65nv',
  '%2Egit%5Cconfig',
  '.env%20',
  '%ff/.env',
];

const FREE: readonly string[] = [
  // Templates, and names that only begin like a key's.
  '.env.example',
  '.env.sample',
  '.ENV.Template',
  '.env.dist',
  '.env.local.example',
  'id_utils.py',
  'id_card.png',
  'id_rsa.pub',
  'src/app.ts',
  'environment.ts',
  'env.ts',
  'README.md',
  'pem.txt',
  'keys.ts',
  'src/key.ts',
  'valid_rsa.ts',
  'grid_layout.css',
  '.gitignore',
  '.github/workflows/ci.yml',
  'config',
  'src/config',
  'docs/git/config',
  'kube.ts',
  'npmrc.md',
  'a.env.ts',
  'token.ts',
  'monkey.png',
  'package.json',
  '.vscode/settings.json',
  'shadow.css',
  'RUNNER~1/app.ts',
  'app.py:10-42',
  'C:\\src\\app.ts',
  'hosts.yml',
  'a/b/..',
  'history.ts',
  'settings.xml',
  'x.keyboard',
  'notes~',
  '',
];

describe('deny list', () => {
  it('has at least 100 spellings to prove itself on', () => {
    assert.ok(new Set(DENIED).size >= 100, `${new Set(DENIED).size}`);
  });

  for (const path of DENIED)
    it(`keeps ${JSON.stringify(path)} here`, () => {
      assert.notEqual(denyRule(path), undefined);
      assert.notEqual(denyRuleOf(['harmless.txt', `/ws/sub/${path}`]), undefined);
    });

  it('leaves ordinary files alone', () => {
    assert.deepEqual(
      FREE.filter((path) => denyRule(path) !== undefined),
      [],
    );
  });

  it('names the rule as a user would write it', () => {
    assert.deepEqual(['.env.local', 'x/.git/config', '.ssh/x', 'a.PEM'].map(denyRule), [
      '.env*',
      '.git/config',
      '.ssh/**',
      '*.pem',
    ]);
  });

  it('sees a denied name through any mix of spellings', () => {
    const invisible = fc.constantFrom('', '', '\u200d', '\u200b', '\ufe0f', '\u00ad');
    const name = fc.constantFrom('.env', 'id_rsa', '.npmrc', '.git/config', 'server.pem', '.ssh/config');
    const end = fc.constantFrom('', '.', ' ', '. .', '::$DATA', ':x');
    const folder = fc.constantFrom('', 'a/', 'C:\\x\\', '/ws/../', './', '\\\\?\\C:\\');
    fc.assert(
      fc.property(
        folder,
        name,
        end,
        fc.infiniteStream(fc.boolean()),
        fc.infiniteStream(invisible),
        (before, text, after, upper, hidden) => {
          const spelled = [...text]
            .map((letter) => (upper.next().value ? letter.toUpperCase() : letter) + String(hidden.next().value))
            .join('');
          assert.notEqual(denyRule(before + spelled + after), undefined);
        },
      ),
    );
  }).timeout(20_000);

  it('never throws and does not hang on hostile names', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (path) => void denyRule(path)));
    for (const path of [
      'a/'.repeat(50_000),
      `${'.'.repeat(100_000)}x`,
      '~1'.repeat(50_000),
      '%2e'.repeat(50_000),
      ' '.repeat(100_000),
    ])
      denyRule(path);
  }).timeout(20_000);
});
