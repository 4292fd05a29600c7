/** Typed reading of our settings. Workspace values never count: all are of scope `application` (trust.md S14). */

import * as vscode from 'vscode';
import type { SecGeminiClient } from '../core/client.ts';
import { DEFAULT_ENDPOINT } from '../core/connection.ts';
import type { Settings } from '../manifest.ts';

/** The user's own value or the default; what a workspace says is not looked at. */
export function readSetting<K extends keyof Settings>(key: K): Settings[K] | undefined {
  const found = vscode.workspace.getConfiguration().inspect<Settings[K]>(key);
  return found?.globalValue ?? found?.defaultValue;
}

export function endpointSetting(): string {
  const value = readSetting('secGemini.endpoint');
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : DEFAULT_ENDPOINT;
}

/** Bytes: the user's setting, else what the protocol carries. */
export function maxAttachmentBytes(client: SecGeminiClient | undefined): number {
  const value = readSetting('secGemini.attach.maxBytes');
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  return client?.capabilities.maxAttachmentBytes ?? 20_000_000;
}
