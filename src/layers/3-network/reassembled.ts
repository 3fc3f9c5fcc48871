/** A packet put together from fragments, as one who listens does it. */
export interface Reassembled {
  /** Frames, in the order of their pieces. */
  readonly frames: readonly number[];
  readonly bytes: Uint8Array;
}
