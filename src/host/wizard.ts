/** Questions that follow one another in one native widget, with a way back. Each resolves `back`, or undefined when the user closed it. */

import * as vscode from 'vscode';

export interface StepPlace {
  readonly title: string;
  /** From 1; absent for a question that stands alone. */
  readonly step?: number | undefined;
  readonly steps?: number | undefined;
}

export type StepAnswer<T> = { readonly value: T } | 'back' | undefined;

interface PickStep<T extends vscode.QuickPickItem> extends StepPlace {
  readonly placeholder: string;
  readonly items: readonly T[];
  /** What is chosen already. */
  readonly chosen?: readonly T[] | undefined;
  /** Tick boxes instead of one choice. */
  readonly many?: boolean | undefined;
}

/** One of the rows, or with `many` those that are ticked. */
export function pickStep<T extends vscode.QuickPickItem>(options: PickStep<T>): Promise<StepAnswer<readonly T[]>> {
  const pick = vscode.window.createQuickPick<T>();
  pick.placeholder = options.placeholder;
  pick.items = options.items;
  pick.canSelectMany = options.many === true;
  pick.matchOnDetail = true;
  if (options.many === true) pick.selectedItems = options.chosen ?? [];
  else pick.activeItems = options.chosen ?? [];
  return run(pick, options, () => (options.many === true ? pick.selectedItems : pick.activeItems.slice(0, 1)));
}

interface InputStep extends StepPlace {
  readonly prompt: string;
  readonly placeholder?: string | undefined;
  readonly value?: string | undefined;
  /** A sentence on what is wrong, or undefined. */
  readonly check?: ((text: string) => string | undefined) | undefined;
}

/** The text without spaces at its ends. One that `check` refuses is not accepted. */
export function inputStep(options: InputStep): Promise<StepAnswer<string>> {
  const box = vscode.window.createInputBox();
  box.prompt = options.prompt;
  box.placeholder = options.placeholder;
  box.value = options.value ?? '';
  const check = (): string | undefined => options.check?.(box.value.trim());
  box.onDidChangeValue(() => {
    box.validationMessage = check();
  });
  return run(box, options, () => {
    box.validationMessage = check();
    return box.validationMessage === undefined ? box.value.trim() : undefined;
  });
}

function run<T>(
  widget: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox,
  { title, step, steps }: StepPlace,
  accept: () => T | undefined,
): Promise<StepAnswer<T>> {
  widget.title = title;
  widget.step = step;
  widget.totalSteps = steps;
  widget.ignoreFocusOut = true;
  if (step !== undefined && step > 1) widget.buttons = [vscode.QuickInputButtons.Back];
  return new Promise((resolve) => {
    const settle = (answer: StepAnswer<T>): void => {
      resolve(answer);
      widget.dispose();
    };
    widget.onDidAccept(() => {
      const value = accept();
      if (value !== undefined) settle({ value });
    });
    widget.onDidTriggerButton((button) => {
      if (button === vscode.QuickInputButtons.Back) settle('back');
    });
    widget.onDidHide(() => settle(undefined));
    widget.show();
  });
}

/** Asks the steps in order; `back` goes to the one before that asked something. A step that has nothing to ask resolves `skipped`. */
export async function runSteps(
  steps: readonly ((step: number) => Promise<'next' | 'skipped' | 'back' | 'closed'>)[],
): Promise<boolean> {
  const asked: number[] = [];
  let at = 0;
  while (at < steps.length) {
    const outcome = await steps[at]?.(at + 1);
    if (outcome === 'closed') return false;
    if (outcome === 'back') at = asked.pop() ?? 0;
    else {
      if (outcome === 'next') asked.push(at);
      at += 1;
    }
  }
  return true;
}
