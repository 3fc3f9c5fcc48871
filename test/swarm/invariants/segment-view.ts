/** A TCP segment read by itself (RFC 9293 section 3.1), apart from the simulator's own header code. */

export interface SegmentView {
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly window: number;
  readonly isSyn: boolean;
  readonly isFin: boolean;
  readonly isRst: boolean;
  readonly hasAck: boolean;
  readonly dataAt: number;
  readonly dataBytes: number;
  /** Sequence numbers that it takes. */
  readonly length: number;
  /** Of the window scale option (RFC 7323 section 2.2); null: there is none. */
  readonly shift: number | null;
}

export function readSegment(bytes: Uint8Array): SegmentView | null {
  if (bytes.length < 20) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataAt = (view.getUint8(12) >> 4) * 4;
  if (dataAt < 20 || dataAt > bytes.length) return null;
  const flags = view.getUint8(13);
  const [isFin, isSyn, isRst, hasAck] = [(flags & 1) !== 0, (flags & 2) !== 0, (flags & 4) !== 0, (flags & 16) !== 0];
  const dataBytes = bytes.length - dataAt;
  return {
    sequence: view.getUint32(4),
    acknowledgment: view.getUint32(8),
    window: view.getUint16(14),
    isSyn,
    isFin,
    isRst,
    hasAck,
    dataAt,
    dataBytes,
    length: dataBytes + (isSyn ? 1 : 0) + (isFin ? 1 : 0),
    shift: shiftOf(bytes, dataAt),
  };
}

function shiftOf(bytes: Uint8Array, end: number): number | null {
  for (let at = 20; at < end; ) {
    const kind = bytes[at] as number;
    if (kind === 0) return null;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2) return null;
    if (kind === 3 && length === 3) return Math.min(bytes[at + 2] ?? 0, 14);
    at += length;
  }
  return null;
}
