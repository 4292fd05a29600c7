/** What a click on a file of a session does; loaded with the first. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { safeFileName } from '../../core/file-name.ts';
import { looksBinary } from '../../core/hex-dump.ts';
import { isTreeNode } from '../../core/session-tree.ts';
import { labelText } from '../../core/visible-text.ts';
import type { FeatureOf, Services } from '../services.ts';

/** Of documents that are the bytes that were sent. */
export const SENT = 'sec-gemini-sent';
/** Of documents that are their hex dump. */
export const SENT_HEX = 'sec-gemini-hex';
const IMAGES = /\.(png|jpe?g|gif|webp|bmp|ico|avif)$/i;

/** `read`: the bytes of such a document. */
export function sentCommands(
  { sessions, ledger }: Services,
  read: (uri: vscode.Uri) => Promise<Uint8Array>,
): FeatureOf<'openAttachment'>['commands'] {
  return {
    openAttachment: async (node, line, stay) => {
      if (!isTreeNode(node) || (node.kind !== 'file' && node.kind !== 'shelved'))
        throw new SecGeminiError('invalidArgument', 'No file was chosen.', {
          action: 'Click a file in the Sessions view.',
        });
      const { sessionId, attachment } = node;
      const name = labelText(attachment.name, 60);
      const { sha256 } = attachment;
      if (sha256 === undefined || sessions.openSent(sessionId, sha256) === undefined) {
        if ((await ledger.read(sessionId)).some((entry) => entry.kind === 'file' && entry.sha256 === sha256))
          throw new SecGeminiError('notFound', `The copy of ${name} was deleted to save room on this machine.`, {
            action:
              'Only the record of it is left (Show What Left). The setting "secGemini.keptFilesMegabytes" gives copies more room.',
          });
        throw new SecGeminiError('notFound', `The bytes of ${name} are not on this machine.`, {
          action: 'They were sent from elsewhere; only the service has them. Attach the file here to look at it.',
        });
      }
      const path = `/${sessionId}/${sha256}/${safeFileName(attachment.name)}`;
      const uri = vscode.Uri.from({ scheme: SENT, path });
      const head = (await read(uri)).subarray(0, 512);
      // A preview beside a list: the list keeps the keyboard.
      const how = { preview: true, preserveFocus: stay === true };
      if (IMAGES.test(path)) await vscode.commands.executeCommand('vscode.open', uri, how, `${name} (sent)`);
      else if (looksBinary(head))
        await vscode.window.showTextDocument(
          await vscode.workspace.openTextDocument(uri.with({ scheme: SENT_HEX, path: `${path}.hex` })),
          how,
        );
      // By name: another editor for this type (a notebook, a preview) would render what must stay inert.
      else {
        const at = typeof line === 'number' && Number.isSafeInteger(line) && line > 0 ? line - 1 : undefined;
        await vscode.commands.executeCommand('vscode.openWith', uri, 'default', {
          ...how,
          ...(at === undefined ? {} : { selection: new vscode.Range(at, 0, at, 0) }),
        });
      }
    },
  };
}
