/** What is remembered of a TCP connection while its segments are read one by one, as one who only listens can. */

import type { Nanos } from '../../kernel/journal.ts';
import { ACK, FIN, flagsOf, headerLengthOf, RST, SYN } from '../4-transport/tcp/header.ts';
import { readSynOptions } from '../4-transport/tcp/options.ts';

/** What one side of a connection sent so far. */
export interface Flow {
  /** The number that counts as 0; null until something tells. */
  base: number | null;
  /** -1 not known, -2 not used, else the shift. */
  windowScale: number;
}

export interface Connection {
  /** By direction: 0 from the endpoint that comes first in order, 1 from the other. */
  readonly flows: readonly [Flow, Flow];
  /** COMPLETENESS bits. */
  completeness: number;
  firstNs: Nanos;
  previousNs: Nanos;
  /** The direction of the first FIN; null: none yet. */
  closedFirst: 0 | 1 | null;
}

export const COMPLETENESS = { syn: 1, synAck: 2, ack: 4, data: 8, fin: 16, rst: 32 } as const;

export function newConnection(): Connection {
  const flow = (): Flow => ({ base: null, windowScale: -1 });
  return { flows: [flow(), flow()], completeness: 0, firstNs: -1, previousNs: -1, closedFirst: null };
}

/** The bits that this segment adds to what was seen of the connection. */
export function completenessOf(seen: number, flags: number, dataLength: number): number {
  let bits = seen;
  if ((flags & (SYN | ACK)) === SYN) bits |= COMPLETENESS.syn;
  if ((flags & (SYN | ACK)) === (SYN | ACK)) bits |= COMPLETENESS.synAck;
  if ((flags & (SYN | ACK)) === ACK) bits |= dataLength > 0 ? COMPLETENESS.data : COMPLETENESS.ack;
  if (flags & FIN) bits |= COMPLETENESS.fin;
  if (flags & RST) bits |= COMPLETENESS.rst;
  return bits;
}

/** Where each direction starts to count: at the SYN, or one before the first number that is seen without one. */
export function learnBases(
  forward: Flow,
  reverse: Flow,
  flags: number,
  sequence: number,
  acknowledgment: number,
): void {
  if (forward.base === null) forward.base = flags & SYN ? sequence : (sequence - 1) >>> 0;
  if (reverse.base === null && flags & ACK) reverse.base = (acknowledgment - 1) >>> 0;
}

/** Window scaling is in use when both SYNs offer it (RFC 7323 section 2.2). */
export function learnWindowScale(forward: Flow, reverse: Flow, bytes: Uint8Array, at: number): void {
  const flags = flagsOf(bytes, at);
  if (!(flags & SYN)) return;
  const { windowScale } = readSynOptions(bytes, at + 20, at + headerLengthOf(bytes, at));
  if (windowScale !== null) forward.windowScale = Math.min(windowScale, 14);
  else forward.windowScale = -2;
  if (flags & ACK && (forward.windowScale < 0 || reverse.windowScale === -2)) {
    forward.windowScale = -2;
    reverse.windowScale = -2;
  }
}
