/** A capture file in place of a scenario: read as it comes, so that a large one needs no large memory. */

import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import type { CapturedFrame } from '../capture/capture.ts';
import { BadInput } from './failure.ts';
import type { Output } from './terminal.ts';

const MAGIC_BYTES = 4;
const CHUNK_BYTES = 1 << 18;
/** pcap in both byte orders, in µs, ns and Kuznetzov's variant; pcapng's section header. */
const MAGICS: ReadonlySet<number> = new Set([
  0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0xa1b2cd34, 0x34cdb2a1, 0x0a0d0d0a,
]);

/** Whether a path on the command line is a capture: by its first octets, or, where they tell nothing, by its name. */
export function isCaptureFile(word: string): boolean {
  if (/\.(pcap|pcapng|cap)$/i.test(word)) return true;
  try {
    // A named pipe may never get a writer.
    if (!statSync(word).isFile()) return false;
    const file = openSync(word, 'r');
    try {
      const magic = Buffer.alloc(MAGIC_BYTES);
      return readSync(file, magic, 0, MAGIC_BYTES, 0) === MAGIC_BYTES && MAGICS.has(magic.readUInt32BE(0));
    } finally {
      closeSync(file);
    }
  } catch {
    // What cannot be opened is no capture; whoever reads it as a scenario says why.
    return false;
  }
}

/**
 * The frames of a capture, in order. Warnings go to `err` at the end; what ends the reading is thrown as BadInput after
 * the frames before it.
 */
export async function* framesOf(word: string, err: Output): AsyncGenerator<CapturedFrame, void, undefined> {
  const { CaptureReader, formatCaptureProblem, readCaptureAsync } = await import('../capture/capture.ts');
  const reader = new CaptureReader();
  yield* readCaptureAsync(reader, createReadStream(word, { highWaterMark: CHUNK_BYTES }));
  const lines = reader.problems.map((problem) => formatCaptureProblem(word, problem));
  const { error } = reader;
  if (error) throw new BadInput(lines.join('\n'));
  for (const line of lines) await err.write(`${line}\n`);
}
