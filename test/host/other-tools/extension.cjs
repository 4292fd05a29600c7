const vscode = require('vscode');

exports.activate = ({ subscriptions }) => {
  const answer = (text) => new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
  subscriptions.push(
    vscode.lm.registerTool('advisories_find', {
      invoke: ({ input }) => answer(`advisories of ${input.package}: SA-7`),
    }),
    vscode.lm.registerTool('advisories_wait', {
      invoke: (_, token) => new Promise((resolve) => token.onCancellationRequested(() => resolve(answer('stopped')))),
    }),
    vscode.lm.registerTool('advisories_openTerminal', { invoke: () => answer('CANARY-terminal') }),
  );
};
