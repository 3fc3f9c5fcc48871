import { FrameRow } from './row.ts';

/** Frames that wait for a transmitter. */
export class FrameQueue extends FrameRow {
  /** Whether one more frame of that size may wait (tail drop otherwise). */
  hasRoom(limit: { readonly packets: number } | { readonly bytes: number }, frameBytes: number): boolean {
    return 'packets' in limit ? this.count < limit.packets : this.bytes + frameBytes <= limit.bytes;
  }
}
