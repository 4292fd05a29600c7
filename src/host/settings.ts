/** Typed reading of our settings. Workspace values never count: all are of scope `application` (trust.md S14). */

import * as vscode from 'vscode';
import type { SecGeminiClient } from '../core/client.ts';
import { DEFAULT_ENDPOINT } from '../core/connection.ts';
import { DEFAULT_RETRY, MAX_TIMES, type RetryPolicy } from '../core/retry.ts';
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

/** The user's retry policy; what makes no sense is taken as the nearest that does. */
export function retryPolicy(): RetryPolicy {
  const strategy = readSetting('secGemini.retry.strategy');
  const times = readSetting('secGemini.retry.times');
  const seconds = readSetting('secGemini.retry.delaySeconds');
  return {
    strategy: strategy === 'none' || strategy === 'fixed' ? strategy : DEFAULT_RETRY.strategy,
    times: typeof times === 'number' ? Math.min(Math.max(0, Math.round(times)), MAX_TIMES) : DEFAULT_RETRY.times,
    delayMs: typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, 30) * 1000 : DEFAULT_RETRY.delayMs,
  };
}
