// The scenes of the screenshots, played in this order in one editor: each goes on where the one before it ended.
import type { EditorPage } from './rig/drive.ts';

export interface Scene {
  /** The first part of the file's name. */
  readonly name: string;
  /** Brings the editor into the state to show, and waits until it is on the screen. */
  readonly play: (editor: EditorPage) => Promise<void>;
}

export const scenes: readonly Scene[] = [
  {
    name: 'welcome',
    play: async (editor) => {
      await editor.openContainer('Sec-Gemini');
      await editor.sideBar().getByText('Sec-Gemini', { exact: false }).first().waitFor();
    },
  },
];
