/** Which language or format a file is in: by name, by label, by the first lines. */

import { own } from '../../core/own.ts';

export type Language =
  | 'python'
  | 'javascript'
  | 'java'
  | 'c'
  | 'csharp'
  | 'go'
  | 'php'
  | 'ruby'
  | 'shell'
  | 'sql'
  | 'powershell'
  | 'dockerfile'
  | 'yaml'
  | 'workflow'
  | 'terraform';

const BY_EXTENSION: Readonly<Record<string, Language>> = {
  py: 'python',
  pyw: 'python',
  pyi: 'python',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  ts: 'javascript',
  tsx: 'javascript',
  mts: 'javascript',
  cts: 'javascript',
  vue: 'javascript',
  html: 'javascript',
  htm: 'javascript',
  java: 'java',
  kt: 'java',
  jsp: 'java',
  c: 'c',
  h: 'c',
  cc: 'c',
  cpp: 'c',
  cxx: 'c',
  hpp: 'c',
  hh: 'c',
  cs: 'csharp',
  cshtml: 'csharp',
  go: 'go',
  php: 'php',
  phtml: 'php',
  php5: 'php',
  rb: 'ruby',
  erb: 'ruby',
  rake: 'ruby',
  sh: 'shell',
  bash: 'shell',
  zsh: 'shell',
  ksh: 'shell',
  sql: 'sql',
  ps1: 'powershell',
  psm1: 'powershell',
  psd1: 'powershell',
  dockerfile: 'dockerfile',
  yml: 'yaml',
  yaml: 'yaml',
  tf: 'terraform',
  tfvars: 'terraform',
  hcl: 'terraform',
};

const BY_LABEL: Readonly<Record<string, Language>> = {
  python: 'python',
  javascript: 'javascript',
  typescript: 'javascript',
  java: 'java',
  c: 'c',
  cpp: 'c',
  cs: 'csharp',
  csharp: 'csharp',
  go: 'go',
  php: 'php',
  ruby: 'ruby',
  shell: 'shell',
  sql: 'sql',
  powershell: 'powershell',
  dockerfile: 'dockerfile',
  yaml: 'yaml',
  hcl: 'terraform',
};

const SHEBANGS: readonly (readonly [RegExp, Language])[] = [
  [/\bpython/, 'python'],
  [/\bnode\b|\bdeno\b|\bbun\b/, 'javascript'],
  [/\bruby\b/, 'ruby'],
  [/\bphp\b/, 'php'],
  [/\bpwsh\b/, 'powershell'],
  [/\b(?:ba|z|k|da)?sh\b/, 'shell'],
];

/** The language, or undefined when it is none of those that have rules. `head`: the first few hundred characters. */
export const languageOf = (name: string, label: string, head: string): Language | undefined => {
  const base = name.split(/[/\\]/).at(-1)?.toLowerCase() ?? '';
  if (/^(?:dockerfile|containerfile)(?:\.|$)/.test(base)) return 'dockerfile';
  const extension = base.includes('.') ? (base.split('.').at(-1) ?? '') : '';
  const byName = own(BY_EXTENSION, extension);
  if (byName === 'yaml') return isWorkflow(name, head) ? 'workflow' : 'yaml';
  if (byName !== undefined) return byName;
  if (head.startsWith('#!')) {
    const first = head.slice(0, 120).split('\n')[0] ?? '';
    for (const [pattern, language] of SHEBANGS) if (pattern.test(first)) return language;
  }
  if (/^\s{0,20}<\?php/.test(head)) return 'php';
  return own(BY_LABEL, label.toLowerCase());
};

const isWorkflow = (name: string, head: string): boolean =>
  /\.github[/\\]workflows[/\\]/.test(name) || (/^(?:on|"on"|'on')\s*:/m.test(head) && /^jobs\s*:/m.test(head));
