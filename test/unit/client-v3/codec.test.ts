/** Every number of the wire has its word, and every number of the future survives. */

import assert from 'node:assert/strict';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { toConfirmation, toSessionInfo, toUsage } from '../../../src/client/v3/codec-session.ts';
import {
  isActive,
  isTerminal,
  isWaiting,
  roleInTurn,
  stripSystemContext,
  toMessage,
  toMimeType,
  toStatus,
} from '../../../src/client/v3/codec.ts';
import {
  JobStatus,
  MessageSchema,
  MessageType,
  MimeType,
  RenderType,
  SessionAccountingInfoSchema,
  SessionInfoSchema,
  SourceType,
  ToolCallConfirmationInfoSchema,
} from '../../../src/client/v3/gen/api_hub_pb.js';

const numbers = (list: object): number[] =>
  Object.values(list).filter((value): value is number => typeof value === 'number');
/** A number that the generated types do not know. */
const future = (number: number): never => number as never;
const message = (more: object) => toMessage(create(MessageSchema, { id: 'm', content: 'c', ...more }), 's');

describe('client v3: codec', () => {
  it('takes no message of the service for a note of this machine', () => {
    assert.equal(message({ id: 'local:tool:1' }).id, 'wire:local:tool:1');
    assert.equal(message({ id: 'locally' }).id, 'locally');
  });

  it('lists the arguments of a request by name, at every depth, and leaves none out', () => {
    const read = (toolArgs: Record<string, never>): string => {
      const sent = toBinary(
        ToolCallConfirmationInfoSchema,
        create(ToolCallConfirmationInfoSchema, { id: 'c', toolName: 't', toolArgs }),
      );
      // A key that the encoder would not write.
      const bytes = Buffer.from(Buffer.from(sent).toString('latin1').replaceAll('--proto--', '__proto__'), 'latin1');
      return JSON.stringify(toConfirmation(fromBinary(ToolCallConfirmationInfoSchema, bytes)).args);
    };
    const one = { to: 'b', at: [{ y: 1, x: 2 }], '--proto--': { force: true } } as never;
    const other = { '--proto--': { force: true }, at: [{ x: 2, y: 1 }], to: 'b' } as never;
    assert.equal(read(one), '{"__proto__":{"force":true},"at":[{"x":2,"y":1}],"to":"b"}');
    assert.equal(read(other), read(one));
    assert.equal(JSON.stringify(toConfirmation(create(ToolCallConfirmationInfoSchema, {})).args), '{}');
  });

  it('gives messages without an id ids of their own, the same for the same message', () => {
    const id = (more: object): string => message({ id: '', timestamp: 5, ...more }).id;
    assert.equal(id({}), id({}));
    assert.notEqual(id({}), id({ content: 'another' }));
    assert.notEqual(id({}), id({ timestamp: 6 }));
    assert.notEqual(id({}), '');
  });

  it('has a word for each of the 23 message types', () => {
    const kinds = numbers(MessageType).map((messageType) => message({ messageType }).kind);
    assert.deepEqual(kinds, [
      'unknown',
      'prompt',
      'response',
      'thinking',
      'toolCall',
      'toolResult',
      'failure',
      'error',
      'warning',
      'progress',
      'log',
      'debug',
      'info',
      'confirmationRequest',
      'confirmationResponse',
      'clarificationRequest',
      'clarificationResponse',
      'taskList',
      'memory',
      'skillLoaded',
      'agentResponse',
      'sessionName',
      'notice',
    ]);
  });

  it('has a word for each of the 8 render types', () => {
    const renders = numbers(RenderType).map((renderType) => message({ renderType }).render);
    assert.deepEqual(renders, ['text', 'markdown', 'text', 'html', 'graph', 'table', 'timeline', 'json']);
  });

  it('draws text of a programming language as code, and nothing else so', () => {
    const render = (renderType: RenderType, mimeType: MimeType) => message({ renderType, mimeType }).render;
    assert.equal(render(RenderType.TEXT, MimeType.PYTHON), 'code');
    assert.equal(render(RenderType.UNSPECIFIED, MimeType.SQL), 'code');
    assert.equal(render(RenderType.HTML, MimeType.HTML), 'html');
    assert.equal(render(RenderType.TEXT, MimeType.HTML), 'code');
    for (const mime of [MimeType.TEXT, MimeType.MARKDOWN, MimeType.CSV, MimeType.JSON, MimeType.PNG])
      assert.equal(render(RenderType.TEXT, mime), 'text', MimeType[mime]);
  });

  it('has a type for each of the 49 mime types', () => {
    const types = numbers(MimeType).map(toMimeType);
    assert.equal(types.length, 49);
    for (const type of types) assert.match(type, /^[a-z]+\/[a-z0-9.+-]+$/);
    assert.equal(toMimeType(MimeType.PNG), 'image/png');
    assert.equal(toMimeType(MimeType.ODT), 'application/vnd.oasis.opendocument.text');
  });

  it('sorts each of the 12 states', () => {
    const words = numbers(JobStatus).map((status) => {
      const known = toStatus(status);
      return `${known} ${isActive(known) ? 'active' : isTerminal(known) ? 'terminal' : isWaiting(known) ? 'waiting' : '-'}`;
    });
    assert.deepEqual(words, [
      'idle -',
      'pending active',
      'running active',
      'paused active',
      'canceled terminal',
      'completed terminal',
      'failed terminal',
      'waitingForConfirmation waiting',
      'waitingForClarification waiting',
      'maxAttemptsExceeded terminal',
      'pausing active',
      'canceling active',
    ]);
  });

  it('keeps and shows numbers of the future, also through bytes', () => {
    const wire = create(MessageSchema, {
      id: 'm',
      content: 'new',
      messageType: future(99),
      renderType: future(42),
      mimeType: future(77),
      sourceType: future(9),
    });
    const read = fromBinary(MessageSchema, toBinary(MessageSchema, wire));
    const shown = toMessage(read, 's');
    assert.deepEqual(
      [shown.kind, shown.title, shown.activity, shown.content, shown.render, shown.mimeType, shown.sender],
      ['unknown', 'Message type 99', 'message_type 99', 'new', 'unknown', 'application/x-unknown; value=77', 'agent'],
    );
    assert.deepEqual([read.messageType, read.renderType, read.mimeType, read.sourceType], [99, 42, 77, 9]);
    assert.equal(toStatus(55), 'unknown');
  });

  it('knows who speaks, when and where', () => {
    const own = message({
      sourceType: SourceType.USER,
      timestamp: 1_700_000_000.1234,
      messageType: MessageType.PROMPT,
    });
    assert.deepEqual([own.sender, own.createdAt, own.sessionId], ['user', 1_700_000_000_123, 's']);
    assert.equal(message({ sourceType: SourceType.SYSTEM }).sender, 'system');
    assert.equal(message({ sessionId: 'other' }).sessionId, 'other');
    for (const timestamp of [Number.NaN, Infinity, -1, 1e300]) assert.equal(message({ timestamp }).createdAt, 0);
  });

  it('takes the system context off a prompt, and off nothing else', () => {
    const content = '<system-context>\nos: x\n</system-context>\n\nWhat is this?';
    assert.equal(message({ content, messageType: MessageType.PROMPT }).content, 'What is this?');
    assert.equal(message({ content, messageType: MessageType.RESPONSE }).content, content);
    assert.equal(stripSystemContext('a <system-context>x</system-context>'), 'a <system-context>x</system-context>');
    assert.equal(stripSystemContext('<system-context> never closed'), '<system-context> never closed');
  });

  it('carries an error on failures and errors', () => {
    const failed = message({ messageType: MessageType.FAILURE, content: 'It broke\nstack' });
    assert.deepEqual([failed.status, failed.error?.message], ['error', 'It broke']);
    assert.equal(message({ messageType: MessageType.ERROR, content: '' }).error?.message, 'The agent met an error.');
    assert.equal(message({ messageType: MessageType.WARNING }).error, undefined);
  });

  it('says what a message means for the end of the turn', () => {
    const role = (more: object) => roleInTurn(create(MessageSchema, { messageType: MessageType.THOUGHT, ...more }));
    assert.equal(role({ messageType: MessageType.RESPONSE }), 'terminal');
    assert.equal(role({ messageType: MessageType.FAILURE }), 'terminal');
    assert.equal(role({ messageType: MessageType.ERROR }), 'none');
    assert.equal(role({ messageType: MessageType.AGENT_RESPONSE }), 'none');
    assert.equal(role({ messageType: MessageType.PROMPT }), 'goesOn');
    for (const title of ['Self-Reflection Follow-Up', 'Self-Critique Follow-Up'])
      assert.equal(role({ title }), 'goesOn');
    for (const title of ['Self-Reflection: Passed', 'Session Review: Passed'])
      assert.equal(role({ title }), 'terminal');
    for (const phase of ['self_reflect', 'session_review'])
      assert.equal(role({ content: `Starting phase '${phase}' now` }), 'goesOn');
    assert.equal(role({ content: "x Starting phase 'self_reflect'" }), 'none');
  });

  it('reads sessions and their cost', () => {
    const accounting = create(SessionAccountingInfoSchema, {
      totalPromptTokens: 10n,
      totalCompletionTokens: 5n,
      totalTokens: 2n ** 62n,
      totalEstimatedCostUsd: 0.25,
      baseModelUsage: { modelName: 'a-model' },
    });
    assert.deepEqual(toUsage(accounting), {
      promptTokens: 10,
      generatedTokens: 5,
      thinkingTokens: 0,
      cachedTokens: 0,
      toolTokens: 0,
      totalTokens: 0,
      costUsd: 0.25,
    });
    const info = toSessionInfo(
      create(SessionInfoSchema, {
        sessionId: 's',
        createdAt: 10,
        willBeDeletedAt: 20,
        accounting,
        status: future(55),
        isArchived: true,
      }),
    );
    assert.deepEqual(
      [info.status, info.createdAt, info.expiresAt, info.archived, info.published, info.model],
      ['unknown', 10_000, 20_000, true, false, 'a-model'],
    );
    assert.equal(toSessionInfo(create(SessionInfoSchema, {})).expiresAt, undefined);
    assert.match(JSON.stringify(info.raw), /"status":55.*"totalPromptTokens":"10"/);
  });
});
