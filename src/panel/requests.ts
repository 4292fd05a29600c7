/** The host's guard: one schema per request of the page (trust.md S06). Strict: what is not named here is refused. */

import * as z from 'zod/mini';
import { LIMITS, type PageRequestName, type PageRequests } from './protocol.ts';

const id = z.string().check(z.minLength(1), z.maxLength(LIMITS.idChars));
const text = z.string().check(z.maxLength(LIMITS.textChars));
const nothing = z.strictObject({});
const index = z.int().check(z.gte(0), z.lte(10_000_000));

const schemas: { readonly [K in PageRequestName]: z.ZodMiniType<unknown> } = {
  ready: z.strictObject({ version: z.int(), draft: z.optional(text) }),
  resync: nothing,
  send: z.strictObject({
    text,
    detailed: z.optional(z.boolean()),
    mustUse: z.optional(z.array(id).check(z.maxLength(LIMITS.uris))),
  }),
  stop: nothing,
  pause: nothing,
  continue: nothing,
  setAsksAlways: z.strictObject({ always: z.boolean() }),
  setShowsLog: z.strictObject({ shows: z.boolean() }),
  setShowsReasoning: z.strictObject({ shows: z.boolean() }),
  removeQueued: z.strictObject({ promptId: id }),
  editQueued: z.strictObject({ promptId: id }),
  sendQueued: z.strictObject({ promptId: id }),
  sendAgain: z.strictObject({ promptId: id }),
  askAgain: z.strictObject({ rowId: id }),
  prompts: nothing,
  retryNow: nothing,
  reloadHistory: nothing,
  attach: nothing,
  dropUris: z.strictObject({
    uris: z
      .array(z.string().check(z.minLength(1), z.maxLength(LIMITS.uriChars)))
      .check(z.minLength(1), z.maxLength(LIMITS.uris)),
  }),
  paste: z.strictObject({
    files: z
      .array(
        z.strictObject({
          name: z.string().check(z.minLength(1), z.maxLength(255)),
          mimeType: z.string().check(z.maxLength(255)),
          base64: z.string().check(z.maxLength(LIMITS.pasteChars)),
        }),
      )
      .check(z.minLength(1), z.maxLength(LIMITS.uris)),
  }),
  mention: z.strictObject({
    kind: z.enum(['file', 'selection', 'problems', 'changes']),
    reference: z.string().check(z.maxLength(LIMITS.uriChars)),
  }),
  detach: z.strictObject({ attachmentId: id }),
  openLink: z.strictObject({ href: z.string().check(z.minLength(1), z.maxLength(LIMITS.uriChars)) }),
  openFile: z.strictObject({ reference: z.string().check(z.minLength(1), z.maxLength(LIMITS.uriChars)) }),
  openSymbol: z.strictObject({ name: z.string().check(z.regex(/^[\p{L}_$][\p{L}\p{N}_$.:#]{0,199}$/u)) }),
  copyText: z.strictObject({ text }),
  copyRow: z.strictObject({ rowId: id, turn: z.boolean() }),
  insertAtCursor: z.strictObject({ text }),
  compareCode: z.strictObject({ text, language: z.string().check(z.regex(/^[A-Za-z0-9+#_-]{0,32}$/)) }),
  openInEditor: z.strictObject({ text, language: z.string().check(z.regex(/^[A-Za-z0-9+#_-]{0,32}$/)) }),
  openRow: z.strictObject({ rowId: id }),
  saveRow: z.strictObject({ rowId: id }),
  openTranscript: nothing,
  rows: z.strictObject({ from: index, count: z.int().check(z.gte(1), z.lte(LIMITS.rows)) }),
  find: z.strictObject({
    query: z.string().check(z.minLength(1), z.maxLength(LIMITS.queryChars)),
    caseSensitive: z.boolean(),
  }),
  complete: z.strictObject({ trigger: z.enum(['#', '/']), query: z.string().check(z.maxLength(LIMITS.queryChars)) }),
  forkRow: z.strictObject({ rowId: id }),
  rewindRow: z.strictObject({ rowId: id, before: z.boolean() }),
  rateRow: z.strictObject({ rowId: id, up: z.boolean() }),
  reportRow: z.strictObject({ rowId: id }),
  reviewApproval: z.strictObject({ rowId: id }),
  denyApproval: z.strictObject({ rowId: id }),
  setApiKey: nothing,
  saveDraft: z.strictObject({ text }),
  seen: nothing,
};

/** Checks the parameters of a request. Returns a fresh copy that holds the named fields only, or undefined when they do not fit. */
export function parseRequest<K extends PageRequestName>(
  name: K,
  params: unknown,
): PageRequests[K]['params'] | undefined {
  const checked = schemas[name].safeParse(params);
  return checked.success ? (checked.data as PageRequests[K]['params']) : undefined;
}

/** All names, for the dispatcher and for tests that must touch every one. */
export const requestNames: readonly PageRequestName[] = Object.keys(schemas) as PageRequestName[];
