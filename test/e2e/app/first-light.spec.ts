import { test } from '../support/editor.ts';
import { mainJob } from '../support/main-job.ts';

for (const protocol of ['v1', 'v3'] as const) {
  test(`a newcomer asks the sandbox about the open file and everything is back after a reload (${protocol})`, async ({
    openEditor,
  }) => {
    await mainJob(openEditor, { settings: { 'secGemini.protocol': protocol } });
  });
}
