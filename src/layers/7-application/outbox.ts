import type { Context } from '../../kernel/context.ts';
import { CutWatch } from '../../kernel/cut-watch.ts';
import type { DropReason } from '../../kernel/journal.ts';
import type { CloseReason, Stream } from '../4-transport/service.ts';
import { dropOctets, WAITED_IN_MEMORY } from '../drop.ts';
import type { Ledger, Message } from './ledger.ts';

/**
 * What an application has to say on one stream and the stream has no room for yet. A stream takes as much as its send
 * buffer holds and tells when it drained; the rest waits here, in order.
 */
export class Outbox {
  readonly #context: Context;
  readonly #stream: Stream;
  #waiting: Message[] = [];
  #waitingBytes = 0;
  /** Octets of the first message that waits which the stream has taken. */
  #taken = 0;
  #isUp: boolean;
  #isWriting = false;
  #afterwards: (() => void) | null = null;
  /** What waits ends with the node's power. */
  readonly #cut: CutWatch;

  /** `isUp`: the connection is open. Until it is, everything waits. */
  constructor(context: Context, stream: Stream, isUp: boolean) {
    this.#context = context;
    this.#stream = stream;
    this.#isUp = isUp;
    this.#cut = new CutWatch(context, () => this.#onCut());
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Octets that the stream has not taken yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Writes a message, or what the stream has room for; a message that fits is one write. */
  write(message: Message): void {
    this.#waiting.push(message);
    this.#waitingBytes += message.length ?? message.bytes.length;
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

  /** Runs once the connection is open and has taken everything: at once when it has. Replaces what an earlier call said. */
  whenEmpty(run: () => void): void {
    this.#afterwards = run;
    this.drain();
  }

  /** The stream has room again (`onDrain`). */
  drain(): void {
    // A write may make the stream tell of more room before it returns.
    if (this.#isWriting) return;
    if (!this.#isUp) {
      this.#watchPower();
      return;
    }
    this.#isWriting = true;
    while (this.#writeSome());
    this.#isWriting = false;
    this.#watchPower();
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
    this.#waitingBytes = 0;
    this.#taken = 0;
    this.#afterwards = null;
    this.#watchPower();
    if (!this.#context.recording) return;
    for (const { bytes, carries } of waiting) {
      const detail = taken === 0 ? 'it waited for a connection that is over' : 'the connection ended inside it';
      ledger.dropped(protocol, this.#stream.name, bytes.subarray(taken), DROPPED[reason], detail, carries);
      taken = 0;
    }
  }

  /** A node that loses its power loses what waits here; the journal shall know of it. */
  #watchPower(): void {
    this.#cut.set(!this.isEmpty);
  }

  #onCut(): void {
    const context = this.#context;
    let taken = this.#taken;
    for (const { bytes, carries } of this.#waiting) {
      const made = carries.map((seq) => context.journal.at(seq).event).find(({ kind }) => kind === 'encoded');
      const protocol = made?.kind === 'encoded' ? made.protocol : 'data';
      const detail = taken === 0 ? WAITED_IN_MEMORY : 'the node crashed inside it';
      dropOctets(context, bytes.subarray(taken), carries, 7, protocol, this.#stream.name, 'crashed', detail);
      taken = 0;
    }
  }

  /** False when the stream is full or nothing waits. */
  #writeSome(): boolean {
    const [message] = this.#waiting;
    if (!message) return false;
    const rest = this.#taken === 0 ? message.bytes : message.bytes.subarray(this.#taken);
    const taken = rest.length === 0 ? 0 : this.#stream.write(rest, message.carries);
    // The write may have found the connection dead, and what waited was abandoned.
    if (this.#waiting[0] !== message) return false;
    this.#taken += taken;
    this.#waitingBytes -= taken;
    if (taken < rest.length) return false;
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
