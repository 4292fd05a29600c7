// The user's own MCP server over streamable HTTP, made with the SDK: asked about before it is connected to, with no key of ours.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as z from 'zod';
import { expect, test } from '../support/editor.ts';
import { newSession, startSandbox } from '../support/gestures.ts';
import { box, fold, review, tick } from '../support/tools.ts';

/** A server over streamable HTTP, as somebody runs one beside the editor. */
async function startHttpServer(): Promise<{ url: string; seen: string[]; stop: () => Promise<void> }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${String(request.headers['x-notes'])} ${String(request.headers['x-api-key'])}`);
    const mcp = new McpServer({ name: 'hosts', version: '1' });
    const annotations = { readOnlyHint: true };
    mcp.registerTool('owner_of', { inputSchema: { host: z.string() }, annotations }, ({ host }) => ({
      content: [{ type: 'text', text: `${host} belongs to the web team` }],
    }));
    const transport = new StreamableHTTPServerTransport({});
    // The SDK's own types disagree under exactOptionalPropertyTypes.
    void mcp.connect(transport as never).then(() => transport.handleRequest(request, response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    seen,
    stop: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

for (const protocol of ['v3', 'v1'] as const)
  test(`uses the tools of an MCP server over HTTP, at the one address that was agreed to (${protocol})`, async ({
    openEditor,
  }) => {
    const server = await startHttpServer();
    try {
      const editor = await openEditor({
        workspace: { 'notes.txt': 'plain\n' },
        settings: {
          'secGemini.protocol': protocol,
          'secGemini.mcpServers': { hosts: { url: server.url, headers: { 'x-notes': 'mine' } } },
        },
      });
      await startSandbox(editor);
      const chat = await newSession(editor);
      const answer = chat.articles('Sec-Gemini').last();
      await editor.runCommand('Sec-Gemini: Use Local Tools');
      await editor.pressDialogButton('Use Local Tools');
      await editor.page.setViewportSize({ width: 1280, height: 1100 });
      await fold(editor, 'Sessions');
      const row = editor.treeItem(/^MCP server hosts, /);
      await expect(row).toHaveAccessibleName(/not started/);
      expect(server.seen).toEqual([]);
      await box(row).click();
      await expect(editor.dialog()).toContainText(`Connect to the MCP server "hosts" at ${new URL(server.url).host}?`);
      await editor.pressDialogButton('Connect');
      await expect(row).toHaveAccessibleName(/0 of 1 ticked/);
      await tick(editor, 'owner_of');
      await chat.ask('/demo tool mcp_hosts__owner_of {"host": "web1"}');
      await review(editor, chat, 'mcp_hosts__owner_of');
      await expect(editor.quickPickRow(`MCP server hosts at ${new URL(server.url).host}`)).toBeVisible();
      await editor.pick('Allow once');
      await expect(answer).toContainText('web1 belongs to the web team');
      await chat.idle();
      // With its own header, and with no key of ours.
      expect(new Set(server.seen)).toEqual(new Set(['mine undefined']));

      // The server goes: its tool is no longer offered, and the agent is told so.
      await server.stop();
      await chat.ask('/demo tool mcp_hosts__owner_of {"host": "web2"}');
      await review(editor, chat, 'mcp_hosts__owner_of');
      await editor.pick('Allow once');
      await expect(answer).toContainText('MCP server hosts');
      await chat.idle();
    } finally {
      await server.stop();
    }
  });
