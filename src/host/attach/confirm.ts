/**
 * The native confirmation before files leave: every name, size, the destination, whether the service logs, the secrets that were found and
 * what stays here (trust.md S26, S31, S32). Its words are in `core/egress-words.ts`.
 */

import * as vscode from 'vscode';
import { formatBytes } from '../../core/format.ts';
import type { EgressAnswer, EgressChoice, EgressItem, EgressRequest, OutgoingFile } from '../../core/egress-model.ts';
import type { PromptAnswer, PromptRequest } from '../../core/egress-prompt.ts';
import {
  canRedact,
  choiceDetail,
  choiceWords,
  detailOf,
  promptDetailOf,
  promptQuestionOf,
  questionOf,
  reviewDetail,
} from '../../core/egress-words.ts';
import { labelText } from '../../core/visible-text.ts';

const SEND = 'Send';
const REVIEW = 'Review…';
const REDACT = 'Redact and Send';
const KEEP = 'Keep as Draft';
const KEEP_WAITING = 'Keep in Queue';
const ANYWAY = 'Continue Anyway…';

export async function confirmEgress(request: EgressRequest): Promise<EgressAnswer> {
  // The first is what Enter does: where secrets were found, the answer that does not let them out.
  const buttons = canRedact(request) ? [REDACT, SEND, REVIEW] : [SEND, REVIEW];
  const choice = await vscode.window.showInformationMessage(
    questionOf(request),
    { modal: true, detail: detailOf(request) },
    ...buttons,
  );
  switch (choice) {
    case SEND:
      // With nothing ticked by default, "Send" alone says too little.
      return request.items.every((item) => item.choice === 'skip') ? review(request) : 'send';
    case REDACT:
      return 'redact';
    case REVIEW:
      return review(request);
    default:
      return 'cancel';
  }
}

/** The explicit question about the one file that a rule keeps here; the ordinary confirmation still follows. */
export async function confirmDenied(file: OutgoingFile, rule: string): Promise<boolean> {
  const choice = await vscode.window.showWarningMessage(
    `${labelText(file.name, 120)} is a kind of file that should not leave this machine.`,
    {
      modal: true,
      detail: `Files like it (${labelText(rule, 120)}) usually hold passwords or keys.\n${labelText(file.origin, 300)}\n\nNothing was read or sent.`,
    },
    ANYWAY,
  );
  return choice === ANYWAY;
}

/** About the text of a message in which secrets were found. The safe answer is the default one. */
export async function confirmPrompt(request: PromptRequest): Promise<PromptAnswer> {
  const send: vscode.MessageItem = { title: SEND };
  const redact: vscode.MessageItem = { title: REDACT };
  const choice = await vscode.window.showWarningMessage<vscode.MessageItem>(
    promptQuestionOf(request),
    { modal: true, detail: promptDetailOf(request) },
    ...(request.canRedact ? [redact, send] : [send]),
    { title: request.waited === true ? KEEP_WAITING : KEEP, isCloseAffordance: true },
  );
  return choice === redact ? 'redact' : choice === send ? 'send' : 'cancel';
}

interface Row extends vscode.QuickPickItem {
  readonly item: EgressItem;
}

const CHANGE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('settings-gear'),
  tooltip: 'Change How It Is Sent',
};
const CHANGE_ONE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('settings-gear'),
  tooltip: 'Change How a File Is Sent',
};

/** Ticks and, for each file, how it is sent. Closing it sends nothing. */
async function review(request: EgressRequest): Promise<EgressAnswer> {
  const choices = new Map<OutgoingFile, EgressChoice>(request.items.map(({ file, choice }) => [file, choice]));
  for (;;) {
    const step = await pickFiles(request, choices);
    if (step === undefined) return 'cancel';
    if (step === 'send') return [...choices.values()].every((choice) => choice === 'skip') ? 'cancel' : { choices };
    const item = step === 'choose' ? await pickItem(request) : step;
    const choice = item === undefined ? undefined : await pickChoice(item);
    if (item !== undefined && choice !== undefined) choices.set(item.file, choice);
  }
}

/** Keeps the ticks in `choices`; resolves with `send`, with the file whose choice is to change (or `choose` for a list of them), or undefined. */
function pickFiles(
  request: EgressRequest,
  choices: Map<OutgoingFile, EgressChoice>,
): Promise<EgressItem | 'choose' | 'send' | undefined> {
  const input = vscode.window.createQuickPick<Row>();
  const rows = request.items.map((item): Row => {
    const choice = choices.get(item.file) ?? 'skip';
    const how = choice === 'send' || choice === 'skip' ? '' : ` – ${choiceWords(choice)}`;
    return {
      label: labelText(item.file.name, 120),
      description: `${formatBytes(item.file.size)}${how}`,
      detail: reviewDetail(item),
      buttons: [CHANGE],
      item,
    };
  });
  input.title = `Send to ${labelText(request.destination, 120)}`;
  input.placeholder = 'Untick what must not leave, then press Enter';
  input.canSelectMany = true;
  input.ignoreFocusOut = true;
  input.matchOnDetail = true;
  input.buttons = [CHANGE_ONE];
  input.items = rows;
  input.selectedItems = rows.filter(({ item }) => choices.get(item.file) !== 'skip');
  const keepTicks = (): void => {
    const ticked = new Set(input.selectedItems);
    for (const row of rows) {
      const { file, choice } = row.item;
      const before = choices.get(file) ?? 'skip';
      if (!ticked.has(row)) choices.set(file, 'skip');
      // A tick means what "Send" would do; what git ignores is then sent as it is.
      else if (before === 'skip') choices.set(file, choice !== 'skip' ? choice : row.item.sample ? 'hashes' : 'send');
    }
  };
  return new Promise((resolve) => {
    const finish = (step: EgressItem | 'choose' | 'send' | undefined): void => {
      keepTicks();
      resolve(step);
      input.dispose();
    };
    input.onDidAccept(() => finish('send'));
    input.onDidTriggerItemButton(({ item }) => finish(item.item));
    input.onDidTriggerButton(() => finish('choose'));
    // Comes after the others, too, and then changes nothing.
    input.onDidHide(() => finish(undefined));
    input.show();
  });
}

/** By keyboard: the buttons within rows are for the mouse. */
async function pickItem(request: EgressRequest): Promise<EgressItem | undefined> {
  const picked = await vscode.window.showQuickPick(
    request.items.map((item): Row => ({ label: labelText(item.file.name, 120), detail: reviewDetail(item), item })),
    { title: 'Change how a file is sent', placeHolder: 'Which file?', matchOnDetail: true, ignoreFocusOut: true },
  );
  return picked?.item;
}

async function pickChoice(item: EgressItem): Promise<EgressChoice | undefined> {
  const picked = await vscode.window.showQuickPick(
    item.choices.map((choice) => ({ label: choiceWords(choice), detail: choiceDetail(choice, item), choice })),
    { title: labelText(item.file.name, 120), placeHolder: 'How is it sent?', ignoreFocusOut: true },
  );
  return picked?.choice;
}
