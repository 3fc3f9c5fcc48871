import type { CommandRow } from '../command-table.ts';

/** For fish, a line for each command and option. */
export function fishCompletion(commands: readonly CommandRow[]): string {
  const lines = commands.flatMap(({ name, summary, options, arguments: places }) => {
    const when = `-n '__fish_seen_subcommand_from ${name}'`;
    const takesScenario = places.some(({ takes }) => takes === 'scenario');
    const takesShell = places.some(({ takes }) => takes === 'shell');
    return [
      `complete -c packetwalk -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...(takesScenario ? [`complete -c packetwalk ${when} -F -a '(packetwalk list --names 2>/dev/null)'`] : []),
      ...(takesShell ? [`complete -c packetwalk ${when} -a 'bash zsh fish'`] : []),
      ...options.map(({ long, short, description, takesValue, choices }) => {
        const flags = [`-l ${long.slice(2)}`, ...(short ? [`-s ${short.slice(1)}`] : [])].join(' ');
        const value = takesValue ? (choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : ' -r') : '';
        return `complete -c packetwalk ${when} ${flags}${value} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# fish completion of packetwalk: packetwalk completion fish > ~/.config/fish/completions/packetwalk.fish
complete -c packetwalk -f
${lines.join('\n')}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
