// Rows of the table about what is said of a conversation and in front of it. See test/host/support/rows.ts.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { apiSuite, code } from '../support/api-suite.ts';
import { onV1, row } from '../support/rows.ts';

describe('words', () => {
  const suite = apiSuite();
  const answerOf = async (): Promise<string> => {
    const { api, id } = suite;
    await api.query(id, 'Which files do you have?');
    const answer = (await api.messages(id)).find(({ kind }) => kind === 'response');
    assert.ok(answer);
    return answer.id;
  };
  /** What the service has of it, as it says itself; only v1 takes any. */
  const filed = async (): Promise<string> => (await suite.api.query(suite.id, '/demo reports')).text;

  /** A notification's button copies when the command has long ended. */
  const copied = async (words: RegExp): Promise<void> => {
    while (!words.test(await vscode.env.clipboard.readText())) await new Promise((resolve) => setImmediate(resolve));
  };

  row('feedback', (part) => {
    part(
      'feedback',
      'score and comment for an answer and its group; kept here where the service takes none',
      async () => {
        const { api, id } = suite;
        const answer = await answerOf();
        assert.equal(await api.feedback(id, answer, -1, { comment: 'The line is wrong' }), onV1 ? 'sent' : 'kept');
        if (onV1) assert.match(await filed(), /Feedback, score -1, about .*The line is wrong/);
        assert.match(await api.details(id), /Bad answer[^]*The line is wrong/);
        await assert.rejects(api.feedback(id, 'no such answer', 1), code('invalidArgument'));
        await assert.rejects(api.feedback(id, answer, 2 as never), code('invalidArgument'));
      },
    );
    part('feedback', 'by the button "Good answer"', async () => {
      const { api, id, answers } = suite;
      const answer = await answerOf();
      answers.expect(/^Good Answer$/, 'Just right');
      if (!onV1) answers.press(/Kept with the session/, 'Copy');
      await vscode.commands.executeCommand('secGemini.rateAnswer', id, answer, 'up');
      if (onV1) assert.match(await filed(), /Feedback, score 1, about .*Just right/);
      else await copied(/^Feedback: a good answer\n\nJust right\n/);
      assert.match(await api.details(id), /Good answer/);
    });
    part('bug report', 'seen whole before it leaves; handed over as a text where the service takes none', async () => {
      const { api, id, answers } = suite;
      const messageId = await answerOf();
      const question = onV1
        ? /Send this bug report to 127[^]*Host suite[^]*It stopped[^]*Sent with it: .*group/
        : /takes no bug reports[^]*Host suite[^]*It stopped[^]*Answer: /;
      answers.expect(question, undefined);
      assert.equal(await api.reportBug(id, 'It stopped', { messageId }), 'refused');
      answers.expect(question, onV1 ? 'Send' : 'Copy');
      assert.equal(await api.reportBug(id, 'It stopped', { messageId }), onV1 ? 'sent' : 'kept');
      if (onV1) assert.match(await filed(), /1 report filed[^]*Bug report, .*about .*It stopped/);
      else assert.match(await vscode.env.clipboard.readText(), /^Bug report\n\nIt stopped/);
    });
  });

  row('domain', (part) => {
    part('text and questions', 'its text stands visibly in front of the next prompt, once', async () => {
      const { api, id, answers } = suite;
      answers.expect(/^Knowledge domain of this session/, 'Secure code review');
      await vscode.commands.executeCommand('secGemini.chooseDomain', id);
      await api.query(id, 'First question');
      await api.query(id, 'Second question');
      const prompts = (await api.messages(id)).filter(({ kind }) => kind === 'prompt').map(({ text }) => text);
      assert.match(prompts[0] ?? '', /^<instructions>\nYou review source code[^]*<\/instructions>\n\nFirst question$/);
      assert.equal(prompts[1], 'Second question');
      await assert.rejects(api.setDomain(id, 'no-such-domain'), code('notFound'));
    });
    part('agent, mode and skills', 'where the service can be told', async () => {
      const { api, id } = suite;
      await api.setDomain(id, 'incident-response');
      const details = await api.details(id);
      if (onV1) assert.doesNotMatch(details, /mode dfir/);
      else assert.match(details, /mode dfir/);
    });
    part('own domains', 'a Markdown file of the profile', async () => {
      const { api, id, answers } = suite;
      answers.expect(/^New Knowledge Domain$/, 'my-own');
      await vscode.commands.executeCommand('secGemini.newDomain');
      assert.match(vscode.window.activeTextEditor?.document.uri.path ?? '', /my-own\.md$/);
      await api.setDomain(id, 'profile:my-own');
      const { text } = await api.previewInstructions(id);
      assert.match(text, /^You help with … in the project (?!\$<)/);
      await api.query(id, 'A question');
      const prompt = (await api.messages(id)).find(({ kind }) => kind === 'prompt');
      assert.ok(prompt?.text.includes(text));
    });
  });

  row('instructions', (part) => {
    part('first block of the prompt', 'default, append, replace, $<variables>; as previewed', async () => {
      const { api, id, answers } = suite;
      const write = async (mode: string, text: string): Promise<void> => {
        answers.expect(/^Custom Instructions \(1\/2\)/, mode);
        answers.expect(/^Custom Instructions \(2\/2\)/, 'Write one line…');
        answers.expect(/^Custom Instructions$/, text);
        if (!onV1 && !text.includes('unknown')) answers.expect(/how do they reach/, 'In Front of the Next Prompt');
        await vscode.commands.executeCommand('secGemini.customInstructions', id);
      };
      const sent = async (question: string): Promise<string> => {
        await api.query(id, question);
        return (await api.messages(id)).findLast(({ kind }) => kind === 'prompt')?.text ?? '';
      };
      await write('Default', 'ignored');
      await answers.told(/ignored/);
      assert.equal(await sent('one'), 'one');
      await write('Append', 'Answer for $<session>.');
      assert.equal((await api.previewInstructions(id)).text, 'Answer for Case 7.');
      assert.equal(await sent('two'), '<instructions>\nAnswer for Case 7.\n</instructions>\n\ntwo');
      await write('Append', 'An unknown $<variable>.');
      await answers.told(/variable/);
      assert.equal(await sent('three'), 'three', 'what was refused changed nothing');
      await api.setDomain(id, 'cryptography');
      await api.setInstructions(id, { mode: 'replace', text: 'Only this.' });
      assert.equal(await sent('four'), '<instructions>\nOnly this.\n</instructions>\n\nfour');
    });
    part('limits', '51,200 and 102,400 bytes of UTF-8, after substitution', async () => {
      const { api, id } = suite;
      await api.setInstructions(id, { mode: 'append', text: 'é'.repeat(25_600) });
      await assert.rejects(api.setInstructions(id, { mode: 'append', text: 'é'.repeat(25_601) }), code('tooLarge'));
      await api.setInstructions(id, { mode: 'replace', text: 'é'.repeat(51_200) });
      const text = `${'é'.repeat(51_198)}$<session>`;
      await assert.rejects(api.setInstructions(id, { mode: 'replace', text }), code('tooLarge'));
      await assert.rejects(api.setInstructions(id, { mode: 'append', text: '$<nobody>' }), code('invalidArgument'));
    });
  });
});
