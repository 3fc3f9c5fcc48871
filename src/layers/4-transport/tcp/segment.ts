import {
  acknowledgmentOf,
  FIN,
  flagsOf,
  headerLengthOf,
  SYN,
  sequenceOf,
  TCP_HEADER_BYTES,
  windowOf,
} from './header.ts';
import { SegmentOptions } from './options.ts';

/** A segment that arrived, as RFC 9293 section 3.3.1 calls its variables. One object is used again for each. */
export class Segment {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the header starts and the data is. */
  at = 0;
  dataAt = 0;
  end = 0;
  /** SEG.SEQ and SEG.ACK, signed: see sequence.ts. */
  sequence = 0;
  acknowledgment = 0;
  flags = 0;
  /** In octets once the connection has scaled it (RFC 7323 section 2.3); as it stands in a SYN. */
  window = 0;
  readonly options = new SegmentOptions();

  read(bytes: Uint8Array, at: number, end: number): void {
    this.bytes = bytes;
    this.at = at;
    this.dataAt = at + headerLengthOf(bytes, at);
    this.end = end;
    this.sequence = sequenceOf(bytes, at) | 0;
    this.acknowledgment = acknowledgmentOf(bytes, at) | 0;
    this.flags = flagsOf(bytes, at);
    this.window = windowOf(bytes, at);
    this.options.read(bytes, at + TCP_HEADER_BYTES, this.dataAt);
  }

  get dataLength(): number {
    return this.end - this.dataAt;
  }

  /** SEG.LEN: octets of data, and one each for SYN and FIN. */
  get length(): number {
    return this.end - this.dataAt + ((this.flags & SYN) !== 0 ? 1 : 0) + ((this.flags & FIN) !== 0 ? 1 : 0);
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }
}
