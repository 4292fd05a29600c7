/** A child that appends COUNT entries of its own to a ledger, then ends. argv: path, name, count. */

import { LedgerFile } from '../../../../src/host/storage/ledger-file.ts';

const [path = '', name = '', count = '0'] = process.argv.slice(2);
const ledger = new LedgerFile({ path });
for (let number = 0; number < Number(count); number += 1)
  await ledger.append({
    id: `${name}-${number}`,
    at: number,
    kind: 'prompt',
    sessionId: 's1',
    sessionName: 'Session',
    destination: 'https://sec.example',
    name: 'x'.repeat((number * 37) % 6000),
    bytes: 1,
    sha256: '0'.repeat(64),
    rule: 'sent by the user',
    outcome: 'sent',
  });
process.disconnect();
