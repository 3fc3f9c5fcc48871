/** Options that several commands share, and how their values are read. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseSeed } from './seed.ts';

/** What a command gets of the options below; undefined: not given. */
export interface ScenarioOptions {
  readonly seed?: string;
  readonly until?: string;
  readonly set?: readonly string[];
  readonly profile?: 'rfc' | 'linux';
  readonly variant?: string;
  readonly maxEvents?: number;
}

export interface LookOptions {
  readonly color: boolean;
  readonly ascii?: boolean;
  readonly debug?: boolean;
}

/** An option with a value that may be given once; twice is a mistake, and the last one does not silently win. */
export function once<T>(flags: string, description: string, read: (text: string) => T): Option {
  const parse = (text: string, before: T | undefined): T => {
    if (before !== undefined) throw new InvalidArgumentError('It is given twice.');
    return read(text);
  };
  return new Option(flags, description).argParser(parse);
}

/** An option with a value that may be given several times. */
export function many(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    text,
  ]);
}

export function withScenarioOptions(command: Command): Command {
  return command
    .addOption(once('--seed <n>', 'use this seed (0 to 2^64-1, decimal or 0x…)', readSeed))
    .addOption(once('--until <time>', 'stop at this virtual time, such as 2s', readText))
    .addOption(many('--set <name=value>', 'give a parameter of the scenario another value'))
    .addOption(once('--profile <name>', 'constants of TCP/IP: rfc or linux', readProfile))
    .addOption(once('--variant <word>', 'the variant of a lesson that falls to a number or a name', readText))
    .addOption(once('--max-events <n>', 'stop with an error after so many events', readCount));
}

export function withLookOptions(command: Command): Command {
  return command
    .option('--ascii', 'draw with ASCII only')
    .option('--no-color', 'no colours')
    .addOption(new Option('--debug', 'show the stack of an internal error').hideHelp());
}

function readSeed(text: string): string {
  const seed = parseSeed(text);
  if (seed === null) {
    throw new InvalidArgumentError(
      'A seed is a whole number from 0 to 18446744073709551615, decimal or hexadecimal (0x…).',
    );
  }
  return seed;
}

function readText(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.');
  return text;
}

function readProfile(text: string): 'rfc' | 'linux' {
  if (text !== 'rfc' && text !== 'linux') throw new InvalidArgumentError('It is rfc or linux.');
  return text;
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It is a whole number, at least 1.');
  return Number(text);
}
