/** The rows of the view "Skills": the account's own, and what the shown session's tool servers offer. */

import * as vscode from 'vscode';
import { labelText } from '../../core/visible-text.ts';
import { COMMANDS } from '../../manifest.ts';
import { factsMarkdown } from '../safe-markdown.ts';
import { ShownSessionTree } from '../shown-session-tree.ts';

export interface SkillNode {
  readonly kind: 'skill';
  readonly name: string;
  /** Uploaded by this account: it can be opened, saved and deleted. */
  readonly own: boolean;
  readonly description: string;
  /** Of the tool server that offers it; empty for an own one that no session has loaded. */
  readonly server: string;
}

/** True for a row of our own view; commands get untrusted arguments. */
export function isSkillNode(value: unknown): value is SkillNode {
  if (typeof value !== 'object' || value === null) return false;
  const node = value as { kind?: unknown; name?: unknown };
  return node.kind === 'skill' && typeof node.name === 'string';
}

export class SkillsTree extends ShownSessionTree<SkillNode> {
  /** As the service lists them now, the account's own first. Rejects with what it says. */
  override async getChildren(element?: SkillNode): Promise<SkillNode[]> {
    const skills = this.sessions.client?.skills;
    if (element !== undefined || skills === undefined) return [];
    const id = this.liveId();
    const [own, servers] = await Promise.all([
      skills.listUploaded(),
      // Without a session there is nothing that runs; one that was deleted elsewhere offers nothing.
      id === undefined ? [] : skills.listSession(id).catch(() => []),
    ]);
    const offered = servers.flatMap((server) => server.skills.map((skill) => ({ ...skill, server: server.name })));
    const node = (name: string, isOwn: boolean): SkillNode => {
      const live = offered.find((skill) => skill.name === name);
      return { kind: 'skill', name, own: isOwn, description: live?.description ?? '', server: live?.server ?? '' };
    };
    const others = offered.map(({ name }) => name).filter((name) => !own.includes(name));
    return [
      ...own.toSorted((a, b) => a.localeCompare(b)).map((name) => node(name, true)),
      ...[...new Set(others)].map((name) => node(name, false)),
    ];
  }

  override getTreeItem(node: SkillNode): vscode.TreeItem {
    const label = labelText(node.name, 100);
    const item = new vscode.TreeItem(label);
    const from = labelText(node.server, 60);
    item.id = `${node.own ? 'own' : 'offered'}|${node.name}`;
    item.description = [node.own ? '' : `from ${from}`, labelText(node.description, 120)]
      .filter((part) => part !== '')
      .join(' · ');
    item.tooltip = factsMarkdown(label, [
      ['Belongs to', node.own ? 'your account' : `the tool server ${from}`],
      ...(node.description === '' ? [] : [['Says of itself', labelText(node.description, 1000)] as const]),
    ]);
    item.iconPath = new vscode.ThemeIcon(node.own ? 'mortar-board' : 'plug');
    item.contextValue = node.own ? 'skill.own' : 'skill.offered';
    item.accessibilityInformation = { label: `Skill ${label}${node.own ? '' : `, from ${from}`}`, role: 'treeitem' };
    if (node.own) item.command = { command: COMMANDS.openSkill, title: 'Open Skill', arguments: [node] };
    return item;
  }
}
