/** Carries frames between a byte stream and the end of a simulated cable, both ways, in real time. */

import type { Writable } from 'node:stream';
import type { FrameEnd } from './frame-end.ts';
import { type FrameKind, FrameReader, framed } from './frame-reader.ts';
import type { RealTime } from './real-time.ts';

/** What a reader that does not read may leave waiting; beyond it frames are dropped, as a device's queue does. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

export class FrameChannel {
  /** Frames carried into the simulated world and out of it, and those that nobody took. */
  framesIn = 0;
  framesOut = 0;
  framesDropped = 0;
  #output: Writable | null = null;
  #reader: FrameReader;
  readonly #end: FrameEnd;
  readonly #kind: FrameKind;
  readonly #time: RealTime;

  constructor(end: FrameEnd, kind: FrameKind, time: RealTime) {
    this.#end = end;
    this.#kind = kind;
    this.#time = time;
    this.#reader = this.#newReader();
    end.onFrame = (frame) => this.#send(frame);
  }

  /** From now on frames leave to that stream, and what is pushed belongs to it; null: nobody is there. */
  plug(output: Writable | null): void {
    this.#output = output;
    this.#reader = this.#newReader();
  }

  /** Octets from outside. Throws a FrameProblem. */
  push(octets: Buffer): void {
    this.#reader.push(octets);
  }

  /** Nothing more comes from outside. Throws a FrameProblem where that was within a frame. */
  endInput(): void {
    this.#reader.end();
  }

  #newReader(): FrameReader {
    return new FrameReader(this.#kind, (frame) => {
      this.framesIn++;
      this.#time.happen(() => this.#end.put(frame));
    });
  }

  #send(frame: Uint8Array): void {
    const output = this.#output;
    if (!output?.writable || output.writableLength > MOST_WAITING_BYTES) {
      this.framesDropped++;
      return;
    }
    this.framesOut++;
    output.write(framed(frame));
  }
}
