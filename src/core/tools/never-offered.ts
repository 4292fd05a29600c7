/**
 * Tools of VS Code itself that are never offered to an agent, whoever ticks what: terminals, tasks and the editing of files (trust.md S16, S29),
 * and those that read the workspace without this extension's path gate, for which the editor's own tools are there (S26). Pure.
 */

/** VS Code's own that touch neither the terminal nor files of the workspace. */
const HARMLESS = new Set([
  'copilot_getVSCodeAPI',
  'copilot_githubRepo',
  'copilot_githubTextSearch',
  'copilot_fetchWebPage',
  'vscode_fetchWebPage_internal',
  'vscode_searchExtensions_internal',
]);

/** VS Code's own without a prefix (1.103 to 1.139). */
const OWN = new Set([
  'apply_patch',
  'await_terminal',
  'create_and_run_task',
  'create_directory',
  'create_file',
  'edit_files',
  'edit_notebook_file',
  'execution_subagent',
  'explore_subagent',
  'get_task_output',
  'inline_chat_exit',
  'insert_edit_into_file',
  'install_extension',
  'manage_todo_list',
  'multi_replace_string_in_file',
  'read_file',
  'rename',
  'replace_string_in_file',
  'runSubagent',
  'runTests',
  'run_notebook_cell',
  'run_task',
  'run_vscode_command',
  'search_subagent',
  'skill',
  'task_complete',
  'testFailure',
]);

/** `name`: as `vscode.lm.tools` lists it; `tags` as they stand there. */
export function isNeverOffered(name: string, tags: readonly string[] = []): boolean {
  // What VS Code holds of the user's MCP servers: theirs, not VS Code's own. It asks at every call.
  if (name.startsWith('mcp_')) return false;
  if (HARMLESS.has(name)) return false;
  if (/^(copilot|vscode|setup|github_copilot)_/.test(name) || OWN.has(name)) return true;
  if (tags.some((tag) => /^vscode_(editing|codesearch)/.test(tag))) return true;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.some((word) => /^(terminal|terminals|shell|bash|powershell|pwsh)$/.test(word));
}
