/** Where frames of a simulated cable can be taken out and put in. */
export interface FrameEnd {
  onFrame: (frame: Uint8Array) => void;
  put(frame: Uint8Array): void;
}
