/**
 * Standard output and standard error as commands use them: every write waits until the reader took it, colours are
 * decided for each stream by itself, and a reader that goes away ends the work in silence.
 */

import type { ColourDepth } from '../projections/paint.ts';
import { type Paint, painter } from '../projections/paint.ts';

/** A line's width where nobody says how wide the terminal is: in a pipe, in a file. */
const PIPED_WIDTH = 100;
const NARROWEST = 40;
const WIDEST = 240;

export class Output {
  readonly #stream: NodeJS.WriteStream;
  readonly #mayBeLost: boolean;
  readonly paint: Paint;
  readonly width: number;
  readonly isTerminal: boolean;

  constructor(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv, colours: boolean, mayBeLost: boolean) {
    this.#stream = stream;
    this.#mayBeLost = mayBeLost;
    this.isTerminal = stream.isTTY === true;
    this.paint = painter(colours ? depthOf(this.isTerminal, environment) : 'none');
    this.width = Math.min(WIDEST, Math.max(NARROWEST, (this.isTerminal ? stream.columns : 0) || PIPED_WIDTH));
    // Failures are told by `write`; without a listener Node would end the process with a stack trace.
    stream.on('error', () => {});
  }

  /**
   * Resolves when the text is out; rejects with the system's error, EPIPE when nobody reads any more. What may be lost
   * stops no work: who cannot be told is not told.
   */
  write(text: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(text, (error) => (error && !this.#mayBeLost ? reject(error) : resolve()));
    });
  }

  lines(lines: readonly string[]): Promise<void> {
    return lines.length === 0 ? Promise.resolve() : this.write(`${lines.join('\n')}\n`);
  }
}

export interface Terminal {
  readonly out: Output;
  readonly err: Output;
}

export function terminalOf(colours: boolean): Terminal {
  return {
    out: new Output(process.stdout, process.env, colours, false),
    err: new Output(process.stderr, process.env, colours, true),
  };
}

/**
 * FORCE_COLOR (force-color.org; 0 none, 1 sixteen, 2 256, 3 all) outranks NO_COLOR (no-color.org), as in Node; then
 * TERM=dumb; then only terminals get colours.
 */
export function depthOf(isTerminal: boolean, environment: NodeJS.ProcessEnv): ColourDepth {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term = '', COLORTERM: richness = '' } = environment;
  if (force !== undefined) {
    if (force === '0' || force === 'false') return 'none';
    return force === '2' ? '256' : force === '3' ? 'true' : '16';
  }
  if ((no !== undefined && no !== '') || term === 'dumb' || !isTerminal) return 'none';
  if (richness === 'truecolor' || richness === '24bit') return 'true';
  return term.includes('256color') ? '256' : '16';
}

/** A terminal that says it knows nothing but ASCII, or a locale of another character set than UTF-8. */
export function isAsciiOnly({ LC_ALL, LC_CTYPE, LANG, TERM }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return TERM === 'linux' || TERM === 'vt100' || /^(C|POSIX)$|\.(?!utf-?8)/i.test(locale);
}

/** Collects text and writes it in pieces of some size, so that a million lines are not a million system calls. */
export class Page {
  readonly #output: Output;
  #pieces: string[] = [];
  #length = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  async line(text: string): Promise<void> {
    this.#pieces.push(text, '\n');
    this.#length += text.length + 1;
    if (this.#length >= 65_536) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#pieces.join('');
    this.#pieces = [];
    this.#length = 0;
    if (text !== '') await this.#output.write(text);
  }
}
