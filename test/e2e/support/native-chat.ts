// The other side of VS Code's own chat: an extension with a model of its own (that says nothing), and a command that calls our tool as an agent would.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `out` gets what the tool answered, or the error, as text. */
export function writeChatExtension(folder: string, out: string): string {
  mkdirSync(folder, { recursive: true });
  const manifest = {
    name: 'chat-control',
    publisher: 'rig',
    version: '0.0.1',
    engines: { vscode: '^1.104.0' },
    main: './extension.cjs',
    activationEvents: ['onStartupFinished'],
    contributes: {
      languageModelChatProviders: [{ vendor: 'rig', displayName: 'Rig' }],
      commands: [{ command: 'rig.callTool', title: 'Call the Tool', category: 'Rig' }],
    },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(
    join(folder, 'extension.cjs'),
    `const vscode = require('vscode');
const { writeFileSync } = require('node:fs');
exports.activate = (context) => {
  vscode.lm.registerLanguageModelChatProvider('rig', {
    provideLanguageModelChatInformation: async () => [
      { id: 'rig', name: 'Rig', family: 'rig', version: '1', maxInputTokens: 10000, maxOutputTokens: 1000, isDefault: true, isUserSelectable: true, capabilities: { toolCalling: true } },
    ],
    provideLanguageModelChatResponse: async () => undefined,
    provideTokenCount: async () => 1,
  });
  // The chat takes models that somebody has asked for before.
  void vscode.lm.selectChatModels({ vendor: 'rig' });
  vscode.commands.registerCommand('rig.callTool', async () => {
    try {
      const input = { question: 'What is in the files?', files: ['app/server.py'] };
      const result = await vscode.lm.invokeTool('ask_sec_gemini', { input, toolInvocationToken: undefined });
      writeFileSync(${JSON.stringify(out)}, result.content.map((part) => part.value).join('\\n'));
    } catch (error) {
      writeFileSync(${JSON.stringify(out)}, 'ERROR ' + String(error));
    }
  });
};
`,
  );
  return folder;
}
