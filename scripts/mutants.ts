// Mutants: every test/mutants/*.patch breaks one promise; the command in its `# test:` line has to notice. Each patch is
// applied to a copy of the tree; a mutant whose command still passes has survived, which is a failure.
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Counts, countChecks, countsLine, sum } from './lib/counts.ts';
import { root } from './lib/paths.ts';
import { mustRun, run } from './lib/run.ts';

/** Runs every mutant, or those whose names begin with one of `names`, and counts those that were noticed. */
export async function runMutants(names: readonly string[] = ['']): Promise<Counts> {
  const patches = globSync('test/mutants/*.patch', { cwd: root })
    .filter((patch) => names.some((name) => basename(patch).startsWith(name)))
    .toSorted();
  if (patches.length === 0) console.log('No test/mutants/*.patch yet.');
  const healthy = new Map<string, Promise<string[]>>();
  const waiting = [...patches];
  const counts: Counts[] = [];
  // Two side by side; each is said when it is known, because the whole takes long.
  const worker = async (): Promise<void> => {
    for (let patch = waiting.shift(); patch !== undefined; patch = waiting.shift()) {
      const command = /^# test: (.+)$/m.exec(readFileSync(join(root, patch), 'utf8'))?.[1];
      const faults =
        command === undefined ? ['it has no line "# test: COMMAND"'] : await judge(patch, command, healthy);
      counts.push(countChecks([[basename(patch), faults]]));
    }
  };
  await Promise.all([worker(), worker()]);
  return sum(counts);
}

/** The faults of one mutant: none when its command passes on the tree as it is and fails with the patch. */
async function judge(patch: string, command: string, healthy: Map<string, Promise<string[]>>): Promise<string[]> {
  let sound = healthy.get(command);
  if (sound === undefined) {
    sound = inCopy(async (copy) => {
      const { code, output } = await shell(command, copy);
      return code === 0 ? [] : [`\`${command}\` fails without the mutant: ${output.slice(-600)}`];
    });
    healthy.set(command, sound);
  }
  const faults = await sound;
  if (faults.length > 0) return faults;
  return inCopy(async (copy) => {
    const applied = await run(['git', 'apply', '--whitespace=nowarn', join(root, patch)], {
      cwd: copy,
      env: outsideGit(),
    });
    if (applied.code !== 0) return [`it does not apply: ${applied.output.trim()}`];
    const { code } = await shell(command, copy);
    return code === 0 ? [`it survived \`${command}\``] : [];
  });
}

/** Runs `use` in a temporary copy of the tracked and new files, with a link to node_modules. */
async function inCopy<T>(use: (copy: string) => Promise<T>): Promise<T> {
  const copy = mkdtempSync(join(tmpdir(), 'sg-mutant-'));
  try {
    const listed = await mustRun(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard']);
    for (const path of listed.split('\0').filter((each) => each !== '' && each !== 'node_modules')) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      // A file that is deleted but still listed is left out.
      cpSync(join(root, path), join(copy, path), { force: true, errorOnExist: false, dereference: false });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
    return await use(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The command comes from a file of this repository and is run as a developer would type it. */
function shell(command: string, cwd: string): Promise<{ code: number; output: string }> {
  return run(process.platform === 'win32' ? ['cmd', '/c', command] : ['sh', '-c', command], { cwd });
}

/** `git apply` must not look for a repository above the copy. */
function outsideGit(): NodeJS.ProcessEnv {
  return { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() };
}

if (import.meta.main) {
  const counts = await runMutants(process.argv.length > 2 ? process.argv.slice(2) : undefined);
  console.log(countsLine(counts));
  process.exitCode = counts.failed === 0 ? 0 : 1;
}
