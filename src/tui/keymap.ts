/** From keys to messages: by what is open, then by the table of commands. */

import { COMMAND_NAMES, COMMANDS, type CommandName } from './commands.ts';
import { type Box, boxOf } from './lesson.ts';
import type { Edit, Msg } from './message.ts';
import type { Model } from './model.ts';

const BY_KEY: ReadonlyMap<string, CommandName> = new Map(
  COMMAND_NAMES.flatMap((name) => COMMANDS[name].keys.map((key) => [key, name] as const)),
);

const EDITS: Readonly<Record<string, Edit['kind']>> = {
  backspace: 'backspace',
  delete: 'delete',
  left: 'left',
  right: 'right',
  home: 'home',
  end: 'end',
  'ctrl+a': 'home',
  'ctrl+e': 'end',
  'ctrl+u': 'clear',
  'ctrl+w': 'word',
};

/** Null: the key means nothing here. Ctrl-C is the program's and never comes this far. */
export function messageFor(model: Model, key: string): Msg | null {
  if (model.prompt?.kind === 'keys' && (key === '?' || key === 'f1')) return { kind: 'cancel' };
  if (model.prompt) return promptMessage(key);
  if (model.inject) return injectMessage(key);
  const box = boxOf(model);
  const answer = box && boxMessage(box, key);
  if (answer) return answer;
  if (box && isForward(box, key)) return null;
  const name = BY_KEY.get(key);
  return name ? { kind: 'command', name } : null;
}

function promptMessage(key: string): Msg | null {
  if (key === 'enter') return { kind: 'accept' };
  if (key === 'esc') return { kind: 'cancel' };
  if (key === 'tab') return { kind: 'complete' };
  if (key === 'up' || key === 'ctrl+p') return { kind: 'choose', by: -1 };
  if (key === 'down' || key === 'ctrl+n') return { kind: 'choose', by: 1 };
  const edit = EDITS[key];
  if (edit) return { kind: 'edit', edit: { kind: edit } as Edit };
  const text = key === 'space' ? ' ' : key;
  return isCharacter(text) ? { kind: 'edit', edit: { kind: 'insert', text } } : null;
}

function injectMessage(key: string): Msg | null {
  if (key === 'enter') return { kind: 'accept' };
  if (key === 'esc' || key === 'q') return { kind: 'cancel' };
  if (key === 'up') return { kind: 'choose', by: -1 };
  if (key === 'down') return { kind: 'choose', by: 1 };
  return isCharacter(key) ? { kind: 'inject', key } : null;
}

/** Forward leads nowhere while something is asked. */
function isForward(box: Box, key: string): boolean {
  return box.kind === 'question' && FORWARD.has(key);
}

const FORWARD: ReadonlySet<string> = new Set(['right', 'l', 's', 'n', 'f', 'c', 'G', 'end', 'space', ']']);

/** Keys of what stands over the panes; null: the key means what it always means. */
function boxMessage(box: Box, key: string): Msg | null {
  if (key === 'esc') return { kind: 'cancel' };
  if (key === 'enter') return { kind: 'accept' };
  if (box.kind === 'opening') return FORWARD.has(key) ? { kind: 'accept' } : null;
  if (box.kind === 'closing') return null;
  if (key === 'tab') return { kind: 'hint' };
  if (key === '?') return { kind: 'skip' };
  const { choices } = box.pending.question;
  if (choices.length === 0) {
    const edit = EDITS[key];
    if (edit) return { kind: 'edit', edit: { kind: edit } as Edit };
    const text = key === 'space' ? ' ' : key;
    return isCharacter(text) ? { kind: 'edit', edit: { kind: 'insert', text } } : null;
  }
  if (key === 'h') return { kind: 'hint' };
  if (key === 'up' || key === 'k') return { kind: 'choose', by: -1 };
  if (key === 'down' || key === 'j') return { kind: 'choose', by: 1 };
  const number = /^[1-9]$/.test(key) ? Number(key) : 0;
  return number > 0 && number <= choices.length ? { kind: 'answer', choice: number - 1 } : null;
}

/** One character as typed, not the name of a key. */
function isCharacter(key: string): boolean {
  return [...key].length === 1;
}
