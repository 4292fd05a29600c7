// Rows of the table that make, find and put away sessions. See test/host/support/rows.ts.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { apiSuite, code, until } from '../support/api-suite.ts';
import { onV1, protocol, row } from '../support/rows.ts';

const node = (sessionId: string) => ({ kind: 'session', sessionId });

describe('sessions', () => {
  const suite = apiSuite();

  it('the API is asked for natively, by the claimed name; no answer is a no, and the key is nowhere', async () => {
    const { door, answers, api } = suite;
    assert.equal(door.apiVersion, 1);
    answers.expect(/Let "Someone else" use Sec-Gemini[^]*the name that another extension gives itself/, undefined);
    await assert.rejects(door.connect('Someone else'), code('permissionDenied'));
    await assert.rejects(door.connect(''), code('invalidArgument'));
    assert.ok(!JSON.stringify(Object.keys(api)).match(/key/i), 'nothing of it gives the key');
  });

  row('create', (part) => {
    part(
      'create, update, resume, delete',
      'a name is made where none is given, and a deletion is asked about',
      async () => {
        const { api, answers } = suite;
        const made = await api.create({ name: 'Named' });
        assert.deepEqual([made.name, made.protocol], ['Named', protocol]);
        assert.notEqual((await api.create()).name, '');
        assert.equal((await api.update(made.id, { name: 'Renamed' })).name, 'Renamed');
        assert.equal((await api.resume(made.id)).name, 'Renamed');
        await assert.rejects(api.resume('00000000-0000-4000-8000-000000000000'), code('notFound'));
        answers.expect(/Delete session Renamed\?/, undefined);
        assert.equal(await api.delete(made.id), false, 'asked, and not agreed to');
        answers.expect(/Delete session Renamed\?[^]*Host suite/, 'Delete');
        assert.equal(await api.delete(made.id), true);
        await assert.rejects(api.get(made.id), code('notFound'));
        await assert.rejects(api.resume(made.id), code('notFound'));
      },
    );
    part('description', 'given at the creation, changed, and found by it', async () => {
      const { api } = suite;
      const made = await api.create({ description: 'why it is here' });
      assert.equal(made.description, 'why it is here');
      assert.equal((await api.update(made.id, { description: 'a new reason' })).description, 'a new reason');
      assert.equal((await api.resume(made.id)).description, 'a new reason');
      assert.deepEqual(
        (await api.list({ text: 'new reason' })).map(({ id }) => id),
        [made.id],
      );
    });
    part('time to live', 'at least 300 seconds; v3 decides by itself and says so', async () => {
      const { api, id } = suite;
      await assert.rejects(api.create({ ttl: 299 }), code('invalidArgument'));
      if (!onV1) return assert.rejects(api.update(id, { ttl: 900 }), code('invalidArgument'));
      assert.equal((await api.create({ ttl: 600 })).ttlSeconds, 600);
      assert.equal((await api.update(id, { ttl: 900 })).ttlSeconds, 900);
    });
    part('without logging', 'of the session on v1, of each of its prompts on v3', async () => {
      const { api } = suite;
      const made = await api.create({ name: 'Unlogged', enableLogging: false });
      if (onV1) assert.equal(made.logging, false);
      else assert.match(await api.details(made.id), /asks for no logging/);
      await api.query(made.id, 'Anything');
    });
  });

  row('session', (part) => {
    part('files at creation', 'all or nothing', async () => {
      const { api, answers } = suite;
      answers.expect(/Send 1 file[^]*first\.txt/, 'Send');
      answers.expect(/Send 1 file[^]*second\.bin/, 'Send');
      const files = [
        { name: 'first.txt', text: 'one' },
        { name: 'second.bin', bytes: new Uint8Array([0, 1]) },
      ];
      const made = await api.create({ name: 'With files', files });
      assert.deepEqual(made.attachments.map(({ name }) => name).toSorted(), ['first.txt', 'second.bin']);
      const before = (await api.list()).length;
      answers.expect(/Send 1 file[^]*first\.txt/, undefined);
      await assert.rejects(api.create({ files }), code('cancelled'));
      assert.equal((await api.list()).length, before, 'nothing is left of it');
    });
    part('close and open again', 'the panel is shut and the session marked', async () => {
      const { api, id } = suite;
      await api.open(id);
      await api.close(id);
      assert.equal((await api.get(id)).closed, true);
      assert.ok(!(await api.list({ activeOnly: true })).some((session) => session.id === id));
      assert.deepEqual(
        (await api.list({ marks: ['closed'], text: id })).map((session) => session.id),
        [id],
      );
      await api.open(id);
      assert.equal((await api.get(id)).closed, false);
    });
    part('temporary session', 'deleted at its end', async () => {
      const { api, answers } = suite;
      const { id } = await api.create({ name: 'For once', atEnd: 'delete' });
      await api.open(id);
      await api.close(id);
      await answers.told(/temporary session "For once" was deleted/);
      await assert.rejects(api.get(id), code('notFound'));
      await assert.rejects(api.create({ atEnd: 'burn' as never }), code('invalidArgument'));
    });
    part('temporary session', 'or closed, asked once ("Close it")', async () => {
      const { api, answers } = suite;
      answers.expect(/^Temporary session: what happens/, 'Close it');
      const id = await vscode.commands.executeCommand<string>('secGemini.newTemporarySession');
      await api.close(id);
      assert.equal((await api.get(id)).closed, true, 'closed, and still there');
    });
  });

  row('list', (part) => {
    part('list and iterate', 'limit, offset, active only, page size', async () => {
      const { api, id } = suite;
      for (let at = 0; at < 3; at += 1) await api.create({ name: `Listed ${at}` });
      const all = await api.list();
      assert.ok(all.length >= 4);
      assert.deepEqual(await api.list({ limit: 2, offset: 1 }), all.slice(1, 3));
      const seen: string[] = [];
      for await (const session of api.iterate({ pageSize: 2 })) seen.push(session.id);
      assert.deepEqual(
        seen,
        all.map((session) => session.id),
      );
      await assert.rejects(api.list({ offset: -1 }), code('invalidArgument'));
      const imported = await api.import(await api.export(id, { format: 'json' }));
      assert.ok(!(await api.list({ activeOnly: true })).some((session) => session.id === imported.id));
    });
    part('filter and sort', 'by words, states and files; by name as people read', async () => {
      const { api, answers } = suite;
      const names = ['Quokka 10', 'quokka 9'];
      for (const name of names) await api.create({ name });
      const found = async (choice: Parameters<typeof api.list>[0]) => (await api.list(choice)).map(({ name }) => name);
      assert.deepEqual(await found({ text: 'QUOKKA', sort: 'name' }), names.toReversed());
      assert.deepEqual(await found({ text: 'quokka', marks: ['files'] }), []);
      const first = (await api.list({ text: 'quokka' })).find(({ name }) => name === 'Quokka 10');
      assert.ok(first);
      answers.expect(/Send 1 file/, 'Send');
      await api.attach(first.id, { name: 'x.txt', text: 'x' });
      assert.deepEqual(await found({ text: 'quokka', marks: ['files'] }), ['Quokka 10']);
      await assert.rejects(api.list({ marks: ['wrong' as never] }), code('invalidArgument'));
    });
    part('delete many', 'with one question', async () => {
      const { api, answers } = suite;
      const made = [await api.create({ name: 'Gone 1' }), await api.create({ name: 'Gone 2' })];
      answers.expect(/Delete 2 sessions\?\nGone 1\nGone 2/, 'Delete');
      await vscode.commands.executeCommand(
        'secGemini.deleteSession',
        undefined,
        made.map(({ id }) => node(id)),
      );
      assert.deepEqual(await api.list({ text: 'Gone' }), []);
    });
    part('archive many', 'with one question; v1 has no archive and says so', async () => {
      const { api, answers } = suite;
      const made = [await api.create({ name: 'Away 1' }), await api.create({ name: 'Away 2' })];
      const nodes = made.map(({ id }) => node(id));
      if (!onV1) answers.expect(/Archive 2 sessions\?\nAway 1\nAway 2/, 'Archive');
      await vscode.commands.executeCommand('secGemini.archiveSession', nodes[0], nodes);
      if (onV1) return answers.told(/archive is not on this protocol/);
      assert.deepEqual(
        (await api.list({ text: 'Away' })).map(({ archived }) => archived),
        [true, true],
      );
      answers.expect(/Unarchive 2 sessions\?/, 'Unarchive');
      await vscode.commands.executeCommand('secGemini.unarchiveSession', nodes[0], nodes);
      assert.deepEqual(
        (await api.list({ text: 'Away' })).map(({ archived }) => archived === true),
        [false, false],
      );
    });
  });

  it('access ends when the user takes it back', async () => {
    const { door, answers } = suite;
    answers.expect(/Let "Guest" use/, 'Allow in This Window');
    const guest = await door.connect('Guest');
    const events = guest.listen();
    await vscode.commands.executeCommand('secGemini.revokeApiAccess');
    await assert.rejects(guest.list(), code('permissionDenied'));
    for await (const event of events) assert.fail(event.type);
    answers.expect(/Let "Host suite" use/, 'Allow in This Window');
    suite.api = await door.connect('Host suite');
    const pong = until(suite.api.listen({ types: ['pong'] }), 'pong');
    await suite.api.ping();
    await pong;
  });
});
