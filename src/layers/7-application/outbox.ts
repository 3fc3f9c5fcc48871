import type { Context } from '../../kernel/context.ts';
import type { DropReason } from '../../kernel/journal.ts';
import type { CloseReason, Stream } from '../4-transport/service.ts';
import type { Ledger, Message } from './ledger.ts';

/**
 * What an application has to say on one stream and the stream has no room for yet. A stream takes as much as its send
 * buffer holds and tells when it drained; the rest waits here, in order.
 */
export class Outbox {
  readonly #context: Context;
  readonly #stream: Stream;
  #waiting: Message[] = [];
  /** Octets of the first message that waits which the stream has taken. */
  #taken = 0;
  #isUp: boolean;
  #isWriting = false;
  #afterwards: (() => void) | null = null;

  /** `isUp`: the connection is open. Until it is, everything waits. */
  constructor(context: Context, stream: Stream, isUp: boolean) {
    this.#context = context;
    this.#stream = stream;
    this.#isUp = isUp;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Writes a message, or what the stream has room for; a message that fits is one write. */
  write(message: Message): void {
    this.#waiting.push(message);
    const [entry] = message.carries;
    const was = entry === undefined ? null : this.#context.because(entry);
    this.drain();
    if (entry !== undefined) this.#context.resume(was);
  }

  /** The connection is open now. */
  up(): void {
    this.#isUp = true;
    this.drain();
  }

  /** Runs once everything is with the stream: at once when it is. A later call replaces the one before. */
  whenEmpty(run: () => void): void {
    if (this.isEmpty) run();
    else this.#afterwards = run;
  }

  /** The stream has room again (`onDrain`). */
  drain(): void {
    // A write may make the stream tell of more room before it returns.
    if (this.#isWriting || !this.#isUp) return;
    this.#isWriting = true;
    while (this.#writeSome());
    this.#isWriting = false;
    if (!this.isEmpty || !this.#afterwards) return;
    const run = this.#afterwards;
    this.#afterwards = null;
    run();
  }

  /** The connection is over: journals every message, or rest of one, that never got to the transport. */
  abandon(ledger: Ledger, protocol: string, reason: CloseReason): void {
    const waiting = this.#waiting;
    let taken = this.#taken;
    this.#waiting = [];
    this.#taken = 0;
    this.#afterwards = null;
    for (const { bytes, carries } of waiting) {
      const detail = taken === 0 ? 'it waited for a connection that is over' : 'the connection ended inside it';
      ledger.dropped(protocol, this.#stream.name, bytes.subarray(taken), DROPPED[reason], detail, carries);
      taken = 0;
    }
  }

  /** False when the stream is full or nothing waits. */
  #writeSome(): boolean {
    const [message] = this.#waiting;
    if (!message) return false;
    const rest = this.#taken === 0 ? message.bytes : message.bytes.subarray(this.#taken);
    if (rest.length > 0) this.#taken += this.#stream.write(rest, message.carries);
    if (this.#taken < message.bytes.length) return false;
    this.#waiting.shift();
    this.#taken = 0;
    return true;
  }
}

const DROPPED: Readonly<Record<CloseReason, DropReason>> = {
  finished: 'closed',
  refused: 'no-listener',
  reset: 'reset',
  'timed-out': 'timed-out',
  aborted: 'closed',
  unreachable: 'timed-out',
};
