/** One data connection of a test of iperf3: sends or receives as much as it can, and counts. */

import type { Timer } from '../../../kernel/kernel.ts';
import type { CloseReason, Stream, StreamUser } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import { pattern } from '../bulk/pattern.ts';
import type { Conversation } from '../ledger.ts';
import { Outbox } from '../outbox.ts';
import type { Parameters } from './message.ts';

const SECOND_NS = 1_000_000_000;

export class IperfStream implements StreamUser {
  readonly isSender: boolean;
  /** Octets that count: those before `restart` do not. */
  countedBytes = 0;
  readonly #services: AppServices;
  readonly #stream: Stream;
  readonly #outbox: Outbox;
  readonly #parameters: Parameters;
  readonly #pace: Timer;
  #isRunning = false;
  #startedNs = 0;
  #sentBytes = 0;

  /** The stream's cookie was read. */
  constructor(services: AppServices, stream: Stream, parameters: Parameters, isSender: boolean) {
    this.isSender = isSender;
    this.#services = services;
    this.#stream = stream;
    this.#outbox = new Outbox(services.context, stream, true);
    this.#parameters = parameters;
    this.#pace = services.context.timer(7, stream.name, 'pace', () => this.#fill());
  }

  get #conversation(): Conversation {
    return { transport: 'tcp', local: this.#stream.local, remote: this.#stream.remote };
  }

  /** The test begins. */
  start(): void {
    this.#isRunning = true;
    this.#startedNs = this.#services.context.nowNs;
    if (this.isSender) this.#fill();
  }

  /** What was counted so far was to be left out. */
  restart(): void {
    this.countedBytes = 0;
  }

  /** The test is over: what the transport has not taken is not sent, and what still comes is not read. */
  close(): void {
    if (this.#isRunning && this.isSender) this.countedBytes -= this.#outbox.waitingBytes;
    this.#isRunning = false;
    this.#pace.clear();
    this.#outbox.abandon(this.#services.ledger, 'data', 'finished');
    this.#stream.close();
  }

  onReadable(): void {
    const { context, ledger } = this.#services;
    for (let bytes = this.#stream.read(); bytes.length > 0; bytes = this.#stream.read()) {
      if (this.#isRunning && !this.isSender) this.countedBytes += bytes.length;
      context.resume(ledger.received('data', this.#stream.name, this.#conversation, bytes));
    }
  }

  onDrain(): void {
    this.#outbox.drain();
    if (this.isSender) this.#fill();
  }

  onEnd(): void {
    if (!this.isSender) this.close();
  }

  onClose(reason: CloseReason): void {
    this.#isRunning = false;
    this.#pace.clear();
    this.#outbox.abandon(this.#services.ledger, 'data', reason);
  }

  /** Blocks leave while the transport takes them, and while the rate allows. */
  #fill(): void {
    const { blockBytes } = this.#parameters;
    while (this.#isRunning && this.#outbox.isEmpty && !this.#pace.isSet) {
      const waitNs = this.#waitNs();
      if (waitNs > 0) {
        this.#pace.set(waitNs);
        return;
      }
      const offset = this.#sentBytes;
      this.#sentBytes += blockBytes;
      this.countedBytes += blockBytes;
      const make = () => pattern(offset, blockBytes);
      this.#outbox.write(
        this.#services.ledger.planned('data', this.#stream.name, this.#conversation, blockBytes, make),
      );
    }
  }

  /** How long the next block has to wait for its rate. */
  #waitNs(): number {
    const { bitsPerSecond } = this.#parameters;
    if (bitsPerSecond === 0) return 0;
    const dueNs = this.#startedNs + Math.floor((this.#sentBytes * 8 * SECOND_NS) / bitsPerSecond);
    return Math.max(0, dueNs - this.#services.context.nowNs);
  }
}
