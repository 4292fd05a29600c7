// Rows of the table about files. See test/host/support/rows.ts.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import type { ApiAttachment } from '../../../src/api/sec-gemini.d.ts';
import { NEEDLE, apiSuite, code, until } from '../support/api-suite.ts';
import { row } from '../support/rows.ts';

/** A one-pixel PNG. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('files', () => {
  const suite = apiSuite();
  const names = async (): Promise<string[]> =>
    (await suite.api.get(suite.id)).attachments.map(({ name }) => name).toSorted();
  const fileNode = (attachment: ApiAttachment) => ({ kind: 'file', sessionId: suite.id, attachment });
  const attachmentOf = async (name: string): Promise<ApiAttachment> => {
    const found = (await suite.api.get(suite.id)).attachments.find((each) => each.name === name);
    assert.ok(found);
    return found;
  };

  row('many', (part) => {
    part('text, path, bytes, file', 'each asked about; none that was refused; taken off again', async () => {
      const { api, id, answers } = suite;
      await suite.attach('by-text.txt', 'one');
      answers.expect(/Send 1 file[^]*by-bytes\.bin/, 'Send');
      await api.attach(id, { name: 'by-bytes.bin', bytes: new Uint8Array([1, 2, 3]) });
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      assert.ok(folder);
      const file = vscode.Uri.joinPath(folder, 'by-path.txt');
      await vscode.workspace.fs.writeFile(file, new TextEncoder().encode('three'));
      answers.expect(/Send 1 file[^]*by-path\.txt/, 'Send');
      await api.attach(id, { path: file.fsPath });
      const other = vscode.Uri.joinPath(folder, 'by-uri.txt');
      await vscode.workspace.fs.writeFile(other, new TextEncoder().encode('four'));
      answers.expect(/Send 1 file[^]*by-uri\.txt/, 'Send');
      await api.attach(id, { uri: other.toString() });
      answers.expect(/Send 1 file[^]*refused\.txt/, undefined);
      assert.equal(await api.attach(id, { name: 'refused.txt', text: 'stays here' }), false);
      assert.deepEqual(await names(), ['by-bytes.bin', 'by-path.txt', 'by-text.txt', 'by-uri.txt']);
      const first = await attachmentOf('by-text.txt');
      assert.equal(first.sha256, createHash('sha256').update('one').digest('hex'));
      await api.detach(id, first.id);
      assert.deepEqual(await names(), ['by-bytes.bin', 'by-path.txt', 'by-uri.txt']);
    });
    part('a question for each file', 'one table, as Markdown and as CSV', async () => {
      const { api, id, answers } = suite;
      const ids = [await suite.attach('a.py', NEEDLE), await suite.attach('b.txt', 'nothing')];
      const results = await api.askEach(id, ids, 'Are there secrets?');
      assert.deepEqual(
        results.map(({ name, statusCode }) => [name, statusCode]),
        [
          ['a.py', 200],
          ['b.txt', 200],
        ],
      );
      assert.match(results[0]?.text ?? '', /a\.py/);
      answers.expect(/^Ask About Each File$/, 'Which lines are wrong?');
      answers.press(/2 of 2 files were answered/, 'Copy as CSV');
      const nodes = (await api.get(id)).attachments.map(fileNode);
      await vscode.commands.executeCommand('secGemini.askEachFile', nodes[0], nodes);
      assert.match(
        await vscode.env.clipboard.readText(),
        /^File,SHA-256,Status,Tokens,Answer\r?\na\.py,[0-9a-f]{64},200 OK/,
      );
      assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /\| b\.txt \| [0-9a-f]{64} \|/);
    });
    part(
      'pause and cancel',
      'after the pause nothing is asked until it goes on; what was cancelled is told',
      async () => {
        const { api, id, answers } = suite;
        const ids = [
          await suite.attach('a.txt', 'a'),
          await suite.attach('b.txt', 'b'),
          await suite.attach('c.txt', 'c'),
        ];
        const prompts = async () => (await api.messages(id)).filter(({ kind }) => kind === 'prompt').length;
        const nodes = (await api.get(id)).attachments.map(fileNode);
        const begun = until(api.listen({ sessionId: id }), 'streaming', ({ active }) => active);
        const ended = api.listen({ sessionId: id, types: ['streaming'] });
        answers.expect(/^Ask About Each File$/, 'What is it?');
        answers.press(/3 of 3 files were answered/, 'Copy as Markdown');
        const all = vscode.commands.executeCommand('secGemini.askEachFile', nodes[0], nodes);
        await begun;
        await vscode.commands.executeCommand('secGemini.pauseFileQueue');
        await until(ended, 'streaming', ({ active }) => !active);
        await api.ping();
        assert.equal(await prompts(), 1, 'paused behind the first');
        await vscode.commands.executeCommand('secGemini.pauseFileQueue');
        await all;
        assert.equal(await prompts(), 3);
        assert.match(await vscode.env.clipboard.readText(), /\| c\.txt \|/);

        const abort = new AbortController();
        const first = until(api.listen({ sessionId: id }), 'streaming', ({ active }) => active);
        const some = api.askEach(id, ids, 'And now?', { signal: abort.signal });
        await first;
        abort.abort();
        assert.deepEqual(
          (await some).slice(1).map(({ statusCode, statusMessage }) => [statusCode, statusMessage]),
          [
            [499, 'not asked'],
            [499, 'not asked'],
          ],
        );
      },
    );
  });

  row('files', (part) => {
    part(
      'all or selected',
      'what is not used is off the service and its bytes are kept; put back after a question',
      async () => {
        const { api, id, answers } = suite;
        const kept = await suite.attach('kept.txt', 'one');
        await suite.attach('resting.txt', 'two');
        const chosen = await api.chooseAttachments(id, [kept]);
        assert.deepEqual(
          [chosen.attachments.map(({ name }) => name), chosen.unused.map(({ name }) => name)],
          [['kept.txt'], ['resting.txt']],
        );
        assert.deepEqual(
          (await api.resume(id)).attachments.map(({ name }) => name),
          ['kept.txt'],
          'the service says so',
        );
        assert.doesNotMatch((await api.query(id, 'Which files do you have?')).text, /resting\.txt/);
        answers.expect(/Send 1 file[^]*resting\.txt/, 'Send');
        const all = await api.chooseAttachments(id, 'all');
        assert.deepEqual([all.attachments.length, all.unused.length], [2, 0]);
        assert.match((await api.query(id, 'Which files do you have?')).text, /resting\.txt/);
        await assert.rejects(api.chooseAttachments(id, ['no such id']), code('invalidArgument'));
      },
    );
    part('all or selected', 'by the list of "Choose Files…"', async () => {
      const { api, id, answers } = suite;
      await suite.attach('kept.txt', 'one');
      await suite.attach('resting.txt', 'two');
      answers.expect(/^Which files does this session use\?/, ['resting.txt']);
      await vscode.commands.executeCommand('secGemini.chooseFiles', id);
      const session = await api.get(id);
      assert.deepEqual(
        [session.attachments.map(({ name }) => name), session.unused.map(({ name }) => name)],
        [['resting.txt'], ['kept.txt']],
      );
    });
  });

  row('files', (part) => {
    part('at most 100', 'are used when files are put back; nothing is sent, and what is used stays', async () => {
      const { api, id, answers } = suite;
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      assert.ok(folder);
      const uris = Array.from({ length: 101 }, (_, at) => vscode.Uri.joinPath(folder, 'many', `file-${at}.txt`));
      for (const [at, uri] of uris.entries())
        await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(`number ${at}`));
      await api.update(id, { name: 'Too many' });
      answers.expect(/^Attach to which session/, 'Too many');
      answers.expect(/Send 101 files to Sec-Gemini\?/, 'Send');
      await vscode.commands.executeCommand('secGemini.attachToSession', uris[0], uris);
      const all = (await api.get(id)).attachments.map((attachment) => attachment.id);
      assert.equal(all.length, 101);
      const some = await api.chooseAttachments(id, all.slice(0, 99));
      assert.deepEqual([some.attachments.length, some.unused.length], [99, 2]);
      await assert.rejects(api.chooseAttachments(id, 'all'), (error: { code?: string; message: string }) => {
        assert.equal(error.code, 'invalidArgument');
        return /at most 100 files: 99 are there, and 2 more/.test(error.message);
      });
      assert.equal((await api.resume(id)).attachments.length, 99);
      assert.equal((await api.get(id)).unused.length, 2);
    });
  });

  row('search', (part) => {
    part('by name, type and hash', 'over all sessions', async () => {
      const { api, id } = suite;
      await suite.attach('wombat.py', 'print(4712)\n');
      const { sha256 = '' } = await attachmentOf('wombat.py');
      const found = async (query: string) =>
        (await api.findAttachments({ query })).map(({ sessionId, attachment }) => [sessionId, attachment.name]);
      assert.deepEqual(await found('WOMBAT'), [[id, 'wombat.py']]);
      assert.deepEqual(await found(sha256), [[id, 'wombat.py']]);
      assert.deepEqual(await found(`wombat ${sha256.slice(0, 12)}`), [[id, 'wombat.py']]);
      assert.deepEqual(await found('wombat ruby'), []);
      const all = await api.findAttachments();
      assert.deepEqual(await api.findAttachments({ limit: 1, offset: 1 }), all.slice(1, 2));
    });
    part('by text', 'in the copies that are kept here, with the line', async () => {
      const { api, id } = suite;
      await suite.attach('lines.txt', 'first\nthe needle-4713 line\n');
      const [hit, ...others] = await api.findAttachments({ query: 'NEEDLE-4713', inText: true });
      assert.equal(others.length, 0);
      assert.deepEqual(
        [hit?.sessionId, hit?.attachment.name, hit?.line, hit?.lineText],
        [id, 'lines.txt', 2, 'the needle-4713 line'],
      );
    });
    part('preview', 'as text, as hex, as an image, all read-only; the bytes are those that were sent', async () => {
      const { api, id, answers } = suite;
      const open = async (name: string): Promise<void> => {
        await vscode.commands.executeCommand('secGemini.openAttachment', fileNode(await attachmentOf(name)));
      };
      await suite.attach('text.html', '<script>alert(1)</script>\n');
      await open('text.html');
      const text = vscode.window.activeTextEditor?.document;
      assert.deepEqual([text?.uri.scheme, text?.getText()], ['sec-gemini-sent', '<script>alert(1)</script>\n']);
      assert.equal(vscode.workspace.fs.isWritableFileSystem('sec-gemini-sent'), false);
      answers.expect(/Send 1 file[^]*raw\.bin/, 'Send');
      await api.attach(id, { name: 'raw.bin', bytes: new Uint8Array([0, 1, 0x41]) });
      await open('raw.bin');
      assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /^00000000 {2}00 01 41 .*\|\.\.A\|/);
      answers.expect(/Send 1 file[^]*dot\.png/, 'Send');
      await api.attach(id, { name: 'dot.png', bytes: PNG });
      await open('dot.png');
      const tab = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      assert.ok(tab instanceof vscode.TabInputCustom, 'a viewer of VS Code');
      assert.deepEqual([tab.uri.scheme, tab.viewType], ['sec-gemini-sent', 'imagePreview.previewEditor']);
      assert.deepEqual(await api.readAttachment(id, (await attachmentOf('dot.png')).id), new Uint8Array(PNG));
    });
  });
});
