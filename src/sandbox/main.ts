/**
 * The local sandbox's process.
 *   sandbox.mjs --port N --api-key K [--user JSON] [--api-key K2 …] [--state FILE]   plain: runs until SIGINT or SIGTERM
 *   sandbox.mjs --profile FOLDER                                                     started by an editor; see core/sandbox-lease.ts
 * One JSON line on stdout says where it serves; words go to stderr.
 */
import { parseCommandLine } from './life/command-line.ts';
import { runPlain } from './life/plain.ts';
import { runProfile } from './life/profile.ts';

const say = (words: string): void => void process.stderr.write(`${words}\n`);
// A closed stdout or stderr (the window that started us is gone) must not end the sandbox that other windows use.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

const command = parseCommandLine(process.argv.slice(2));
if (command.mode === 'wrong') {
  say(command.why);
  process.exitCode = 2;
} else {
  const run = command.mode === 'plain' ? runPlain(command, say) : runProfile({ folder: command.folder }, say);
  // What goes wrong while it starts is told below.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void run.stop().catch(() => undefined));
  try {
    await run.ready.then((line) => process.stdout.write(`${JSON.stringify(line)}\n`));
    await run.ended;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
