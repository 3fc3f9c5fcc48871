import type { Verdict } from '../layers/1-physical/cable/channel.ts';
import { ETHER_TYPE, ETHERNET_HEADER_BYTES } from '../layers/2-link/ethernet/header.ts';
import { VLAN_TAG_BYTES } from '../layers/2-link/vlan/header.ts';
import { u16, u32 } from '../wire/reader.ts';
import type { SeenFrame } from './link.ts';

/** Offsets in a packet of the addresses of its two ends: IPv4's source and destination, ARP's sender and target. */
const IPV4_SOURCE = 12;
const IPV4_DESTINATION = 16;
const ARP_SENDER = 14;
const ARP_TARGET = 24;

/** Cuts one node off from others: frames between their addresses end on the wire, whatever way they take. */
export class Partition {
  readonly depth = 'octets';
  isOver = false;
  readonly #detail: string;
  readonly #one: ReadonlySet<number>;
  readonly #others: ReadonlySet<number>;

  constructor(node: string, addresses: readonly number[], others: readonly string[], theirs: readonly number[]) {
    this.#detail = `${node} is cut off from ${others.join(', ')}`;
    this.#one = new Set(addresses);
    this.#others = new Set(theirs);
  }

  judge({ bytes }: Pick<SeenFrame, 'bytes'>): Verdict {
    return !this.isOver && this.#separates(bytes) ? { drop: this.#detail, reason: 'partitioned' } : 'pass';
  }

  #separates(bytes: Uint8Array): boolean {
    let at = ETHERNET_HEADER_BYTES;
    // A frame of a VLAN has its tag in front of the EtherType.
    while (u16(bytes, at - 2) === ETHER_TYPE.vlan && bytes.length >= at + 2 * VLAN_TAG_BYTES) at += VLAN_TAG_BYTES;
    const etherType = u16(bytes, at - 2);
    if (etherType !== ETHER_TYPE.ipv4 && etherType !== ETHER_TYPE.arp) return false;
    const isArp = etherType === ETHER_TYPE.arp;
    const source = u32(bytes, at + (isArp ? ARP_SENDER : IPV4_SOURCE));
    const destination = u32(bytes, at + (isArp ? ARP_TARGET : IPV4_DESTINATION));
    return (
      (this.#one.has(source) && this.#others.has(destination)) ||
      (this.#others.has(source) && this.#one.has(destination))
    );
  }
}
