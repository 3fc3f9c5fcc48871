/** What tshark and we say of the frames of a capture file, cell by cell. */

import { CaptureReader, readCapture } from '../../src/capture/capture.ts';
import { readFrameOf } from '../../src/capture/read-frame.ts';
import { differences } from './tshark.ts';

/** Every difference as a line, checksums unverified as tshark leaves them by default. */
export function captureDifferences(capture: Uint8Array, names?: readonly string[]): string[] {
  const reader = new CaptureReader();
  const captured = [...readCapture(reader, [capture])];
  if (reader.error) throw new Error(reader.error.message);
  const epochNs = captured[0]?.timeNs ?? 0n;
  const frames = captured.map((frame) => readFrameOf(frame, epochNs));
  return differences(capture, frames, { epochNs, verify: false }, names);
}
