/**
 * Every id that package.json and the code share, in one typed table. A test proves both directions: nothing here is missing there,
 * nothing there is missing here.
 */

/** Commands. Those marked `item` act on a tree item or a resource and are hidden from the palette. */
export const COMMANDS = {
  setApiKey: 'secGemini.setApiKey',
  forgetApiKey: 'secGemini.forgetApiKey',
  startSandbox: 'secGemini.startSandbox',
  stopSandbox: 'secGemini.stopSandbox',
  connect: 'secGemini.connect',
  disconnect: 'secGemini.disconnect',
  newSession: 'secGemini.newSession',
  newTemporarySession: 'secGemini.newTemporarySession',
  newSessionWithOptions: 'secGemini.newSessionWithOptions',
  openSession: 'secGemini.openSession',
  resumeSession: 'secGemini.resumeSession',
  renameSession: 'secGemini.renameSession',
  sessionOptions: 'secGemini.sessionOptions',
  closeSession: 'secGemini.closeSession',
  terminateSession: 'secGemini.terminateSession',
  archiveSession: 'secGemini.archiveSession',
  unarchiveSession: 'secGemini.unarchiveSession',
  addMcpServer: 'secGemini.addMcpServer',
  removeMcpServer: 'secGemini.removeMcpServer',
  refreshMcpServers: 'secGemini.refreshMcpServers',
  newSkill: 'secGemini.newSkill',
  openSkill: 'secGemini.openSkill',
  deleteSkill: 'secGemini.deleteSkill',
  refreshSkills: 'secGemini.refreshSkills',
  publishSession: 'secGemini.publishSession',
  copyPublicLink: 'secGemini.copyPublicLink',
  unpublishSession: 'secGemini.unpublishSession',
  showNews: 'secGemini.showNews',
  deleteSession: 'secGemini.deleteSession',
  chooseDomain: 'secGemini.chooseDomain',
  newDomain: 'secGemini.newDomain',
  newPrompt: 'secGemini.newPrompt',
  customInstructions: 'secGemini.customInstructions',
  previewInstructions: 'secGemini.previewInstructions',
  forkSession: 'secGemini.forkSession',
  rewindSession: 'secGemini.rewindSession',
  openLinkedSession: 'secGemini.openLinkedSession',
  showMessageTree: 'secGemini.showMessageTree',
  copyMessageTree: 'secGemini.copyMessageTree',
  openMessageTree: 'secGemini.openMessageTree',
  closeMessageTree: 'secGemini.closeMessageTree',
  openMessage: 'secGemini.openMessage',
  copyMessage: 'secGemini.copyMessage',
  copyMessageBranch: 'secGemini.copyMessageBranch',
  showSessionDetails: 'secGemini.showSessionDetails',
  findAttachments: 'secGemini.findAttachments',
  query: 'secGemini.query',
  askEachFile: 'secGemini.askEachFile',
  pauseFileQueue: 'secGemini.pauseFileQueue',
  rateAnswer: 'secGemini.rateAnswer',
  reportBug: 'secGemini.reportBug',
  exportSession: 'secGemini.exportSession',
  importSession: 'secGemini.importSession',
  refreshSessions: 'secGemini.refreshSessions',
  attachActiveFile: 'secGemini.attachActiveFile',
  attachSelection: 'secGemini.attachSelection',
  attachToSession: 'secGemini.attachToSession',
  attachAs: 'secGemini.attachAs',
  attachFiles: 'secGemini.attachFiles',
  attachOpenEditors: 'secGemini.attachOpenEditors',
  attachChanges: 'secGemini.attachChanges',
  attachProblems: 'secGemini.attachProblems',
  attachTerminalSelection: 'secGemini.attachTerminalSelection',
  attachClipboard: 'secGemini.attachClipboard',
  attachNotebookCells: 'secGemini.attachNotebookCells',
  attachLogs: 'secGemini.attachLogs',
  reattachFile: 'secGemini.reattachFile',
  openSource: 'secGemini.openSource',
  openAttachment: 'secGemini.openAttachment',
  filterSessions: 'secGemini.filterSessions',
  clearFilter: 'secGemini.clearFilter',
  sortSessions: 'secGemini.sortSessions',
  loadMoreSessions: 'secGemini.loadMoreSessions',
  openTreeRow: 'secGemini.openTreeRow',
  chooseFiles: 'secGemini.chooseFiles',
  detachFile: 'secGemini.detachFile',
  askAboutSelection: 'secGemini.askAboutSelection',
  askInline: 'secGemini.askInline',
  askInThread: 'secGemini.askInThread',
  askInSession: 'secGemini.askInSession',
  sendUnsent: 'secGemini.sendUnsent',
  openThread: 'secGemini.openThread',
  openThreadInPanel: 'secGemini.openThreadInPanel',
  changeThreadSession: 'secGemini.changeThreadSession',
  resolveThread: 'secGemini.resolveThread',
  reopenThread: 'secGemini.reopenThread',
  deleteThread: 'secGemini.deleteThread',
  exportThread: 'secGemini.exportThread',
  stopThread: 'secGemini.stopThread',
  useCode: 'secGemini.useCode',
  applyProposal: 'secGemini.applyProposal',
  discardProposal: 'secGemini.discardProposal',
  explainProblem: 'secGemini.explainProblem',
  checkExploitable: 'secGemini.checkExploitable',
  fixProblem: 'secGemini.fixProblem',
  reviewFile: 'secGemini.reviewFile',
  reviewChanges: 'secGemini.reviewChanges',
  askFinding: 'secGemini.askFinding',
  verifyFinding: 'secGemini.verifyFinding',
  suppressFinding: 'secGemini.suppressFinding',
  applyFinding: 'secGemini.applyFinding',
  showSuppressed: 'secGemini.showSuppressed',
  exportFindings: 'secGemini.exportFindings',
  clearFindings: 'secGemini.clearFindings',
  stop: 'secGemini.stop',
  reviewApproval: 'secGemini.reviewApproval',
  askAlways: 'secGemini.askAlways',
  useLocalTools: 'secGemini.useLocalTools',
  stopLocalTools: 'secGemini.stopLocalTools',
  setToolPolicy: 'secGemini.setToolPolicy',
  configureMcpServers: 'secGemini.configureMcpServers',
  restartMcpServer: 'secGemini.restartMcpServer',
  retryToolHub: 'secGemini.retryToolHub',
  attachLog: 'secGemini.attachLog',
  removeLog: 'secGemini.removeLog',
  openLog: 'secGemini.openLog',
  showMenu: 'secGemini.showMenu',
  showWhatLeft: 'secGemini.showWhatLeft',
  exportWhatLeft: 'secGemini.exportWhatLeft',
  editSession: 'secGemini.editSession',
  focusComposer: 'secGemini.focusComposer',
  findInConversation: 'secGemini.findInConversation',
  openTranscript: 'secGemini.openTranscript',
  revokeApiAccess: 'secGemini.revokeApiAccess',
  showLog: 'secGemini.showLog',
} as const;

export type CommandName = keyof typeof COMMANDS;

export const VIEWS = {
  sessions: 'secGemini.sessions',
  messages: 'secGemini.messages',
  mcpServers: 'secGemini.mcpServers',
  localTools: 'secGemini.localTools',
  skills: 'secGemini.skills',
} as const;
export const VIEW_CONTAINER = 'secGemini';
/** Skills as files: `sec-gemini-skill://PLACE/NAME`. */
export const SKILL_SCHEME = 'sec-gemini-skill';
export const CHAT_PANEL = 'secGemini.chat';
/** The participant of VS Code's own chat, `@sec-gemini`. */
export const CHAT_PARTICIPANT = 'secGemini.participant';
/** The tool for VS Code's own chat. */
export const ASK_TOOL = 'ask_sec_gemini';
/** The comment controller of threads at code. */
export const COMMENT_CONTROLLER = 'secGemini.threads';
/** Source of our own findings in Problems. */
export const FINDINGS_SOURCE = 'Sec-Gemini';
/** Scheme of the right side of a diff that shows a proposed change. */
export const PROPOSAL_SCHEME = 'sec-gemini-proposal';

/** Keys for `when` clauses. */
export const CONTEXT_KEYS = {
  /** `signedOut`, `unconfirmed`, `connecting`, `connected`, `keyRefused` or `offline`. */
  connection: 'secGemini.connection',
  /** The local sandbox is the chosen connection. */
  sandbox: 'secGemini.sandbox',
  /** The view "Messages" shows a session. */
  messageTree: 'secGemini.messageTree',
  /** The list of sessions was loaded and is empty. */
  noSessions: 'secGemini.noSessions',
  /** A filter narrows the list of sessions. */
  filtered: 'secGemini.filtered',
  /** What the connected service offers; see host/offers.ts. */
  canArchive: 'secGemini.canArchive',
  canPublish: 'secGemini.canPublish',
  hasMcpServers: 'secGemini.hasMcpServers',
  hasSkills: 'secGemini.hasSkills',
  hasNews: 'secGemini.hasNews',
  hasPromptOptions: 'secGemini.hasPromptOptions',
  /** The service has news that nobody has looked at. */
  unreadNews: 'secGemini.unreadNews',
} as const;

/** Settings with the types of their values. */
export interface Settings {
  'secGemini.endpoint': string;
  'secGemini.protocol': 'auto' | 'v3' | 'v1';
  /** Address of the tool hub; empty = the default endpoint's own, with the local sandbox its own port. */
  'secGemini.toolHub': string;
  /** Address of the logs service; empty = the sandbox's own port, with any other endpoint nothing unless the environment names it. */
  'secGemini.logsService': string;
  /** The user's own MCP servers by name; core/tools/mcp-config.ts says what an entry holds. */
  'secGemini.mcpServers': Readonly<Record<string, unknown>>;
  'secGemini.attach.maxBytes': number;
  'secGemini.attach.confirm': 'always' | 'whenFlagged';
  /** False: Enter begins a new line, and Ctrl+Enter (⌘Enter) sends. */
  'secGemini.chat.enterSends': boolean;
  /** False: a session's reasoning is hidden unless its panel was told to show it. */
  'secGemini.chat.showReasoning': boolean;
  /** What is done when a call fails for a reason that passes by itself; never for a prompt that may have arrived. */
  'secGemini.retry.strategy': 'none' | 'fixed' | 'exponential';
  'secGemini.retry.times': number;
  'secGemini.retry.delaySeconds': number;
  'secGemini.notify': 'whenUnfocused' | 'never';
  /** Days that transcripts and sent files are kept on this machine after their last use. */
  'secGemini.retentionDays': number;
  'secGemini.keptFilesMegabytes': number;
}

export const SETTINGS = [
  'secGemini.endpoint',
  'secGemini.protocol',
  'secGemini.toolHub',
  'secGemini.logsService',
  'secGemini.mcpServers',
  'secGemini.attach.maxBytes',
  'secGemini.attach.confirm',
  'secGemini.chat.enterSends',
  'secGemini.chat.showReasoning',
  'secGemini.retry.strategy',
  'secGemini.retry.times',
  'secGemini.retry.delaySeconds',
  'secGemini.notify',
  'secGemini.retentionDays',
  'secGemini.keptFilesMegabytes',
] as const satisfies readonly (keyof Settings)[];

/** SecretStorage keys are this prefix and the origin that the API key belongs to. */
export const SECRET_PREFIX = 'secGemini.apiKey:';
