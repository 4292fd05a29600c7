/** One connected tool client: its jobs out, their results back. */
import { randomUUID } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { RequestType } from '../../client/v3/gen/byot_pb.js';
import type { ServerMessageSchema } from '../../client/v3/gen/byot_pb.js';
import type { Clock } from '../state/clock.ts';
import { resourcesOf, toolsOf } from './mcp.ts';
import type { HubResource, HubTool } from './mcp.ts';

export type HubMessage = MessageInitShape<typeof ServerMessageSchema>;

/** The only types that are ever sent: an unknown one ends the official client for good. */
export type JobType = Exclude<RequestType, RequestType.REQUEST_TYPE_UNKNOWN>;

/** `lost`: the client went before it answered; `late`: it did not answer in time. */
export type JobOutcome = { readonly content: string } | 'lost' | 'late';

/** More results than this are not waited for at once. */
const MOST_JOBS = 200;

export class ToolClient {
  readonly user: string;
  readonly name: string;
  /** Who registered later has a higher one. */
  readonly order: number;
  readonly #clock: Clock;
  readonly #send: (message: HubMessage) => void;
  readonly #jobs = new Map<string, (outcome: JobOutcome) => void>();
  /** Milliseconds since the epoch. */
  lastSeen: number;
  /** Undefined until it has told once. */
  tools: readonly HubTool[] | undefined;
  #gone = false;

  constructor(
    who: { readonly user: string; readonly name: string; readonly order: number },
    clock: Clock,
    send: (message: HubMessage) => void,
  ) {
    this.user = who.user;
    this.name = who.name;
    this.order = who.order;
    this.#clock = clock;
    this.#send = send;
    this.lastSeen = clock.now();
  }

  get isGone(): boolean {
    return this.#gone;
  }

  /** `data` as JSON text, or a text that is sent as it is. Never rejects. */
  async job(type: JobType, data: string, patienceMs: number): Promise<JobOutcome> {
    if (this.#gone) return 'lost';
    if (this.#jobs.size >= MOST_JOBS) return 'late';
    const jobId = randomUUID();
    const { promise, resolve } = Promise.withResolvers<JobOutcome>();
    this.#jobs.set(jobId, resolve);
    const forget = this.#clock.after(patienceMs, () => resolve('late'));
    const value = { jobId, requestData: data, userId: this.user, byotName: this.name, requestType: type };
    this.#send({ payload: { case: 'jobRequest', value } });
    try {
      return await promise;
    } finally {
      forget();
      this.#jobs.delete(jobId);
    }
  }

  /** A result; one that nobody waits for is dropped. */
  settle(jobId: string, content: string): void {
    this.#jobs.get(jobId)?.({ content });
  }

  /** Asks for the tools anew and keeps what was known when there is no good answer. */
  async refresh(patienceMs: number): Promise<readonly HubTool[]> {
    const outcome = await this.job(RequestType.LIST_TOOLS, '', patienceMs);
    if (typeof outcome === 'object') this.tools = toolsOf(outcome.content) ?? this.tools;
    return this.tools ?? [];
  }

  async resources(patienceMs: number): Promise<readonly HubResource[]> {
    const outcome = await this.job(RequestType.LIST_RESOURCES, '', patienceMs);
    return typeof outcome === 'object' ? (resourcesOf(outcome.content) ?? []) : [];
  }

  /** The connection is gone: what was asked of it has no answer. */
  leave(): void {
    this.#gone = true;
    for (const resolve of this.#jobs.values()) resolve('lost');
  }
}
