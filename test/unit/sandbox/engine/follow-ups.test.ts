import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ask, fileOf, stepsOf, stepsOfType } from './support.ts';

const SERVER = fileOf(
  'src/Server.py',
  'import os\nname = eval(text)\npassword = "Blue-Sky-77"\nhost = "203.0.113.9"\n',
  'python',
  'text/x-python',
);
const NOTES = fileOf('notes.txt', 'hello\nsee hxxps://evil[.]example[.]com/x\nCVE-2021-44228\n');
const files = [SERVER, NOTES];

describe('follow-ups', () => {
  it('says in every answer that it is the local sandbox and no model', async () => {
    for (const prompt of [
      'hi',
      'which files do you have',
      'hash of notes.txt',
      'line 1 of notes.txt',
      'list the indicators',
      'explain finding 1',
      'what did I ask before',
      'compare Server.py and notes.txt',
      'summarise',
      '/demo help',
    ])
      assert.match(await ask(prompt, { files }), /\*\*local sandbox\*\*.*no model/, prompt);
  });

  for (const prompt of [
    'Which files do you have?',
    'what files are attached',
    'list the files',
    'Show me all attached files',
    "what's attached?",
    'how many files do you have',
  ])
    it(`files: ${prompt}`, async () => {
      const text = await ask(prompt, { files });
      assert.match(text, /2 files are attached/);
      for (const file of files) assert.ok(text.includes(`\`${file.name}\``) && text.includes(file.sha256.slice(0, 12)));
    });

  for (const prompt of [
    'what is the hash of notes.txt?',
    'sha256 of NOTES.TXT',
    'Checksum of "notes.txt" please',
    'hash of notes',
  ])
    it(`hash: ${prompt}`, async () => {
      const text = await ask(prompt, { files });
      assert.ok(text.includes(NOTES.sha256));
      assert.ok(!text.includes(SERVER.sha256));
    });

  it('hash: other kinds are computed', async () => {
    const text = await ask('md5 and sha1 of server.py', { files });
    for (const kind of ['md5', 'sha1']) assert.ok(text.includes(createHash(kind).update(SERVER.bytes).digest('hex')));
    assert.ok(!text.includes(SERVER.sha256));
  });

  for (const prompt of [
    'what is on line 2 of Server.py',
    'Show line 2 of "src/Server.py"',
    'line 2 in server',
    'server.py:2',
  ])
    it(`line: ${prompt}`, async () => {
      const text = await ask(prompt, { files });
      assert.match(text, /Line 2 of `src\/Server\.py`/);
      assert.ok(text.includes('```\nname = eval(text)\n```'));
      assert.ok(text.includes('Text run as code'));
    });

  it('line: masks secrets, gives ranges, and says what there is when there is no such line', async () => {
    const masked = await ask('what is on line 3 of server.py', { files });
    assert.ok(!masked.includes('Blue-Sky-77') && masked.includes('password = "'));
    assert.ok((await ask('lines 1-2 of notes.txt', { files })).includes('1  hello\n2  see hxxps'));
    assert.match(await ask('line 9 of notes.txt', { files }), /no line 9: its lines go from 1 to 3/);
    assert.match(await ask('line 0 of notes.txt', { files }), /no line 0/);
    assert.match(await ask('line 1 of empty.txt', { files: [fileOf('empty.txt', '')] }), /it is empty/);
  });

  it('line: text of a file cannot leave its code block', async () => {
    const text = await ask('line 1 of a.md', { files: [fileOf('a.md', '``` ```` <script>x</script>\u202e\n')] });
    assert.ok(text.includes('`````\n``` ```` <script>x</script>\\u202e\n`````'));
  });

  it('indicators: all, of a kind, of a file, and none', async () => {
    const all = await ask('list the indicators', { files });
    for (const part of ['https://evil.example.com/x', '(was defanged)', 'CVE-2021-44228', '203.0.113.9'])
      assert.ok(all.includes(part), part);
    const urls = await ask('which URLs are in there?', { files });
    assert.ok(urls.includes('https://evil.example.com/x') && !urls.includes('CVE-2021-44228'));
    assert.ok(!(await ask('extract IOCs from server.py', { files })).includes('evil.example.com'));
    assert.match(await ask('list the IPv6 indicators', { files }), /I found no indicators of the kind ipv6 in 2 files/);
    assert.match(await ask('list all CVEs', { files }), /`CVE-2021-44228` \| 3/);
  });

  for (const prompt of [
    'explain finding 1',
    'tell me more about issue #1',
    'Explain 1',
    'what is #1',
    'finding number 1?',
  ])
    it(`explain: ${prompt}`, async () => {
      const text = await ask(prompt, { files });
      assert.match(text, /### Finding 1: Text run as code/);
      assert.match(text, /`src\/Server\.py:2`/);
      assert.match(text, /\*\*What to do\.\*\*/);
    });

  it('explain: several, by line, and numbers that do not exist', async () => {
    const both = await ask('explain findings 1 and 2', { files });
    assert.ok(both.includes('Finding 1') && both.includes('Finding 2'));
    assert.ok(!both.includes('Blue-Sky-77'));
    assert.match(await ask('explain the problem on line 3 of server.py', { files }), /hard-coded password/);
    assert.match(await ask('explain finding 99', { files }), /no finding 99: the findings go from 1 to 2/);
    assert.match(await ask('explain finding 1', { files: [fileOf('a.txt', 'calm')] }), /no findings to explain/);
  });

  it('explain: numbers do not change with what the prompt names', async () => {
    const inspected = await ask('inspect server.py', { files: [fileOf('first.py', 'eval(x)\n'), SERVER] });
    assert.match(inspected, /\n2\. \*\*high\*\*, `src\/Server\.py:2`/);
  });

  it('history: quotes what was asked, in order', async () => {
    const text = await ask('what did I ask before?', { files, earlierPrompts: ['first one', 'second `one`'] });
    assert.ok(text.includes('1. `first one`') && text.includes('2. `` second `one` ``'));
    assert.match(await ask('what was my previous question?', { files }), /first thing that you ask/);
  });

  it('compare: names, differences with lines, identical contents, one missing', async () => {
    const a = fileOf('a.txt', 'one\ntwo\nthree\n');
    const b = fileOf('b.txt', 'one\n2\nthree\n');
    const text = await ask('compare a.txt and b.txt', { files: [a, b, NOTES] });
    assert.ok(text.includes(a.sha256) && text.includes(b.sha256) && !text.includes(NOTES.sha256));
    assert.ok(text.includes('- 2: two') && text.includes('+ 2: 2'));
    assert.match(text, /first on line 2/);
    assert.match(await ask('diff them', { files: [a, fileOf('c.txt', 'one\ntwo\nthree\n')] }), /identical/);
    assert.match(
      await ask('compare a.txt with zzz.txt', { files: [a, b] }),
      /No attached file is called `zzz\.txt`[\s\S]*I need two files/,
    );
  });

  it('summarise: the worst first', async () => {
    const text = await ask('Summarize, please', { files });
    assert.match(text, /The worst first/);
    assert.ok(text.includes(SERVER.sha256.slice(0, 12)));
    assert.match(await ask('summary', {}), /nothing to sum up/);
  });

  it('secrets: listed masked, with lines', async () => {
    const text = await ask('are there any passwords?', { files });
    assert.match(text, /1 secret, masked/);
    assert.ok(/`src\/Server\.py:3`/.test(text) && !text.includes('Blue-Sky-77'));
  });

  it('JSON: findings that a program can read', async () => {
    const text = await ask('give me the findings as JSON', { files });
    const json: unknown = JSON.parse(/```json\n([\s\S]*)\n```/.exec(text)?.[1] ?? '');
    assert.ok(typeof json === 'object' && json !== null && 'findings' in json && Array.isArray(json.findings));
    assert.deepEqual(
      json.findings.map((finding: { ruleId: string; line: number }) => [finding.ruleId, finding.line]),
      [
        ['python/eval', 2],
        ['secret/password', 3],
      ],
    );
  });

  it('anything else: the inspection and what it can and cannot do', async () => {
    const text = await ask('Write me a poem about firewalls', { files });
    assert.match(text, /I looked at 2 files: 2 findings/);
    assert.match(text, /being no model, I cannot/);
    assert.match(await ask('What is in the files?', { files }), /I looked at 2 files/);
    assert.match(await ask('hello', {}), /No file is attached/);
  });

  it('names a file that is not there instead of guessing', async () => {
    assert.match(await ask('hash of missing.exe', { files }), /No attached file is called `missing\.exe`/);
  });

  it('tells files with similar names apart', async () => {
    const pair = [fileOf('app.py', 'a\n'), fileOf('test_app.py', 'b\n'), fileOf('app.py.bak', 'c\n')];
    for (const file of pair) {
      const text = await ask(`what is the hash of ${file.name}?`, { files: pair });
      for (const other of pair)
        assert.equal(text.includes(other.sha256), other === file, `${file.name} / ${other.name}`);
    }
  });

  it('works as thinking, tool calls with their results, one answer', async () => {
    const steps = await stepsOf('inspect', { files });
    assert.deepEqual(
      steps.map((step) => step.type),
      ['thinking', 'toolCall', 'toolResult', 'toolCall', 'toolResult', 'answer'],
    );
    const calls = stepsOfType(steps, 'toolCall').map((step) => step.callId);
    assert.deepEqual(
      calls,
      stepsOfType(steps, 'toolResult').map((step) => step.callId),
    );
    assert.equal(new Set(calls).size, 2);
  });

  it('is deterministic', async () => {
    assert.deepEqual(
      await stepsOf('inspect', { files }),
      await stepsOf('inspect', { files: files.map((file) => ({ ...file, bytes: Uint8Array.from(file.bytes) })) }),
    );
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    const steps: string[] = [];
    const turn = async (): Promise<void> => {
      const { answer } = await import('../../../../src/sandbox/engine/answer.ts');
      const { contextOf } = await import('./support.ts');
      for await (const step of answer('inspect', contextOf({ files, signal: controller.signal }))) {
        steps.push(step.type);
        if (step.type === 'toolCall') controller.abort(new Error('stopped here'));
      }
    };
    await assert.rejects(turn(), /stopped here/);
    assert.deepEqual(steps, ['thinking', 'toolCall']);
  });

  it('says when a file is too long to be searched whole', async function () {
    this.timeout(60_000);
    const text = await ask('inspect', {
      files: [fileOf('big.txt', `${'plain words of a long file\n'.repeat(200_000)}192.0.2.9\n`)],
    });
    assert.match(text, /Only the first [\d,]+ of 5,400,010 characters were searched/);
    assert.ok(!text.includes('192.0.2.9'));
  });

  it('searches long files less far when a turn has looked at much, and small ones whole', async function () {
    this.timeout(60_000);
    const long = 'plain words of a long file\n'.repeat(160_000);
    const many = [1, 2, 3, 4].map((number) => fileOf(`part${number}.py`, `${long}# ${number}\n`));
    const text = await ask('inspect', { files: [...many, fileOf('last.py', 'eval(x)\n')] });
    assert.match(text, /Only the first 65,5\d\d of 4,320,004 characters/);
    assert.match(text, /python\/eval/);
  });
});
