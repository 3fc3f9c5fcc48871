import type { CommandRow, OptionRow } from '../command-table.ts';

/** For zsh's `compdef`, with what each command and option is for. */
export function zshCompletion(commands: readonly CommandRow[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, options, arguments: places }) => {
    const lines = [...options.flatMap(argument), ...places.map(({ takes }) => `'*:${takes}:${actionOf(takes)}'`)];
    return `      ${name}) _arguments ${lines.join(' \\\n        ')};;`;
  });
  return `#compdef packetwalk
# zsh completion of packetwalk: packetwalk completion zsh > "\${fpath[1]}/_packetwalk"
_packetwalk_scenarios() {
  local -a names
  names=(\${(f)"$(packetwalk list --names 2>/dev/null)"})
  _describe 'bundled scenario' names
  _files
}
_packetwalk() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _packetwalk ]; then _packetwalk "$@"; else compdef _packetwalk packetwalk; fi
`;
}

function argument({ long, short, description, takesValue, choices, takes }: OptionRow): string[] {
  const about = description.replace(/[[\]:]/g, ' ');
  const value = takesValue ? `:value:${choices.length > 0 ? `(${choices.join(' ')})` : actionOf(takes)}` : '';
  return [long, short]
    .filter((flag) => flag !== null && flag !== '')
    .map((flag) => quoted(`${flag}[${about}]${value}`));
}

function actionOf(takes: string): string {
  if (takes === 'scenario') return '_packetwalk_scenarios';
  return takes === 'file' ? '_files' : takes === 'shell' ? '(bash zsh fish)' : ' ';
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
