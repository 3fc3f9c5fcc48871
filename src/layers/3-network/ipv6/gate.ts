import type { Pdu } from '../../pdu.ts';

/**
 * Who decides what a node forwards: a firewall. A text says why a packet must not pass; null: it may. The window is the
 * whole packet and never a fragment: only whole packets have ports.
 */
export interface Ipv6Gate {
  /** What came by interface `via`, whomever it is for. */
  inward(packet: Pdu, via: string): string | null;
  /** What came by `via` and will leave by `out`. */
  outward(packet: Pdu, via: string, out: string): string | null;
  /** What this node itself sends by `out`. */
  own(packet: Pdu, out: string): string | null;
}
