import { Argument, type Command } from 'commander';
import type { Session } from '../session.ts';
import { terminalOf } from '../terminal.ts';

type Shell = 'bash' | 'zsh' | 'fish';

export function addCompletion(program: Command, _session: Session): void {
  program
    .command('completion')
    .summary('print the completions of a shell')
    .description('Prints what a shell needs to complete commands, options and the names of bundled scenarios.')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('before', EXAMPLES)
    .action(async (shell: Shell) => terminalOf(false).out.write(await scriptOf(shell, program)));
}

const EXAMPLES = `Examples:
  source <(packetwalk completion bash)
  packetwalk completion zsh > "\${fpath[1]}/_packetwalk"
  packetwalk completion fish > ~/.config/fish/completions/packetwalk.fish
`;

async function scriptOf(shell: Shell, program: Command): Promise<string> {
  const { commandTable } = await import('../command-table.ts');
  const commands = commandTable(program);
  switch (shell) {
    case 'bash':
      return (await import('../completion/bash.ts')).bashCompletion(commands);
    case 'zsh':
      return (await import('../completion/zsh.ts')).zshCompletion(commands);
    case 'fish':
      return (await import('../completion/fish.ts')).fishCompletion(commands);
  }
}
