/** What there is to type, read off the program itself: for completions and the manual page. */

import type { Command, Option } from 'commander';

export interface CommandRow {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly arguments: readonly ArgumentRow[];
  readonly options: readonly OptionRow[];
}

export interface ArgumentRow {
  /** `<scenario>`, `[files...]`. */
  readonly usage: string;
  readonly description: string;
  readonly takes: Takes;
}

export interface OptionRow {
  /** `-o, --out <file>`. */
  readonly flags: string;
  readonly long: string;
  readonly short: string | null;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly takes: Takes;
}

/** What kind of word comes there. */
export type Takes = 'scenario' | 'file' | 'word' | 'shell';

export function commandTable(program: Command): CommandRow[] {
  const help = program.createHelp();
  return help
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help')
    .map((command) => ({
      name: command.name(),
      summary: command.summary(),
      description: command.description(),
      arguments: command.registeredArguments.map((argument) => ({
        usage: argument.required
          ? `<${argument.name()}${argument.variadic ? '...' : ''}>`
          : `[${argument.name()}${argument.variadic ? '...' : ''}]`,
        description: argument.description,
        takes: takesOf(argument.name()),
      })),
      options: help.visibleOptions(command).map(optionRow),
    }));
}

function optionRow(option: Option): OptionRow {
  const value = /[<[]([^>\]]+)/.exec(option.flags)?.[1] ?? '';
  return {
    flags: option.flags,
    long: option.long ?? '',
    short: option.short ?? null,
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
    takes: takesOf(value),
  };
}

function takesOf(name: string): Takes {
  if (/^scenario/.test(name) || name === 'files' || name === 'name') return 'scenario';
  if (name === 'shell') return 'shell';
  return /file|dir|path/.test(name) ? 'file' : 'word';
}
