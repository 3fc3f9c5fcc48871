import type { StreamNotes } from '../4-transport/tcp/stream-fields.ts';
import type { FrameDissection } from './dissection.ts';

/** As `Demand.more`: whatever the next segment brings. */
export const ONE_MORE_SEGMENT = -1;
/** As `Demand.more`: everything until the sender closes. */
export const UNTIL_FIN = -2;

/** A message that is not all there: it begins at `from`, and that many more octets (or one of the above) are wanted. */
export interface Demand {
  readonly from: number;
  readonly more: number;
}

/** What a reader leaves for its next call about the same message. */
export interface Progress {
  /** Octets of the message that need not be read again. */
  readBytes: number;
}

/** Messages of a stream: bytes[at..end). */
export interface StreamData {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
  /** The sender closes behind them. */
  readonly last: boolean;
  /** Of the message at `at`. */
  readonly progress: Progress;
  /** Where the segment's fields learn what was found. */
  readonly notes: StreamNotes;
  readonly destinationPort: number;
}

/** Reads messages of a stream. Null: all of the data was read. */
export type StreamReader = (read: FrameDissection, data: StreamData) => Demand | null;
