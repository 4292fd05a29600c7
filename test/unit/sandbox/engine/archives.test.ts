import assert from 'node:assert/strict';
import { gzipSync, zipSync } from 'fflate';
import { archiveFindings } from '../../../../src/sandbox/engine/archive-findings.ts';
import { MAX_UNPACKED, listArchive } from '../../../../src/sandbox/engine/archives.ts';
import { ask, fileOf } from './support.ts';

const signal = new AbortController().signal;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** One tar entry: header and content, padded. */
const tarEntry = (name: string, content: string, type = '0', link = ''): Buffer => {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, 'utf8');
  header.write(content.length.toString(8).padStart(11, '0'), 124);
  header.write(type, 156);
  header.write(link, 157);
  header.write('ustar\0', 257);
  return Buffer.concat([header, Buffer.alloc(Math.ceil(content.length / 512) * 512, content)]);
};
const tarOf = (...entries: readonly Buffer[]): Buffer => Buffer.concat([...entries, Buffer.alloc(1024)]);

describe('archives', () => {
  it('lists a zip by its central directory', async () => {
    const zip = zipSync({ 'docs/read.txt': utf8('hello'), 'bin/tool.exe': utf8('MZ'), 'grüße.txt': utf8('x') });
    const archive = await listArchive(zip, signal);
    assert.equal(archive?.format, 'zip');
    assert.deepEqual(
      archive.entries.map((entry) => [entry.name, entry.size]),
      [
        ['docs/read.txt', 5],
        ['bin/tool.exe', 2],
        ['grüße.txt', 1],
      ],
    );
    assert.equal(archive.incomplete, undefined);
  });

  it('says when a zip is cut', async () => {
    const zip = zipSync({ 'a.txt': utf8('hello') });
    const archive = await listArchive(zip.subarray(0, zip.length - 30), signal);
    assert.deepEqual(archive?.entries, []);
    assert.match(archive?.incomplete ?? '', /cut or damaged/);
  });

  it('lists tar and tar.gz, long names and links', async () => {
    const long = `${'folder/'.repeat(20)}file.txt`;
    const tar = tarOf(
      tarEntry('a.txt', 'hello'),
      tarEntry('././@LongLink', `${long}\0`, 'L'),
      tarEntry('short', 'xy'),
      tarEntry('out', '', '2', '../../etc'),
    );
    for (const [bytes, format] of [
      [tar, 'tar'],
      [gzipSync(tar), 'tar.gz'],
    ] as const) {
      const archive = await listArchive(bytes, signal);
      assert.equal(archive?.format, format);
      assert.deepEqual(
        archive.entries.map(({ name, size, link }) => [name, size, link]),
        [
          ['a.txt', 5, undefined],
          [long, 2, undefined],
          ['out', 0, '../../etc'],
        ],
      );
    }
  });

  it('names the file in a gz', async () => {
    const archive = await listArchive(gzipSync(utf8('hello hello'), { filename: 'log.txt' }), signal);
    assert.deepEqual(
      archive?.entries.map(({ name, size }) => [name, size]),
      [['log.txt', 11]],
    );
  });

  it('stops unpacking a bomb', async function () {
    this.timeout(30_000);
    const bomb = gzipSync(new Uint8Array(MAX_UNPACKED + 16 * 1024 * 1024));
    const archive = await listArchive(bomb, signal);
    assert.match(archive?.incomplete ?? '', /stopped after 64 MiB/);
    assert.match(
      archiveFindings(fileOf('x.gz', bomb), { ...archive, format: 'gz', entries: archive?.entries ?? [], total: 1 })
        .map((finding) => finding.ruleId)
        .join(),
      /archive\/bomb/,
    );
  });

  it('survives damaged archives', async () => {
    const whole = [
      zipSync({ a: utf8('x'.repeat(500)) }),
      gzipSync(tarOf(tarEntry('a', 'b'))),
      tarOf(tarEntry('a', 'b')),
    ];
    for (const bytes of whole)
      for (let at = 3; at < bytes.length; at += 7) {
        const damaged = Uint8Array.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ 0xff;
        await listArchive(damaged, signal);
        await listArchive(bytes.subarray(0, at), signal);
      }
  });

  it('reports names that leave the folder, programs in disguise, programs and links', async () => {
    const zip = zipSync({
      '../../evil.sh': utf8('x'),
      'invoice.pdf.exe': utf8('x'),
      'setup.msi': utf8('x'),
      'fine.txt': utf8('x'),
    });
    const answered = await ask('inspect', { files: [fileOf('mail.zip', zip, 'zip', 'application/zip')] });
    for (const rule of ['archive/path-traversal', 'archive/disguised-program', 'archive/program'])
      assert.ok(answered.includes(rule), rule);
    assert.ok(answered.includes('`fine.txt`'));
    const tar = await listArchive(tarOf(tarEntry('out', '', '2', '/etc/passwd')), signal);
    assert.ok(tar !== undefined);
    assert.deepEqual(
      archiveFindings(fileOf('a.tar', 'x'), tar).map((finding) => finding.ruleId),
      ['archive/link-outside'],
    );
  });
});
