// Debian packages that a bare machine lacks: installed when we are root, asked for in one sentence when we are not.
import { existsSync } from 'node:fs';
import { run } from './run.ts';

/**
 * Installs Debian packages. `what` says in the error what they are for.
 * Throws with the command that mends it where we are not root or there is no apt-get.
 */
export async function installPackages(what: string, packages: readonly string[]): Promise<void> {
  const names = packages.join(' ');
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      `${what} needs the packages ${names}: run \`sudo apt-get install -y ${names}\` (or your system's way).`,
    );
  }
  console.error(`Installing ${names} (${what})…`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // A stale or absent package list is the usual state of a container image.
  await run(['apt-get', 'update', '-q'], { env });
  const result = await run(['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages], { env });
  if (result.code !== 0) {
    throw new Error(`${what}: \`apt-get install -y ${names}\` failed:\n${result.output.slice(-2000)}`);
  }
}
