/** Between the engine, which looks at files and answers, and the two wires, which carry its steps. No wire shape appears here. */

export interface EngineFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly mimeType: string;
  /** What the content is, e.g. `python`, `png`, `zip`, `txt`. */
  readonly label: string;
}

/** Feedback or a bug report that was filed in this session. */
export interface EngineReport {
  readonly type: 'user_feedback' | 'bug_report';
  readonly score?: number | undefined;
  readonly comment: string;
  readonly groupId?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
}

/** What the engine may know and ask. What a protocol lacks is undefined; the engine then answers "not on this protocol". */
export interface EngineContext {
  readonly protocol: 'v1' | 'v3';
  readonly files: readonly EngineFile[];
  /** Earlier prompts of the session, oldest first, the present one not included. */
  readonly earlierPrompts: readonly string[];
  /** Tools that the connected client offers. */
  readonly clientTools: readonly string[];
  readonly reports?: readonly EngineReport[] | undefined;
  readonly callTool?: ((name: string, args: Record<string, unknown>) => Promise<ToolAnswer>) | undefined;
  /** Asks the user to allow something; resolves with the decision. */
  readonly confirm?:
    | ((tool: string, args: Record<string, unknown>, message: string) => Promise<{ readonly approved: boolean }>)
    | undefined;
  /** Asks the user a question; resolves with the next prompt's text. */
  readonly clarify?: ((question: string) => Promise<string>) | undefined;
  /** Aborted when the turn is cancelled or the server ends. */
  readonly signal: AbortSignal;
  /** Resolves after the time, rejects at once when the signal is aborted; paused turns wait here too. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** A step that cannot be cut: pausing and cancelling happen at its end. */
  readonly hold?: ((milliseconds: number) => Promise<void>) | undefined;
  /** Until this turn ends it counts as every job that the account may run. */
  readonly takePlaces?: (() => void) | undefined;
}

/** One thing that the engine does. The wires turn each into their own messages. */
export type EngineStep =
  | { readonly type: 'thinking'; readonly title: string; readonly text: string }
  | { readonly type: 'progress'; readonly text: string }
  | {
      readonly type: 'toolCall';
      readonly callId: string;
      readonly name: string;
      readonly args: Record<string, unknown>;
    }
  | {
      readonly type: 'toolResult';
      readonly callId: string;
      readonly name: string;
      readonly text: string;
      readonly isError: boolean;
    }
  | {
      readonly type: 'block';
      readonly render:
        'markdown' | 'text' | 'html' | 'json' | 'table' | 'graph' | 'timeline' | 'image' | 'code' | 'canvas';
      readonly title: string;
      /** Text; base64 for `image` (PNG). */
      readonly content: string;
    }
  | { readonly type: 'taskList'; readonly tasks: TaskNode }
  | { readonly type: 'memory'; readonly memory: readonly MemoryCategory[] }
  | { readonly type: 'skillLoaded'; readonly name: string }
  | { readonly type: 'notice'; readonly text: string }
  /** Side information of an agent; `error`: one that it goes on after. */
  | { readonly type: 'aside'; readonly kind: 'warning' | 'error' | 'log' | 'debug'; readonly text: string }
  /** Something that was found and is named as a source. */
  | { readonly type: 'source'; readonly title: string; readonly text: string }
  /** Another agent of the same service has its say. */
  | { readonly type: 'says'; readonly agent: string; readonly markdown: string }
  | { readonly type: 'sessionName'; readonly name: string }
  /** The answer, whole, in Markdown. A wire that streams cuts it. Every turn that does not fail has exactly one. */
  | { readonly type: 'answer'; readonly markdown: string }
  /** Fails the turn. `code` is an HTTP-like status: 429 quota, 500 failure, 413 too large. */
  | { readonly type: 'fail'; readonly code: number; readonly message: string }
  /** The connection breaks here, once; the steps after it happen all the same. */
  | { readonly type: 'drop' };

export interface TaskNode {
  readonly title: string;
  readonly state: 'pending' | 'running' | 'done' | 'failed';
  readonly children: readonly TaskNode[];
}

export interface MemoryCategory {
  readonly category: string;
  readonly items: readonly { readonly id: string; readonly content: string }[];
}

/** The engine's one entry: deterministic for the same prompt and context. Implemented in engine/answer.ts. */
export type Answer = (prompt: string, context: EngineContext) => AsyncGenerator<EngineStep, void, void>;
