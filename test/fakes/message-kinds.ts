/** Every kind of message and every way to draw one: a new one that is missing here does not compile. */
import type { MessageKind, RenderAs } from '../../src/core/model.ts';

const kinds: Readonly<Record<MessageKind, true>> = {
  prompt: true,
  response: true,
  agentResponse: true,
  thinking: true,
  toolCall: true,
  toolResult: true,
  info: true,
  progress: true,
  source: true,
  error: true,
  failure: true,
  warning: true,
  notice: true,
  log: true,
  debug: true,
  confirmationRequest: true,
  confirmationResponse: true,
  clarificationRequest: true,
  clarificationResponse: true,
  taskList: true,
  memory: true,
  skillLoaded: true,
  sessionName: true,
  end: true,
  unknown: true,
};
const renders: Readonly<Record<RenderAs, true>> = {
  markdown: true,
  text: true,
  html: true,
  json: true,
  table: true,
  graph: true,
  timeline: true,
  image: true,
  code: true,
  canvas: true,
  unknown: true,
};

export const MESSAGE_KINDS: readonly MessageKind[] = Object.keys(kinds) as MessageKind[];
export const RENDERS: readonly RenderAs[] = Object.keys(renders) as RenderAs[];
