import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type PathFlavour, PathGate, relativeTo, spellingRule } from '../../../src/core/path-gate.ts';
import { ALLOWED, REFUSED, REFUSED_ANYWHERE } from './path-spellings.ts';

/**
 * A file system in a table: what each path leads to, links resolved. What is not in it does not exist. Both flavours have a workspace with
 * `src/app.ts`, a neighbour whose name begins like the workspace's, and secrets outside and inside.
 */
function disk(flavour: PathFlavour): (path: string) => Promise<string | undefined> {
  const files = new Map<string, string>();
  const add = (path: string, real = path): void =>
    void files.set(
      flavour === 'win32' ? windows(path).toLowerCase() : path,
      flavour === 'win32' ? windows(real) : real,
    );
  for (const path of [
    '/',
    '/ws',
    '/ws/src',
    '/ws/src/app.ts',
    '/ws/a b.txt',
    '/ws/.env',
    '/ws/.git/config',
    '/ws/aux.c',
    '/ws-evil',
    '/ws-evil/x.txt',
    '/etc/passwd',
    '/elsewhere/me/.ssh/id_rsa',
    '/lib',
    '/lib/x.ts',
    '/ws/nested',
    '/ws/nested/y.ts',
  ])
    add(path);
  add('/ws/src/na:me');
  add('/ws/link.ts', '/ws/src/app.ts');
  add('/ws/out', '/etc/passwd');
  add('/ws/outdir/passwd', '/etc/passwd');
  add('/ws/secret', '/ws/.env');
  add('/ws/key', '/elsewhere/me/.ssh/id_rsa');
  add('/elsewhere/in.ts', '/ws/src/app.ts');
  add('/linked', '/ws');
  add('/linked/src/app.ts', '/ws/src/app.ts');
  return async (path) => {
    const plain =
      flavour === 'win32'
        ? path
            .replaceAll('/', '\\')
            .replace(/\\+/g, '\\')
            .replace(/\\\.(?=\\|$)/g, '')
            .toLowerCase()
        : path.replace(/\/+/g, '/').replace(/\/\.(?=\/|$)/g, '');
    return files.get(plain.length > 1 ? plain.replace(/(?<=.[^:])[\\/]$/, '') : plain);
  };
}

const windows = (path: string): string => `C:${path.replaceAll('/', '\\')}`;

const gateOf = (flavour: PathFlavour, roots: readonly string[] = ['/ws']): PathGate =>
  new PathGate({ flavour, roots: flavour === 'win32' ? roots.map(windows) : roots, realPath: disk(flavour) });

describe('path gate', () => {
  it('is tried with at least 150 spellings in each flavour', () => {
    for (const flavour of ['posix', 'win32'] as const) {
      const spellings = new Set([...REFUSED_ANYWHERE, ...REFUSED[flavour], ...ALLOWED[flavour]]);
      assert.ok(spellings.size >= 150, `${flavour}: ${spellings.size}`);
    }
  });

  for (const flavour of ['posix', 'win32'] as const) {
    const real = (path: string): string => (flavour === 'win32' ? windows(path) : path);

    it(`allows what lies inside (${flavour})`, async () => {
      for (const path of ALLOWED[flavour]) {
        const verdict = await gateOf(flavour).check({ path });
        assert.ok(verdict.allowed, `${path}: ${verdict.allowed ? '' : verdict.rule}`);
        assert.notEqual(relativeTo(real('/ws'), verdict.realPath, flavour), undefined, path);
        assert.equal(verdict.root, real('/ws'));
      }
    });

    for (const path of [...REFUSED_ANYWHERE, ...REFUSED[flavour]])
      it(`refuses ${JSON.stringify(path.slice(0, 60))} (${flavour})`, async () => {
        for (const roots of [['/ws'], ['/ws', '/lib']])
          for (const root of [undefined, real('/ws')]) {
            const verdict = await gateOf(flavour, roots).check({ path, root });
            assert.ok(!verdict.allowed, `${path} became ${verdict.allowed ? verdict.realPath : ''}`);
            assert.notEqual(verdict.rule, '');
          }
      });

    it(`keeps several roots apart (${flavour})`, async () => {
      const gate = gateOf(flavour, ['/ws', '/lib', '/ws/nested']);
      const check = async (path: string, root?: string) => {
        const verdict = await gate.check({ path, root: root === undefined ? undefined : real(root) });
        return verdict.allowed ? [verdict.root, verdict.relative] : verdict.rule;
      };
      assert.deepEqual(await check('x.ts', '/lib'), [real('/lib'), 'x.ts']);
      assert.equal(await check('x.ts', '/ws'), 'no such file');
      assert.equal(await check('x.ts'), 'relative to which folder?');
      assert.equal(await check('x.ts', '/etc'), 'not one of the folders');
      assert.equal(await check(real('/lib/x.ts'), '/ws'), 'outside the folder');
      assert.deepEqual(await check(real('/ws/nested/y.ts')), [real('/ws/nested'), 'y.ts'], 'the innermost');
    });

    it(`follows a workspace that is a link itself (${flavour})`, async () => {
      const gate = gateOf(flavour, ['/linked']);
      const verdict = await gate.check({ path: real('/linked/src/app.ts') });
      assert.deepEqual(verdict, {
        allowed: true,
        realPath: real('/ws/src/app.ts'),
        root: real('/linked'),
        relative: 'src/app.ts',
      });
    });

    it(`refuses everything when nothing can be resolved, and without a root (${flavour})`, async () => {
      const broken = new PathGate({
        flavour,
        roots: [real('/ws')],
        realPath: async () => Promise.reject(new Error('EIO')),
      });
      assert.deepEqual(await broken.check({ path: 'src' }), { allowed: false, rule: 'cannot be resolved' });
      assert.equal((await gateOf(flavour, []).check({ path: real('/ws/src/app.ts') })).allowed, false);
    });

    it(`never allows a path outside, whatever is asked (${flavour})`, async () => {
      const piece = fc.constantFrom(
        '..',
        '.',
        'src',
        'app.ts',
        'out',
        'ws',
        'ws-evil',
        'etc',
        'passwd',
        '',
        '%2e%2e',
        '~',
        '.env',
        'C:',
        '\\',
        '/',
        '\u0000',
        ' ',
        '::$DATA',
        'link.ts',
        'outdir',
        'nul',
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(piece, { maxLength: 8 }),
          fc.constantFrom('/', '\\', ''),
          async (pieces, separator) => {
            const verdict = await gateOf(flavour).check({ path: pieces.join(separator) });
            if (!verdict.allowed) return;
            assert.notEqual(relativeTo(real('/ws'), verdict.realPath, flavour), undefined);
            assert.ok(!/\.env|config|id_rsa|passwd|evil/i.test(verdict.realPath));
          },
        ),
        { numRuns: 2000 },
      );
    }).timeout(20_000);
  }

  it('names the rule', () => {
    assert.deepEqual(
      ['a/../b', '\\\\s\\x', '~', 'file:x', '%2e%2e', 'a\u0000'].map((path) => spellingRule(path, 'win32')),
      [
        'parent folder',
        'network or device path',
        'home folder',
        'another scheme',
        'percent-encoded path',
        'control character',
      ],
    );
    assert.deepEqual(
      ['nul', 'x/a:b', 'a.', 'ENV~1', 'C:x', '\\x'].map((path) => spellingRule(path, 'win32')),
      [
        'device name',
        'alternate stream',
        'dot or space at the end',
        'short name',
        'relative to a drive',
        'relative to a drive',
      ],
    );
  });

  it('compares folders by segment', () => {
    assert.equal(relativeTo('/ws', '/ws-evil/x', 'posix'), undefined);
    assert.equal(relativeTo('/ws/', '/ws/x', 'posix'), 'x');
    assert.equal(relativeTo('/', '/etc/x', 'posix'), 'etc/x');
    assert.equal(relativeTo('C:\\ws', '\\\\?\\c:\\WS\\a\\b', 'win32'), 'a/b');
    assert.equal(relativeTo('\\\\srv\\share\\ws', '\\\\SRV\\share\\ws\\a', 'win32'), 'a');
    assert.equal(relativeTo('C:\\ws', 'D:\\ws\\a', 'win32'), undefined);
    assert.equal(relativeTo('ws', 'ws/a', 'posix'), undefined);
  });
});
