/**
 * Sequence numbers live in a circle of 2^32 (RFC 9293 section 3.4): every comparison of two of them is here.
 * A difference is read as a signed 32-bit number, which is right as long as the two lie less than 2^31 apart.
 *
 * A connection holds the numbers themselves as signed 32-bit numbers, too: V8 keeps those where they stand, and puts
 * greater ones into boxes. Segments are read into such numbers; on the wire and in words they are what they always were.
 */

/** `a + n`, in the circle. */
export function add(a: number, n: number): number {
  return (a + n) | 0;
}

/**
 * How far `a` lies after `b`; negative when it lies before. Of offsets in a stream, which do not wrap, too: beyond 2^31
 * they are boxed, a plain difference of two would be, and where it landed, in a packet's window say, everything that
 * touches windows would be compiled anew, for ever.
 */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

export function atOrBefore(a: number, b: number): boolean {
  return ((a - b) | 0) <= 0;
}

export function after(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

export function atOrAfter(a: number, b: number): boolean {
  return ((a - b) | 0) >= 0;
}

/**
 * RFC 9293 section 3.4, table 6: whether a segment of `length` (SYN and FIN count one each) that starts at `sequence`
 * has anything to do with the receive window [rcvNxt, rcvNxt + rcvWnd).
 */
export function isAcceptable(sequence: number, length: number, rcvNxt: number, rcvWnd: number): boolean {
  if (length === 0) {
    if (rcvWnd === 0) return sequence === rcvNxt;
    return inWindow(sequence, rcvNxt, rcvWnd);
  }
  if (rcvWnd === 0) return false;
  return inWindow(sequence, rcvNxt, rcvWnd) || inWindow(add(sequence, length - 1), rcvNxt, rcvWnd);
}

function inWindow(sequence: number, rcvNxt: number, rcvWnd: number): boolean {
  const offset = distance(sequence, rcvNxt);
  return offset >= 0 && offset < rcvWnd;
}
