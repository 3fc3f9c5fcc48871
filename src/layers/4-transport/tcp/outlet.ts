/** What the sender needs of its connection. */
export interface Outlet {
  /** Sends a segment: control bits, and `length` octets of the buffer from `offset`. */
  transmit(sequence: number, flags: number, offset: number, length: number): void;
  /** Octets of data that fit one segment towards the peer now. */
  readonly segmentBytes: number;
  /** Our SYN carries an ACK: we were passive, or both opened at once. */
  readonly synHasAck: boolean;
  onFinSent(): void;
  /** Segments got no answer often enough for their length to be the reason. */
  onBlackHole(): void;
  onGivenUp(): void;
  measure(name: string, value: number): void;
}
