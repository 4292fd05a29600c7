/**
 * The one way from an agent's call to an answer: whose call, budget, policy, arguments, run, search for secrets, question, same files, record,
 * and only then the bytes. Whoever brings calls (the tool hub, v1's stream) and whoever brings tools passes here; nothing else sends.
 */

import { type Disposable, DisposableStore } from '../disposable.ts';
import { LedgerRecord, type NewHash } from '../egress-record.ts';
import { Emitter, type Event } from '../emitter.ts';
import { isSecGeminiError } from '../errors.ts';
import { formatBytes } from '../format.ts';
import type { Ledger } from '../ledger.ts';
import { type Log, silentLog } from '../log.ts';
import { Placeholders, type SecretRange, redactSecrets } from '../redaction.ts';
import type { SessionManager } from '../session-manager.ts';
import { labelText } from '../visible-text.ts';
import type { CallRecord, ToolCall, ToolResult } from './call.ts';
import type { Attribution, ToolConsent } from './consent.ts';
import type { OutputFlag, PreparedOutput, ToolDecision, ToolDesk, ToolRequest } from './desk.ts';
import { CallJournal } from './journal.ts';
import {
  NOT_ON,
  OVER_BYTES,
  OVER_CALLS,
  type Outcome,
  argumentsOf,
  failed,
  gone,
  notAllowed,
  raced,
  refused,
} from './outcome.ts';
import { boundText, utf8Length } from './output.ts';
import type { ToolRegistry } from './registry.ts';
import { type FileIdentity, type Tool, type ToolArgs, ToolInputError, type ToolOutput, ToolRefusal } from './tool.ts';
import { budgetWords, callLabel, cardText, editedMark, placeOf, toolMessage } from './words.ts';

export interface RunnerOptions {
  readonly registry: ToolRegistry;
  readonly consent: ToolConsent;
  readonly desk: ToolDesk;
  readonly sessions: SessionManager;
  /** Finds secrets in what would leave. */
  readonly scan: (text: string, signal: AbortSignal) => Promise<readonly OutputFlag[]>;
  /**
   * Replaces secrets by the session's placeholders, which are kept on this machine before this resolves. Without it they are this window's own,
   * and nothing shows what they stand for.
   */
  readonly redact?: ((sessionId: string, text: string, secrets: readonly SecretRange[]) => Promise<string>) | undefined;
  /** True when the file is still the very one that was read. */
  readonly unchanged: (file: FileIdentity) => Promise<boolean>;
  readonly ledger?: Ledger | undefined;
  readonly newHash: NewHash;
  readonly newId: () => string;
  readonly now: () => number;
  /** Calls once after the time; what it returns takes that back. */
  readonly after: (milliseconds: number, run: () => void) => () => void;
  readonly log?: Log | undefined;
}

/** Rows of the view. */
const MOST_RECORDS = 100;
/** A person who edits and edits. */
const MOST_QUESTIONS = 20;

type Settled = Outcome & { readonly settle: ToolResult['settle'] };

/** One call on its way. */
interface Context extends Attribution {
  readonly call: ToolCall;
  readonly tool: Tool;
  readonly signal: AbortSignal;
  readonly lineId: string;
  ranMs: number;
  ran: boolean;
}

export class ToolRunner implements Disposable {
  readonly #options: RunnerOptions;
  readonly #log: Log;
  readonly #owned = new DisposableStore();
  readonly #journal = new CallJournal<Settled>(({ text }) => text.length);
  readonly #running = new Map<string, Set<AbortController>>();
  readonly #placeholders = new Map<string, Placeholders>();
  readonly #changed = this.#owned.add(new Emitter<void>());
  #records: readonly CallRecord[] = [];

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#owned.add(
      options.consent.onDidEndTurn((sessionId) => {
        for (const controller of this.#running.get(sessionId) ?? []) controller.abort();
        options.desk.void(sessionId, 'the turn is over or its connection is gone');
      }),
    );
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** The last calls, the newest first. */
  get records(): readonly CallRecord[] {
    return this.#records;
  }

  /** Never rejects: what goes wrong is an honest error result. */
  async call(call: ToolCall): Promise<ToolResult> {
    const key = JSON.stringify([call.destination, call.sessionId ?? '', call.id]);
    return this.#journal.once(
      key,
      () => this.#take(call),
      ({ again }) => again === true,
    );
  }

  dispose(): void {
    for (const controllers of this.#running.values()) for (const controller of controllers) controller.abort();
    this.#owned.dispose();
  }

  async #take(call: ToolCall): Promise<Settled> {
    const { consent, registry } = this.#options;
    const at = this.#options.now();
    const name = call.names[0] ?? '';
    const who = consent.attribute(call.sessionId);
    if (who === undefined) {
      // Nothing on this machine is looked at, and nothing is written down: who floods a closed door fills no disk.
      this.#remember(
        { at, name, args: call.args, sessionId: undefined, ranMs: 0, bytes: 0 },
        { verdict: 'refused', rule: NOT_ON },
      );
      return { text: NOT_ON, isError: true, verdict: 'refused', rule: 'off', again: true, settle: () => undefined };
    }
    const tool = call.names.map((each) => registry.find(each)).find((found) => found !== undefined);
    const stop = new AbortController();
    const running = this.#running.get(who.sessionId) ?? new Set();
    this.#running.set(who.sessionId, running.add(stop));
    const signal = AbortSignal.any([call.signal, stop.signal]);
    const lineId = `local:tool:${this.#options.newId()}`;
    const shown = tool?.name ?? name;
    let context: Context | undefined;
    try {
      let outcome: Outcome;
      if (!consent.countCall(who.sessionId)) outcome = refused(OVER_CALLS, 'the budget of calls is used up');
      else if (tool === undefined)
        outcome = refused(`There is no tool called ${name.slice(0, 100)} here.`, 'no such tool');
      else {
        context = { ...who, call, tool, signal, lineId, ranMs: 0, ran: false };
        outcome = await this.#decide(context);
      }
      const { ranMs = 0, ran = false } = context ?? {};
      // Where its arguments went counts as much as what came back, also when that was kept here.
      const place =
        ran && tool?.place !== undefined ? `; ran in ${labelText(tool.place.split(' (')[0] ?? '', 100)}` : '';
      const known = { ...outcome, rule: `${outcome.rule}${place}` };
      return await this.#finish({ at, call, who, lineId, name: shown, ranMs }, known);
    } catch (error) {
      this.#log.error(`The tool ${shown.slice(0, 80)} broke`, error);
      return { ...failed('The tool failed.'), settle: () => undefined };
    } finally {
      running.delete(stop);
    }
  }

  async #decide(context: Context): Promise<Outcome> {
    const { consent } = this.#options;
    const { tool, call, sessionId } = context;
    if (consent.policy(tool.name, sessionId) === 'deny')
      return { ...refused('The user does not allow this tool.', 'the tool is denied'), verdict: 'denied' };
    const asked = argumentsOf(tool, call.args);
    if ('verdict' in asked) return asked.verdict;
    let { args } = asked;
    const remarks: string[] = [];
    for (let question = 0; question < MOST_QUESTIONS; question += 1) {
      const edited = args !== asked.args;
      const output = tool.preview ? await this.#prepare(context, args) : undefined;
      if (context.signal.aborted) return gone(context);
      if (output !== undefined && 'verdict' in output) return output;
      const notes = [...remarks, ...(output?.notes ?? [])];
      const isAllowed =
        consent.policy(tool.name, sessionId) === 'allow' && !context.guess && tool.annotations.readOnlyHint;
      let decision: ToolDecision = { kind: 'allow', forSession: false };
      let rule = 'allowed for this session';
      if (!isAllowed || edited || notes.length > 0 || (output?.flags.length ?? 0) > 0) {
        decision = await this.#ask(context, { args, askedArgs: edited ? asked.args : undefined, output, notes });
        rule = decision.kind === 'allow' && decision.forSession ? 'allowed for this session' : 'allowed once';
      }
      if (decision.kind === 'edit') {
        try {
          args = tool.parse(decision.args);
        } catch (error) {
          remarks.splice(0, Infinity, error instanceof Error ? error.message : 'The changed arguments do not fit.');
        }
        continue;
      }
      if (decision.kind !== 'allow') return notAllowed(decision, context);
      if (decision.forSession && tool.annotations.readOnlyHint) consent.setPolicy(tool.name, 'allow', sessionId);
      const final = output ?? (await this.#release(context, args, decision.look === true));
      if ('verdict' in final) return final;
      const words = [edited ? 'arguments edited' : '', decision.redact === true ? 'secrets replaced' : '', rule];
      return this.#send(
        context,
        decision.redact === true ? await this.#redacted(sessionId, final) : final,
        words.filter((word) => word !== '').join(', '),
        edited ? editedMark(args) : '',
      );
    }
    return refused('The user did not decide.', 'asked too often');
  }

  /** The last look before it leaves: still the same files, still within the turn and its budget. */
  async #send(context: Context, output: PreparedOutput, rule: string, mark: string): Promise<Outcome> {
    const { consent, unchanged } = this.#options;
    for (const file of output.files)
      if (!(await unchanged(file)))
        return refused(
          'A file changed after the user saw what would be sent; nothing was sent. Call again.',
          `void: ${file.path} changed`,
        );
    if (context.signal.aborted || !consent.isOn(context.sessionId)) return gone(context);
    const text = mark + output.text;
    if (!consent.takeBytes(context.sessionId, utf8Length(text)))
      return refused(OVER_BYTES, 'the budget of bytes is used up');
    return { text, isError: output.isError, verdict: output.isError ? 'failed' : 'allowed', rule };
  }

  /** A foreign tool, allowed: it runs now, and what it says is asked about when something is found in it, or the user wants to look. */
  async #release(context: Context, args: ToolArgs, look: boolean): Promise<PreparedOutput | Outcome> {
    const output = await this.#prepare(context, args);
    if (context.signal.aborted) return gone(context);
    if ('verdict' in output || (!look && output.flags.length === 0 && output.notes.length === 0)) return output;
    const notes = ['it has run already', ...output.notes];
    const decision = await this.#ask(context, { args, output, notes, hasRun: true });
    if (decision.kind === 'allow')
      return decision.redact === true ? await this.#redacted(context.sessionId, output) : output;
    return decision.kind === 'edit'
      ? notAllowed({ kind: 'withhold', reason: '' }, context)
      : notAllowed(decision, context);
  }

  /** With what looks like a secret replaced, by the same placeholder in the whole session. */
  async #redacted(sessionId: string, output: PreparedOutput): Promise<PreparedOutput> {
    const { redact } = this.#options;
    if (redact !== undefined) return { ...output, text: await redact(sessionId, output.text, output.flags), flags: [] };
    const placeholders = this.#placeholders.get(sessionId) ?? new Placeholders();
    this.#placeholders.set(sessionId, placeholders);
    return { ...output, text: redactSecrets(output.text, output.flags, placeholders), flags: [] };
  }

  async #prepare(
    context: Context,
    args: ToolArgs,
  ): Promise<(PreparedOutput & { readonly notes: readonly string[] }) | Outcome> {
    const { now, after, scan } = this.#options;
    const { tool } = context;
    const limit = new AbortController();
    const signal = AbortSignal.any([context.signal, limit.signal]);
    const cancelTimer = after(tool.timeoutMs, () => limit.abort());
    const from = now();
    let output: ToolOutput;
    try {
      context.ran = true;
      output = await raced(tool.run(args, { signal, sessionId: context.sessionId }), signal);
    } catch (error) {
      if (context.signal.aborted) return gone(context);
      if (error instanceof ToolRefusal)
        return { ...refused(error.message, `${error.path}: ${error.rule}`), verdict: 'denied' };
      if (error instanceof ToolInputError) return refused(error.message, 'arguments that do not fit');
      const said = limit.signal.aborted
        ? `The tool did not finish within ${tool.timeoutMs / 1000} seconds.`
        : isSecGeminiError(error)
          ? `${error.message} ${error.action}`
          : 'The tool failed.';
      this.#log.warn(`Tool ${tool.name}: ${error instanceof Error ? error.message : 'failed'}`);
      output = { text: said, isError: true };
    } finally {
      cancelTimer();
      context.ranMs += now() - from;
    }
    const text = boundText(output.text);
    const flags = await scan(text, context.signal).catch((): OutputFlag[] => [
      { title: 'could not be searched for secrets', kind: 'unknown', line: 1, start: 0, end: 0 },
    ]);
    return {
      text,
      bytes: utf8Length(text),
      isError: output.isError === true,
      files: output.files ?? [],
      flags,
      notes: output.notes ?? [],
    };
  }

  async #ask(
    { sessionId, guess, tool, call, lineId, signal }: Context,
    what: Pick<ToolRequest, 'args' | 'output' | 'notes' | 'askedArgs' | 'hasRun'>,
  ): Promise<ToolDecision> {
    const { consent, desk, sessions, now } = this.#options;
    const request: ToolRequest = {
      ...what,
      id: lineId,
      sessionId,
      guess,
      tool: tool.name,
      title: tool.title,
      destination: call.destination,
      notes: guess ? ['more than one session works: this may be the call of another', ...what.notes] : what.notes,
      budget: consent.budget(sessionId),
      grantable: !guess && tool.annotations.readOnlyHint && what.hasRun !== true,
      place: tool.place,
      expiresAt: now() + 5 * 60_000,
    };
    const card = { kind: 'confirmationRequest' as const, title: tool.name, content: cardText(request) };
    sessions.note(sessionId, { type: 'message', message: toolMessage(lineId, sessionId, now(), card) });
    const waiting = desk.ask(request, signal);
    sessions.note(sessionId, { type: 'asks', count: desk.pending(sessionId).length });
    const decision = await waiting;
    sessions.note(sessionId, { type: 'asks', count: desk.pending(sessionId).length });
    return decision;
  }

  /** One line in the transcript, one in the ledger, before the answer is handed over. */
  async #finish(
    about: { at: number; call: ToolCall; who: Attribution; lineId: string; name: string; ranMs: number },
    outcome: Outcome,
  ): Promise<Settled> {
    const { at, call, who, lineId, name, ranMs } = about;
    const { sessions, ledger, newHash, newId, now, consent } = this.#options;
    const bytes = utf8Length(outcome.text);
    const hash = newHash('sha256');
    hash.update(new TextEncoder().encode(outcome.text));
    const label = callLabel(name, call.args);
    const record = new LedgerRecord(
      { ledger, newHash, log: this.#log },
      {
        id: newId(),
        at: now(),
        kind: 'tool',
        sessionId: who.sessionId,
        sessionName: sessions.state(who.sessionId)?.info.name ?? '',
        destination: call.destination,
        name: label,
        bytes,
        sha256: hash.digest(),
        rule: outcome.rule,
        outcome: 'started',
      },
    );
    let final = outcome;
    if (outcome.verdict !== 'void')
      try {
        await record.start();
      } catch (error) {
        this.#log.error('The ledger cannot be written: the result stays here', error);
        final = refused(
          'The result cannot be recorded on this machine, so it was not sent.',
          'the ledger cannot be written',
        );
      }
    const left = final.verdict === 'allowed' || final.verdict === 'failed';
    const size = left ? `${formatBytes(bytes)} went to ${placeOf(call.destination)}` : 'nothing of this machine left';
    const content = `${label}: ${size} (${final.rule}); ${budgetWords(consent.budget(who.sessionId))}${who.guess ? ', whose call it is is a guess' : ''}`;
    const line = { kind: 'notice' as const, title: 'Local tool', content };
    sessions.note(who.sessionId, { type: 'message', message: toolMessage(lineId, who.sessionId, now(), line) });
    this.#remember({ at, name, args: call.args, sessionId: who.sessionId, ranMs, bytes: left ? bytes : 0 }, final);
    return { ...final, settle: (how) => void record.settle(how) };
  }

  #remember(
    what: Pick<CallRecord, 'at' | 'sessionId' | 'ranMs' | 'bytes'> & { readonly name: string; readonly args: unknown },
    { verdict, rule }: Pick<Outcome, 'verdict' | 'rule'>,
  ): void {
    const { name, args, ...rest } = what;
    const record = {
      ...rest,
      id: this.#options.newId(),
      tool: name,
      label: callLabel(name, args),
      verdict,
      words: rule,
    };
    this.#records = [record, ...this.#records].slice(0, MOST_RECORDS);
    this.#changed.fire();
  }
}
