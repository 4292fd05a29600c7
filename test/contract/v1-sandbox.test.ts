import { createV1Client } from '../../src/client/v1/create.ts';
import { describeClientContract } from './client-contract.ts';
import { startSandbox } from './sandbox-process.ts';

describeClientContract(
  'v1 over the sandbox',
  async () => {
    const sandbox = await startSandbox();
    const client = createV1Client({
      endpoint: sandbox.endpoint,
      apiKey: sandbox.apiKey,
      protocol: 'v1',
      logsService: sandbox.endpoint,
    });
    return {
      client,
      stranger: () => createV1Client({ endpoint: sandbox.endpoint, apiKey: 'unknown-key-2', protocol: 'v1' }),
      stop: async () => {
        await client.close();
        await sandbox.kill();
      },
    };
  },
  {
    prompt: 'What is in the files?',
    slowPrompt: '/demo slow 2',
    longPrompt: '/demo slow 6',
    confirmPrompt: '/demo confirm',
    mentions: (sha256) => new RegExp(sha256.slice(0, 12)),
  },
);
