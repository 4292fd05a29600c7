/**
 * The tools that VS Code knows, of other extensions and of the user's MCP servers under VS Code's own trust. They say nothing of their effects
 * here, so each call is asked about; VS Code's own terminal and file tools are never among them.
 */

import * as vscode from 'vscode';
import { boundText } from '../../core/tools/output.ts';
import type { ForeignInfo, ForeignSource, SourceState } from '../../core/tools/foreign.ts';
import { isNeverOffered } from '../../core/tools/never-offered.ts';
import type { ToolArgs, ToolContext, ToolOutput } from '../../core/tools/tool.ts';
import { SecGeminiError } from '../../core/errors.ts';

export const VSCODE_SOURCE = 'vscode';

export class VsCodeTools implements ForeignSource {
  readonly id = VSCODE_SOURCE;
  readonly label = 'VS Code';
  readonly place = 'through its list of tools';
  readonly prefix = 'vscode';

  /** Never fails: the list is VS Code's, and may be empty. */
  get state(): SourceState {
    const count = this.tools().length;
    if (count > 0) return { kind: 'ready', words: `${count} ${count === 1 ? 'tool' : 'tools'}` };
    const isOff = vscode.workspace.getConfiguration('chat').get<boolean>('disableAIFeatures') === true;
    return { kind: 'ready', words: isOff ? 'AI features are off in VS Code' : 'no tools' };
  }

  /** VS Code tells of no change: it is asked each time. */
  tools(): readonly ForeignInfo[] {
    return vscode.lm.tools
      .filter(({ name, tags }) => !isNeverOffered(name, tags))
      .map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  }

  resources(): readonly [] {
    return [];
  }

  async call(name: string, args: ToolArgs, { signal }: ToolContext): Promise<ToolOutput> {
    if (!this.tools().some((tool) => tool.name === name))
      throw new SecGeminiError('notFound', 'VS Code no longer has this tool.');
    if (signal.aborted) throw new SecGeminiError('cancelled', 'The call was stopped.');
    const source = new vscode.CancellationTokenSource();
    const cancel = (): void => source.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const { content } = await vscode.lm.invokeTool(
        name,
        { input: { ...args }, toolInvocationToken: undefined },
        source.token,
      );
      return { text: boundText(content.map(partText).join('\n')) };
    } catch (error) {
      throw new SecGeminiError(
        'unavailable',
        `VS Code's tool failed: ${error instanceof Error ? error.message.slice(0, 500) : ''}`,
      );
    } finally {
      signal.removeEventListener('abort', cancel);
      source.dispose();
    }
  }

  async read(): Promise<ToolOutput> {
    throw new SecGeminiError('notFound', 'VS Code offers no resources here.');
  }
}

function partText(part: unknown): string {
  if (part instanceof vscode.LanguageModelTextPart) return part.value;
  const { mimeType, data } = (part ?? {}) as { readonly mimeType?: unknown; readonly data?: unknown };
  if (typeof mimeType !== 'string' || !(data instanceof Uint8Array)) return '[a part that is no text: not handed on]';
  return /^text\/|json$/.test(mimeType)
    ? new TextDecoder().decode(data)
    : `[${mimeType}, ${data.byteLength} bytes: not handed on]`;
}
