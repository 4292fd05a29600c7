// The setting secGemini.mcpServers: what of it is started, and what is said of the rest.
import assert from 'node:assert/strict';
import {
  describeServer,
  placeOfServer,
  prefixOf,
  readMcpConfig,
  serverIdentity,
  withEnvironment,
} from '../../../src/core/tools/mcp-config.ts';

const NO = '\u202e';

describe('secGemini.mcpServers', () => {
  it('names programs and addresses', () => {
    const { servers, problems } = readMcpConfig({
      notes: { command: 'node', args: ['a b.js', '--x=1'], env: { A: '1' } },
      'my-docs': { type: 'http', url: 'https://docs.example.com/mcp#x', headers: { Authorization: 'Bearer t' } },
      local: { url: 'http://127.0.0.1:3000/mcp' },
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(servers.map(placeOfServer), [
      'node "a b.js" --x=1',
      'https://docs.example.com/mcp',
      'http://127.0.0.1:3000/mcp',
    ]);
    assert.equal(prefixOf('my-docs'), 'mcp_my_docs');
  });

  it('leaves out what does not fit, with a sentence that names it', () => {
    const wrong: Record<string, unknown> = {
      'a b': { command: 'x' },
      a__b: { command: 'x' },
      n1: {},
      n2: { command: '' },
      n3: { command: 'x', shell: true },
      n4: { command: `x${NO}` },
      n5: { command: 'x', args: ['a\0b'] },
      n6: { command: 'x', env: { SEC_GEMINI_API_KEY: 'k' } },
      n7: { command: 'x', cwd: 'relative' },
      u1: { url: 'http://docs.example.com/mcp' },
      u2: { url: 'https://user:secret@docs.example.com' },
      u3: { url: 'file:///etc/passwd' },
      u4: { url: 'http://127.0.0.1.example.com/' },
      u5: { url: 'https://a.example', headers: { 'x\r\ny': '1' } },
    };
    const { servers, problems } = readMcpConfig(wrong);
    assert.deepEqual(servers, []);
    assert.equal(problems.length, Object.keys(wrong).length);
    assert.ok(problems.every((problem) => !problem.includes(NO) && !problem.includes('secret')));
    assert.equal(readMcpConfig({ 'a-b': { command: 'x' }, a_b: { command: 'y' } }).problems.length, 1);
    for (const none of [undefined, null]) assert.deepEqual(readMcpConfig(none), { servers: [], problems: [] });
    for (const none of [[], 'x', 7]) assert.equal(readMcpConfig(none).problems.length, 1);
  });

  it('fills in variables of the editor, never our own', () => {
    const environment = { TOKEN: 't', SEC_GEMINI_API_KEY: 'k' };
    assert.deepEqual(
      withEnvironment({ a: 'Bearer ${env:TOKEN}', b: '${env:SEC_GEMINI_API_KEY}', c: '${env:NONE}' }, environment),
      { a: 'Bearer t', b: '', c: '' },
    );
  });

  it('is asked about with the whole command line, and again when anything of it is another', () => {
    const [server] = readMcpConfig({
      n: { command: 'npx', args: ['-y', 'x; rm'], env: { NODE_OPTIONS: '-r a' }, cwd: '/w' },
    }).servers;
    assert.ok(server?.kind === 'stdio');
    assert.equal(describeServer(server), 'npx -y "x; rm"\nIn the folder /w\nWith NODE_OPTIONS=-r a');
    const others = [
      { ...server, command: 'npm' },
      { ...server, args: ['-y', 'y'] },
      { ...server, args: ['-y x; rm'] },
      { ...server, env: {} },
      { ...server, cwd: '/v' },
    ];
    assert.equal(new Set([server, ...others].map(serverIdentity)).size, others.length + 1);
  });
});
