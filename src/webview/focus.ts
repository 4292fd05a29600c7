/**
 * Focus that the page moves by itself: because what had it went away, or because the editor asked for it a while ago (a panel may take seconds to
 * load, and who opened it types elsewhere by then). The active element of a frame stays what it was
 * while the user types elsewhere (a quick pick, a file dialog, another editor), so it says nothing about where the keyboard is; and
 * `focus()` called in such a frame takes the keyboard away from there.
 */

let waiting: AbortController | undefined;

/**
 * Gives the focus to an element: now when the page has the keyboard, else as soon as the user comes back with it. A press of the mouse in the
 * page chooses for itself and ends the wait; of several waits the last counts.
 */
export function focusWhenHere(target: HTMLElement): void {
  waiting?.abort();
  waiting = undefined;
  const take = (): void => {
    target.focus({ preventScroll: true });
  };
  if (document.hasFocus()) {
    take();
    return;
  }
  const wait = new AbortController();
  waiting = wait;
  const { signal } = wait;
  const once = { once: true, signal };
  window.addEventListener(
    'focus',
    () => {
      wait.abort();
      if (target.isConnected) take();
    },
    once,
  );
  window.addEventListener('pointerdown', () => wait.abort(), { ...once, capture: true });
}
