import { createV3Client } from '../../src/client/create-client.ts';
import { describeClientContract } from './client-contract.ts';
import { conformancePython, startConformance } from './conformance-server.ts';

const python = conformancePython('v3');

if (python !== undefined) {
  for (const replay of ['after', 'inclusive', 'all'])
    describeClientContract(
      `v3 over the conformance server, replay ${replay}`,
      async () => {
        const server = await startConformance(python, 'v3', '--replay', replay);
        const make = (apiKey: string) => createV3Client({ endpoint: server.url, apiKey, protocol: 'v3' });
        const client = await make(server.key);
        const stranger = await make('unknown-key-2');
        return {
          client,
          stranger: () => stranger,
          stop: async () => {
            await client.close();
            await server.stop();
          },
        };
      },
      { prompt: 'hello', slowPrompt: '#slow 4 0.2', longPrompt: '#slow 40 0.05', confirmPrompt: '#confirm run_shell' },
    );
}
