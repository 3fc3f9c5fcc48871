/**
 * What comes in on stdin, as events: keys one by one (a read may hold many, or half of one), mouse reports (SGR, mode
 * 1006), pasted text (bracketed, mode 2004). Whatever else a terminal says is swallowed.
 */

export type InputEvent = KeyEvent | MouseEvent | PasteEvent;

interface KeyEvent {
  readonly kind: 'key';
  /** A character as typed, or a name: `up`, `enter`, `esc`, `tab`, `backspace`, `home`, `f1`, … with `ctrl+`, `alt+`, `shift+`. */
  readonly key: string;
}

interface MouseEvent {
  readonly kind: 'mouse';
  readonly action: 'press' | 'release' | 'drag' | 'wheel-up' | 'wheel-down';
  /** Cells from 0. */
  readonly x: number;
  readonly y: number;
}

interface PasteEvent {
  readonly kind: 'paste';
  readonly text: string;
}

/** A megabyte pasted into a search box is a mistake. */
export const MOST_PASTED = 1024;
/** An ESC with nothing behind it in this time was the key. */
const ESCAPE_MS = 40;
/** And a paste of which nothing more came is over. */
const PASTE_MS = 2000;
/** No key and no report is as long; a sequence that grows beyond it is garbage. */
const LONGEST_SEQUENCE = 64;
const PASTE_BEGIN = '\x1b[200~';
const PASTE_END = '\x1b[201~';

const CSI_LETTERS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  Z: 'shift+tab',
};
const CSI_NUMBERS: Readonly<Record<string, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

export class Decoder {
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';
  #pasted: string | null = null;

  /**
   * After how much silence, in ms, `flush` is to be called; null: there is nothing to wait for. A lone ESC is the key soon
   * after; what is pasted over a slow line may halt for longer, and without its end no key would ever be heard again.
   */
  get patienceMs(): number | null {
    if (this.#pasted !== null) return PASTE_MS;
    return this.#rest === '' ? null : ESCAPE_MS;
  }

  push(bytes: Uint8Array): InputEvent[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const events: InputEvent[] = [];
    while (this.#rest !== '') {
      const taken = this.#pasted === null ? this.#take(events) : this.#takePaste(events);
      if (taken === 0) break;
      this.#rest = this.#rest.slice(taken);
    }
    return events;
  }

  /** Nothing more came: what looked like the beginning of a sequence was a key after all, or is thrown away. */
  flush(): InputEvent[] {
    const rest = this.#rest;
    this.#rest = '';
    if (this.#pasted !== null) {
      const text = (this.#pasted + rest).slice(0, MOST_PASTED);
      this.#pasted = null;
      return [{ kind: 'paste', text }];
    }
    if (rest === '\x1b' || rest === '\x1b\x1b') return [{ kind: 'key', key: 'esc' }];
    if (rest === '\x1b[' || rest === '\x1bO') return [{ kind: 'key', key: `alt+${rest[1]}` }];
    return [];
  }

  /** Takes one event from the front; returns how many characters it took, 0 when its end is still to come. */
  #take(events: InputEvent[]): number {
    const rest = this.#rest;
    if (rest[0] !== '\x1b') return this.#character(events, '');
    if (rest.length === 1) return 0;
    const second = rest[1] as string;
    if (second === '[') return this.#csi(events);
    if (second === 'O') {
      const letter = rest[2];
      if (letter === undefined) return 0;
      const key = CSI_LETTERS[letter];
      if (key !== undefined) events.push({ kind: 'key', key });
      return 3;
    }
    if (second === ']' || second === 'P' || second === '_' || second === '^' || second === 'X') return this.#string();
    if (second === '\x1b') {
      events.push({ kind: 'key', key: 'esc' });
      return 1;
    }
    return this.#character(events, 'alt+', 1);
  }

  #character(events: InputEvent[], prefix: string, at = 0): number {
    const code = this.#rest.codePointAt(at) ?? 0;
    const character = String.fromCodePoint(code);
    const key = characterKey(code, character);
    if (key !== null) events.push({ kind: 'key', key: prefix + key });
    return at + character.length;
  }

  #csi(events: InputEvent[]): number {
    const rest = this.#rest;
    let end = 2;
    while (end < rest.length && !isFinal(rest.charCodeAt(end))) {
      const code = rest.charCodeAt(end);
      // A new escape sequence begins before this one ended: the old one is garbage.
      if (code === 0x1b || code < 0x20) return end;
      end++;
      if (end > LONGEST_SEQUENCE) return end;
    }
    if (end >= rest.length) return 0;
    const sequence = rest.slice(0, end + 1);
    if (sequence === PASTE_BEGIN) {
      this.#pasted = '';
      return end + 1;
    }
    // The Linux console's function keys: ESC [ [ A.
    if (sequence === '\x1b[[') return rest.length > end + 1 ? end + 2 : 0;
    const event = csiEvent(sequence.slice(2));
    if (event) events.push(event);
    return end + 1;
  }

  /** A device's answer or a title: ends with BEL or ST. */
  #string(): number {
    const end = /\x07|\x1b\\/.exec(this.#rest.slice(2));
    if (end) return 2 + end.index + end[0].length;
    return this.#rest.length > 4096 ? this.#rest.length : 0;
  }

  #takePaste(events: InputEvent[]): number {
    const end = this.#rest.indexOf(PASTE_END);
    const keep = end < 0 ? Math.max(0, this.#rest.length - PASTE_END.length + 1) : end;
    this.#pasted = ((this.#pasted ?? '') + this.#rest.slice(0, keep)).slice(0, MOST_PASTED);
    if (end < 0) return keep;
    events.push({ kind: 'paste', text: this.#pasted });
    this.#pasted = null;
    return end + PASTE_END.length;
  }
}

function isFinal(code: number): boolean {
  return code >= 0x40 && code <= 0x7e;
}

function characterKey(code: number, character: string): string | null {
  switch (code) {
    case 0x0d:
    case 0x0a:
      return 'enter';
    case 0x09:
      return 'tab';
    case 0x7f:
    case 0x08:
      return 'backspace';
    case 0x1b:
      return 'esc';
    case 0x20:
      return 'space';
    case 0x00:
      return 'ctrl+space';
    default:
      if (code < 0x1b) return `ctrl+${String.fromCharCode(code + 0x60)}`;
      if (code === 0x1c) return 'ctrl+\\';
      if (code < 0x20 || (code >= 0x80 && code < 0xa0)) return null;
      return character;
  }
}

function csiEvent(body: string): InputEvent | null {
  const mouse = /^<(\d+);(\d+);(\d+)([Mm])$/.exec(body);
  if (mouse) return mouseEvent(Number(mouse[1]), Number(mouse[2]), Number(mouse[3]), mouse[4] === 'M');
  const [, first = '', modifier = '', final = ''] = /^(\d*)(?:;(\d+))?([~A-Z])$/.exec(body) ?? [];
  const name = final === '~' ? CSI_NUMBERS[first] : CSI_LETTERS[final];
  // `ESC [ 12 ; 34 R` is where the cursor stands, an answer that looks like F3.
  if (name === undefined || (final !== '~' && first !== '' && first !== '1')) return null;
  const bits = modifier === '' ? 0 : Number(modifier) - 1;
  const prefix = `${bits & 4 ? 'ctrl+' : ''}${bits & 2 ? 'alt+' : ''}${bits & 1 ? 'shift+' : ''}`;
  return { kind: 'key', key: prefix + name };
}

function mouseEvent(button: number, column: number, row: number, isDown: boolean): MouseEvent | null {
  const place = { x: column - 1, y: row - 1 };
  if (button & 64) return { kind: 'mouse', action: button & 1 ? 'wheel-down' : 'wheel-up', ...place };
  if ((button & 3) !== 0) return null;
  const action = !isDown ? 'release' : button & 32 ? 'drag' : 'press';
  return { kind: 'mouse', action, ...place };
}
