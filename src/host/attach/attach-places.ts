/** Documents and lines of them for a question: attached by the usual way, unless the session holds the very same bytes already. Git changes likewise. */

import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import type { AttachCandidate } from '../../core/attach-source.ts';
import type { SessionManager } from '../../core/session-manager.ts';
import type { AttachedChanges, Attacher, DocumentLines } from '../services.ts';
import { fromUri } from './sources/file.ts';
import { fromLines } from './sources/selection.ts';

/** Gives the names in the order of `places`; undefined when the user said no. */
export async function attachPlaces(
  sessions: SessionManager,
  attacher: Attacher,
  sessionId: string,
  places: readonly DocumentLines[],
): Promise<readonly string[] | undefined> {
  const wanted = await Promise.all(
    places.map(async ({ document, first, last }) => {
      const candidate =
        first === undefined ? await fromUri(document.uri) : await fromLines(document, first, last ?? first);
      return { candidate, sha256: await hashOf(candidate) };
    }),
  );
  const held = (candidate: AttachCandidate, sha256: string): string | undefined => {
    const state = sessions.state(sessionId);
    const origin = state?.origins.findLast(
      ({ uri, lines, sourceSha256, attachmentId }) =>
        uri === candidate.source?.uri &&
        // The same bytes serve wherever the lines stand now.
        (lines === undefined) === (candidate.source?.lines === undefined) &&
        sourceSha256 === sha256 &&
        state.attachments.some(({ id }) => id === attachmentId),
    );
    return state?.attachments.find(({ id }) => id === origin?.attachmentId)?.name;
  };
  const missing = wanted.filter(({ candidate, sha256 }) => held(candidate, sha256) === undefined);
  if (
    missing.length > 0 &&
    !(await attacher.files(
      sessionId,
      missing.map(({ candidate }) => candidate),
      { chosen: 'named', by: 'call' },
    ))
  )
    return undefined;
  // One that the review left out has no name of its own: the question then speaks of the lines alone.
  return wanted.map(({ candidate, sha256 }) => held(candidate, sha256) ?? candidate.name);
}

async function hashOf(candidate: AttachCandidate): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of candidate.open()) hash.update(piece);
  return hash.digest('hex');
}

/** Asks which changes; see Attacher. */
export async function attachChanges(
  sessions: SessionManager,
  attacher: Attacher,
  session: () => Promise<string | undefined>,
): Promise<AttachedChanges | undefined> {
  const { fromGit } = await import('./sources/git.ts');
  const diff = await fromGit();
  if (diff === undefined) return undefined;
  const sessionId = await session();
  if (sessionId === undefined) return undefined;
  const before = new Set(sessions.state(sessionId)?.attachments.map(({ id }) => id));
  if (!(await attacher.files(sessionId, [diff], { chosen: 'named', by: 'call' }))) return undefined;
  const sent = sessions.state(sessionId)?.attachments.find(({ id }) => !before.has(id));
  const files = (diff.madeOf?.parts ?? []).flatMap(({ name, paths }) => {
    const [path] = paths;
    return path === undefined ? [] : [{ uri: vscode.Uri.file(path), path: name }];
  });
  return { name: sent?.name ?? diff.name, files };
}
