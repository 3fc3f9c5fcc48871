/**
 * The journal: the one truth of a run. The simulation appends; whatever a person sees is a pure function of it.
 *
 * Two threads run through it. `cause` is the entry that made this one happen now; `carries` are the PDUs inside this
 * one. An IP packet that waited for ARP is carried later than it was caused; a TCP segment carries parts of several
 * writes; a retransmission carries old ones. Together they answer "where is my message?" and "why?".
 */

import type { Entry, Event, LayerNumber, Nanos } from './entry.ts';
import type { Packet } from './images.ts';
import { Pack } from './pack.ts';

export type * from './entry.ts';

export const NOTHING: readonly number[] = Object.freeze([]);

export class Journal {
  /** False: nothing is kept. Layers ask this before they build an event, so that a run without a journal pays nothing. */
  readonly recording: boolean;
  /** What makes things happen at this moment. Whoever changes it puts the old value back. */
  cause: number | null = null;
  readonly #pack = new Pack();
  /** Made when somebody asks for all entries, and grown from then on. */
  #entries: Entry[] | null = null;

  constructor(recording: boolean) {
    this.recording = recording;
  }

  get length(): number {
    return this.#pack.length;
  }

  get entries(): readonly Entry[] {
    this.#entries ??= this.#pack.entries();
    return this.#entries;
  }

  at(seq: number): Entry {
    if (!(Number.isInteger(seq) && seq >= 0 && seq < this.length)) {
      throw new RangeError(`the journal has no entry ${seq}; it has ${this.length}`);
    }
    return this.#entries?.[seq] ?? this.#pack.entry(seq);
  }

  /** Appends and returns the entry's number. Only to be called when `recording`. */
  append(atNs: Nanos, node: string, event: Event): number {
    this.#pack.add(atNs, node, this.cause, event);
    return this.#appended();
  }

  /** The same for a PDU on its way through a layer, which is the packet's window: most entries are of this kind. */
  appendPdu(
    kind: 'encoded' | 'decoded',
    atNs: Nanos,
    node: string,
    layer: LayerNumber,
    protocol: string,
    via: string,
    packet: Packet,
  ): number {
    this.#pack.addPdu(kind, atNs, node, this.cause, layer, protocol, via, packet);
    return this.#appended();
  }

  /** And for a frame at one end of a link. */
  appendFrame(
    kind: 'queued' | 'departed' | 'arrived',
    atNs: Nanos,
    node: string,
    link: string,
    port: string,
    crossing: number,
    frame: Packet,
    measure: number,
  ): number {
    this.#pack.addFrame(kind, atNs, node, this.cause, link, port, crossing, frame, measure);
    return this.#appended();
  }

  /** Says how a frame gets the octets that its card left out until somebody looks at them. */
  completeBy(complete: (frame: Uint8Array) => void): void {
    this.#pack.images.complete = complete;
  }

  /**
   * A packet that has an image is about to change, no further than to before `stop`. True: what it was is kept. False:
   * somebody looks at the octets where they are, and it must be copied.
   */
  layAside(packet: Packet, stop: number): boolean {
    return this.#pack.images.layAside(packet, stop);
  }

  /** What `encoded` entries carry, in their order. */
  carriedBy(encoded: readonly number[]): readonly number[] {
    return encoded.length === 1
      ? this.#pack.carriedBy(encoded[0] as number)
      : encoded.flatMap((seq) => this.#pack.carriedBy(seq));
  }

  #appended(): number {
    const seq = this.#pack.length - 1;
    this.#entries?.push(this.#pack.entry(seq));
    return seq;
  }
}
