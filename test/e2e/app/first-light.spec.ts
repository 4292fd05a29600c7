import { test } from '../support/editor.ts';
import { mainJob } from '../support/main-job.ts';

test('a newcomer asks the sandbox about the open file and everything is back after a reload', async ({
  openEditor,
}) => {
  await mainJob(openEditor);
});
