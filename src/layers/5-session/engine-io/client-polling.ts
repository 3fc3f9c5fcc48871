import type { CarrierAnswer, SessionCarrier } from '../service.ts';
import { decodePayload, encodePayload } from './header.ts';
import type { OutPacket, PacketLog, Transport, TransportUser } from './transport.ts';

/** Long-polling, the client's end: there is always one GET that waits, and at most one POST on its way. */
export class ClientPolling implements Transport {
  readonly name = 'polling';
  user: TransportUser | null = null;
  readonly #log: PacketLog;
  readonly #carrier: SessionCarrier;
  readonly #query: () => string;
  #state: 'opening' | 'open' | 'pausing' | 'paused' | 'closed' = 'opening';
  #cancelPoll: (() => void) | null = null;
  #isPosting = false;
  #whenPaused: (() => void) | null = null;

  /** `query`: with the session's id, once there is one. */
  constructor(log: PacketLog, carrier: SessionCarrier, query: () => string) {
    this.#log = log;
    this.#carrier = carrier;
    this.#query = query;
  }

  get isWritable(): boolean {
    return !this.#isPosting && this.#state !== 'opening' && this.#state !== 'closed';
  }

  open(): void {
    this.#poll();
  }

  send(packets: readonly OutPacket[]): void {
    const carries = packets.flatMap((packet) => this.#log.sent(packet));
    const content = new TextEncoder().encode(encodePayload(packets));
    this.#isPosting = true;
    this.#carrier.request('POST', this.#query(), content, carries, (answer) => this.#onPosted(answer));
  }

  /** Runs once nothing is on its way any more, in either direction; from then on it asks and says nothing. */
  pause(whenPaused: () => void): void {
    this.#state = 'pausing';
    this.#whenPaused = whenPaused;
    this.#checkPaused();
  }

  close(): void {
    const before = this.#state;
    if (before === 'closed') return;
    this.#state = 'closed';
    if (before === 'opening') this.#cancelPoll?.();
    else if (before !== 'paused') this.send([{ type: 'close', data: '', carries: [] }]);
  }

  #poll(): void {
    this.#cancelPoll = this.#carrier.request('GET', this.#query(), null, [], (answer) => {
      this.#cancelPoll = null;
      if (this.#state !== 'closed') this.#onPolled(answer);
    });
  }

  #onPolled(answer: CarrierAnswer): void {
    const text = this.#text(answer, 'poll');
    if (text === null) return;
    const packets = decodePayload(text);
    if ('malformed' in packets) {
      this.#fail('parse error', packets.malformed);
      return;
    }
    for (const packet of packets) {
      if (this.#isClosed) return;
      const was = this.#log.received(packet);
      if (this.#state === 'opening' && packet.type === 'open') this.#state = 'open';
      if (packet.type === 'close') this.#fail('transport close', 'the server closed');
      else this.user?.onPacket(packet);
      this.#log.context.resume(was);
    }
    if (this.#state === 'open') this.#poll();
    else if (this.#state === 'opening') this.#fail('transport error', 'the first packet is not open');
    else this.#checkPaused();
  }

  /** The state may have changed in a call to others. */
  get #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #onPosted(answer: CarrierAnswer): void {
    this.#isPosting = false;
    if (this.#isClosed || this.#text(answer, 'post') === null) return;
    if (this.#state === 'pausing') this.#checkPaused();
    this.user?.onWritable();
  }

  #checkPaused(): void {
    if (this.#state !== 'pausing' || this.#cancelPoll || this.#isPosting) return;
    this.#state = 'paused';
    const run = this.#whenPaused;
    this.#whenPaused = null;
    run?.();
  }

  #text(answer: CarrierAnswer, what: string): string | null {
    if ('problem' in answer) this.#fail('transport error', `${what}: ${answer.problem}`);
    else if (answer.status !== 200) this.#fail('transport error', `${what}: the server answers ${answer.status}`);
    else return new TextDecoder().decode(answer.content);
    return null;
  }

  #fail(end: 'transport error' | 'transport close' | 'parse error', detail: string): void {
    this.#state = 'closed';
    this.user?.onGone(end, detail);
  }
}
