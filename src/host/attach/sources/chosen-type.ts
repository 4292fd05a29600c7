/** A file whose type the user names: for what neither its ending nor its first bytes tell. */

import * as vscode from 'vscode';
import type { AttachCandidate } from '../../../core/attach-source.ts';
import { CONTENT_TYPES, guessContentType } from '../../../core/attach-type.ts';
import { SecGeminiError } from '../../../core/errors.ts';
import { labelText } from '../../../core/visible-text.ts';
import { fromUri } from './file.ts';
import { typeByName } from './text.ts';

/** One file with a type of the user's choice; what its first bytes look like comes first. */
export async function withChosenType(uris: readonly vscode.Uri[]): Promise<AttachCandidate | undefined> {
  const [uri] = uris;
  if (uri === undefined || uris.length > 1)
    throw new SecGeminiError('invalidArgument', 'A type can be chosen for one file at a time.', {
      action: 'Choose a single file.',
    });
  const file = await fromUri(uri);
  const guess = typeByName(file.name) ?? guessContentType(await headOf(file));
  const others = CONTENT_TYPES.filter(({ id }) => id !== guess.id);
  const choice = await vscode.window.showQuickPick(
    [guess, ...others].map((type) => ({
      label: type.label,
      description: `${type.mimeType}${type === guess ? ' · looks like it' : ''}`,
      type,
    })),
    { title: `What is ${labelText(file.name, 60)}?`, matchOnDescription: true },
  );
  return choice === undefined ? undefined : { ...file, mimeType: choice.type.mimeType };
}

/** The first piece that the file gives. */
async function headOf(file: AttachCandidate): Promise<Uint8Array> {
  for await (const piece of file.open()) return piece;
  return new Uint8Array();
}
