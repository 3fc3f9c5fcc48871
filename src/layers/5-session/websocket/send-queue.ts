import type { Context } from '../../../kernel/context.ts';
import { CutWatch } from '../../../kernel/cut-watch.ts';
import type { Stream } from '../../4-transport/service.ts';
import { dropOctets, WAITED_IN_MEMORY } from '../../drop.ts';

/** A frame on its way out. */
export interface Waiting {
  readonly bytes: Uint8Array;
  /** Its own entry; empty without a journal. */
  readonly carries: readonly number[];
  readonly isPong: boolean;
  /** Its row in the table of what waits. */
  readonly key: string;
}

/** Frames that the stream has no room for yet, in order. `bufferedAmount` is how many octets of them wait. */
export class SendQueue {
  readonly #context: Context;
  readonly #stream: Stream;
  readonly #machine: string;
  #waiting: Waiting[] = [];
  /** Octets of the first one that the stream has taken. */
  #taken = 0;
  #bufferedBytes = 0;
  #count = 0;
  /** Keys of those that have a row. */
  readonly #tabled = new Set<string>();
  #isWriting = false;
  #lastMeasured = -1;
  /** What waits ends with the node's power. */
  readonly #cut: CutWatch;

  constructor(context: Context, stream: Stream, machine: string) {
    this.#context = context;
    this.#stream = stream;
    this.#machine = machine;
    this.#cut = new CutWatch(context, () => this.#onCut());
    this.#measure();
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(bytes: Uint8Array, carries: readonly number[], isPong: boolean): void {
    const frame = { bytes, carries, isPong, key: String(++this.#count) };
    this.#waiting.push(frame);
    this.#bufferedBytes += bytes.length;
    const [entry] = carries;
    const was = entry === undefined ? null : this.#context.because(entry);
    this.drain();
    if (this.#waiting.at(-1) === frame) {
      this.#tabled.add(frame.key);
      this.#tell(frame.key, { octets: bytes.length }, 'the transport has no room for it');
    }
    if (entry !== undefined) this.#context.resume(was);
  }

  /**
   * Takes Pongs that wait back, the one being written excepted: RFC 6455 section 5.5.3 lets an endpoint answer only the
   * latest of several Pings.
   */
  takeBackPongs(): readonly Waiting[] {
    const isBack = (each: Waiting, index: number) => each.isPong && (index > 0 || this.#taken === 0);
    const back = this.#waiting.filter(isBack);
    if (back.length === 0) return back;
    this.#waiting = this.#waiting.filter((each, index) => !isBack(each, index));
    for (const { bytes, key } of back) {
      this.#bufferedBytes -= bytes.length;
      this.#forget(key, 'a later Ping came');
    }
    return back;
  }

  /** The stream has room again. */
  drain(): void {
    // A write may make the stream tell of more room before it returns.
    if (this.#isWriting) return;
    this.#isWriting = true;
    while (this.#writeSome());
    this.#isWriting = false;
    this.#watchPower();
    this.#measure();
  }

  /** The connection is over: what never got to the transport, the rest of a frame included. */
  abandon(): readonly Waiting[] {
    const waiting = this.#rests();
    for (const { key } of this.#waiting) this.#forget(key, 'the connection is over');
    this.#waiting = [];
    this.#taken = 0;
    this.#bufferedBytes = 0;
    this.#watchPower();
    this.#measure();
    return waiting;
  }

  /** Of the first one, what the stream has not taken. */
  #rests(): readonly Waiting[] {
    return this.#waiting.map((each, index) =>
      index === 0 ? { ...each, bytes: each.bytes.subarray(this.#taken) } : each,
    );
  }

  /** A node that loses its power loses what waits here; the journal shall know of it. */
  #watchPower(): void {
    this.#cut.set(!this.isEmpty);
  }

  #onCut(): void {
    for (const { bytes, carries } of this.#rests())
      dropOctets(this.#context, bytes, carries, 5, 'websocket', this.#machine, 'crashed', WAITED_IN_MEMORY);
  }

  #writeSome(): boolean {
    const [first] = this.#waiting;
    if (!first) return false;
    const rest = this.#taken === 0 ? first.bytes : first.bytes.subarray(this.#taken);
    const taken = this.#stream.write(rest, first.carries);
    // The write may have found the connection dead, and what waited was abandoned.
    if (this.#waiting[0] !== first) return false;
    this.#taken += taken;
    this.#bufferedBytes -= taken;
    if (taken < rest.length) return false;
    this.#waiting.shift();
    this.#taken = 0;
    this.#forget(first.key, 'the transport has taken it');
    return true;
  }

  #forget(key: string, because: string): void {
    if (this.#tabled.delete(key)) this.#tell(key, null, because);
  }

  /** Only what had to wait has a row. */
  #tell(key: string, row: { readonly octets: number } | null, because: string): void {
    if (!this.#context.recording) return;
    const change = { table: `${this.#machine}.waiting`, key, row, because };
    this.#context.record({ kind: 'table', layer: 5, protocol: 'websocket', change });
  }

  #measure(): void {
    if (!this.#context.recording || this.#lastMeasured === this.#bufferedBytes) return;
    this.#lastMeasured = this.#bufferedBytes;
    this.#context.record({
      kind: 'metric',
      layer: 5,
      protocol: 'websocket',
      machine: this.#machine,
      name: 'bufferedAmount',
      value: this.#bufferedBytes,
    });
  }
}
