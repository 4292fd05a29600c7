/** What this machine is, for the prompts of sessions whose user turned that on (protocol/v3.md, `sys_*`). Nothing of network, paths or Git. */

import { platform, release } from 'node:os';
import { basename } from 'node:path';
import * as vscode from 'vscode';

export function systemInfo(): Readonly<Record<string, string>> {
  const now = new Date();
  const two = (value: number): string => String(value).padStart(2, '0');
  return {
    sys_os: `${platform()} ${release()}`,
    sys_shell: basename(vscode.env.shell),
    sys_tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
    sys_date: `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`,
    sys_time: `${two(now.getHours())}:${two(now.getMinutes())}`,
  };
}
