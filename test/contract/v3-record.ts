/** What the harness's v3 server writes down of each message that reached it. */

export interface Recorded {
  readonly rpc: string;
  readonly conn?: number;
  readonly payload?: string;
  readonly req_id?: string;
  readonly session_id?: string;
  readonly repeat?: boolean;
  readonly fields?: Record<string, unknown>;
  readonly metadata?: Record<string, string>;
  readonly sha256?: string;
  readonly size?: number;
  readonly chunks?: number[];
}
