import type { Verdict } from '../layers/1-physical/cable/channel.ts';
import { ETHER_TYPE, ETHERNET_HEADER_BYTES } from '../layers/2-link/ethernet/header.ts';
import { VLAN_TAG_BYTES } from '../layers/2-link/vlan/header.ts';
import { ICMPV6_TYPE } from '../layers/3-network/icmpv6/header.ts';
import { IP_PROTOCOL } from '../layers/3-network/ipv4/header.ts';
import { destinationOf, IPV6_HEADER_BYTES, nextHeaderOf, sourceOf } from '../layers/3-network/ipv6/header.ts';
import type { IpAddress } from '../wire/address.ts';
import { readIpv6 } from '../wire/ipv6-address.ts';
import { u8, u16, u32 } from '../wire/reader.ts';
import type { SeenFrame } from './link.ts';

/** Offsets in a packet of the addresses of its two ends: IPv4's source and destination, ARP's sender and target. */
const IPV4_SOURCE = 12;
const IPV4_DESTINATION = 16;
const ARP_SENDER = 14;
const ARP_TARGET = 24;
/** In a neighbour solicitation: whom it looks for, which is not where it goes (RFC 4861 section 4.3). */
const NDP_TARGET = 8;
const IPV6_ADDRESS_BYTES = 16;

/** Cuts one node off from others: frames between their addresses end on the wire, whatever way they take. */
export class Partition {
  readonly depth = 'octets';
  isOver = false;
  readonly #detail: string;
  readonly #one: ReadonlySet<IpAddress>;
  readonly #others: ReadonlySet<IpAddress>;

  constructor(node: string, addresses: readonly IpAddress[], others: readonly string[], theirs: readonly IpAddress[]) {
    this.#detail = `${node} is cut off from ${others.join(', ')}`;
    this.#one = new Set(addresses);
    this.#others = new Set(theirs);
  }

  judge({ bytes }: Pick<SeenFrame, 'bytes'>): Verdict {
    return !this.isOver && this.#separates(bytes) ? { drop: this.#detail, reason: 'partitioned' } : 'pass';
  }

  #separates(bytes: Uint8Array): boolean {
    const ends = endsOf(bytes);
    if (ends === null) return false;
    const [source, destination] = ends;
    return (
      (this.#one.has(source) && this.#others.has(destination)) ||
      (this.#others.has(source) && this.#one.has(destination))
    );
  }
}

/** Who speaks in a frame, and to whom or about whom; null: it is neither IP nor address resolution. */
function endsOf(bytes: Uint8Array): readonly [IpAddress, IpAddress] | null {
  let at = ETHERNET_HEADER_BYTES;
  // A frame of a VLAN has its tag in front of the EtherType.
  while (u16(bytes, at - 2) === ETHER_TYPE.vlan && bytes.length >= at + 2 * VLAN_TAG_BYTES) at += VLAN_TAG_BYTES;
  switch (u16(bytes, at - 2)) {
    case ETHER_TYPE.ipv4:
      return [u32(bytes, at + IPV4_SOURCE), u32(bytes, at + IPV4_DESTINATION)];
    case ETHER_TYPE.arp:
      return [u32(bytes, at + ARP_SENDER), u32(bytes, at + ARP_TARGET)];
    case ETHER_TYPE.ipv6:
      return [sourceOf(bytes, at), soughtAt(bytes, at) ?? destinationOf(bytes, at)];
    default:
      return null;
  }
}

function soughtAt(bytes: Uint8Array, at: number): IpAddress | null {
  const message = at + IPV6_HEADER_BYTES;
  const isSolicitation =
    nextHeaderOf(bytes, at) === IP_PROTOCOL.icmpv6 &&
    bytes.length >= message + NDP_TARGET + IPV6_ADDRESS_BYTES &&
    u8(bytes, message) === ICMPV6_TYPE.neighbourSolicitation;
  return isSolicitation ? readIpv6(bytes, message + NDP_TARGET) : null;
}
