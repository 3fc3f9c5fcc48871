/** A capture file in place of a scenario: read as it comes, so that a large one needs no large memory. */

import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
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

/** The same, where `-` is standard input, of which nothing is taken. */
export async function isCapture(word: string): Promise<boolean> {
  if (!isStandardInput(word)) return isCaptureFile(word);
  const magic = await peek(process.stdin, MAGIC_BYTES);
  return magic.length === MAGIC_BYTES && MAGICS.has(magic.readUInt32BE(0));
}

function isStandardInput(word: string): boolean {
  return word === '-' || word === '/dev/stdin';
}

/** So many octets, fewer only at the end, which are put back. */
function peek(input: Readable, octets: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const leave = (first: Buffer) => {
      for (const name of ['readable', 'end', 'error']) input.off(name, look);
      if (first.length > 0) input.unshift(first);
      resolve(first);
    };
    const look = () => {
      const first: Buffer | null = input.read(octets);
      if (first !== null) leave(first);
      else if (input.readableEnded || input.errored) leave(Buffer.alloc(0));
    };
    for (const name of ['readable', 'end', 'error']) input.on(name, look);
  });
}

/**
 * The frames of a capture, in order. Warnings go to `err` at the end; what ends the reading is thrown as BadInput after
 * the frames before it.
 */
export async function* framesOf(word: string, err: Output): AsyncGenerator<CapturedFrame, void, undefined> {
  const { CaptureReader, formatCaptureProblem, readCaptureAsync } = await import('../capture/capture.ts');
  const reader = new CaptureReader();
  const octets = isStandardInput(word) ? process.stdin : createReadStream(word, { highWaterMark: CHUNK_BYTES });
  yield* readCaptureAsync(reader, octets);
  const lines = reader.problems.map((problem) => formatCaptureProblem(word, problem));
  const { error } = reader;
  if (error) throw new BadInput(lines.join('\n'));
  for (const line of lines) await err.write(`${line}\n`);
}
