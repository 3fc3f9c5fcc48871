import type { CommandRow } from '../command-table.ts';

/** For bash's `complete -F`; the names of bundled scenarios are asked for when they are needed. */
export function bashCompletion(commands: readonly CommandRow[]): string {
  const cases = commands.map(({ name, options, arguments: places }) => {
    const words = options.flatMap(({ long, short }) => [long, ...(short ? [short] : [])]).join(' ');
    const takesScenario = places.some(({ takes }) => takes === 'scenario');
    const shells = places.some(({ takes }) => takes === 'shell') ? 'bash zsh fish' : '';
    const choices = options
      .filter((option) => option.choices.length > 0)
      .map(({ long, choices: some }) => `${long}) COMPREPLY=($(compgen -W "${some.join(' ')}" -- "$word")); return;;`);
    const plain = takesScenario ? '_packetwalk_scenarios' : `COMPREPLY=($(compgen -W "${shells}" -- "$word"))`;
    return [
      `    ${name})`,
      ...(choices.length === 0
        ? []
        : ['      case "$before" in', ...choices.map((line) => `        ${line}`), '      esac']),
      `      if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W "${words}" -- "$word"))`,
      `      else ${plain}; fi;;`,
    ].join('\n');
  });
  return `# bash completion of packetwalk: source <(packetwalk completion bash)
_packetwalk_scenarios() {
  local names
  names=$(packetwalk list --names 2>/dev/null)
  COMPREPLY=($(compgen -W "$names" -- "$word") $(compgen -f -- "$word"))
}
_packetwalk() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} help" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
}
complete -o filenames -F _packetwalk packetwalk
`;
}
