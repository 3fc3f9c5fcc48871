import { ETHER_TYPE, ETHERNET_HEADER_BYTES, etherTypeOf } from '../layers/2-link/ethernet/header.ts';
import { u32 } from '../wire/reader.ts';
import type { SeenFrame, Watcher } from './link.ts';

/** Offsets in a frame of the addresses of its two ends: IPv4's source and destination, ARP's sender and target. */
const IPV4_SOURCE = ETHERNET_HEADER_BYTES + 12;
const IPV4_DESTINATION = ETHERNET_HEADER_BYTES + 16;
const ARP_SENDER = ETHERNET_HEADER_BYTES + 14;
const ARP_TARGET = ETHERNET_HEADER_BYTES + 24;

/** Cuts one node off from others: frames between their addresses end on the wire, whatever way they take. */
export class Partition {
  isOver = false;
  readonly #detail: string;
  readonly #one: ReadonlySet<number>;
  readonly #others: ReadonlySet<number>;

  constructor(node: string, addresses: readonly number[], others: readonly string[], theirs: readonly number[]) {
    this.#detail = `${node} is cut off from ${others.join(', ')}`;
    this.#one = new Set(addresses);
    this.#others = new Set(theirs);
  }

  readonly watch: Watcher = (seen) =>
    !this.isOver && this.#separates(seen) ? { drop: this.#detail, reason: 'partitioned' } : 'pass';

  #separates({ bytes }: SeenFrame): boolean {
    const etherType = etherTypeOf(bytes, 0);
    if (etherType !== ETHER_TYPE.ipv4 && etherType !== ETHER_TYPE.arp) return false;
    const isArp = etherType === ETHER_TYPE.arp;
    const source = u32(bytes, isArp ? ARP_SENDER : IPV4_SOURCE);
    const destination = u32(bytes, isArp ? ARP_TARGET : IPV4_DESTINATION);
    return (
      (this.#one.has(source) && this.#others.has(destination)) ||
      (this.#others.has(source) && this.#one.has(destination))
    );
  }
}
