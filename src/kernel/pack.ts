/**
 * Where the journal keeps its entries: their numbers stand one behind the other in few large arrays, their names once for
 * all entries that have the same, and an event is built whenever somebody looks at it. Octets stay where they are.
 *
 *   places   entry ─▶ its first word
 *   words    time (2) · cause · shape · what the kind has besides
 */

import type { DropReason, Entry, Event, LayerNumber, Nanos, TableChange } from './entry.ts';
import { type Shape, Shapes } from './shapes.ts';
import { Words } from './words.ts';

/** Where words stand behind an entry's place. */
const CAUSE = 2;
const SHAPE = 3;
const REST = 4;
/** Buffers that octets were last seen in: those of a packet's layers follow each other closely. */
const RECENT = 4096;

export class Pack {
  readonly #places = new Words();
  readonly #words = new Words();
  readonly #shapes = new Shapes();
  readonly #buffers: ArrayBufferLike[] = [];
  readonly #recent = new Map<ArrayBufferLike, number>();
  #lastBuffer: ArrayBufferLike | null = null;
  #lastBufferNumber = -1;
  readonly #texts: string[] = [];
  readonly #textNumbers = new Map<string, number>();
  readonly #changes: TableChange[] = [];
  #length = 0;
  /** Where the next word is read. */
  #at = 0;
  #lastSeq = -1;
  #last: Event | null = null;

  get length(): number {
    return this.#length;
  }

  entry(seq: number): Entry {
    return new PackedEntry(this, seq);
  }

  add(atNs: Nanos, node: string, cause: number | null, event: Event): void {
    const { kind, layer } = event;
    switch (kind) {
      case 'encoded':
      case 'decoded': {
        const { protocol, via, bytes, carries, conversation } = event;
        if (conversation === undefined) {
          this.addPdu(kind, atNs, node, cause, layer, protocol, via, bytes, 0, bytes.length, carries);
          break;
        }
        this.#begin(atNs, cause, this.#shapes.numberOf(kind, layer, node, via, protocol, 'conversation'));
        this.#putBytes(bytes, 0, bytes.length);
        this.#putList(carries);
        this.#putText(conversation);
        break;
      }
      case 'queued':
      case 'departed':
      case 'arrived': {
        const { link, interface: port, frame, bytes, carries, measure } = event;
        this.addFrame(kind, atNs, node, cause, link, port, frame, bytes, 0, bytes.length, carries, measure);
        break;
      }
      case 'dropped': {
        const { link, protocol, reason, via, frame, detail, bytes, carries } = event;
        this.#begin(atNs, cause, this.#shapes.numberOf(kind, layer, node, link, protocol, reason, via));
        this.#words.put(frame);
        this.#putText(detail);
        this.#putBytes(bytes, 0, bytes.length);
        this.#putList(carries);
        break;
      }
      case 'state': {
        const { machine, protocol, from, to, because } = event;
        this.#begin(atNs, cause, this.#shapes.numberOf(kind, layer, node, machine, protocol, from, to));
        this.#putText(because);
        break;
      }
      case 'metric': {
        const { machine, protocol, name, value } = event;
        this.#begin(atNs, cause, this.#shapes.numberOf(kind, layer, node, machine, protocol, name));
        this.#words.putDouble(value);
        break;
      }
      case 'timer': {
        const { machine, name, phase, dueNs } = event;
        this.#begin(atNs, cause, this.#shapes.numberOf(kind, layer, node, machine, name, phase));
        this.#words.putDouble(dueNs);
        break;
      }
      case 'table':
        this.#begin(atNs, cause, this.#shapes.numberOf(kind, layer, node, event.protocol));
        this.#words.put(this.#changes.push(event.change) - 1);
        break;
      case 'input':
      case 'app':
        this.#begin(atNs, cause, this.#shapes.numberOf(kind, layer, node, event.machine));
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
    bytes: Uint8Array,
    start: number,
    end: number,
    carries: readonly number[],
  ): void {
    this.#begin(atNs, cause, this.#shapes.numberOf(kind, layer, node, via, protocol));
    this.#putBytes(bytes, start, end);
    this.#putList(carries);
  }

  addFrame(
    kind: 'queued' | 'departed' | 'arrived',
    atNs: Nanos,
    node: string,
    cause: number | null,
    link: string,
    port: string,
    frame: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    carries: readonly number[],
    measure: number,
  ): void {
    this.#begin(atNs, cause, this.#shapes.numberOf(kind, 1, node, link, port));
    this.#putBytes(bytes, start, end);
    this.#putList(carries);
    this.#words.put(frame);
    this.#words.putDouble(measure);
  }

  atNs(seq: number): Nanos {
    return this.#words.doubleAt(this.#places.at(seq));
  }

  cause(seq: number): number | null {
    const cause = this.#words.at(this.#places.at(seq) + CAUSE);
    return cause < 0 ? null : cause;
  }

  node(seq: number): string {
    return this.#shapeOf(seq).node;
  }

  /** What an `encoded` entry carries; nothing of any other. */
  carriedBy(seq: number): readonly number[] {
    if (this.#shapeOf(seq).kind !== 'encoded') return [];
    this.#at = this.#places.at(seq) + REST + BYTES_WORDS;
    return this.#takeList();
  }

  event(seq: number): Event {
    // Many ask about the same entry one after the other.
    if (seq === this.#lastSeq && this.#last) return this.#last;
    this.#at = this.#places.at(seq) + REST;
    this.#last = this.#takeEvent(this.#shapeOf(seq));
    this.#lastSeq = seq;
    return this.#last;
  }

  #shapeOf(seq: number): Shape {
    return this.#shapes.at(this.#words.at(this.#places.at(seq) + SHAPE));
  }

  #takeEvent({ kind, layer, a, b, c, d }: Shape): Event {
    switch (kind) {
      case 'encoded':
      case 'decoded': {
        const bytes = this.#takeBytes();
        const event = { kind, layer, protocol: b, bytes, carries: this.#takeList(), via: a };
        return c === '' ? event : { ...event, conversation: this.#takeText() };
      }
      case 'queued':
      case 'departed':
      case 'arrived': {
        const bytes = this.#takeBytes();
        const carries = this.#takeList();
        const frame = this.#take();
        return { kind, layer: 1, link: a, interface: b, frame, bytes, carries, measure: this.#takeDouble() };
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
        return { kind, layer, protocol: b, machine: a, name: c, value: this.#takeDouble() };
      case 'timer': {
        const phase = c as Extract<Event, { kind: 'timer' }>['phase'];
        return { kind, layer, machine: a, name: b, phase, dueNs: this.#takeDouble() };
      }
      case 'table':
        return { kind, layer, protocol: a, change: this.#changes[this.#take()] as TableChange };
      case 'input':
      case 'app':
        return { kind, layer: 7, machine: a, text: this.#takeText() };
    }
  }

  #begin(atNs: Nanos, cause: number | null, shape: number): void {
    this.#places.put(this.#words.length);
    this.#words.putHead(atNs, cause ?? -1, shape);
    this.#length++;
  }

  #putBytes(bytes: Uint8Array, start: number, end: number): void {
    const { buffer } = bytes;
    if (buffer !== this.#lastBuffer) {
      this.#lastBufferNumber = this.#numberOf(buffer);
      this.#lastBuffer = buffer;
    }
    this.#words.put3(this.#lastBufferNumber, bytes.byteOffset + start, end - start);
  }

  #numberOf(buffer: ArrayBufferLike): number {
    const known = this.#recent.get(buffer);
    if (known !== undefined) return known;
    const number = this.#buffers.push(buffer) - 1;
    this.#recent.set(buffer, number);
    if (this.#recent.size > RECENT) {
      for (const oldest of this.#recent.keys()) {
        this.#recent.delete(oldest);
        break;
      }
    }
    return number;
  }

  /** Most lists are of one: it says so itself, as a number below 0. */
  #putList(list: readonly number[]): void {
    if (list.length === 1) {
      this.#words.put(~(list[0] as number));
      return;
    }
    this.#words.put(list.length);
    for (let index = 0; index < list.length; index++) this.#words.put(list[index] as number);
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

  #takeDouble(): number {
    this.#at += 2;
    return this.#words.doubleAt(this.#at - 2);
  }

  #takeText(): string {
    return this.#texts[this.#take()] as string;
  }

  #takeBytes(): Uint8Array {
    const buffer = this.#buffers[this.#take()] as ArrayBuffer;
    const offset = this.#take();
    return new Uint8Array(buffer, offset, this.#take());
  }

  #takeList(): readonly number[] {
    const count = this.#take();
    if (count < 0) return [~count];
    const list = new Array<number>(count);
    for (let index = 0; index < count; index++) list[index] = this.#take();
    return list;
  }
}

/** Buffer, offset, length. */
const BYTES_WORDS = 3;

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

  get event(): Event {
    return this.#pack.event(this.seq);
  }
}
