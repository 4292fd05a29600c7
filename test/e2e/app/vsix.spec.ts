// The packaged extension, installed as a user installs it, does the main job too.
import { join } from 'node:path';
import { pack } from '../../../scripts/package.ts';
import { test } from '../support/editor.ts';
import { mainJob } from '../support/main-job.ts';

test('the packaged VSIX does the main job', async ({ openEditor, temporaryFolder }) => {
  const { file } = await pack(join(temporaryFolder, 'packed.vsix'));
  await mainJob(openEditor, { vsix: file });
});
