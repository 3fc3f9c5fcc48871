/** What the reader asks of a file format. */

import type { ByteWindow } from './byte-window.ts';
import type { CapturedFrame } from './captured-frame.ts';
import type { CaptureProblems } from './problem.ts';

/** `more`: the next record is not whole yet. `again`: something was read that is no frame. */
export type Step = CapturedFrame | 'more' | 'again';

export interface Format {
  readonly name: 'pcap' | 'pcapng';
  /** Reads the next record of the window and steps over it. Throws a CaptureRefusal. */
  next(window: ByteWindow): Step;
  /** What the file's parts are called. */
  readonly part: 'record' | 'block';
  /** Where the block begins that is being stepped over; null: none is. */
  skippingFrom(): number | null;
}

/** What both formats share while they read. */
export interface Progress {
  /** Frames so far. */
  frames: number;
  readonly problems: CaptureProblems;
  /** Warns when time goes backwards. */
  lastNs: bigint;
}

/** Counts the frame and looks at its time. */
export function passFrame(progress: Progress, frame: CapturedFrame): CapturedFrame {
  const { timeNs, number, offset } = frame;
  progress.frames = number;
  if (timeNs !== null) {
    if (number > 1 && timeNs < progress.lastNs) {
      progress.problems.warn('PW1102', offset, `frame ${number} was seen before the frame in front of it`);
    }
    progress.lastNs = timeNs;
  }
  return frame;
}
