import { createV1Client } from '../../src/client/v1/create.ts';
import { describeClientContract } from './client-contract.ts';
import { conformancePython, startConformance } from './conformance-server.ts';

const python = conformancePython('v1');

if (python !== undefined) {
  describeClientContract(
    'v1 over the conformance server',
    async () => {
      const server = await startConformance(python, 'v1');
      const client = createV1Client({ endpoint: server.url, apiKey: server.key, protocol: 'v1' });
      return {
        client,
        stranger: () => createV1Client({ endpoint: server.url, apiKey: 'unknown-key-2', protocol: 'v1' }),
        stop: async () => {
          await client.close();
          await server.stop();
        },
      };
    },
    { prompt: 'hello', slowPrompt: '#slow 4 0.2', longPrompt: '#slow 40 0.05', confirmPrompt: '#confirm' },
  );
}
