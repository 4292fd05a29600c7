/** The view "Skills" and their documents. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { skillNameProblem } from '../../core/skill-name.ts';
import { labelText } from '../../core/visible-text.ts';
import { VIEWS } from '../../manifest.ts';
import { requireGroup, requireTrusted } from '../requirements.ts';
import type { Feature, Services } from '../services.ts';
import { SkillFiles } from './skill-files.ts';
import { type SkillNode, SkillsTree, isSkillNode } from './skills-tree.ts';

const WHAT = 'Skills';

export interface SkillsFeature extends Feature {
  readonly files: vscode.FileSystemProvider;
}

export function createSkillsFeature(services: Services): SkillsFeature {
  const { sessions, shownSession, store } = services;
  const files = store.add(new SkillFiles(services));
  const tree = store.add(new SkillsTree(sessions, shownSession));
  store.add(vscode.window.createTreeView<SkillNode>(VIEWS.skills, { treeDataProvider: tree }));
  const refresh = (): void => tree.refresh();
  store.add(files.onDidUpload(refresh));
  const follow = (): void => tree.follow();
  store.add(shownSession.onDidChange(follow));
  store.add(sessions.onDidChangeList(follow));

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
    files,
    commands: {
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
    },
  };
}
