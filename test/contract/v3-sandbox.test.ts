import { createV3Client } from '../../src/client/create-client.ts';
import { describeClientContract } from './client-contract.ts';
import { startSandbox } from './sandbox-process.ts';

describeClientContract(
  'v3 over the sandbox',
  async () => {
    const sandbox = await startSandbox();
    const make = (apiKey: string) => createV3Client({ endpoint: sandbox.endpoint, apiKey, protocol: 'v3' });
    const client = await make(sandbox.apiKey);
    const stranger = await make('unknown-key-2');
    return {
      client,
      stranger: () => stranger,
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
