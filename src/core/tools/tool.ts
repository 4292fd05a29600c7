/**
 * What a tool of this machine is, whoever offers it: the editor, a log database, the user's MCP servers. A tool reads; what it read leaves
 * only through ToolRunner, which asks, records and bounds (trust.md S16 to S18, S24 to S30).
 */

/** JSON Schema of the arguments, as MCP and v1's local_tools want it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** MCP's hints. Only what says that it reads, or that twice is as good as once, is ever run again after a lost connection. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  /** Reaches beyond this machine. */
  readonly openWorldHint: boolean;
}

/** What a tool is told about; goes over the wire as it is. */
export interface ToolDefinition {
  /** `[a-z][a-z0-9_]*`, unique in the registry. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly annotations: ToolAnnotations;
}

export type ToolArgs = Readonly<Record<string, unknown>>;

/** A file as it was when it was read: an approval is bound to it (S17). */
export interface FileIdentity {
  /** For people: relative to its folder, with forward slashes. */
  readonly path: string;
  /** Links resolved. */
  readonly realPath: string;
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  /** Of the open document whose unsaved text was taken instead. */
  readonly version?: number | undefined;
}

/** What one run gave. Nothing of it has left yet. */
export interface ToolOutput {
  readonly text: string;
  readonly isError?: boolean | undefined;
  /** The files whose content or name is in `text`. */
  readonly files?: readonly FileIdentity[] | undefined;
  /** Why a person has to look although the tool is allowed: `ignored by .gitignore: *.log`. A phrase each. */
  readonly notes?: readonly string[] | undefined;
}

export interface ToolContext {
  readonly signal: AbortSignal;
  /** Whose call it is. */
  readonly sessionId?: string | undefined;
}

export interface Tool extends ToolDefinition {
  /**
   * True: running it only reads this machine, so it runs before the question, and the question shows what would leave. False (a foreign
   * tool): the question comes first, and its output is looked through before it leaves.
   */
  readonly preview: boolean;
  /** Where the arguments go, when that is not the editor itself: whom, and in brackets how: `MCP server notes (node notes.js)`. */
  readonly place?: string | undefined;
  /** Milliseconds for one run. */
  readonly timeoutMs: number;
  /** Throws ToolInputError. What is left out gets its default. */
  parse(args: unknown): ToolArgs;
  /** Rejects with ToolRefusal for what is kept here; whatever else it rejects with becomes an error result. */
  run(args: ToolArgs, context: ToolContext): Promise<ToolOutput>;
}

/** A source of tools. Whoever adds some later (a log database, MCP servers) is one more of these. */
export interface ToolProvider {
  /** For the log and for people: `Editor`, the name of a server. */
  readonly name: string;
  tools(): readonly Tool[];
}

/** Name of the provider of what others offer. */
export const FOREIGN = 'Others';

/** The arguments do not fit; the message goes to the agent and names only what it sent itself. */
export class ToolInputError extends Error {
  override readonly name = 'ToolInputError';
}

/**
 * A file is kept on this machine. `rule` is for the user; the agent hears the same words for what is missing, denied and outside, so that it
 * cannot feel its way around.
 */
export class ToolRefusal extends Error {
  override readonly name = 'ToolRefusal';
  readonly path: string;
  readonly rule: string;
  constructor(path: string, rule: string) {
    super('This file is not available: it is not there, lies outside the workspace, or is kept on this machine.');
    this.path = path;
    this.rule = rule;
  }
}

/** As MCP lists it. */
export function toMcpTool({ name, title, description, inputSchema, annotations }: ToolDefinition): object {
  return { name, title, description, inputSchema, annotations: { title, ...annotations } };
}
