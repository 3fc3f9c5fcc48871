/** Reads captures in tests. */

import { type CapturedFrame, CaptureReader, formatCaptureProblem, readCapture } from '../../src/capture/capture.ts';

export interface Read {
  readonly frames: readonly CapturedFrame[];
  readonly problems: readonly string[];
  readonly reader: CaptureReader;
}

/** `chunkBytes`: how much is pushed at a time; all at once when it is left out. */
export function readAll(file: Uint8Array, chunkBytes = Math.max(1, file.length)): Read {
  const reader = new CaptureReader();
  const frames = [...readCapture(reader, chunksOf(file, chunkBytes))];
  return { frames, problems: reader.problems.map((problem) => formatCaptureProblem('f', problem)), reader };
}

function* chunksOf(file: Uint8Array, chunkBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < file.length; at += chunkBytes) yield file.subarray(at, at + chunkBytes);
}

/** What two readings of the same file must agree in. */
export function shown({ frames, problems }: Read): unknown {
  return { problems, frames: frames.map((frame) => ({ ...frame, bytes: [...frame.bytes] })) };
}
