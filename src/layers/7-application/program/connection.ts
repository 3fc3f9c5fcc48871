/** One TCP connection of a real program. */

import type { CloseReason, Stream, StreamUser } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import type { Conversation } from '../ledger.ts';
import { Outbox } from '../outbox.ts';
import type { TellProgram } from './service.ts';

export class ProgramConnection implements StreamUser {
  readonly #services: AppServices;
  readonly #socket: string;
  readonly #tell: TellProgram;
  #talk: { readonly stream: Stream; readonly conversation: Conversation; readonly outbox: Outbox } | null = null;
  #isPaused = false;
  #hasEnded = false;
  #isClosed = false;
  #isOver = false;
  #diedAs: CloseReason | null = null;
  /** Something was written since TCP last had all. */
  #owes = false;

  constructor(services: AppServices, socket: string, tell: TellProgram) {
    this.#services = services;
    this.#socket = socket;
    this.#tell = tell;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** `isUp`: a listener accepted it. */
  use(stream: Stream, isUp: boolean): void {
    const conversation: Conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    this.#talk = { stream, conversation, outbox: new Outbox(this.#services.context, stream, isUp) };
    if (this.#diedAs) this.onClose(this.#diedAs);
  }

  write(bytes: Uint8Array): void {
    if (!this.#talk || this.#isOver) return;
    const { stream, conversation, outbox } = this.#talk;
    this.#owes = true;
    if (bytes.length > 0) outbox.write(this.#services.ledger.made('data', stream.name, conversation, bytes));
    this.#settle();
  }

  /** A FIN follows what was written. */
  end(): void {
    const { stream, outbox } = this.#talk ?? {};
    outbox?.whenEmpty(() => stream?.end());
  }

  /** What TCP has not taken over yet is lost, as it is when a process closes a socket before it wrote all. */
  close(): void {
    if (!this.#talk || this.#isOver) return;
    const { stream, outbox } = this.#talk;
    this.#isOver = true;
    outbox.abandon(this.#services.ledger, 'data', 'finished');
    if (this.#isClosed) return;
    stream.close();
  }

  abort(): void {
    if (!this.#talk || this.#isOver) return;
    const { stream, outbox } = this.#talk;
    this.#isOver = true;
    stream.abort();
    outbox.abandon(this.#services.ledger, 'data', 'aborted');
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#read();
  }

  setNoDelay(): void {
    this.#talk?.stream.setNoDelay?.();
  }

  onOpen(): void {
    if (!this.#talk) return;
    const { stream, outbox } = this.#talk;
    this.#tell({ kind: 'connected', socket: this.#socket, local: stream.local, remote: stream.remote });
    outbox.up();
    this.#settle();
  }

  onReadable(): void {
    if (!this.#isPaused) this.#read();
  }

  onDrain(): void {
    this.#talk?.outbox.drain();
    this.#settle();
  }

  onEnd(): void {
    this.#hasEnded = true;
    if (!this.#isPaused) this.#read();
  }

  onClose(reason: CloseReason): void {
    if (!this.#talk) {
      this.#diedAs = reason;
      return;
    }
    this.#isClosed = true;
    if (this.#isOver) return;
    // What had arrived before is still the program's to read.
    this.#read();
    this.#isOver = true;
    this.#talk.outbox.abandon(this.#services.ledger, 'data', reason);
    this.#tell({ kind: 'closed', socket: this.#socket, reason });
  }

  #read(): void {
    if (!this.#talk || this.#isOver) return;
    const { context, ledger } = this.#services;
    const { stream, conversation } = this.#talk;
    while (stream.readableBytes > 0) {
      const bytes = stream.read();
      const was = ledger.received('data', stream.name, conversation, bytes);
      this.#tell({ kind: 'data', socket: this.#socket, bytes });
      context.resume(was);
    }
    if (!this.#hasEnded) return;
    this.#hasEnded = false;
    this.#tell({ kind: 'ended', socket: this.#socket });
  }

  #settle(): void {
    if (!this.#owes || !this.#talk?.outbox.isEmpty) return;
    this.#owes = false;
    this.#tell({ kind: 'drained', socket: this.#socket });
  }
}
