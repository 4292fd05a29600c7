/** Requests that were answered: the same req_id, on this or a later connection, gets the same answer and no second work. */
import type { Asked, Payload } from './shapes.ts';

const MOST = 10_000;

/** These change nothing: asked again, they tell what is true now. */
const READS: ReadonlySet<Asked['case']> = new Set([
  'listSessionsRequest',
  'listMcpsRequest',
  'listSkillsRequest',
  'listFilesRequest',
  'listUserMcpsRequest',
  'listUploadedSkillsRequest',
  'listByotClientsRequest',
  'getConfirmationInfoRequest',
  'getSkillRequest',
  'getPublicSessionRequest',
  'getWhatsNewRequest',
]);

export class Answered {
  readonly #answers = new Map<string, Promise<Payload>>();

  /** The answer that is known, or under way, else that of `work`. */
  once(
    request: {
      readonly user: string;
      readonly reqId: string;
      readonly sessionId: string;
      readonly case: Asked['case'];
    },
    work: () => Promise<Payload>,
  ): Promise<Payload> {
    if (request.reqId === '' || READS.has(request.case)) return work();
    const key = [request.user, request.case, request.sessionId, request.reqId].join('\n');
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = work();
    this.#answers.set(key, answer);
    const [oldest] = this.#answers.size > MOST ? this.#answers.keys() : [];
    if (oldest !== undefined) this.#answers.delete(oldest);
    // What failed for another reason than the request itself may be tried again.
    answer.catch(() => this.#answers.delete(key));
    return answer;
  }
}
