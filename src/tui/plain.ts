/** The walk in sentences, a line at a time: for screen readers, dumb terminals and pipes. */

import { printable } from '../projections/printable.ts';
import { osiLayer } from '../projections/stack-at.ts';
import { seconds } from '../projections/time.ts';
import { COMMANDS, type CommandName, isCommandName } from './commands.ts';
import type { WalkHost } from './host.ts';
import { messageFor } from './keymap.ts';
import { boxOf } from './lesson.ts';
import { cursorOf, initialModel, type Model } from './model.ts';
import { layersNote } from './panes/layers.ts';
import { readingSentences } from './panes/readings.ts';
import { secrecySentences } from './panes/secrecy.ts';
import { lessonSentences } from './plain-lesson.ts';
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
  lines.push(...secrecySentences(view));
  if (model.notice) lines.push(`${model.notice.text}.`);
  return lines.map((line) => printable(line));
}

const HELP = [
  'Enter or n: the next step. Other keys as on the screen, a command by its name, or one of these:',
  'n N packet, f F fate and origin, c C stops, g G ends, w where the message is, q leaves.',
];

export interface PlainOptions {
  /** Waited for: a reader that is slow slows the walk down. */
  readonly write: (text: string) => Promise<void>;
  /** Lines as a person types them; the end of it leaves. */
  readonly lines: AsyncIterable<string>;
  /** Begins with the lesson. */
  readonly lesson?: boolean;
}

export async function walkPlain(host: WalkHost, options: PlainOptions): Promise<void> {
  const { write, lines } = options;
  let model = initialModel(host, { columns: 120, rows: 40 });
  const teach = async (before: Model | null) => {
    const lines = lessonSentences(before, model).map((line) => `${printable(line)}\n`);
    if (lines.length > 0) await write(lines.join(''));
  };
  await write(`${printable(host.title)}. ${HELP[0]}\n`);
  if (options.lesson) model = await learned(model);
  await write(`${sentences(model).join('\n')}\n`);
  await teach(null);
  for await (const line of lines) {
    const typed = line.trim();
    const box = boxOf(model);
    if (typed === 'q' || typed === 'quit') return;
    if (typed === 'B' || typed === 'readings') {
      await write(`${readingSentences(viewOf(model)).map(printable).join('\n')}\n`);
      continue;
    }
    if (typed === 'help' || (typed === '?' && box?.kind !== 'question'))
      await write(`${HELP.join('\n')}\n${commandLines()}\n`);
    else {
      const before = model;
      const next = typed === 'e' || typed === 'lesson' ? await learned(model) : answered(model, typed);
      if (next) model = next;
      const isMoved = next && (box === null || cursorOf(next) !== cursorOf(before));
      if (!next) await write(`There is no command ${printable(typed)}; ${box ? 'help' : '?'} lists them.\n`);
      else if (isMoved) await write(`${sentences(next).join('\n')}\n`);
      else if (next.notice) await write(`${printable(next.notice.text)}.\n`);
      await teach(before);
    }
  }
}

/** The lesson on or off. */
async function learned(model: Model): Promise<Model> {
  const [next, effect] = update(model, { kind: 'command', name: 'lesson' });
  const view = effect?.kind === 'learn' ? await model.host.lesson?.(() => true) : null;
  return view ? update(next, { kind: 'lesson', view })[0] : next;
}

/** What is typed while something is asked; null: it is no answer. */
function replied(model: Model, typed: string): Model | null {
  const box = boxOf(model);
  if (!box) return null;
  if (box.kind === 'question') {
    // Enter alone is no answer: the question is read again.
    if (typed === '') return { ...model, notice: null };
    if (box.pending.question.choices.length === 0 && !isCommandName(typed) && !['tab', '?', 'S'].includes(typed)) {
      const [written] = update(model, { kind: 'edit', edit: { kind: 'insert', text: typed } });
      return update(written, { kind: 'accept' })[0];
    }
  }
  const message = messageFor(model, typed === '' ? 'enter' : typed);
  return message && message.kind !== 'command' && message.kind !== 'edit' ? update(model, message)[0] : null;
}

function answered(model: Model, typed: string): Model | null {
  const reply = replied(model, typed);
  if (reply) return reply;
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
