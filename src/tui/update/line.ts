/** A line that is being typed. */

import { printable } from '../../projections/printable.ts';
import type { Edit } from '../message.ts';
import type { Line } from '../model.ts';

/** Longer is no filter and no command. */
const LONGEST = 1024;

export function edited(line: Line, edit: Edit): Line {
  const { text, at } = line;
  switch (edit.kind) {
    case 'insert': {
      // Pasted line ends and controls have no place in a line; what is left is as it was typed.
      const clean = [...edit.text].filter((one) => printable(one) === one).join('');
      const room = LONGEST - text.length;
      const piece = clean.slice(0, Math.max(0, room));
      return { text: text.slice(0, at) + piece + text.slice(at), at: at + piece.length };
    }
    case 'backspace':
      return at === 0 ? line : { text: text.slice(0, before(text, at)) + text.slice(at), at: before(text, at) };
    case 'delete':
      return { text: text.slice(0, at) + text.slice(after(text, at)), at };
    case 'left':
      return { text, at: before(text, at) };
    case 'right':
      return { text, at: after(text, at) };
    case 'home':
      return { text, at: 0 };
    case 'end':
      return { text, at: text.length };
    case 'clear':
      return { text: '', at: 0 };
    case 'word': {
      const start = text.slice(0, at).replace(/\S+\s*$/, '').length;
      return { text: text.slice(0, start) + text.slice(at), at: start };
    }
  }
}

/** Never into the middle of a surrogate pair. */
function before(text: string, at: number): number {
  if (at <= 0) return 0;
  const code = text.charCodeAt(at - 1);
  return code >= 0xdc00 && code <= 0xdfff ? at - 2 : at - 1;
}

function after(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const code = text.charCodeAt(at);
  return code >= 0xd800 && code <= 0xdbff ? at + 2 : at + 1;
}
