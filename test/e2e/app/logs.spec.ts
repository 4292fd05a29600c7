// A log that stays here: attached by a gesture, asked by queries that are shown first, answered with rows that lead to their line.
import { expect, test } from '../support/editor.ts';
import type { EditorPage } from '../../../scripts/rig/drive.ts';
import { Chat, startSandbox } from '../support/gestures.ts';
import { card, review } from '../support/tools.ts';

const line = (second: number, text: string): string =>
  `Mar  1 06:${String(25 + Math.floor(second / 60)).padStart(2, '0')}:${String(second % 60).padStart(2, '0')} web1 sshd[2201]: ${text}`;

const LOG = [
  ...Array.from({ length: 300 }, (_, n) =>
    line(n, `Failed password for root from 203.0.113.7 port ${50_000 + n} ssh2`),
  ),
  line(301, 'Accepted password for root from 203.0.113.7 port 50999 ssh2'),
  ...Array.from({ length: 100 }, (_, n) =>
    line(302 + n, `Failed password for deploy from 198.51.100.9 port ${40_000 + n} ssh2`),
  ),
  '',
].join('\n');

/** Allows the call that waits, once the question shows the log and, of a query, these words of it. */
async function allow(editor: EditorPage, chat: Chat, tool: string, words = ''): Promise<void> {
  // By its words: the card before it is still in sight for a moment.
  await card(chat, tool).filter({ hasText: words }).last().getByRole('button', { name: 'Review…' }).click();
  await expect(editor.quickInput()).toContainText(`Allow ${tool}?`);
  await expect(editor.quickPickRow('auth.log')).toBeVisible();
  await expect(editor.quickInput()).toContainText(words);
  await editor.pick('Allow once');
}

for (const protocol of ['v3', 'v1'] as const)
  test(`a local log answers by queries, and its rows lead to their lines (${protocol})`, async ({ openEditor }) => {
    const editor = await openEditor({
      workspace: { 'auth.log': LOG },
      settings: { 'secGemini.protocol': protocol },
    });
    await startSandbox(editor);

    await editor.openContainer('Explorer');
    await editor.treeItem('auth.log').click({ button: 'right' });
    await editor.chooseMenuItem('Attach Log as Local Database…');
    await expect(editor.quickInput()).toContainText('Attach to which session?');
    await editor.pick('New session');
    await expect(editor.dialog()).toContainText('Use local tools in "');
    await editor.pressDialogButton('Use Local Tools');
    await expect(editor.treeItem(/^Local log auth\.log, 401 rows, auth/)).toBeVisible();
    const chat = new Chat(editor.visiblePanelFrame());
    await expect(chat.frame.getByText(/^auth\.log is a local database now: auth, 401 rows/).first()).toBeVisible();

    await chat.ask('Who failed to log in, and did one of them get in?');
    await allow(editor, chat, 'describe_logs');
    for (const words of ["event = 'failed'", "event = 'accepted'", "event = 'sudo'"])
      await allow(editor, chat, 'query_logs', words);
    const answer = chat.articles('Sec-Gemini').last();
    await expect(answer).toContainText('203.0.113.7');
    await expect(answer).toContainText('auth.log:301');
    await chat.idle();

    // A query that never ends is stopped after its time: what would leave is that it was, and the next one is answered.
    const endless = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n';
    await chat.ask(`/demo tool query_logs {"sql":"${endless}"}`);
    await review(editor, chat, 'query_logs');
    await editor.pick('Allow once');
    await expect(answer).toContainText('The query was stopped after 15 seconds.');
    await chat.idle();
    await expect(editor.treeItem(/^Call of query_logs .*RECURSIVE/)).toBeVisible();
    await chat.ask('/demo tool query_logs {"sql":"SELECT count(*) AS n FROM log"}');
    await allow(editor, chat, 'query_logs', 'count(*) AS n');
    await expect(answer).toContainText(/1 row of auth\.log; columns: n\s+401/);
    await chat.idle();

    // To the line in the file.
    await chat.articles('Sec-Gemini').getByRole('link', { name: 'auth.log:301' }).first().click();
    await expect(
      editor.page.locator('.view-lines').filter({ hasText: 'Accepted password for root' }).first(),
    ).toBeVisible();
    await expect(editor.page.getByRole('button', { name: /Ln 301, Col/ })).toBeVisible();
  });
