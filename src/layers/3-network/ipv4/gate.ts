import type { Pdu } from '../../pdu.ts';

/** How a datagram that passes is changed; a text: why it must not pass; null: it passes as it is. */
export type Passage = ((own: Pdu) => void) | string | null;

/**
 * Who decides what a node forwards, and changes addresses on the way: a NAT, a firewall. The window is the whole IP
 * datagram and never a fragment: only whole datagrams have ports (RFC 3022 section 6.3).
 */
export interface Ipv4Gate {
  /** What came by interface `via`, or by `lo` from this node itself, before it is known whom it is for. */
  inward(datagram: Pdu, via: string): Passage;
  /** What came by `via` and will leave by `out`. */
  outward(datagram: Pdu, via: string, out: string): Passage;
  /** What this node itself sends by `out`. */
  own(datagram: Pdu, out: string): Passage;
}
