/**
 * Where the journal keeps its entries: their numbers stand one behind the other in few large arrays, their names once for
 * all entries that have the same, their octets once for all layers and nodes that a packet goes through, and an event is
 * built whenever somebody looks at it.
 *
 *   places   entry ─▶ its first word
 *   words    shape and flags · cause, where the flags do not say it · what the kind has besides
 *   octets   image · start and length in it, two words where they do not fit one
 *   numbers  none, one or two words, as the flags say
 *   list     none, one word, or their count and they
 */

import type { DropReason, Entry, Event, LayerNumber, Nanos, TableChange } from './entry.ts';
import { Images, type Packet } from './images.ts';
import { type Shape, Shapes } from './shapes.ts';
import { Times } from './times.ts';
import { Words } from './words.ts';

/** What the first word says besides the shape. The cause: none, the entry before, or one that has a word. */
const CAUSE_BEFORE = 1;
const CAUSE_WORD = 2;
const CAUSE = 3;
/** What it carries: nothing, its cause, one other, several. */
const CARRIES_CAUSE = 1 << 2;
const CARRIES_ONE = 2 << 2;
const CARRIES_MANY = 3 << 2;
const CARRIES = 3 << 2;
/** Its number: 0, a whole one of 32 bits, any other. */
const NUMBER_WORD = 1 << 4;
const NUMBER_DOUBLE = 2 << 4;
const NUMBER = 3 << 4;
/** The octets are a frame whose FCS was not computed when it was made. */
const FCS_DUE = 1 << 6;
/** Start and length of the octets have a word each. */
const WIDE = 1 << 7;
const FLAG_BITS = 8;
const HALF = 1 << 16;
/** Head, cause, image, start, length, crossing, number and what it carries. */
const MOST_WORDS = 8;
/** Of what is on no link. */
const NO_CROSSING = -1;

export class Pack {
  readonly #places = new Words();
  readonly #words = new Words();
  readonly #times = new Times();
  readonly #shapes = new Shapes();
  readonly images = new Images();
  readonly #texts: string[] = [];
  readonly #textNumbers = new Map<string, number>();
  readonly #changes: TableChange[] = [];
  #length = 0;
  /** The entry that is read, its first word, and where the next is. */
  #seq = -1;
  #head = 0;
  #at = 0;
  #lastSeq = -1;
  #last: Event | null = null;

  get length(): number {
    return this.#length;
  }

  entry(seq: number): Entry {
    return new PackedEntry(this, seq);
  }

  entries(): Entry[] {
    const entries: Entry[] = [];
    for (let seq = 0; seq < this.#length; seq++) entries.push(new PackedEntry(this, seq));
    return entries;
  }

  add(atNs: Nanos, node: string, cause: number | null, event: Event): void {
    const { kind, layer } = event;
    const shapes = this.#shapes.of(node);
    switch (kind) {
      case 'encoded':
      case 'decoded': {
        const { protocol, via, bytes, carries, conversation } = event;
        if (conversation === undefined) {
          const shape = shapes.numberOf(kind, layer, via, protocol);
          this.#begin(atNs, cause, shape, WIDE | carriesFlag(carries, cause));
          this.#putBytes(bytes);
          this.#putList(carries, cause);
          break;
        }
        const shape = shapes.numberOf(kind, layer, via, protocol, 'conversation');
        this.#begin(atNs, cause, shape, WIDE | carriesFlag(carries, cause));
        this.#putBytes(bytes);
        this.#putList(carries, cause);
        this.#putText(conversation);
        break;
      }
      case 'queued':
      case 'departed':
      case 'arrived': {
        const { link, interface: port, frame, bytes, carries, measure } = event;
        const flags = WIDE | carriesFlag(carries, cause) | numberFlag(measure);
        this.#begin(atNs, cause, shapes.numberOf(kind, 1, link, port), flags);
        this.#putBytes(bytes);
        this.#words.put(frame);
        this.#putNumber(measure);
        this.#putList(carries, cause);
        break;
      }
      case 'dropped': {
        const { link, protocol, reason, via, frame, detail, bytes, carries } = event;
        const shape = shapes.numberOf(kind, layer, link, protocol, reason, via);
        this.#begin(atNs, cause, shape, WIDE | carriesFlag(carries, cause));
        this.#words.put(frame);
        this.#putText(detail);
        this.#putBytes(bytes);
        this.#putList(carries, cause);
        break;
      }
      case 'state': {
        const { machine, protocol, from, to, because } = event;
        this.#begin(atNs, cause, shapes.numberOf(kind, layer, machine, protocol, from, to), 0);
        this.#putText(because);
        break;
      }
      case 'metric': {
        const { machine, protocol, name, value } = event;
        const shape = shapes.numberOf(kind, layer, machine, protocol, name);
        this.#begin(atNs, cause, shape, numberFlag(value));
        this.#putNumber(value);
        break;
      }
      case 'timer': {
        const { machine, name, phase, dueNs } = event;
        const shape = shapes.numberOf(kind, layer, machine, name, phase);
        this.#begin(atNs, cause, shape, numberFlag(dueNs));
        this.#putNumber(dueNs);
        break;
      }
      case 'table':
        this.#begin(atNs, cause, shapes.numberOf(kind, layer, event.protocol), 0);
        this.#words.put(this.#changes.push(event.change) - 1);
        break;
      case 'input':
      case 'app':
        this.#begin(atNs, cause, shapes.numberOf(kind, layer, event.machine), 0);
        this.#putText(event.text);
        break;
    }
  }

  addPdu(
    kind: 'encoded' | 'decoded',
    atNs: Nanos,
    node: string,
    cause: number | null,
    layer: LayerNumber,
    protocol: string,
    via: string,
    packet: Packet,
  ): void {
    const shape = this.#shapes.of(node).numberOf(kind, layer, via, protocol);
    this.#putPacket(atNs, cause, shape, packet, this.images.of(packet), NO_CROSSING, 0);
  }

  addFrame(
    kind: 'queued' | 'departed' | 'arrived',
    atNs: Nanos,
    node: string,
    cause: number | null,
    link: string,
    port: string,
    crossing: number,
    frame: Packet,
    measure: number,
  ): void {
    const shape = this.#shapes.of(node).numberOf(kind, 1, link, port);
    this.#putPacket(atNs, cause, shape, frame, this.images.ofFrame(frame), crossing, measure);
  }

  /** What most entries are is written at once. */
  #putPacket(
    atNs: Nanos,
    cause: number | null,
    shape: number,
    packet: Packet,
    image: number,
    crossing: number,
    measure: number,
  ): void {
    const { carries, floor, start, end, fcsEnd } = packet;
    const seq = this.#start(atNs);
    const { chunk } = this.#words;
    const first = this.#words.used;
    let at = first + 1;
    let head = shape << FLAG_BITS;
    if (cause === seq - 1) head |= CAUSE_BEFORE;
    else if (cause !== null) {
      head |= CAUSE_WORD;
      chunk[at++] = cause;
    }
    chunk[at++] = image;
    if (end === fcsEnd) head |= FCS_DUE;
    if (start - floor < HALF && end - start < HALF) chunk[at++] = ((start - floor) << 16) | (end - start);
    else {
      head |= WIDE;
      chunk[at++] = start - floor;
      chunk[at++] = end - start;
    }
    if (crossing !== NO_CROSSING) {
      chunk[at++] = crossing;
      const flag = numberFlag(measure);
      head |= flag;
      if (flag === NUMBER_WORD) chunk[at++] = measure;
    }
    const carrying = carriesFlag(carries, cause);
    head |= carrying;
    const isShort = carrying !== CARRIES_MANY && (head & NUMBER_DOUBLE) === 0;
    if (isShort && carrying === CARRIES_ONE) chunk[at++] = carries[0] as number;
    chunk[first] = head;
    this.#words.used = at;
    // What is rare may not fit.
    if (isShort) return;
    if ((head & NUMBER_DOUBLE) !== 0) this.#words.putDouble(measure);
    this.#putList(carries, cause);
  }

  atNs(seq: number): Nanos {
    return this.#times.of(seq);
  }

  cause(seq: number): number | null {
    const place = this.#places.at(seq);
    const how = this.#words.at(place) & CAUSE;
    if (how === CAUSE_WORD) return this.#words.at(place + 1);
    return how === CAUSE_BEFORE ? seq - 1 : null;
  }

  node(seq: number): string {
    return this.#shapeOf(seq).node;
  }

  kind(seq: number): Event['kind'] {
    return this.#shapeOf(seq).kind;
  }

  /** What an `encoded` entry carries; nothing of any other. */
  carriedBy(seq: number): readonly number[] {
    if (this.#open(seq).kind !== 'encoded') return [];
    this.#at += (this.#head & WIDE) === 0 ? 2 : 3;
    return this.#takeList();
  }

  event(seq: number): Event {
    // Many ask about the same entry one after the other.
    if (seq === this.#lastSeq && this.#last) return this.#last;
    this.#last = this.#takeEvent(this.#open(seq));
    this.#lastSeq = seq;
    return this.#last;
  }

  #shapeOf(seq: number): Shape {
    return this.#shapes.at(this.#words.at(this.#places.at(seq)) >>> FLAG_BITS);
  }

  /** Goes to what the kind has besides. */
  #open(seq: number): Shape {
    const place = this.#places.at(seq);
    const head = this.#words.at(place);
    this.#seq = seq;
    this.#head = head;
    this.#at = place + ((head & CAUSE) === CAUSE_WORD ? 2 : 1);
    return this.#shapes.at(head >>> FLAG_BITS);
  }

  #takeEvent({ kind, layer, a, b, c, d }: Shape): Event {
    switch (kind) {
      case 'encoded':
      case 'decoded': {
        const bytes = this.#takeBytes();
        const carries = this.#takeList();
        if (c === '') return { kind, layer, protocol: b, bytes, carries, via: a };
        return { kind, layer, protocol: b, bytes, carries, via: a, conversation: this.#takeText() };
      }
      case 'queued':
      case 'departed':
      case 'arrived': {
        const bytes = this.#takeBytes();
        const frame = this.#take();
        const measure = this.#takeNumber();
        return { kind, layer: 1, link: a, interface: b, frame, bytes, carries: this.#takeList(), measure };
      }
      case 'dropped': {
        const frame = this.#take();
        const detail = this.#takeText();
        const bytes = this.#takeBytes();
        const carries = this.#takeList();
        return { kind, layer, protocol: b, reason: c as DropReason, detail, bytes, carries, link: a, frame, via: d };
      }
      case 'state':
        return { kind, layer, protocol: b, machine: a, from: c, to: d, because: this.#takeText() };
      case 'metric':
        return { kind, layer, protocol: b, machine: a, name: c, value: this.#takeNumber() };
      case 'timer': {
        const phase = c as Extract<Event, { kind: 'timer' }>['phase'];
        return { kind, layer, machine: a, name: b, phase, dueNs: this.#takeNumber() };
      }
      case 'table':
        return { kind, layer, protocol: a, change: this.#changes[this.#take()] as TableChange };
      case 'input':
      case 'app':
        return { kind, layer: 7, machine: a, text: this.#takeText() };
    }
  }

  #begin(atNs: Nanos, cause: number | null, shape: number, flags: number): void {
    const seq = this.#start(atNs);
    const head = (shape << FLAG_BITS) | flags;
    if (cause === null) this.#words.put(head);
    else if (cause === seq - 1) this.#words.put(head | CAUSE_BEFORE);
    else {
      this.#words.put(head | CAUSE_WORD);
      this.#words.put(cause);
    }
  }

  /** The next entry, with room for the words that most have. */
  #start(atNs: Nanos): number {
    const seq = this.#length++;
    this.#times.note(atNs, seq);
    this.#words.room(MOST_WORDS);
    this.#places.put(this.#words.length);
    return seq;
  }

  /** Octets that are no packet on its way: nobody changes them. */
  #putBytes({ buffer, byteOffset, length }: Uint8Array): void {
    this.#words.put3(this.images.ofBuffer(buffer), byteOffset, length);
  }

  #putList(list: readonly number[], cause: number | null): void {
    const { length } = list;
    if (length === 0) return;
    if (length === 1) {
      if (list[0] !== cause) this.#words.put(list[0] as number);
      return;
    }
    this.#words.put(length);
    for (let index = 0; index < length; index++) this.#words.put(list[index] as number);
  }

  #putNumber(value: number): void {
    const flag = numberFlag(value);
    if (flag === NUMBER_WORD) this.#words.put(value);
    else if (flag === NUMBER_DOUBLE) this.#words.putDouble(value);
  }

  #putText(text: string): void {
    let number = this.#textNumbers.get(text);
    if (number === undefined) {
      number = this.#texts.push(text) - 1;
      this.#textNumbers.set(text, number);
    }
    this.#words.put(number);
  }

  #take(): number {
    return this.#words.at(this.#at++);
  }

  #takeNumber(): number {
    const how = this.#head & NUMBER;
    if (how === 0) return 0;
    if (how === NUMBER_WORD) return this.#take();
    this.#at += 2;
    return this.#words.doubleAt(this.#at - 2);
  }

  #takeText(): string {
    return this.#texts[this.#take()] as string;
  }

  #takeBytes(): Uint8Array {
    const image = this.#take();
    const first = this.#take();
    const isDue = (this.#head & FCS_DUE) !== 0;
    if ((this.#head & WIDE) !== 0) return this.images.octets(image, first, this.#take(), isDue);
    return this.images.octets(image, first >>> 16, first & (HALF - 1), isDue);
  }

  #takeList(): readonly number[] {
    switch (this.#head & CARRIES) {
      case CARRIES_CAUSE:
        return [this.cause(this.#seq) as number];
      case CARRIES_ONE:
        return [this.#take()];
      case CARRIES_MANY: {
        const list = new Array<number>(this.#take());
        for (let index = 0; index < list.length; index++) list[index] = this.#take();
        return list;
      }
      default:
        return [];
    }
  }
}

function carriesFlag(list: readonly number[], cause: number | null): number {
  const { length } = list;
  if (length === 1) return list[0] === cause ? CARRIES_CAUSE : CARRIES_ONE;
  return length === 0 ? 0 : CARRIES_MANY;
}

function numberFlag(value: number): number {
  if (Object.is(value, 0)) return 0;
  return Object.is(value, value | 0) ? NUMBER_WORD : NUMBER_DOUBLE;
}

/** An entry as everybody sees it. */
class PackedEntry implements Entry {
  readonly seq: number;
  readonly #pack: Pack;

  constructor(pack: Pack, seq: number) {
    this.#pack = pack;
    this.seq = seq;
  }

  get atNs(): Nanos {
    return this.#pack.atNs(this.seq);
  }

  get node(): string {
    return this.#pack.node(this.seq);
  }

  get cause(): number | null {
    return this.#pack.cause(this.seq);
  }

  get kind(): Event['kind'] {
    return this.#pack.kind(this.seq);
  }

  get event(): Event {
    return this.#pack.event(this.seq);
  }
}
