import assert from 'node:assert/strict';
import { join } from 'node:path';
import { JobStatus, MessageType } from '../../../src/client/v3/gen/api_hub_pb.js';
import { RequestType } from '../../../src/client/v3/gen/byot_pb.js';
import type { Sandbox } from '../../../src/sandbox/server.ts';
import { cleanUp, Conductor, says, start, temporaryFolder, thinking } from '../sandbox/support.ts';
import { closeAll, kindsOf, Peer, ToolPeer } from './support.ts';

describe('sandbox, v3 restart', function () {
  this.timeout(30_000);
  let stateFile: string;
  beforeEach(() => {
    stateFile = join(temporaryFolder(), 'state');
  });
  afterEach(closeAll);
  afterEach(cleanUp);

  it('keeps sessions, files, tool servers, skills and what is public', async () => {
    const tell = async (sandbox: Sandbox) => {
      const peer = await Peer.of(sandbox);
      const { sessions } = await peer.ask(
        { case: 'listSessionsRequest', value: { includeArchived: true } },
        'listSessionsResponse',
      );
      const id = sessions.find(({ isPublished }) => isPublished)?.sessionId ?? '';
      return {
        sessions,
        files: (await peer.ask({ case: 'listFilesRequest', value: {} }, 'listFilesResponse', id)).files,
        mcps: (await peer.ask({ case: 'listMcpsRequest', value: {} }, 'listMcpsResponse', id)).mcps,
        user: (await peer.ask({ case: 'listUserMcpsRequest', value: {} }, 'listUserMcpsResponse')).mcps,
        skill: (await peer.ask({ case: 'getSkillRequest', value: { name: 's.md' } }, 'getSkillResponse')).content,
        shown: await peer.ask(
          { case: 'getPublicSessionRequest', value: { sessionId: id } },
          'getPublicSessionResponse',
        ),
        history: await peer.history(id),
      };
    };
    const sandbox = await start({ stateFile });
    const peer = await Peer.of(sandbox);
    const [id, archived] = [await peer.create(), await peer.create()];
    const uri = 'https://kept.example.test/mcp';
    await peer.upload(id, 'a.bin', 'content', undefined, 'application/x-mine');
    await peer.ask({ case: 'addMcpRequest', value: { name: 'kept', uri } }, 'addMcpResponse');
    const { mcp: gone } = await peer.ask({ case: 'addMcpRequest', value: { name: 'gone', uri } }, 'addMcpResponse');
    await peer.ask({ case: 'removeMcpRequest', value: { id: gone?.id ?? '' } }, 'removeMcpResponse');
    await peer.ask({ case: 'setMcpsRequest', value: { mcpServers: [uri] } }, 'setMcpsResponse', id);
    await peer.ask({ case: 'uploadSkillRequest', value: { name: 's.md', content: 'text ✓' } }, 'uploadSkillResponse');
    await peer.ask({ case: 'archiveSessionRequest', value: {} }, 'archiveSessionResponse', archived);
    await peer.ask({ case: 'renameSessionRequest', value: { name: 'kept ✓' } }, 'renameSessionResponse', id);
    const stream = peer.follow(id);
    await peer.prompt(id, 'What is in the files?');
    await peer.until(
      ({ reqId, payload }) =>
        reqId === stream && payload.case === 'sessionStateChange' && payload.value.status === JobStatus.COMPLETED,
    );
    while (sandbox.turns.count > 0) await new Promise((resolve) => setImmediate(resolve));
    await peer.ask({ case: 'publishSessionPubliclyRequest', value: {} }, 'publishSessionPubliclyResponse', id);
    const before = await tell(sandbox);
    assert.equal(before.user.filter(({ name }) => name === 'kept' || name === 'gone').length, 1);
    assert.equal(before.files[0]?.contentType, 'application/x-mine');
    await sandbox.close();
    assert.deepEqual(await tell(await start({ stateFile })), before);
  });

  it('goes on with a turn where it was cut short, paused or not', async () => {
    for (const pause of [false, true]) {
      const file = `${stateFile}-${pause}`;
      const first = new Conductor();
      first.play(thinking('a'), thinking('b'));
      const sandbox = await start({ stateFile: file, answer: first.answer });
      const peer = await Peer.of(sandbox);
      const id = await peer.create();
      const stream = peer.follow(id);
      await peer.prompt(id, 'one');
      while (peer.messages(stream).length < 4) await peer.news();
      if (pause) await peer.ask({ case: 'pauseSessionRequest', value: {} }, 'pauseSessionResponse', id);
      const told = peer.messages(stream).map((message) => message.id);
      await sandbox.close();
      const second = new Conductor();
      second.play(thinking('a'), thinking('b'), thinking('c'), says('d'));
      const again = await Peer.of(await start({ stateFile: file, answer: second.answer }));
      const next = again.follow(id, told.at(-1));
      if (pause) {
        await again.status(id, JobStatus.PAUSED);
        const resumed = await again.ask({ case: 'resumeSessionRequest', value: {} }, 'resumeSessionResponse', id);
        assert.equal(resumed.success, true);
      }
      await again.status(id, JobStatus.COMPLETED);
      assert.deepEqual(kindsOf(again.messages(next)), ['THOUGHT', 'THOUGHT', 'RESPONSE']);
      const history = await again.history(id);
      assert.deepEqual(
        history.slice(0, 4).map((message) => message.id),
        told,
      );
      assert.deepEqual(kindsOf(history), ['PROMPT', 'SESSION_NAME', 'THOUGHT', 'THOUGHT', 'THOUGHT', 'RESPONSE']);
    }
  });

  it('still waits for the same confirmation, and for the same answer', async () => {
    let sandbox = await start({ stateFile });
    let peer = await Peer.of(sandbox);
    const id = await peer.create();
    const other = await peer.create();
    const info = async () =>
      (await peer.ask({ case: 'getConfirmationInfoRequest', value: {} }, 'getConfirmationInfoResponse', id))
        .confirmationInfo?.id ?? '';
    await peer.prompt(id, '/demo confirm');
    await peer.prompt(other, '/demo clarify');
    await peer.status(id, JobStatus.WAITING_FOR_TOOL_CONFIRMATION);
    await peer.status(other, JobStatus.WAITING_FOR_CLARIFICATION);
    const asked = await info();
    await sandbox.close();
    sandbox = await start({ stateFile });
    peer = await Peer.of(sandbox);
    const streams = [peer.follow(id), peer.follow(other)];
    await peer.status(id, JobStatus.WAITING_FOR_TOOL_CONFIRMATION);
    await peer.status(other, JobStatus.WAITING_FOR_CLARIFICATION);
    assert.equal(await info(), asked);
    const answer = { confirmationId: asked, confirmationResponse: true };
    await peer.ask({ case: 'confirmActionRequest', value: answer }, 'confirmActionResponse', id);
    await peer.prompt(other, 'this one');
    for (const session of [id, other]) await peer.status(session, JobStatus.COMPLETED);
    for (const [at, kind] of ['TOOL_CONFIRMATION_REQUEST', 'CLARIFICATION_REQUEST'].entries())
      assert.equal(kindsOf(peer.messages(streams[at] ?? '')).filter((one) => one === kind).length, 1);
  });

  it('does not call a tool again that may not be repeated', async () => {
    let sandbox = await start({ stateFile });
    let peer = await Peer.of(sandbox);
    const id = await peer.create();
    const work = ({ requestType }: { requestType: RequestType }): string | undefined =>
      requestType === RequestType.LIST_TOOLS ? JSON.stringify([{ name: 'write' }]) : undefined;
    const calls = (tools: ToolPeer): number =>
      tools.jobs.filter(({ requestType }) => requestType === RequestType.CALL_TOOL).length;
    let tools = new ToolPeer(sandbox, 'editor', work);
    await tools.registered;
    await peer.prompt(id, '/demo tool write');
    await tools.until(() => calls(tools) === 1);
    await sandbox.close();
    sandbox = await start({ stateFile });
    tools = new ToolPeer(sandbox, 'editor', work);
    peer = await Peer.of(sandbox);
    peer.follow(id);
    const { content } = await peer.message(MessageType.RESPONSE);
    assert.match(content, /not called again/);
    assert.equal(calls(tools), 0);
  });

  it('goes on being cancelled, and begins a prompt whose turn was never written down', async () => {
    const conductor = new Conductor();
    conductor.play(thinking('a'), says('b'));
    const sandbox = await start({ stateFile });
    const peer = await Peer.of(sandbox);
    const [cancelled, begun] = [await peer.create(), await peer.create()];
    const { store } = sandbox;
    for (const session of store.sessions()) {
      const prompt = { id: `prompt-${session.id}`, messageType: MessageType.PROMPT, content: 'hello', timestamp: 1 };
      store.addMessage(session, prompt);
      if (session.id !== cancelled) continue;
      store.startTurn(session, prompt.id, {});
      store.update(session, { data: { ...session.data, cancelled: prompt.id } });
    }
    await sandbox.close();
    const again = await Peer.of(await start({ stateFile, answer: conductor.answer }));
    again.follow(cancelled);
    again.follow(begun);
    await again.status(cancelled, JobStatus.CANCELED);
    await again.status(begun, JobStatus.COMPLETED);
    assert.deepEqual(kindsOf(await again.history(cancelled)), ['PROMPT', 'FAILURE']);
    assert.deepEqual(kindsOf(await again.history(begun)), ['PROMPT', 'THOUGHT', 'RESPONSE']);
  });
});
