/** v3's wire to the house's words: messages and states. Pure. Numbers of the future are kept and shown, never dropped. */

import { type ErrorInfo, SecGeminiError, errorInfo } from '../../core/errors.ts';
import type { Message, MessageKind, RenderAs, Sender, SessionStatus } from '../../core/model.ts';
import { derivedId } from '../derived-id.ts';
import { foreignId } from '../foreign-id.ts';
import { JobStatus, MessageType, MimeType, RenderType, SourceType } from './gen/api_hub_pb.js';
import type { Message as WireMessage } from './gen/api_hub_pb.js';

const KINDS: ReadonlyMap<number, MessageKind> = new Map<number, MessageKind>([
  [MessageType.PROMPT, 'prompt'],
  [MessageType.RESPONSE, 'response'],
  [MessageType.THOUGHT, 'thinking'],
  [MessageType.TOOL_CALL, 'toolCall'],
  [MessageType.TOOL_RESULT, 'toolResult'],
  [MessageType.FAILURE, 'failure'],
  [MessageType.ERROR, 'error'],
  [MessageType.WARNING, 'warning'],
  [MessageType.PROGRESS, 'progress'],
  [MessageType.LOG, 'log'],
  [MessageType.DEBUG, 'debug'],
  // One agent of several may be done while the turn goes on: it ends nothing.
  [MessageType.AGENT_IS_DONE, 'info'],
  [MessageType.TOOL_CONFIRMATION_REQUEST, 'confirmationRequest'],
  [MessageType.TOOL_CONFIRMATION_RESPONSE, 'confirmationResponse'],
  [MessageType.CLARIFICATION_REQUEST, 'clarificationRequest'],
  [MessageType.CLARIFICATION_RESPONSE, 'clarificationResponse'],
  [MessageType.TASK_LIST, 'taskList'],
  [MessageType.MEMORY_STATE, 'memory'],
  [MessageType.SKILL_LOADED, 'skillLoaded'],
  [MessageType.AGENT_RESPONSE, 'agentResponse'],
  [MessageType.SESSION_NAME, 'sessionName'],
  [MessageType.NOTIFICATION, 'notice'],
]);

const RENDERS: ReadonlyMap<number, RenderAs> = new Map<number, RenderAs>([
  [RenderType.UNSPECIFIED, 'text'],
  [RenderType.MARKDOWN, 'markdown'],
  [RenderType.TEXT, 'text'],
  [RenderType.HTML, 'html'],
  [RenderType.GRAPH, 'graph'],
  [RenderType.TABLE, 'table'],
  [RenderType.TIMELINE, 'timeline'],
  [RenderType.JSON, 'json'],
]);

const MIMES: ReadonlyMap<number, string> = new Map<number, string>([
  [MimeType.UNSPECIFIED, 'text/plain'],
  [MimeType.TEXT, 'text/plain'],
  [MimeType.MARKDOWN, 'text/markdown'],
  [MimeType.SERIALIZED_JSON, 'application/json'],
  [MimeType.BINARY, 'application/octet-stream'],
  [MimeType.JPEG, 'image/jpeg'],
  [MimeType.PNG, 'image/png'],
  [MimeType.TIFF, 'image/tiff'],
  [MimeType.GIF, 'image/gif'],
  [MimeType.SVG, 'image/svg+xml'],
  [MimeType.WEBP, 'image/webp'],
  [MimeType.AVIF, 'image/avif'],
  [MimeType.WAV, 'audio/wav'],
  [MimeType.MP3, 'audio/mpeg'],
  [MimeType.OGG, 'audio/ogg'],
  [MimeType.WEBM, 'video/webm'],
  [MimeType.MP4, 'video/mp4'],
  [MimeType.C, 'text/x-c'],
  [MimeType.CPP, 'text/x-c++'],
  [MimeType.JAVA, 'text/x-java'],
  [MimeType.RUST, 'text/x-rust'],
  [MimeType.GOLANG, 'text/x-go'],
  [MimeType.PYTHON, 'text/x-python'],
  [MimeType.PHP, 'text/x-php'],
  [MimeType.PERL, 'text/x-perl'],
  [MimeType.RUBY, 'text/x-ruby'],
  [MimeType.SWIFT, 'text/x-swift'],
  [MimeType.KOTLIN, 'text/x-kotlin'],
  [MimeType.SCALA, 'text/x-scala'],
  [MimeType.JAVASCRIPT, 'text/javascript'],
  [MimeType.TYPESCRIPT, 'text/x-typescript'],
  [MimeType.HTML, 'text/html'],
  [MimeType.CSS, 'text/css'],
  [MimeType.CSV, 'text/csv'],
  [MimeType.XML, 'application/xml'],
  [MimeType.YAML, 'application/yaml'],
  [MimeType.TOML, 'application/toml'],
  [MimeType.SQL, 'application/sql'],
  [MimeType.JSON, 'application/json'],
  [MimeType.JSONL, 'application/jsonl'],
  [MimeType.PDF, 'application/pdf'],
  [MimeType.DOCX, 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  [MimeType.XLSX, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  [MimeType.PPTX, 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  [MimeType.DOC, 'application/msword'],
  [MimeType.XLS, 'application/vnd.ms-excel'],
  [MimeType.PPT, 'application/vnd.ms-powerpoint'],
  [MimeType.RTF, 'application/rtf'],
  [MimeType.ODT, 'application/vnd.oasis.opendocument.text'],
]);

/** Mime types of program text. No render type of the wire stands for code: such a message says text, or nothing. */
const CODE: ReadonlySet<number> = new Set([
  ...[MimeType.C, MimeType.CPP, MimeType.JAVA, MimeType.RUST, MimeType.GOLANG, MimeType.PYTHON, MimeType.PHP],
  ...[MimeType.PERL, MimeType.RUBY, MimeType.SWIFT, MimeType.KOTLIN, MimeType.SCALA, MimeType.JAVASCRIPT],
  ...[MimeType.TYPESCRIPT, MimeType.HTML, MimeType.CSS, MimeType.XML, MimeType.YAML, MimeType.TOML, MimeType.SQL],
]);

function toRender({ renderType, mimeType }: WireMessage): RenderAs {
  const render = RENDERS.get(renderType) ?? 'unknown';
  return render === 'text' && CODE.has(mimeType) ? 'code' : render;
}

const STATUSES: ReadonlyMap<number, SessionStatus> = new Map<number, SessionStatus>([
  [JobStatus.NOT_INITIALIZED, 'idle'],
  [JobStatus.PENDING, 'pending'],
  [JobStatus.RUNNING, 'running'],
  [JobStatus.PAUSED, 'paused'],
  [JobStatus.CANCELED, 'canceled'],
  [JobStatus.COMPLETED, 'completed'],
  [JobStatus.FAILED, 'failed'],
  [JobStatus.WAITING_FOR_TOOL_CONFIRMATION, 'waitingForConfirmation'],
  [JobStatus.WAITING_FOR_CLARIFICATION, 'waitingForClarification'],
  [JobStatus.MAX_ATTEMPTS_EXCEEDED, 'maxAttemptsExceeded'],
  [JobStatus.PAUSING, 'pausing'],
  [JobStatus.CANCELING, 'canceling'],
]);

/** The state by its number; `unknown` for one of the future. */
export function toStatus(status: number): SessionStatus {
  return STATUSES.get(status) ?? 'unknown';
}

/** True while the service works on a job or could go on with it by itself. */
export function isActive(status: SessionStatus): boolean {
  return (
    status === 'pending' ||
    status === 'running' ||
    status === 'pausing' ||
    status === 'paused' ||
    status === 'canceling'
  );
}

/** True for the states in which the job is over. */
export function isTerminal(status: SessionStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'canceled' || status === 'maxAttemptsExceeded';
}

/** True for the states that hand the turn to the user. */
export function isWaiting(status: SessionStatus): boolean {
  return status === 'waitingForConfirmation' || status === 'waitingForClarification';
}

/** A mime type of the future keeps its number. */
export function toMimeType(mime: number): string {
  return MIMES.get(mime) ?? `application/x-unknown; value=${mime}`;
}

/** What the client puts before a prompt when local tools are connected; nobody needs to see it. */
const SYSTEM_CONTEXT = /^\s*<system-context>[\s\S]*?<\/system-context>\s*/;

/** The prompt as a person typed it. */
export function stripSystemContext(text: string): string {
  return text.replace(SYSTEM_CONTEXT, '');
}

/** Seconds of the wire to milliseconds; nonsense (NaN, infinite, negative) becomes 0. */
export function toMillis(seconds: number): number {
  const ms = Math.round(seconds * 1000);
  return Number.isSafeInteger(ms) && ms > 0 ? ms : 0;
}

/** One message. `sessionId`: the subscription's own, for a wire message that names none. */
export function toMessage(wire: WireMessage, sessionId: string): Message {
  const kind = KINDS.get(wire.messageType) ?? 'unknown';
  const error = kind === 'error' || kind === 'failure' ? messageError(kind, wire.content) : undefined;
  const { id, timestamp, messageType, source, title, content } = wire;
  return {
    // Without one, each would take the place of the one before.
    id: id === '' ? derivedId(timestamp, messageType, source, title, content) : foreignId(id),
    sessionId: wire.sessionId === '' ? sessionId : wire.sessionId,
    kind,
    sender: toSender(wire.sourceType, kind),
    author: wire.source,
    title: wire.title === '' && kind === 'unknown' ? `Message type ${wire.messageType}` : wire.title,
    content: kind === 'prompt' ? stripSystemContext(wire.content) : wire.content,
    render: toRender(wire),
    mimeType: toMimeType(wire.mimeType),
    status: error === undefined ? 'complete' : 'error',
    createdAt: toMillis(wire.timestamp),
    // Which type, render type or source it was stays readable even when this version has no word for it.
    ...(kind === 'unknown' ? { activity: `message_type ${wire.messageType}` } : {}),
    ...(error === undefined ? {} : { error }),
    raw: wire,
  };
}

function toSender(source: SourceType, kind: MessageKind): Sender {
  if (source === SourceType.USER) return 'user';
  if (source === SourceType.SYSTEM) return 'system';
  return source === SourceType.UNSPECIFIED && kind === 'prompt' ? 'user' : 'agent';
}

function messageError(kind: 'error' | 'failure', content: string): ErrorInfo {
  const line = content.trim().split('\n', 1)[0]?.slice(0, 300) ?? '';
  const what = kind === 'failure' ? 'The job failed' : 'The agent met an error';
  return errorInfo(
    new SecGeminiError('protocol', line === '' ? `${what}.` : line, {
      action:
        kind === 'failure' ? 'What arrived is kept. Ask again, or ask differently.' : 'Nothing: the agent goes on.',
    }),
  );
}

/** How a turn ended, seen from its last state alone. */
export function statusError(status: SessionStatus): ErrorInfo | undefined {
  if (status === 'maxAttemptsExceeded')
    return errorInfo(
      new SecGeminiError('protocol', 'The agent gave up after too many attempts.', {
        action: 'What arrived is kept. Ask for a smaller step.',
      }),
    );
  if (status === 'failed')
    return errorInfo(
      new SecGeminiError('protocol', 'The job failed.', {
        action: 'What arrived is kept. Ask again, or ask differently.',
      }),
    );
  return undefined;
}

const FOLLOW_UP_TITLES: ReadonlySet<string> = new Set(['Self-Reflection Follow-Up', 'Self-Critique Follow-Up']);
const PASSED_TITLES: ReadonlySet<string> = new Set(['Self-Reflection: Passed', 'Session Review: Passed']);
const FOLLOW_UP_STARTS = ["Starting phase 'self_reflect'", "Starting phase 'session_review'"];

/** What a message means for the end of the turn (protocol/v3.md, "A turn"). */
export function roleInTurn(wire: WireMessage): 'terminal' | 'goesOn' | 'none' {
  if (wire.messageType === MessageType.RESPONSE || wire.messageType === MessageType.FAILURE) return 'terminal';
  if (PASSED_TITLES.has(wire.title)) return 'terminal';
  if (wire.messageType === MessageType.PROMPT || FOLLOW_UP_TITLES.has(wire.title)) return 'goesOn';
  return FOLLOW_UP_STARTS.some((start) => wire.content.startsWith(start)) ? 'goesOn' : 'none';
}
