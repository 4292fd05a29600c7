/** The sandbox's process behind its port, loaded by who starts or stops one: a key of the service needs none of it. */

import type { ConnectionPorts } from '../../core/connection.ts';
import type { SandboxProcess, SandboxProcessOptions } from './sandbox-process.ts';

export function lazySandbox(options: SandboxProcessOptions): ConnectionPorts['sandbox'] {
  let made: Promise<SandboxProcess> | undefined;
  const process = (): Promise<SandboxProcess> =>
    (made ??= import('./sandbox-process.ts').then(({ SandboxProcess }) => new SandboxProcess(options)));
  return {
    start: async () => (await process()).start(),
    stop: async () => (await process()).stop(),
  };
}
