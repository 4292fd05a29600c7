/** Makes a fork: a new session, its files through the gate, the links both ways. Rewind is a fork whose old session is put away. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { FORK_TITLE, type ForkPlan, forkNotice, planFork, replayOf } from '../../core/session-fork.ts';
import type { AttachCandidate } from '../../core/attach-source.ts';
import type { Attachment, SessionInfo } from '../../core/model.ts';
import { isImportedId } from '../../core/session-local.ts';
import type { SessionState } from '../../core/session-state.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Forks, Services } from '../services.ts';

type Parts = Pick<Services, 'sessions' | 'attacher'>;

export function createForks({ sessions, attacher }: Parts): Forks {
  const loaded = async (sessionId: string): Promise<SessionState> => {
    await sessions.open(sessionId);
    const state = sessions.state(sessionId);
    if (state === undefined) throw new SecGeminiError('notFound', 'This session is not known here.');
    if (state.turn.phase === 'working' || state.turn.phase === 'stopping')
      throw new SecGeminiError('invalidArgument', 'This session is working.', {
        action: 'Stop it or wait for its answer first.',
      });
    return state;
  };
  const isKept = (sessionId: string) => (attachment: Attachment) =>
    attachment.sha256 !== undefined &&
    attachment.size !== undefined &&
    sessions.openSent(sessionId, attachment.sha256) !== undefined;

  /** Undefined when the user did not agree to send the files; nothing is left behind then. */
  const make = async (
    state: SessionState,
    index: number,
    plan: ForkPlan,
    title: string,
  ): Promise<string | undefined> => {
    const { info } = state;
    const made = await sessions.create({
      name: title,
      description: `New session with the transcript of "${labelText(info.name, 80)}" replayed.`,
      // A conversation that was not to be logged must not be logged by its copy.
      ...(info.logging === false ? { logging: false } : {}),
    });
    try {
      const files = candidates(state, plan);
      const sent = files.length === 0 || (await attacher.files(made.id, files, { chosen: 'named', by: 'call' }));
      if (!sent) {
        await sessions.delete(made.id);
        return undefined;
      }
    } catch (error) {
      await sessions.delete(made.id).catch(() => undefined);
      throw error;
    }
    link(state, made, plan);
    sessions.note(made.id, { type: 'notice', text: forkNotice(info.name, plan, index) });
    return made.id;
  };

  const candidates = (state: SessionState, plan: ForkPlan): AttachCandidate[] => {
    const { id, name } = state.info;
    const from = `sent before in "${labelText(name, 60)}"`;
    const files = plan.files.flatMap(({ name: file, size, sha256, mimeType }): AttachCandidate[] =>
      size === undefined || sha256 === undefined
        ? []
        : [
            {
              name: file,
              origin: from,
              paths: [],
              size,
              ...(mimeType === undefined ? {} : { mimeType }),
              open: () => sessions.openSent(id, sha256) ?? gone(file),
            },
          ],
    );
    if (!plan.replays) return files;
    const bytes = new TextEncoder().encode(replayOf(state, plan, Date.now()));
    return [
      ...files,
      {
        name: 'transcript.md',
        origin: `the conversation "${labelText(name, 60)}" up to there`,
        paths: [],
        size: bytes.byteLength,
        mimeType: 'text/markdown',
        async *open() {
          yield bytes;
        },
      },
    ];
  };

  const link = (state: SessionState, made: SessionInfo, plan: ForkPlan): void => {
    const at = Date.now();
    const { info } = state;
    const messageId = plan.lastMessageId === undefined ? {} : { messageId: plan.lastMessageId };
    sessions.setFacts(made.id, {
      forkedFrom: { sessionId: info.id, name: info.name, at, ...messageId },
      ...(state.local?.domain === undefined ? {} : { domain: state.local.domain }),
      ...(state.local?.instructions === undefined ? {} : { instructions: state.local.instructions }),
    });
    const forks = sessions.state(info.id)?.local?.forks ?? [];
    sessions.setFacts(info.id, { forks: [...forks, { sessionId: made.id, name: made.name, at, ...messageId }] });
  };

  return {
    fork: async (sessionId, messageIndex, title = FORK_TITLE) => {
      const state = await loaded(sessionId);
      return make(state, messageIndex, planFork(state, messageIndex, { isKept: isKept(sessionId) }), title);
    },
    rewind: async (sessionId, lastToKeep, options = {}) => {
      const state = await loaded(sessionId);
      if (isImportedId(sessionId))
        throw new SecGeminiError('invalidArgument', 'An imported session can only be read.', {
          action: 'Fork it instead.',
        });
      const later = planFork(state, lastToKeep, { cleanUpMedia: true, isKept: isKept(sessionId) }).dropped;
      const cleanUpMedia = await confirmRewind(sessions, state, lastToKeep, later, options.cleanUpMedia);
      if (cleanUpMedia === undefined) return undefined;
      const plan = planFork(state, lastToKeep, { cleanUpMedia, isKept: isKept(sessionId) });
      const id = await make(state, lastToKeep, plan, state.info.name);
      if (id === undefined) return undefined;
      sessions.setFacts(sessionId, {
        rewoundTo: { sessionId: id, name: state.info.name, at: Date.now() },
        closed: true,
      });
      const { archive } = sessions.client ?? {};
      if (archive !== undefined) {
        await archive.setArchived(sessionId, true);
        await sessions.resume(sessionId);
      }
      return id;
    },
  };
}

/** Whether later files go; undefined when the user said no. `wanted`: the caller's choice, shown and not offered again. */
async function confirmRewind(
  sessions: Services['sessions'],
  state: SessionState,
  lastToKeep: number,
  later: readonly Attachment[],
  wanted: boolean | undefined,
): Promise<boolean | undefined> {
  const away = sessions.client?.archive === undefined ? 'marked as rewound and closed' : 'archived';
  const to = lastToKeep < 0 ? 'before its first message' : `to message ${lastToKeep}`;
  const drop = 'Rewind and Drop Later Files';
  const offered = wanted === undefined ? ['Rewind', drop] : [wanted ? drop : 'Rewind'];
  const answer = await vscode.window.showWarningMessage(
    `Rewind "${labelText(state.info.name, 80)}" ${to}?`,
    {
      modal: true,
      detail: [
        lastToKeep < 0
          ? `A new session gets the same files and nothing of the conversation. This one is ${away}; nothing is deleted.`
          : `A new session gets the transcript up to there as a file, and the same files. This one is ${away}; nothing is deleted.`,
        later.length === 0 ? '' : `Attached later: ${later.map(({ name }) => labelText(name, 80)).join(', ')}.`,
      ]
        .filter((line) => line !== '')
        .join('\n\n'),
    },
    ...(later.length === 0 ? ['Rewind'] : offered),
  );
  return answer === undefined ? undefined : answer === drop;
}

function gone(name: string): never {
  throw new SecGeminiError('notFound', `The bytes of ${labelText(name, 80)} are no longer on this machine.`);
}
