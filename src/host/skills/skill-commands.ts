/** Making, opening and deleting skills; loaded with the first of these commands. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { skillNameProblem } from '../../core/skill-name.ts';
import { labelText } from '../../core/visible-text.ts';
import { requireGroup, requireTrusted } from '../requirements.ts';
import type { FeatureOf, Services } from '../services.ts';
import type { SkillFiles } from './skill-files.ts';
import { isSkillNode } from './skills-tree.ts';

const WHAT = 'Skills';

export function skillCommands(
  { sessions }: Services,
  files: SkillFiles,
  refresh: () => void,
): FeatureOf<'newSkill' | 'openSkill' | 'deleteSkill' | 'refreshSkills'>['commands'] {
  const named = async (argument: unknown, title: string): Promise<string | undefined> => {
    const own = await requireGroup(sessions, 'skills', WHAT).listUploaded();
    const name = isSkillNode(argument) ? argument.name : typeof argument === 'string' ? argument : undefined;
    // Arguments are untrusted: only what the service lists counts.
    if (name !== undefined && own.includes(name)) return name;
    if (name !== undefined)
      throw new SecGeminiError('notFound', `The skill ${labelText(name, 80)} is not your account's.`);
    if (own.length === 0)
      throw new SecGeminiError('notFound', 'Your account has no skill yet.', {
        action: 'Run "Sec-Gemini: New Skill…".',
      });
    const rows = own.map((each) => ({ label: labelText(each, 100), skill: each }));
    return (await vscode.window.showQuickPick(rows, { title }))?.skill;
  };
  const open = async (uri: vscode.Uri): Promise<void> => {
    const document = await vscode.workspace.openTextDocument(uri);
    // Skills are Markdown, whatever their name ends with.
    if (document.languageId === 'plaintext') await vscode.languages.setTextDocumentLanguage(document, 'markdown');
    await vscode.window.showTextDocument(document, { preview: false });
  };

  return {
    newSkill: async () => {
      requireTrusted('Uploading a skill');
      const own = await requireGroup(sessions, 'skills', WHAT).listUploaded();
      const name = await vscode.window.showInputBox({
        title: 'New Skill',
        prompt: 'Its name, as prompts will ask for it. Nothing is uploaded before you save.',
        value: 'my-skill.md',
        valueSelection: [0, 'my-skill'.length],
        ignoreFocusOut: true,
        validateInput: (text) =>
          own.includes(text.trim()) ? 'Your account has a skill of this name.' : skillNameProblem(text.trim()),
      });
      if (name !== undefined) await open(files.create(name.trim()));
    },
    openSkill: async (argument) => {
      const name = await named(argument, 'Open which skill?');
      if (name !== undefined) await open(files.uri(name));
    },
    deleteSkill: async (argument) => {
      const name = await named(argument, 'Delete which skill?');
      if (name === undefined) return;
      const choice = await vscode.window.showWarningMessage(
        `Delete skill ${labelText(name, 80)}?`,
        { modal: true, detail: 'The service deletes it for your whole account. An open editor keeps its text.' },
        'Delete',
      );
      if (choice !== 'Delete') return;
      await requireGroup(sessions, 'skills', WHAT).delete(name);
      files.forget(name);
      refresh();
    },
    refreshSkills: refresh,
  };
}
