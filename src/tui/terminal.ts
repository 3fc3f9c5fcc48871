/**
 * The person's terminal: raw mode, the alternate screen, and the promise that both are undone on every way out: the end,
 * an error, SIGTERM, SIGHUP, SIGTSTP, Ctrl-Z.
 */

import { Decoder, type InputEvent } from './decoder.ts';

/** After asking to be stopped: longer than that takes. */
const STILL_HERE_MS = 150;

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l';
const MOUSE_ON = '\x1b[?1000h\x1b[?1002h\x1b[?1006h';
const MOUSE_OFF = '\x1b[?1006l\x1b[?1002l\x1b[?1000l';

export interface TerminalUser {
  onInput(event: InputEvent): void;
  /** The size changed, or the terminal's contents are lost. */
  onResize(): void;
  /** The process is asked to end: SIGINT, SIGTERM, SIGHUP, or the terminal is gone. */
  onSignal(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void;
}

export class TerminalSession {
  readonly #stdin: NodeJS.ReadStream;
  readonly #stdout: NodeJS.WriteStream;
  readonly #hasMouse: boolean;
  readonly #decoder = new Decoder();
  #user: TerminalUser | null = null;
  #isOpen = false;
  #isGone = false;
  #escape: NodeJS.Timeout | null = null;
  readonly #onData = (bytes: Uint8Array) => this.#receive(bytes);
  readonly #onResize = () => this.#user?.onResize();
  readonly #onInterrupt = () => this.#user?.onSignal('SIGINT');
  readonly #onTerminate = () => this.#user?.onSignal('SIGTERM');
  readonly #onHangUp = () => this.#user?.onSignal('SIGHUP');
  readonly #onLost = () => this.#goAway();
  readonly #onStop = () => this.suspend();
  readonly #onContinue = () => this.#resume();
  readonly #onQuit = () => this.#stopBy('SIGQUIT', this.#onQuit);
  /** Last resort: whatever ends the process, its terminal is given back. Writes to a terminal are synchronous. */
  readonly #onExit = () => this.#leave();

  constructor(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream, hasMouse: boolean) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#hasMouse = hasMouse;
  }

  get columns(): number {
    return this.#stdout.columns || 80;
  }

  get rows(): number {
    return this.#stdout.rows || 24;
  }

  open(user: TerminalUser): void {
    this.#user = user;
    // A screen before this one may have let go of it.
    this.#stdin.ref?.();
    this.#stdin.on('data', this.#onData);
    this.#stdin.on('end', this.#onLost);
    this.#stdin.on('error', this.#onLost);
    this.#stdout.on('error', this.#onLost);
    this.#stdout.on('resize', this.#onResize);
    process.on('SIGINT', this.#onInterrupt);
    process.on('SIGTERM', this.#onTerminate);
    process.on('SIGHUP', this.#onHangUp);
    process.on('SIGQUIT', this.#onQuit);
    process.on('SIGTSTP', this.#onStop);
    process.on('SIGCONT', this.#onContinue);
    process.on('exit', this.#onExit);
    this.#enter();
  }

  write(text: string): void {
    if (this.#isOpen && !this.#isGone && text !== '') this.#stdout.write(text);
  }

  /** Gives the terminal back and forgets the user. */
  close(): void {
    this.#leave();
    this.#user = null;
    if (this.#escape) clearTimeout(this.#escape);
    this.#stdin.off('data', this.#onData);
    this.#stdin.off('end', this.#onLost);
    this.#stdout.off('resize', this.#onResize);
    process.off('SIGINT', this.#onInterrupt);
    process.off('SIGTERM', this.#onTerminate);
    process.off('SIGHUP', this.#onHangUp);
    process.off('SIGQUIT', this.#onQuit);
    process.off('SIGTSTP', this.#onStop);
    process.off('SIGCONT', this.#onContinue);
    process.off('exit', this.#onExit);
    this.#stdin.pause();
    this.#stdin.unref?.();
  }

  /** Ctrl-Z, and SIGTSTP from elsewhere: gives the terminal back and stops, until `fg` sends SIGCONT. */
  suspend(): void {
    if (process.platform === 'win32') return;
    this.#stopBy('SIGTSTP', this.#onStop);
    // Where no shell could bring us back the signal is ignored: then we are still here, and go on.
    setTimeout(() => {
      if (!this.#isOpen && this.#user) this.#resume();
    }, STILL_HERE_MS);
  }

  /** Lets a signal do what it is for, which needs that nobody listens, once the terminal is given back. */
  #stopBy(signal: 'SIGTSTP' | 'SIGQUIT', listener: () => void): void {
    this.#leave();
    process.off(signal, listener);
    process.kill(process.pid, signal);
  }

  #enter(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#stdin.setRawMode?.(true);
    this.#stdin.resume();
    this.#stdout.write(ENTER + (this.#hasMouse ? MOUSE_ON : ''));
  }

  #leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      if (!this.#isGone) this.#stdout.write((this.#hasMouse ? MOUSE_OFF : '') + LEAVE);
      this.#stdin.setRawMode?.(false);
    } catch {
      // A terminal that is gone needs nothing back.
    }
  }

  #resume(): void {
    this.#isOpen = false;
    process.off('SIGTSTP', this.#onStop);
    process.on('SIGTSTP', this.#onStop);
    // Who was stopped by SIGSTOP never left raw mode, but the shell that sends SIGCONT has: only a change is carried out.
    this.#stdin.setRawMode?.(false);
    // The shell that was in the foreground was told of a new size, and we were not: Node looks when it is.
    process.emit('SIGWINCH', 'SIGWINCH');
    this.#enter();
    this.#user?.onResize();
  }

  #goAway(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#user?.onSignal('SIGHUP');
  }

  #receive(bytes: Uint8Array): void {
    if (this.#escape) clearTimeout(this.#escape);
    this.#escape = null;
    for (const event of this.#decoder.push(bytes)) this.#user?.onInput(event);
    const { patienceMs } = this.#decoder;
    if (patienceMs === null) return;
    this.#escape = setTimeout(() => {
      for (const event of this.#decoder.flush()) this.#user?.onInput(event);
    }, patienceMs);
  }
}
