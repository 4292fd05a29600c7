/** The egress gate with its ports in the editor. */

import { createHash, randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { Egress } from '../../core/egress.ts';
import type { EgressPorts, SecretMapStore } from '../../core/egress-model.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { Log } from '../../core/log.ts';
import type { Places } from '../places.ts';
import { readSetting } from '../settings.ts';

// Loaded with the first question.
const questions = () => import('./confirm.ts');

export interface EditorEgressOptions {
  readonly maxBytes: () => number;
  readonly log: Log;
  readonly ledger?: Ledger | undefined;
  readonly places: Places;
  readonly secretMaps?: SecretMapStore | undefined;
}

/** The one egress gate of this window. */
export function createEgress({ places, ...options }: EditorEgressOptions): Egress {
  const ports: EgressPorts = {
    ...options,
    confirm: async (request) =>
      (await questions()).confirmEgress({ ...request, destination: places.name(request.destination) }),
    confirmDenied: async (file, rule) => (await questions()).confirmDenied(file, rule),
    confirmPrompt: async (request) =>
      (await questions()).confirmPrompt({ ...request, destination: places.name(request.destination) }),
    ask: () => (readSetting('secGemini.attach.confirm') === 'whenFlagged' ? 'whenFlagged' : 'always'),
    restricted: () => !vscode.workspace.isTrusted,
    rules: async (files, about) => {
      const { workspaceRules } = await import('./workspace-rules.ts');
      return workspaceRules(files, about);
    },
    scan: async (bytes, { fileName, cut, signal }) => {
      // Some hundred kilobytes of rules: loaded with the first file.
      const { inspectText } = await import('../../scan/inspect-text.ts');
      return inspectText(bytes, { fileName, cut, signal });
    },
    newHash: (algorithm) => {
      const hash = createHash(algorithm);
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
    },
    newId: randomUUID,
    now: Date.now,
  };
  return new Egress(ports);
}
