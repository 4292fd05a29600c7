// Drives the real editor in a browser page by what a user sees: commands by title, panels, tree rows, questions.
// Used by the Playwright app tests and by the screenshots.
import type { BrowserContext, FrameLocator, Locator, Page } from 'playwright-core';
import type { Editor } from './editor.ts';

/** How long the editor may take to show something; generous, it only bounds a hanging run. */
const guardMs = 60_000;

export interface CommandOptions {
  /** What to type behind `>` when the title alone is ambiguous; the row is still found by the title. */
  readonly filter?: string;
}

/** A browser page with the editor in it. */
export class EditorPage {
  readonly editor: Editor;
  readonly context: BrowserContext;
  page: Page;

  private constructor(editor: Editor, context: BrowserContext, page: Page) {
    this.editor = editor;
    this.context = context;
    this.page = page;
  }

  /** Opens the editor's address in a new page and waits until the workbench is restored. */
  static async open(editor: Editor, context: BrowserContext): Promise<EditorPage> {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(editor.url).origin });
    await keepSecrets(context);
    const opened = new EditorPage(editor, context, await context.newPage());
    await opened.page.goto(editor.url);
    await opened.ready();
    return opened;
  }

  /** Waits until VS Code has marked the workbench as started. The extension host may come some seconds later. */
  async ready(): Promise<void> {
    await this.page.waitForFunction(
      () => performance.getEntriesByName('code/didStartWorkbench').length > 0,
      undefined,
      {
        timeout: guardMs,
      },
    );
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: guardMs });
  }

  /** The widget of every quick pick and input box. */
  quickInput(): Locator {
    return this.page.locator('.quick-input-widget');
  }

  /** The text field of the quick pick or input box. */
  quickInputBox(): Locator {
    return this.quickInput().locator('input').first();
  }

  /** A row of the open quick pick, found by the start of its accessible name (label, then description and keys). */
  quickPickRow(label: string | RegExp): Locator {
    const name = label instanceof RegExp ? label : startsWith(label);
    return this.quickInput().getByRole('option', { name }).first();
  }

  /** Chooses a row of the quick pick that is open or about to open. */
  async pick(label: string | RegExp): Promise<void> {
    await this.quickPickRow(label).click({ timeout: guardMs });
  }

  /** Types into the input box that is open or about to open, and accepts. */
  async answer(text: string): Promise<void> {
    const box = this.quickInputBox();
    await box.waitFor({ timeout: guardMs });
    await box.fill(text);
    await box.press('Enter');
  }

  /**
   * Answers the simple file dialog (a quick pick) that is open with a path. When it has read its first folder it writes the path it starts with, over
   * whatever was typed before; and it reads the folder of what is typed, and an Enter in the midst of that chooses a row of the folder before. So both are
   * awaited, as a person sees them: the first path, and `beside`, a row of the typed folder.
   */
  async answerFile(path: string, beside: string): Promise<void> {
    const box = this.quickInputBox();
    const reading = this.quickInput().locator('.monaco-progress-container.active');
    await box.and(this.page.locator(':focus')).waitFor({ timeout: guardMs });
    await this.page.waitForFunction(
      () =>
        /^([/~]|[a-z]:)/i.test(
          document.querySelector<HTMLInputElement>('.quick-input-widget input:focus')?.value ?? '',
        ),
      undefined,
      { timeout: guardMs },
    );
    await reading.waitFor({ state: 'detached', timeout: guardMs });
    await this.page.mouse.move(0, 0);
    await box.fill(path);
    await this.quickPickRow(beside).waitFor({ timeout: guardMs });
    await reading.waitFor({ state: 'detached', timeout: guardMs });
    const shown = await box.inputValue();
    if (shown !== path) throw new Error(`The file dialog shows "${shown}" and not the path that was typed, "${path}".`);
    await box.press('Enter');
    await this.quickInput().waitFor({ state: 'hidden', timeout: guardMs });
  }

  /** Runs a command by its title with category, for example "Sec-Gemini: New Session". */
  async runCommand(title: string, { filter }: CommandOptions = {}): Promise<void> {
    const row = this.quickPickRow(title);
    const whole = this.quickInput().getByRole('option', { name: startsWith(title, '(?=,|$)') });
    const deadline = Date.now() + guardMs;
    for (;;) {
      await this.page.keyboard.press('F1');
      try {
        const box = this.quickInputBox();
        await box.waitFor({ timeout: 5000 });
        await box.fill(`>${filter ?? title}`);
        // An extension's commands appear when its host has read them; the palette does not refresh by itself.
        await row.waitFor({ timeout: 3000 });
        // "Close Editor Group" begins with "Close Editor", and which stands first is not said.
        await ((await whole.count()) > 0 ? whole.first() : row).click({ timeout: 3000 });
        return;
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`The command "${title}" is not in the palette.`, { cause: error });
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /**
   * Opens a file of the workspace by Quick Open; of a text, waits until it is shown and has the focus: its tab comes before its text. With its folder it is found
   * among others of its name, which the list shows first while it still searches.
   */
  async openFile(name: string): Promise<void> {
    const base = name.split('/').at(-1) ?? name;
    const folder = name.slice(0, -base.length).replace(/\/$/, '');
    const row = this.quickInput()
      .getByRole('option', { name: startsWith(base) })
      .filter({ hasText: folder })
      .first();
    const deadline = Date.now() + guardMs;
    for (;;) {
      await this.page.keyboard.press('Control+P');
      try {
        const box = this.quickInputBox();
        await box.waitFor({ timeout: 5000 });
        await box.fill(name);
        await row.click({ timeout: 5000 });
        break;
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`Quick Open does not find "${name}".`, { cause: error });
        await this.page.keyboard.press('Escape');
      }
    }
    await this.tab(base).waitFor({ timeout: guardMs });
    // Notebooks and pictures are shown by editors of their own, which do not take the focus in one way.
    if (/\.(ipynb|png)$/.test(base)) return;
    await this.page.waitForFunction(
      (file) => {
        const address = document.activeElement?.closest('.monaco-editor')?.getAttribute('data-uri') ?? '';
        return decodeURIComponent(address).endsWith(`/${file}`);
      },
      name,
      { timeout: guardMs },
    );
  }

  /** An editor tab, by the start of its name. */
  tab(name: string | RegExp): Locator {
    return this.page
      .locator('.tabs-container')
      .getByRole('tab', { name: name instanceof RegExp ? name : startsWith(name) })
      .first();
  }

  /**
   * The page inside the webview panel whose tab has this title; the tab is brought to the front first. With several
   * panels side by side take {@link visiblePanelFrame} by index.
   */
  async panelFrame(title: string | RegExp): Promise<FrameLocator> {
    const tab = this.tab(title);
    await tab.waitFor({ timeout: guardMs });
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
    return this.visiblePanelFrame();
  }

  /** The page inside a webview that is visible now; of several side by side the one at `index`, oldest first. */
  visiblePanelFrame(index = 0): FrameLocator {
    return this.page
      .locator('iframe.webview.ready:visible')
      .nth(index)
      .contentFrame()
      .locator('#active-frame')
      .contentFrame();
  }

  /** A row of any tree that is visible (our sessions, the Explorer), by the start of its accessible name. */
  treeItem(name: string | RegExp): Locator {
    return this.page.getByRole('treeitem', { name: name instanceof RegExp ? name : startsWith(name) }).first();
  }

  /** A notification that contains the text. */
  notification(text?: string | RegExp): Locator {
    const all = this.page.locator('.notification-toast, .notifications-center .notification-list-item');
    return text === undefined ? all : all.filter({ hasText: text });
  }

  /** The modal dialog; its buttons are found in it by name. */
  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Presses a button of the modal dialog that is open or about to open. */
  async pressDialogButton(name: string): Promise<void> {
    await this.dialog().getByRole('button', { name, exact: true }).click({ timeout: guardMs });
  }

  /** A row of the open context menu. */
  menuItem(name: string): Locator {
    return this.page
      .locator('.context-view .monaco-menu, .monaco-menu-container')
      .getByRole('menuitem', { name: startsWith(name) })
      .first();
  }

  /**
   * Chooses a row of the context menu that is open or about to open. By the keyboard: VS Code ignores a mouse button that comes up within
   * moments of the menu, and a person is never that fast.
   */
  async chooseMenuItem(name: string): Promise<void> {
    const item = this.menuItem(name);
    await item.hover({ timeout: guardMs });
    await item.press('Enter');
    await item.waitFor({ state: 'hidden', timeout: guardMs });
  }

  /** Opens the view container of the Activity Bar with this name; nothing happens when it is open. */
  async openContainer(name: string): Promise<void> {
    const item = this.page
      .locator('.activitybar')
      .getByRole('tab', { name: startsWith(name) })
      .first();
    await item.waitFor({ timeout: guardMs });
    if ((await item.getAttribute('aria-selected')) !== 'true') await item.click();
  }

  /** The side bar that shows the open view container. */
  sideBar(): Locator {
    return this.page.locator('.part.sidebar');
  }

  /** An item of the status bar, by the start of its accessible name. */
  statusBarItem(name: string | RegExp): Locator {
    const wanted = name instanceof RegExp ? name : startsWith(name);
    return this.page.locator('.part.statusbar').getByRole('button', { name: wanted }).first();
  }

  /** Puts text onto the clipboard. */
  async setClipboard(text: string): Promise<void> {
    await this.page.evaluate((value) => navigator.clipboard.writeText(value), text);
  }

  /** Reads the clipboard. */
  async readClipboard(): Promise<string> {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /**
   * Reloads the window as a user does (the browser's own reload cuts off what the workbench stores on its way out),
   * and waits until the workbench has started again.
   */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load', { timeout: guardMs });
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  /** Closes the page (the window); the server goes on. */
  async closePage(): Promise<void> {
    await this.page.close({ runBeforeUnload: false });
  }

  /** Closes the page and ends the server. */
  async close(): Promise<void> {
    await this.closePage();
    await this.editor.dispose();
  }
}

/**
 * Lets SecretStorage survive a reload as it does for a user: the page asks its server for the key under which it seals
 * secrets in the browser's storage, and VS Code's bare server has no answer (code-server's wrapper would have).
 */
export async function keepSecrets(context: BrowserContext): Promise<void> {
  const body = Buffer.alloc(32, 'the rig');
  await context.route('**/mint-key', (route) => route.fulfill({ contentType: 'application/octet-stream', body }));
}

/** The accessible name starts with these words and they do not go on, or only as `then` says. Quotes and `>` by their codes: Playwright's own parser trips over them. */
function startsWith(words: string, then = '(?![\\p{L}\\p{N}])'): RegExp {
  const safe = words
    .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/["'`>]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16)}`);
  return new RegExp(`^${safe}${then}`, 'iu');
}
