/**
 * Reads capture files as they come: octets are pushed in, frames come out, and no more is kept than the record that is
 * not whole yet. Whatever the file says, reading goes forward, and what stands before the first error is told.
 */

import { ByteWindow } from './byte-window.ts';
import type { CapturedFrame } from './captured-frame.ts';
import type { Format, Progress } from './format.ts';
import { isPcap, openPcap, PCAP_HEADER_BYTES } from './pcap.ts';
import { isPcapng, openPcapng } from './pcapng.ts';
import { type CaptureProblem, CaptureProblems, CaptureRefusal } from './problem.ts';

export type { CapturedFrame } from './captured-frame.ts';
export { type CaptureProblem, formatCaptureProblem } from './problem.ts';

/** The magic number is what tells the formats apart. */
const MAGIC_BYTES = 4;

export class CaptureReader {
  readonly #window = new ByteWindow();
  readonly #problems = new CaptureProblems();
  readonly #progress: Progress = { frames: 0, problems: this.#problems, lastNs: 0n };
  readonly #skipped = new Map<string, number>();
  #format: Format | null = null;
  #isOver = false;

  /** null until the first octets are there. */
  get format(): 'pcap' | 'pcapng' | null {
    return this.#format?.name ?? null;
  }

  /** Frames so far. */
  get frames(): number {
    return this.#progress.frames;
  }

  /** Blocks that were stepped over, by kind: `decryption secrets`, `custom`, `unknown` ... */
  get skipped(): ReadonlyMap<string, number> {
    return this.#skipped;
  }

  /** Warnings, each kind once, and the error that ended the reading, if one did. */
  get problems(): readonly CaptureProblem[] {
    return this.#problems.all;
  }

  /** After this, octets are no longer looked at. */
  get error(): CaptureProblem | null {
    return this.#problems.error;
  }

  /**
   * The frames that are whole with this chunk. The chunk must not change afterwards: frames are views of it. To be read
   * to its end before the next chunk is pushed.
   */
  *push(chunk: Uint8Array): Generator<CapturedFrame, void, undefined> {
    if (this.#isOver) return;
    this.#window.append(chunk);
    for (;;) {
      const step = this.#step();
      if (step === 'more') return;
      if (step !== 'again') yield step;
    }
  }

  /** To be called when there are no more octets: tells whether the file ends in the middle of something. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const refusal = this.#unfinished();
    if (refusal) this.#problems.fail(refusal);
  }

  /** null: the file ends where a record does. */
  #unfinished(): CaptureRefusal | null {
    const { left, offset } = this.#window;
    if (this.#format === null) return notACapture(this.#window);
    const skipping = this.#format.skippingFrom();
    if (left === 0 && skipping === null) return null;
    const end = `0x${(offset + left).toString(16)}`;
    const message = `the file is cut: it ends at ${end}, within the ${this.#format.part} that begins here`;
    return new CaptureRefusal('PW1004', skipping ?? offset, message);
  }

  #step(): ReturnType<Format['next']> {
    try {
      this.#format ??= this.#open();
      return this.#format ? this.#format.next(this.#window) : 'more';
    } catch (refusal) {
      if (!(refusal instanceof CaptureRefusal)) throw refusal;
      this.#problems.fail(refusal);
      this.#isOver = true;
      return 'more';
    }
  }

  /** null: not enough is there yet. */
  #open(): Format | null {
    const window = this.#window;
    if (!window.has(MAGIC_BYTES)) return null;
    const { bytes, at } = window;
    if (isPcapng(bytes, at)) return openPcapng(this.#progress, this.#skipped);
    if (!isPcap(bytes, at)) throw notACapture(window);
    return window.has(PCAP_HEADER_BYTES) ? openPcap(window, this.#progress) : null;
  }
}

const COMPRESSED: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];

function notACapture({ bytes, at, left }: ByteWindow): CaptureRefusal {
  const start = bytes.subarray(at);
  const compressed = COMPRESSED.find(([, magic]) => magic.every((octet, index) => start[index] === octet));
  const why = compressed ? `: it is compressed with ${compressed[0]}` : left === 0 ? ': it is empty' : '';
  const isCut = left >= MAGIC_BYTES && isPcap(bytes, at);
  const message = `not a pcap or pcapng file${isCut ? `: only ${left} of the 24 octets of its header are there` : why}`;
  return new CaptureRefusal('PW1001', 0, message);
}

/** All frames of a file whose chunks can be had at once; `reader` tells the problems afterwards. */
export function* readCapture(
  reader: CaptureReader,
  chunks: Iterable<Uint8Array>,
): Generator<CapturedFrame, void, undefined> {
  for (const chunk of chunks) {
    yield* reader.push(chunk);
    if (reader.error) return;
  }
  reader.end();
}

/** The same for chunks that have to be waited for. */
export async function* readCaptureAsync(
  reader: CaptureReader,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<CapturedFrame, void, undefined> {
  for await (const chunk of chunks) {
    yield* reader.push(chunk);
    if (reader.error) return;
  }
  reader.end();
}
