/**
 * One packet, one buffer. A PDU is a window on it: going down, `seal` moves the window's start to make room for a
 * header in front; going up, `open` moves it past one. Nothing is copied between layers, nor where a router sends it on.
 */

import type { Context } from '../kernel/context.ts';
import type { Packet } from '../kernel/images.ts';
import { type Journal, type LayerNumber, type Nanos, NOTHING } from '../kernel/journal.ts';
import { AT_START } from '../kernel/queue.ts';
import { completeFrame } from './2-link/ethernet/header.ts';
import { BufferPool } from './buffer-pool.ts';

/** Room in front for Ethernet with two VLAN tags (22), IPv6 with extensions (40 + 24) and TCP with options (60). */
const HEADROOM_BYTES = 160;
/** For packets that are on their way, which get a link's header at most: Ethernet with two VLAN tags. */
const FORWARD_HEADROOM_BYTES = 24;
/** Room behind: padding to the least payload of a frame, and the FCS. */
const LEAST_PAYLOAD_BYTES = 46;
const FCS_BYTES = 4;

const RELEASED = new Uint8Array(0);

export class Pdu implements Packet {
  static readonly #pool = new BufferPool();
  bytes: Uint8Array = RELEASED;
  /** The window: from `start` to before `end`. */
  start = 0;
  end = 0;
  /** The first octet of `bytes` that is this packet's: what lies before it is another's. */
  floor = 0;
  #size = 0;
  /** Where the header that was opened last begins: an ICMP error quotes from there. */
  outer = 0;
  /** Journal entries of what lies inside: the next header that is put in front carries them. */
  carries: readonly number[] = NOTHING;
  /** The ECN field of the network header (RFC 3168 section 5): 0 not ECN-capable, 1 or 2 capable, 3 congestion experienced. */
  ecn = 0;
  /** Somebody else looks at these bytes (another port of a switch): copy before you change them. */
  shared = false;
  /** The journal looks at them, under that number; -1: it does not. */
  image = -1;
  /** Where a frame ends whose FCS is left out until somebody looks at it; 0: there is none. */
  fcsEnd = 0;
  /** Somebody keeps the packet for later, and will release it. */
  isHeld = false;
  /** The next one in its row: of frames that wait for a cable or fly on it, or of packets that wait to be read. */
  behind: Pdu | null = null;
  // While it is a frame on a cable, waiting or flying: what the cable knows of it.
  /** Bits were flipped: the FCS does not match. */
  damaged = false;
  /** The number of its crossing. */
  crossing = 0;
  /** The journal entry that says that it waits, or that it left. */
  cableEntry: number | null = null;
  /** When its last bit arrives, or since when it waits; and its place among what happens at that instant. */
  dueNs: Nanos = AT_START;
  order = 0;

  /** An empty packet with room for `length` octets of payload, which are zero, and headers around it. */
  static withRoom(length: number): Pdu {
    const pdu = Pdu.toFill(length);
    pdu.bytes.fill(0, pdu.start, pdu.end);
    return pdu;
  }

  /** The same, for who writes every octet of the payload: what stands there is another packet's. */
  static toFill(length: number): Pdu {
    const pdu = new Pdu();
    pdu.#take(length, HEADROOM_BYTES);
    return pdu;
  }

  /** A packet around a copy of a payload. */
  static around(payload: Uint8Array): Pdu {
    const pdu = Pdu.toFill(payload.length);
    pdu.bytes.set(payload, pdu.start);
    return pdu;
  }

  #take(length: number, headroom: number): void {
    const pool = Pdu.#pool;
    pool.take(headroom + Math.max(length, LEAST_PAYLOAD_BYTES) + FCS_BYTES);
    this.bytes = pool.bytes;
    this.floor = pool.floor;
    this.#size = pool.size;
    this.start = this.floor + headroom;
    this.end = this.start + length;
    this.outer = this.start;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Makes room for a header in front and returns where it starts. */
  seal(headerLength: number): number {
    this.start -= headerLength;
    if (this.start < this.floor) throw new RangeError(`no headroom for a header of ${headerLength} octets`);
    return this.start;
  }

  /** Steps over a header that was read; `outer` remembers where it begins. */
  open(headerLength: number): void {
    this.outer = this.start;
    this.start += headerLength;
  }

  /** Cuts what lies behind the PDU: Ethernet's padding, trailing octets (RFC 1122 section 3.2.1). */
  trim(length: number): void {
    this.end = this.start + length;
  }

  /** The octets in the window, not copied. */
  view(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  /** Another window on the same bytes, for a second receiver. From now on both must copy before they write. */
  fork(): Pdu {
    const twin = new Pdu();
    twin.bytes = this.bytes;
    twin.floor = this.floor;
    twin.#size = this.#size;
    twin.start = this.start;
    twin.end = this.end;
    twin.outer = this.start;
    twin.carries = this.carries;
    twin.ecn = this.ecn;
    twin.image = this.image;
    twin.fcsEnd = this.fcsEnd;
    twin.shared = true;
    this.shared = true;
    return twin;
  }

  /** Gets bytes of its own, with room for a link's header, where somebody else looks at the present ones. */
  own(): void {
    if (!this.shared && this.image < 0) return;
    this.complete();
    const { bytes, start, end } = this;
    this.#take(end - start, FORWARD_HEADROOM_BYTES);
    // Mostly they lie in one slab, and a view costs more than a short packet.
    if (this.bytes === bytes) bytes.copyWithin(this.start, start, end);
    else this.bytes.set(bytes.subarray(start, end), this.start);
    this.shared = false;
    this.image = -1;
    this.fcsEnd = 0;
  }

  /** The same for a router, which changes nothing behind the first `octets`: where the journal alone looks, it keeps those. */
  ownHeader(journal: Journal, octets: number): void {
    // Where more than an FCS stands behind the packet, the next link would write over it.
    const isAll = this.end + FCS_BYTES === this.fcsEnd;
    if (isAll && !this.shared && this.image >= 0 && journal.layAside(this, this.start + octets)) {
      this.image = -1;
      this.fcsEnd = 0;
    } else this.own();
  }

  /** The octets in the window for somebody who may keep them: from now on nobody writes there. */
  shown(): Uint8Array {
    this.complete();
    this.shared = true;
    return this.view();
  }

  /** Somebody looks at the window: where it is a frame without an FCS, it gets one. */
  complete(): void {
    if (this.fcsEnd !== this.end) return;
    completeFrame(this.view());
    this.fcsEnd = 0;
  }

  /**
   * The packet has come to its end. Where nobody looks at its bytes any more, they carry the next packet; who forgets to
   * say so leaves them to the garbage collector.
   */
  release(): void {
    if (this.shared || this.image >= 0 || this.isHeld || this.bytes === RELEASED) return;
    Pdu.#pool.give(this.bytes, this.floor, this.#size);
    this.bytes = RELEASED;
  }
}

/** The datagram around a PDU whose network header was opened last. */
export function enclosing(pdu: Pdu): Pdu {
  const datagram = pdu.fork();
  datagram.start = pdu.outer;
  return datagram;
}

/**
 * Journals that a PDU took its header in this layer, and makes that the cause of what follows. Returns the cause until
 * now for `context.resume`. Does nothing without a journal.
 */
export function sealed(context: Context, pdu: Pdu, layer: LayerNumber, protocol: string, via: string): number | null {
  if (!context.recording) return null;
  const entry = context.recordPdu('encoded', layer, protocol, via, pdu);
  pdu.carries = [entry];
  return context.because(entry);
}

/**
 * Journals that this layer accepted a PDU (the window is the whole of it), and makes that the cause of what follows.
 * What the PDU carries is what its other end put into it: the thread that `lineage` follows.
 */
export function opened(context: Context, pdu: Pdu, layer: LayerNumber, protocol: string, via: string): void {
  if (!context.recording) return;
  context.because(context.recordPdu('decoded', layer, protocol, via, pdu));
  pdu.carries = context.journal.carriedBy(pdu.carries);
}
