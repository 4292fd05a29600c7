// Trust S28: 10,000 fuzzed calls of the tools over files and of those over a local log.
import { LocalLogs } from '../../src/host/logs/local-logs.ts';
import { logTools } from '../../src/host/logs/log-tools.ts';
import { WORKER, fixturePath } from '../unit/logs/support.ts';
import { fuzzTools } from '../unit/tools/fuzz.ts';
import { world } from '../unit/tools/support.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

describe(`calls of anything, seed ${SEED.toString()}`, function () {
  this.timeout(8 * 60_000);

  it('are answered or refused, 10,000 of them', async () => {
    const w = await world({ 'src/app.ts': 'export const x = 1;\n', '.env': 'TOKEN=CANARY\n' });
    const logs = new LocalLogs({ script: WORKER, directory: `${w.folder}-databases` });
    try {
      await logs.add('of the fuzz', fixturePath('auth.log'));
      w.tools.registry.add(logTools(logs));
      const names = ['list_files', 'read_file', 'search_text', 'describe_logs', 'query_logs'];
      await fuzzTools(w.tools.registry, names, 10_000, SEED);
    } finally {
      logs.dispose();
      await w.dispose();
    }
  });
});
