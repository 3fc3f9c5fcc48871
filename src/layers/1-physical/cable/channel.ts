/**
 * One direction of a cable: a queue, a transmitter that sends one frame at a time, and a wire on which frames fly.
 *
 *   transmit ─▶ [queue: tail drop, RED, CoDel] ─▶ first bit leaves ─▶ serialization + propagation ─▶ last bit arrives
 *
 * A frame occupies the transmitter for (frame with FCS + preamble 8 + gap 12) octets at the link's rate, and its last
 * bit counts as arrived that time plus the propagation delay later. Every fate is drawn when the first bit leaves. One
 * event of the kernel per crossing; one more only for a frame that had to wait.
 *
 * Frames arrive in the order in which they left unless jitter lets one overtake, so of those that fly only the first
 * stands in the kernel's queue: it stays short however long the wire is. One that overtakes stands there by itself.
 */

import type { DropReason, Nanos } from '../../../kernel/journal.ts';
import type { Kernel } from '../../../kernel/kernel.ts';
import { AT_START, Call, NEVER, type Runnable } from '../../../kernel/queue.ts';
import type { Pdu } from '../../pdu.ts';
import type { PhysicalService, PhysicalUser } from '../service.ts';
import { Codel } from './codel.ts';
import { Dice, type Impairments, isLeftToChance, type QueueDiscipline } from './impairments.ts';
import { FrameQueue } from './queue.ts';
import { Red } from './red.ts';

/** Preamble 7, start delimiter 1 and inter-packet gap 12 octets: what a frame costs besides itself (IEEE 802.3, 4.4.2). */
const WIRE_OVERHEAD_BYTES = 20;

/** What a scripted fault does to one frame; the link's own impairments are applied to a frame that passes. */
export type Verdict =
  | 'pass'
  | { readonly drop: string; readonly reason: 'scripted' | 'partitioned' }
  | { readonly delayNs: Nanos }
  | 'duplicate'
  | 'corrupt';

/** Is shown every frame whose first bit leaves, in order; `null` where nobody looks, so that it costs nothing. */
export type Inspector = (frame: Pdu, crossing: number) => Verdict;

/** Writes into a frame that it found a congested queue (ECN); false: its sender does not understand that. */
export type CongestionMarker = (frame: Pdu) => boolean;

/** Where a cable ends. */
export interface CableEnd {
  /** The name of the node that it is plugged into. */
  readonly node: string;
  /** The interface's name, `eth0`. */
  readonly interface: string;
}

/** Counts crossings over all links of a run, so that each has a number of its own. */
export interface Crossings {
  next: number;
}

/** The queue of a channel on which no frame has waited yet, as on most: all of them share it. */
const NOBODY_WAITS = new FrameQueue();

export class Channel implements PhysicalService, Runnable {
  // What every frame asks for comes first and lies together; a thousand links are more than fit a processor's cache.
  /** Who hears what arrives. */
  user: PhysicalUser | null = null;
  inspector: Inspector | null = null;
  /** Frames taken over, delivered, and ended otherwise: sent = delivered + dropped + waiting + in flight. */
  sent = 0;
  delivered = 0;
  dropped = 0;
  readonly #kernel: Kernel;
  readonly #crossings: Crossings;
  /** Frames that fly, linked through themselves as in a queue; the last is only known where there are several. */
  #first: Pdu | null = null;
  #last: Pdu | null = null;
  /** In the kernel's queue, for the first of them; 0: none yet. */
  #seat = 0;
  #queue = NOBODY_WAITS;
  /** Nothing has left since the transmitter was seen to be free: so it is, whatever the time. */
  #isIdle = true;
  #busyUntilNs: Nanos = AT_START;
  // Of the impairments, what concerns a link without any.
  #isDown = false;
  #aqm: QueueDiscipline = 'tail-drop';
  /** 0: no serialization time. */
  #bitsPerSecond = 0;
  #delayNs: Nanos = 0;
  /** Whether any lots are drawn. */
  #hasChances = false;
  #impairments: Impairments;
  /** null: nothing can be marked, so an active queue drops. */
  marker: CongestionMarker | null = null;
  /** The channel that ends where this one begins. */
  back: Channel | null = null;
  readonly #link: string;
  readonly #from: CableEnd;
  readonly #to: CableEnd;
  /** `link:wan/a-to-b`, under which its random streams stand. */
  readonly #name: string;
  // Made by the first frame that needs them.
  #transmitter: Transmitter | null = null;
  #dice: Dice | null = null;
  #red: Red | null = null;
  #codel: Codel | null = null;

  constructor(
    kernel: Kernel,
    link: string,
    direction: string,
    from: CableEnd,
    to: CableEnd,
    impairments: Impairments,
    crossings: Crossings,
  ) {
    this.#kernel = kernel;
    this.#link = link;
    this.#from = from;
    this.#to = to;
    this.#impairments = impairments;
    this.impairments = impairments;
    this.#crossings = crossings;
    this.#name = `link:${link}/${direction}`;
  }

  get impairments(): Impairments {
    return this.#impairments;
  }

  set impairments(of: Impairments) {
    this.#impairments = of;
    this.#isDown = of.down;
    this.#aqm = of.aqm;
    this.#bitsPerSecond = of.bitsPerSecond ?? 0;
    this.#delayNs = of.delayNs;
    this.#hasChances = isLeftToChance(of);
  }

  get #lots(): Dice {
    this.#dice ??= new Dice(this.#kernel, this.#name);
    return this.#dice;
  }

  #nextOfCodel(): Pdu | null {
    this.#codel ??= new Codel(this.#queue, {
      mark: (frame) => this.marker?.(frame) ?? false,
      drop: (frame) => this.#dropLate(frame),
    });
    return this.#codel.next(this.#kernel.nowNs);
  }

  /** Frames that wait for the transmitter. */
  get waiting(): number {
    return this.#queue.count;
  }

  attach(user: PhysicalUser): void {
    if (this.back) this.back.user = user;
  }

  transmit(frame: Pdu, damaged: boolean): void {
    this.sent++;
    frame.damaged = damaged;
    frame.crossing = this.#crossings.next++;
    if (this.#isDown) {
      this.#drop(frame, this.#from.node, 'link-down', `the link ${this.#link} is down`);
    } else if (this.#aqm === 'red' && !this.#isWelcome(frame)) {
      this.#drop(frame, this.#from.node, 'aqm', `the queue of ${this.#link} is long on average (RED)`);
    } else if ((this.#isIdle || this.#kernel.nowNs >= this.#busyUntilNs) && this.#queue.count === 0) {
      this.#send(frame);
    } else if (this.#queue.hasRoom(this.#impairments.queue, frame.length)) {
      this.#wait(frame);
    } else if (this.#kernel.journal.recording) {
      const { queue } = this.#impairments;
      const limit = 'packets' in queue ? `${queue.packets} packets` : `${queue.bytes} octets`;
      this.#drop(frame, this.#from.node, 'queue-full', `the queue of ${this.#link} is full (${limit})`);
    } else this.#drop(frame, '', 'queue-full', '');
  }

  /** RED's judgement of a frame that arrives. */
  #isWelcome(frame: Pdu): boolean {
    const { queue } = this.#impairments;
    const [depth, limit] = 'packets' in queue ? [this.#queue.count, queue.packets] : [this.#queue.bytes, queue.bytes];
    const idleNs = this.#queue.count === 0 ? this.#kernel.nowNs - this.#busyUntilNs : 0;
    this.#red ??= new Red(this.#lots.stream('red'));
    const verdict = this.#red.onArrival(depth, limit, serializationNs(frame.length, this.#bitsPerSecond), idleNs);
    return verdict === 'pass' || (verdict === 'signal' && (this.marker?.(frame) ?? false));
  }

  #dropLate(frame: Pdu): void {
    const waitedMs = Math.floor((this.#kernel.nowNs - frame.dueNs) / 1_000_000);
    const detail = `it waited ${waitedMs} ms in the queue of ${this.#link}, and others before it (CoDel)`;
    this.#kernel.journal.cause = frame.cableEntry;
    this.#drop(frame, this.#from.node, 'aqm', detail);
  }

  #wait(frame: Pdu): void {
    if (this.#queue === NOBODY_WAITS) this.#queue = new FrameQueue();
    const { journal } = this.#kernel;
    if (journal.recording) frame.cableEntry = this.#record('queued', this.#from, frame, this.#queue.count + 1);
    frame.dueNs = this.#kernel.nowNs;
    this.#queue.push(frame);
    this.#transmitter ??= new Transmitter(this.#kernel, (transmitter) => this.#sendNext(transmitter));
    if (this.#transmitter.dueNs === NEVER) this.#scheduleNext(this.#transmitter);
  }

  /** The transmitter is free: the frame that waited longest goes, unless CoDel gives it up. */
  #sendNext(transmitter: Transmitter): void {
    const frame = this.#aqm === 'codel' ? this.#nextOfCodel() : this.#queue.shift();
    if (!frame) return;
    const { journal } = this.#kernel;
    if (journal.recording) journal.cause = frame.cableEntry;
    if (this.#isDown) {
      this.#drop(frame, this.#from.node, 'link-down', `the link ${this.#link} is down`);
    } else this.#send(frame);
    if (this.#queue.count > 0) this.#scheduleNext(transmitter);
  }

  #scheduleNext(transmitter: Transmitter): void {
    transmitter.dueNs = Math.max(this.#busyUntilNs, this.#kernel.nowNs);
    transmitter.order = this.#kernel.reserveOrder();
    this.#kernel.enqueueForSure(transmitter.seat, transmitter);
  }

  /** The first bit leaves. The order of the dice is fixed: script, loss, delay, corruption, duplication. */
  #send(frame: Pdu): void {
    const { inspector } = this;
    const onWireNs = serializationNs(frame.length, this.#bitsPerSecond);
    this.#isIdle = false;
    this.#busyUntilNs = this.#kernel.nowNs + onWireNs;
    const verdict = inspector ? inspector(frame, frame.crossing) : 'pass';
    const hasChances = this.#hasChances;
    const isLost = hasChances && this.#lots.loses(this.#impairments.loss);
    let delayNs = onWireNs + (hasChances ? this.#lots.delayNs(this.#impairments) : this.#delayNs);
    if (typeof verdict === 'object' && 'delayNs' in verdict) delayNs += verdict.delayNs;
    if (this.#kernel.journal.recording) frame.cableEntry = this.#record('departed', this.#from, frame, delayNs);
    if (typeof verdict === 'object' && 'drop' in verdict) {
      this.#dropOnWire(frame, verdict.reason, verdict.drop);
    } else if (isLost) {
      this.#dropOnWire(frame, 'lost', lossDetail(this.#link, this.#impairments));
    } else {
      const twin =
        verdict === 'duplicate' || (hasChances && this.#lots.duplicates(this.#impairments)) ? frame.fork() : null;
      if (twin) twin.damaged = frame.damaged;
      this.#fly(frame, delayNs, verdict === 'corrupt');
      if (twin) this.#sendTwin(twin, frame.cableEntry, onWireNs);
    }
  }

  /** The network, not the sender, made a copy: it is a crossing of its own that departs from the link itself. */
  #sendTwin(twin: Pdu, original: number | null, onWireNs: Nanos): void {
    this.sent++;
    twin.crossing = this.#crossings.next++;
    const delayNs = onWireNs + this.#lots.delayNs(this.#impairments);
    const { journal } = this.#kernel;
    const was = journal.cause;
    journal.cause = original;
    if (journal.recording) twin.cableEntry = this.#record('departed', this.#from, twin, delayNs, this.#link);
    this.#fly(twin, delayNs, false);
    journal.cause = was;
  }

  #fly(frame: Pdu, delayNs: Nanos, mustCorrupt: boolean): void {
    const corrupts = (this.#hasChances && this.#lots.corrupts(this.#impairments)) || mustCorrupt;
    if (corrupts) this.#flipBit(frame);
    this.#carry(frame, delayNs);
  }

  /** The last bit will be there after so many ns. */
  #carry(frame: Pdu, delayNs: Nanos): void {
    const kernel = this.#kernel;
    const first = this.#first;
    frame.dueNs = kernel.nowNs + delayNs;
    frame.order = kernel.reserveOrder();
    if (first === null) {
      if (this.#seat === 0) this.#seat = kernel.enroll(this);
      this.#first = frame;
      kernel.enqueueForSure(this.#seat, frame);
    } else this.#join(this.#last ?? first, frame);
  }

  /** Others fly; `last` is the last of them. */
  #join(last: Pdu, frame: Pdu): void {
    if (frame.dueNs >= last.dueNs) {
      last.behind = frame;
      this.#last = frame;
    } else this.#overtake(frame);
  }

  #overtake(frame: Pdu): void {
    this.#kernel.enqueue(new Call(() => this.#land(frame)), frame);
  }

  /** The kernel calls this when the first of those that fly is there. */
  run(): void {
    const frame = this.#first as Pdu;
    const next = frame.behind;
    if (next === null) {
      this.#first = null;
      this.#last = null;
      this.#isIdle = this.#kernel.nowNs >= this.#busyUntilNs;
    } else {
      frame.behind = null;
      this.#first = next;
      this.#kernel.enqueueForSure(this.#seat, next);
    }
    this.#land(frame);
  }

  /** The last bit is there. */
  #land(frame: Pdu): void {
    const { journal } = this.#kernel;
    if (journal.recording) journal.cause = frame.cableEntry;
    if (this.#isDown) {
      this.#dropOnWire(frame, 'link-down', `the link ${this.#link} was cut while it was on the way`);
      return;
    }
    this.delivered++;
    if (journal.recording) journal.cause = this.#record('arrived', this.#to, frame, 0);
    this.user?.onFrame(frame, frame.damaged);
  }

  #flipBit(frame: Pdu): void {
    // The sender may still look at its bytes, and so may the journal and a twin: the wire flips its own.
    frame.shared = true;
    frame.own();
    const bit = this.#lots.bitOf(frame.length * 8);
    const at = frame.start + (bit >>> 3);
    frame.bytes[at] = (frame.bytes[at] as number) ^ (0x80 >>> (bit & 7));
    frame.damaged = true;
  }

  /** Only with a journal: every frame asks for that anyway. */
  #record(
    kind: 'queued' | 'departed' | 'arrived',
    end: CableEnd,
    frame: Pdu,
    measure: number,
    where: string | null = null,
  ): number {
    const { journal, nowNs } = this.#kernel;
    return journal.appendFrame(
      kind,
      nowNs,
      where ?? end.node,
      this.#link,
      end.interface,
      frame.crossing,
      frame,
      measure,
    );
  }

  /** What dies between the nodes is told under the link's name: neither node knows of it. */
  #dropOnWire(frame: Pdu, reason: DropReason, detail: string): void {
    const { journal } = this.#kernel;
    const was = journal.cause;
    journal.cause = frame.cableEntry;
    this.#drop(frame, this.#link, reason, detail);
    journal.cause = was;
  }

  #drop(frame: Pdu, node: string, reason: DropReason, detail: string): void {
    this.dropped++;
    const { journal, nowNs } = this.#kernel;
    if (!journal.recording) {
      frame.release();
      return;
    }
    journal.append(nowNs, node, {
      kind: 'dropped',
      layer: 1,
      protocol: 'cable',
      reason,
      detail,
      bytes: frame.shown(),
      carries: frame.carries,
      link: this.#link,
      frame: frame.crossing,
      via: this.#from.interface,
    });
  }
}

/** Is due when a transmission ends, while frames wait. */
class Transmitter implements Runnable {
  dueNs: Nanos = NEVER;
  order = -1;
  readonly seat: number;
  readonly #sendNext: (transmitter: Transmitter) => void;

  constructor(kernel: Kernel, sendNext: (transmitter: Transmitter) => void) {
    this.seat = kernel.enroll(this);
    this.#sendNext = sendNext;
  }

  run(): void {
    this.dueNs = NEVER;
    this.#sendNext(this);
  }
}

/** How long a frame holds the transmitter, rounded up to a whole ns. */
function serializationNs(frameBytes: number, bitsPerSecond: number): Nanos {
  if (bitsPerSecond === 0) return 0;
  return Math.ceil(((frameBytes + WIRE_OVERHEAD_BYTES) * 8 * 1_000_000_000) / bitsPerSecond);
}

function lossDetail(link: string, impairments: Impairments): string {
  const { loss } = impairments;
  if (loss.kind === 'gilbert') return `lost on ${link} (bursty loss)`;
  return `lost on ${link} (loss ${loss.perMillion / 10_000}%)`;
}
