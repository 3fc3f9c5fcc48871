/** The manual page, packetwalk(1), in the man macros that every system has. */

import type { CommandRow } from './command-table.ts';

export function manualPage(commands: readonly CommandRow[], version: string): string {
  const lines = [
    `.TH PACKETWALK 1 "" "packetwalk ${version}" "User Commands"`,
    '.SH NAME',
    'packetwalk \\- a network in a box: walk packets through seven layers, forward and back',
    '.SH SYNOPSIS',
    '.B packetwalk',
    '.I COMMAND',
    '[options]',
    '.SH DESCRIPTION',
    'Runs network scenarios with real bytes on every wire. The same scenario and seed give the same run on every machine.',
    'SCENARIO is a file, \\- for standard input, or the name of a bundled scenario.',
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH EXIT STATUS',
    ...EXITS.flatMap(([status, meaning]) => ['.TP', `.B ${status}`, roff(meaning)]),
    '.SH ENVIRONMENT',
    ...['NO_COLOR', 'FORCE_COLOR', 'TERM'].flatMap((name) => [
      '.TP',
      `.B ${name}`,
      'decides whether output has colours.',
    ]),
    '',
  ];
  return lines.join('\n');
}

const EXITS = [
  ['0', 'ran, and everything expected held'],
  ['1', 'an expectation failed'],
  ['2', 'bad usage or bad input'],
  ['70', 'a bug of packetwalk'],
  ['129, 130, 143', 'ended by SIGHUP, SIGINT, SIGTERM'],
] as const;

function commandLines({ name, arguments: places, description, options }: CommandRow): string[] {
  const usage = [name, ...places.map(({ usage }) => usage)].join(' ');
  return [
    `.SS ${roff(usage)}`,
    roff(description),
    ...options.flatMap((option) => ['.TP', `.B ${roff(option.flags)}`, roff(option.description)]),
  ];
}

/** A line that begins with a dot or an apostrophe would be a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}
