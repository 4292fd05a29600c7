/** The view "Skills" and their documents. */

import * as vscode from 'vscode';
import { late } from '../../core/late.ts';
import { SKILL_SCHEME, VIEWS } from '../../manifest.ts';
import { lateCommands } from '../lazy-feature.ts';
import type { Feature, Services } from '../services.ts';
import { skillCommands } from './skill-commands.ts';
import { SkillFiles } from './skill-files.ts';
import { type SkillNode, SkillsTree } from './skills-tree.ts';

export interface SkillsFeature extends Feature {
  readonly files: vscode.FileSystemProvider;
}

export function createSkillsFeature(services: Services): SkillsFeature {
  const { sessions, shownSession, store } = services;
  // Noted from the beginning: a document that was restored may be saved before a skill was read.
  const reasons = new Map<string, vscode.TextDocumentSaveReason>();
  store.add(
    vscode.workspace.onWillSaveTextDocument(({ document, reason }) => {
      if (document.uri.scheme === SKILL_SCHEME) reasons.set(document.uri.toString(), reason);
    }),
  );
  const tree = store.add(new SkillsTree(sessions, shownSession));
  store.add(vscode.window.createTreeView<SkillNode>(VIEWS.skills, { treeDataProvider: tree }));
  const refresh = (): void => tree.refresh();
  const files = late(() => store.add(new SkillFiles(services, reasons, refresh)));
  const follow = (): void => tree.follow();
  store.add(shownSession.onDidChange(follow));
  store.add(sessions.onDidChangeList(follow));

  return {
    files,
    commands: lateCommands(() => skillCommands(services, files, refresh), {
      newSkill: true,
      openSkill: true,
      deleteSkill: true,
      refreshSkills: true,
    }),
  };
}
