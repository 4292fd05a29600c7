/** Start of the page. The only place that touches VS Code's page API, which stays inside this module (trust.md S06). */

import { toDisposable } from '../core/disposable.ts';
import type { Port } from '../panel/rpc.ts';
import { App, type PageState } from './app.ts';
import { readFolds } from './folds.ts';
import { warmUp } from './markdown/warm-up.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

const api = acquireVsCodeApi();

const port: Port = {
  post: (message) => api.postMessage(message),
  onMessage(listener) {
    const take = (event: MessageEvent): void => {
      // The host speaks through the frame around us, from our own origin; nobody else is heard. The frame itself cannot be compared:
      // VS Code makes `window.parent` point at the page (seen in 1.139).
      if (event.origin === window.origin) listener(event.data);
    };
    window.addEventListener('message', take);
    return toDisposable(() => window.removeEventListener('message', take));
  },
};

function loadState(): PageState {
  const state = api.getState();
  if (typeof state !== 'object' || state === null) return {};
  const { draft, sessionId, folds, place, sideOpen } = state as Record<string, unknown>;
  return {
    ...(typeof draft === 'string' ? { draft } : {}),
    ...(typeof sessionId === 'string' ? { sessionId } : {}),
    folds: readFolds(folds),
    place: readPlace(place),
    sideOpen: sideOpen === true,
  };
}

function readPlace(value: unknown): PageState['place'] {
  if (typeof value !== 'object' || value === null) return undefined;
  const { index, top } = value as { index?: unknown; top?: unknown };
  if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 0) return undefined;
  return typeof top === 'number' && Number.isFinite(top) ? { index, top } : undefined;
}

const app = new App({ port, loadState, saveState: (state) => api.setState(state) });
document.querySelector('#app')?.replaceWith(app.element);
app.start();
warmUp();
