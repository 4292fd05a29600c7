/** POST /chat/completions: the OpenAI-compatible way in. It keeps nothing: the request carries the whole conversation and its files. */
import { createHash, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type * as z from 'zod/mini';
import type { Answer, EngineFile } from '../engine/types.ts';
import { identify } from '../files/identify.ts';
import { HttpError, sendJson } from '../net/http.ts';
import type { Clock } from '../state/clock.ts';
import { estimateTokens } from './limits.ts';
import { pieces } from './messages.ts';
import type { chatSchema } from './shapes.ts';

type ChatRequest = z.output<typeof chatSchema>;
type Content = ChatRequest['messages'][number]['content'];

const textOf = (content: Content): string =>
  typeof content === 'string' ? content : content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');

/** The prompts of the user, oldest first; the last one is the question. */
export function promptsOf(request: ChatRequest): string[] {
  return request.messages.filter(({ role }) => role === 'user').map(({ content }) => textOf(content));
}

async function filesOf(request: ChatRequest): Promise<EngineFile[]> {
  const files: EngineFile[] = [];
  for (const { content } of request.messages) {
    if (typeof content === 'string') continue;
    for (const part of content) {
      if (part.type !== 'file') continue;
      const { filename: name, file_data } = part.file;
      const bytes = Buffer.from(file_data.replace(/^data:[^,]*,/, ''), 'base64');
      files.push({
        name,
        bytes,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        ...(await identify(name, bytes)),
      });
    }
  }
  return files;
}

/** Answers the request; the engine stops when the client leaves. Throws HttpError 422 without a user's message. */
export async function completeChat(
  request: ChatRequest,
  response: ServerResponse,
  answer: Answer,
  clock: Clock,
): Promise<void> {
  const prompts = promptsOf(request);
  const prompt = prompts.pop();
  if (prompt === undefined) {
    throw new HttpError(422, [
      { type: 'value_error', loc: ['body', 'messages'], msg: 'There is no message of role user' },
    ]);
  }
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const forget = clock.after(ms, resolve);
      abort.signal.addEventListener('abort', () => {
        forget();
        reject(abort.signal.reason as Error);
      });
    });
  let text = '';
  const files = await filesOf(request);
  const context = {
    protocol: 'v1',
    files,
    earlierPrompts: prompts,
    clientTools: [],
    signal: abort.signal,
    pause,
  } as const;
  for await (const step of answer(prompt, context)) {
    if (step.type === 'answer') text = step.markdown;
    if (step.type === 'drop') response.destroy();
    if (step.type === 'fail') throw new HttpError(step.code, step.message);
  }
  const common = {
    id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
    created: Math.floor(clock.now() / 1000),
    model: request.model,
  };
  if (request.stream === true) sendChunks(response, common, text);
  else {
    const prompt_tokens = estimateTokens(prompt);
    const completion_tokens = estimateTokens(text);
    sendJson(response, 200, {
      ...common,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
      usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
    });
  }
}

function sendChunks(response: ServerResponse, common: Readonly<Record<string, unknown>>, text: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (delta: Readonly<Record<string, string>>, finish_reason: string | null): void => {
    const chunk = { ...common, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  send({ role: 'assistant', content: '' }, null);
  for (const content of pieces(text, 100)) send({ content }, null);
  send({}, 'stop');
  response.end('data: [DONE]\n\n');
}
