/**
 * Entries of long runs in a third of their room: their numbers stand one behind the other in few large arrays, their
 * words once for all entries that have the same, and an event is built again whenever somebody looks at it. Octets stay
 * where they are.
 */

import type { DropReason, Entry, Event, LayerNumber, Nanos, TableChange } from './journal.ts';

/** 32-bit words of one array; a power of two. */
const CHUNK = 1 << 16;
/** Buffers that octets were last seen in: those of a packet's seven layers follow each other closely. */
const RECENT = 4096;

/** What many entries have in common: all their words. */
interface Shape {
  readonly kind: Event['kind'];
  readonly layer: LayerNumber;
  readonly node: string;
  readonly texts: readonly (string | undefined)[];
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

export class Pack {
  readonly #chunks: Int32Array[] = [];
  #length = 0;
  readonly #shapes: Shape[] = [];
  readonly #shapeNumbers = new Map<string, number>();
  readonly #buffers: ArrayBufferLike[] = [];
  readonly #recent = new Map<ArrayBufferLike, number>();
  readonly #changes: TableChange[] = [];
  /** Where the next number is read. */
  #at = 0;
  #lastAt = -1;
  #last: Event | null = null;

  /** The same entry, packed. */
  add({ seq, atNs, node, cause, event }: Entry): Entry {
    const at = this.#length;
    this.#putDouble(atNs);
    this.#put(cause ?? -1);
    this.#put(this.#shapeOf(node, event, textsOf(event)));
    this.#putNumbers(event);
    return new PackedEntry(this, at, seq);
  }

  atNs(at: number): Nanos {
    this.#at = at;
    return this.#takeDouble();
  }

  cause(at: number): number | null {
    const cause = this.#word(at + 2);
    return cause < 0 ? null : cause;
  }

  node(at: number): string {
    return (this.#shapes[this.#word(at + 3)] as Shape).node;
  }

  event(at: number): Event {
    // Many ask about the same entry one after the other.
    if (at === this.#lastAt && this.#last) return this.#last;
    this.#at = at + 4;
    const event = this.#takeEvent(this.#shapes[this.#word(at + 3)] as Shape);
    this.#lastAt = at;
    this.#last = event;
    return event;
  }

  #shapeOf(node: string, { kind, layer }: Event, texts: Shape['texts']): number {
    const key = `${kind}\n${layer}\n${node}\n${texts.join('\n')}\n${texts.length}`;
    const known = this.#shapeNumbers.get(key);
    // Words may hold what stands between them in the key.
    if (known !== undefined && isSame(this.#shapes[known] as Shape, node, texts)) return known;
    const number = this.#shapes.push({ kind, layer, node, texts }) - 1;
    if (known === undefined) this.#shapeNumbers.set(key, number);
    return number;
  }

  #putNumbers(event: Event): void {
    switch (event.kind) {
      case 'encoded':
      case 'decoded':
        this.#putBytes(event.bytes);
        this.#putList(event.carries);
        break;
      case 'queued':
      case 'departed':
      case 'arrived':
        this.#put(event.frame);
        this.#putDouble(event.measure);
        this.#putBytes(event.bytes);
        this.#putList(event.carries);
        break;
      case 'dropped':
        this.#put(event.frame);
        this.#putBytes(event.bytes);
        this.#putList(event.carries);
        break;
      case 'metric':
        this.#putDouble(event.value);
        break;
      case 'timer':
        this.#putDouble(event.dueNs);
        break;
      case 'table':
        this.#put(this.#changes.push(event.change) - 1);
        break;
      default:
        break;
    }
  }

  #takeEvent({ kind, layer, texts }: Shape): Event {
    const [one = '', two = '', three = '', four = '', five = ''] = texts;
    switch (kind) {
      case 'encoded':
      case 'decoded': {
        const bytes = this.#takeBytes();
        const packed = { kind, layer, protocol: one, bytes, carries: this.#takeList(), via: two };
        const conversation = texts[2];
        return conversation === undefined ? packed : { ...packed, conversation };
      }
      case 'queued':
      case 'departed':
      case 'arrived': {
        const frame = this.#take();
        const measure = this.#takeDouble();
        const bytes = this.#takeBytes();
        return { kind, layer: 1, link: one, interface: two, frame, bytes, carries: this.#takeList(), measure };
      }
      case 'dropped': {
        const frame = this.#take();
        const bytes = this.#takeBytes();
        const carries = this.#takeList();
        const reason = two as DropReason;
        return { kind, layer, protocol: one, reason, detail: three, bytes, carries, link: four, frame, via: five };
      }
      case 'state':
        return { kind, layer, protocol: one, machine: two, from: three, to: four, because: five };
      case 'metric':
        return { kind, layer, protocol: one, machine: two, name: three, value: this.#takeDouble() };
      case 'timer': {
        const phase = three as Extract<Event, { kind: 'timer' }>['phase'];
        return { kind, layer, machine: one, name: two, phase, dueNs: this.#takeDouble() };
      }
      case 'table':
        return { kind, layer, protocol: one, change: this.#changes[this.#take()] as TableChange };
      case 'input':
      case 'app':
        return { kind, layer: 7, machine: one, text: two };
    }
  }

  #put(word: number): void {
    const at = this.#length++;
    let chunk = this.#chunks[at >>> 16];
    if (!chunk) {
      chunk = new Int32Array(CHUNK);
      this.#chunks.push(chunk);
    }
    chunk[at & (CHUNK - 1)] = word;
  }

  #putDouble(value: number): void {
    double[0] = value;
    this.#put(halves[0] as number);
    this.#put(halves[1] as number);
  }

  #putBytes(bytes: Uint8Array): void {
    let number = this.#recent.get(bytes.buffer);
    if (number === undefined) {
      number = this.#buffers.push(bytes.buffer) - 1;
      this.#recent.set(bytes.buffer, number);
      if (this.#recent.size > RECENT) {
        for (const oldest of this.#recent.keys()) {
          this.#recent.delete(oldest);
          break;
        }
      }
    }
    this.#put(number);
    this.#put(bytes.byteOffset);
    this.#put(bytes.length);
  }

  #putList(list: readonly number[]): void {
    this.#put(list.length);
    for (const number of list) this.#put(number);
  }

  #word(at: number): number {
    return (this.#chunks[at >>> 16] as Int32Array)[at & (CHUNK - 1)] as number;
  }

  #take(): number {
    return this.#word(this.#at++);
  }

  #takeDouble(): number {
    halves[0] = this.#take();
    halves[1] = this.#take();
    return double[0] as number;
  }

  #takeBytes(): Uint8Array {
    const buffer = this.#buffers[this.#take()] as ArrayBuffer;
    const offset = this.#take();
    return new Uint8Array(buffer, offset, this.#take());
  }

  #takeList(): readonly number[] {
    const count = this.#take();
    const list = new Array<number>(count);
    for (let index = 0; index < count; index++) list[index] = this.#take();
    return list;
  }
}

function isSame(shape: Shape, node: string, texts: Shape['texts']): boolean {
  return shape.node === node && shape.texts.every((text, at) => text === texts[at]);
}

/** An event's words, in the order in which they are taken out again. */
function textsOf(event: Event): Shape['texts'] {
  switch (event.kind) {
    case 'encoded':
    case 'decoded':
      return [event.protocol, event.via, event.conversation];
    case 'queued':
    case 'departed':
    case 'arrived':
      return [event.link, event.interface];
    case 'dropped':
      return [event.protocol, event.reason, event.detail, event.link, event.via];
    case 'state':
      return [event.protocol, event.machine, event.from, event.to, event.because];
    case 'metric':
      return [event.protocol, event.machine, event.name];
    case 'timer':
      return [event.machine, event.name, event.phase];
    case 'table':
      return [event.protocol];
    case 'input':
    case 'app':
      return [event.machine, event.text];
  }
}

class PackedEntry implements Entry {
  readonly seq: number;
  readonly #pack: Pack;
  readonly #at: number;

  constructor(pack: Pack, at: number, seq: number) {
    this.seq = seq;
    this.#pack = pack;
    this.#at = at;
  }

  get atNs(): Nanos {
    return this.#pack.atNs(this.#at);
  }

  get node(): string {
    return this.#pack.node(this.#at);
  }

  get cause(): number | null {
    return this.#pack.cause(this.#at);
  }

  get event(): Event {
    return this.#pack.event(this.#at);
  }
}
