/** The walk in sentences, a line at a time: for screen readers, dumb terminals and pipes. */

import { printable } from '../projections/printable.ts';
import { osiLayer } from '../projections/stack-at.ts';
import { seconds } from '../projections/time.ts';
import { COMMANDS, type CommandName, isCommandName } from './commands.ts';
import type { WalkHost } from './host.ts';
import { messageFor } from './keymap.ts';
import { cursorOf, initialModel, type Model } from './model.ts';
import { layersNote } from './panes/layers.ts';
import { update } from './update/update.ts';
import { viewOf } from './view.ts';

/** What one step came to, in two or three sentences. */
function sentences(model: Model): string[] {
  const view = viewOf(model);
  const { entry, seq, packet, frame, chronicle, why } = view;
  if (!entry) return ['Nothing happens in this run.'];
  const { name } = osiLayer(entry.event.layer);
  const what = frame >= 0 ? chronicle.frames.textOf(frame) : null;
  const about = packet
    ? `, ${layersNote(view).replace(' · ', ', ')}${what ? `: ${what.protocol}, ${what.info}` : ''}`
    : '';
  const lines = [
    `Step ${seq + 1}, ${seconds(entry.atNs)} s, ${entry.node}, layer ${entry.event.layer}, ${name}${about}.`,
    why,
  ];
  if (model.notice) lines.push(`${model.notice.text}.`);
  return lines.map((line) => printable(line));
}

const HELP = [
  'Enter or n: the next step. Other keys as on the screen, a command by its name, or one of these:',
  'n N packet, f F fate and origin, c C stops, g G ends, w where the message is, q leaves.',
];

export interface PlainOptions {
  readonly write: (text: string) => void;
  /** Lines as a person types them; the end of it leaves. */
  readonly lines: AsyncIterable<string>;
}

export async function walkPlain(host: WalkHost, options: PlainOptions): Promise<void> {
  const { write, lines } = options;
  let model = initialModel(host, { columns: 120, rows: 40 });
  write(`${printable(host.title)}. ${HELP[0]}\n`);
  write(`${sentences(model).join('\n')}\n`);
  for await (const line of lines) {
    const typed = line.trim();
    if (typed === 'q' || typed === 'quit') return;
    if (typed === '?' || typed === 'help') write(`${HELP.join('\n')}\n${commandLines()}\n`);
    else {
      const next = answered(model, typed);
      write(`${next ? sentences(next).join('\n') : `There is no command ${printable(typed)}; ? lists them.`}\n`);
      model = next ?? model;
    }
  }
}

function answered(model: Model, typed: string): Model | null {
  const name = typed === '' ? 'step forward' : commandOf(model, typed);
  if (!name) return null;
  let [next] = update(model, { kind: 'command', name });
  while (next.journey) [next] = update(next, { kind: 'travel' });
  const isStill = cursorOf(next) === cursorOf(model) && next.notice === null;
  return isStill ? { ...next, notice: { text: 'this does nothing here', isError: false } } : next;
}

function commandOf(model: Model, typed: string): CommandName | null {
  if (isCommandName(typed)) return typed;
  const message = messageFor(model, typed);
  return message?.kind === 'command' && COMMANDS[message.name].group === 'time' ? message.name : null;
}

function commandLines(): string {
  return Object.entries(COMMANDS)
    .filter(([, { group }]) => group === 'time')
    .map(([name, { keys, title }]) => `${keys.at(-1)}: ${name}, ${title}`)
    .join('\n');
}
