/**
 * Tapes: what a person did, one thing a line, to be played again. Commands stand under their names, so that a tape can
 * be written by hand and survives another key map.
 *
 *     step forward        any command of the table, with a number in front: 12 step forward
 *     type tcp.len > 0    text into what is open
 *     key enter           a key as it is
 *     click 12 30         a cell
 *     resize 80 24
 *     wait 500            milliseconds, where somebody watches
 *     screen              prints the screen (with --batch)
 */

import { isCommandName } from './commands.ts';
import type { InputEvent } from './decoder.ts';
import { messageFor } from './keymap.ts';
import type { Msg } from './message.ts';
import type { Model } from './model.ts';

export type TapeStep =
  | { readonly kind: 'message'; readonly message: Msg; readonly times: number }
  | { readonly kind: 'input'; readonly event: InputEvent }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'screen' };

export class TapeProblem extends Error {
  override readonly name = 'TapeProblem';
}

/** Longer tapes are no tapes. */
const MOST_LINES = 100_000;

/** Throws a `TapeProblem` that names the line. */
export function readTape(text: string): TapeStep[] {
  const lines = text.split('\n');
  if (lines.length > MOST_LINES) throw new TapeProblem(`a tape has at most ${MOST_LINES} lines`);
  return lines.flatMap((line, at) => {
    const trimmed = line.replace(/\r$/, '').trimStart();
    return trimmed === '' || trimmed.startsWith('#') ? [] : [readLine(trimmed, at + 1)];
  });
}

function readLine(line: string, number: number): TapeStep {
  const [, verb = '', rest = ''] = /^(\S+)\s?(.*)$/.exec(line) ?? [];
  if (verb === 'type')
    return { kind: 'message', message: { kind: 'edit', edit: { kind: 'insert', text: rest } }, times: 1 };
  if (verb === 'key' && rest !== '') return { kind: 'input', event: { kind: 'key', key: rest.trim() } };
  if (verb === 'screen' && rest === '') return { kind: 'screen' };
  const numbers = rest.trim().split(/\s+/).map(Number);
  const [first = Number.NaN, second = Number.NaN] = numbers;
  if (verb === 'wait' && Number.isInteger(first) && first >= 0) return { kind: 'wait', ms: Math.min(60_000, first) };
  if (verb === 'click' && Number.isInteger(first) && Number.isInteger(second)) {
    return { kind: 'input', event: { kind: 'mouse', action: 'press', x: first, y: second } };
  }
  if (verb === 'resize' && first > 0 && second > 0 && first <= 1000 && second <= 1000) {
    return { kind: 'message', message: { kind: 'resize', columns: first, rows: second }, times: 1 };
  }
  const [, count = '1', name = ''] = /^(?:(\d{1,6})\s+)?(.+?)\s*$/.exec(line) ?? [];
  if (isCommandName(name)) return { kind: 'message', message: { kind: 'command', name }, times: Number(count) };
  throw new TapeProblem(
    `line ${number}: '${line.slice(0, 40)}' is no command, and none of type, key, click, resize, wait, screen`,
  );
}

/** An event as a line of a tape; null: it means nothing. */
export function tapeLine(model: Model, event: InputEvent): string | null {
  if (event.kind === 'paste') return model.prompt ? `type ${event.text.replaceAll(/[\r\n]/g, ' ')}` : null;
  if (event.kind === 'mouse') return event.action === 'press' ? `click ${event.x} ${event.y}` : null;
  const message = messageFor(model, event.key);
  if (message?.kind === 'command') return message.name;
  return message ? `key ${event.key}` : null;
}
