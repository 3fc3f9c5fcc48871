import type { IpAddress } from '../../wire/address.ts';
import type { Pdu } from '../pdu.ts';

/** The network service (ISO/IEC 8348, connectionless): datagrams between hosts, best effort. */
export interface NetworkService {
  /** The source address that a datagram to `destination` would carry; null without a route. */
  sourceTowards(destination: IpAddress): IpAddress | null;
  /** The greatest datagram in octets that is known to reach the destination whole (the path MTU, RFC 1191). */
  mtuTowards(destination: IpAddress): number;
  isLocal(address: IpAddress): boolean;
  /**
   * Sends a datagram. The window is the transport PDU, its checksum written. False: no route, and the drop is in the
   * journal. `dontFragment`: a router that would have to cut it drops it and says so (RFC 1191). `ttl` left out: the default of the host.
   * `out`: the interface by which something for everybody on a link leaves; left out, the first.
   */
  send(
    pdu: Pdu,
    protocol: number,
    source: IpAddress,
    destination: IpAddress,
    dontFragment: boolean,
    ttl?: number,
    out?: string,
  ): boolean;
  /** Hands payloads of that IP protocol number to a user. */
  register(protocol: number, user: NetworkUser): void;
  /** The transport has nobody for this datagram: tells the sender by ICMP where that is allowed (RFC 1122 3.2.2.1). */
  refuse(pdu: Pdu): void;
  /** The transport knows that what it sends gets there: the next hop is alive (RFC 4861 section 7.3.1). IPv6's. */
  confirm?(destination: IpAddress): void;
}

export interface NetworkUser {
  /**
   * The window is the transport PDU; whether its checksum holds is for the user to see. `via`: the interface it came by:
   * addresses of IPv6 may be good on one link only, and so is what is for everybody on a link.
   */
  onDatagram(pdu: Pdu, source: IpAddress, destination: IpAddress, via?: string): void;
  /** An ICMP error about a datagram that this host sent. */
  onNetworkError(error: NetworkError): void;
}

/** Echo requests and their answers: what ping and traceroute stand on. */
export interface EchoService {
  /** An identifier for a series of echo requests, and who hears the answers. */
  openEcho(listener: EchoListener): number;
  closeEcho(identifier: number): void;
  /** Sends an echo request with that many data octets; false without a route. `ttl` left out: the host's default. */
  request(
    to: IpAddress,
    identifier: number,
    sequence: number,
    dataBytes: number,
    options: { readonly dontFragment?: boolean; readonly ttl?: number },
  ): boolean;
}

export interface EchoListener {
  onReply(sequence: number, from: IpAddress, dataBytes: number, ttl: number): void;
  onError(sequence: number, error: NetworkError): void;
}

/** What an ICMP error says about a datagram of ours. */
export interface NetworkError {
  readonly kind: 'unreachable' | 'too-big' | 'time-exceeded' | 'parameter-problem';
  /**
   * The ICMP code, RFC 792: of an unreachable, 0 net, 1 host, 2 protocol, 3 port, 13 prohibited. ICMPv6's say the same in
   * these numbers, so that a transport need not know which family said it.
   */
  readonly code: number;
  /** Next-hop MTU of a too-big, else 0. */
  readonly mtuBytes: number;
  /** Who says so. */
  readonly reporter: IpAddress;
  /** Our datagram's addresses. */
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** The first octets of our transport PDU: at least 8, so both ports (RFC 792). */
  readonly quoted: Uint8Array;
}

/**
 * The partial Internet sum over the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1): both families add the
 * same 16-bit words of addresses, protocol and length.
 */
export function pseudoHeaderSum(source: IpAddress, destination: IpAddress, protocol: number, length: number): number {
  return addressSum(source) + addressSum(destination) + protocol + (length & 0xffff) + (length >>> 16);
}

/** Sums of addresses seen lately. */
const ADDRESS_SUMS = new Map<IpAddress, number>();
const REMEMBERED_SUMS = 1024;

function addressSum(address: IpAddress): number {
  if (typeof address === 'number') return (address >>> 16) + (address & 0xffff);
  const known = ADDRESS_SUMS.get(address);
  if (known !== undefined) return known;
  let words = 0;
  for (let rest = address; rest > 0n; rest >>= 16n) words += Number(rest & 0xffffn);
  if (ADDRESS_SUMS.size >= REMEMBERED_SUMS) ADDRESS_SUMS.clear();
  ADDRESS_SUMS.set(address, words);
  return words;
}
