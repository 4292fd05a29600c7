/** Which files of a remote window (SSH, WSL, containers, the web) are on the machine that runs our extension host. Pure. */

/**
 * True when an address `vscode-remote://AUTHORITY/path` means this window's own machine. `remoteName` is what VS Code tells extensions of the
 * window's authority: `ssh-remote` of `ssh-remote+host`, or the whole where there is no `+`; undefined for a local window.
 */
export function isOfThisRemote(authority: string, remoteName: string | undefined): boolean {
  if (remoteName === undefined || remoteName === '') return false;
  return authority === remoteName || authority.startsWith(`${remoteName}+`);
}
