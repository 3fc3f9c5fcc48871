/** What a firewall looks at in a datagram of either family: whose flow it is, or what an ICMP error in it is about. */

import type { IpAddress } from '../../../wire/address.ts';
import { u8, u16 } from '../../../wire/reader.ts';
import type { Pdu } from '../../pdu.ts';
import { ICMPV6_HEADER_BYTES, ICMPV6_TYPE, identifierOf, isIcmpv6Error, typeOf } from '../icmpv6/header.ts';
import { headerLengthOf, IP_PROTOCOL, protocolOf } from '../ipv4/header.ts';
import { FRAGMENT_HEADER_BYTES, fragmentOffsetOf, isProblem, readChain } from '../ipv6/extensions.ts';
import { destinationOf, IPV6_HEADER_BYTES, NEXT_HEADER, sourceOf } from '../ipv6/header.ts';
import { isEchoRequest, isIcmp, quotedAt, type Tuple, tupleAt } from '../nat/tuple.ts';

/** SYN, ACK and RST among the flags of a TCP segment. */
const FLAGS = 0x16;
const SYN = 0x02;
const FLAGS_AT = 13;
/** Octets of a quoted packet's payload that tell its flow (RFC 792). */
const LEAST_PAYLOAD_BYTES = 8;

export type FlowTuple = Tuple<IpAddress>;

export interface Seen {
  /** Its flow; null: it has no ports, or they are not there. */
  readonly tuple: FlowTuple | null;
  /** It is an ICMP error about that flow (null: nobody can tell which); left out: it is none. */
  readonly about?: FlowTuple | null;
  readonly is: 'syn' | 'segment' | 'echo request' | 'icmp' | 'discovery' | 'other';
}

export function seenIn(datagram: Pdu): Seen {
  const { bytes, start } = datagram;
  return u8(bytes, start) >>> 4 === 6 ? seenInIpv6(datagram) : seenInIpv4(datagram);
}

function seenInIpv4(datagram: Pdu): Seen {
  const { bytes, start, end } = datagram;
  const quoted = quotedAt(datagram);
  const about = quoted === null ? {} : { about: tupleAt(bytes, quoted, end) };
  const tuple = tupleAt(bytes, start, end);
  if (protocolOf(bytes, start) === IP_PROTOCOL.tcp) {
    return { tuple, is: segmentAt(bytes, start + headerLengthOf(bytes, start), end) };
  }
  return { tuple, ...about, is: isEchoRequest(datagram) ? 'echo request' : isIcmp(datagram) ? 'icmp' : 'other' };
}

function seenInIpv6({ bytes, start, end }: Pdu): Seen {
  const upper = upperAt(bytes, start, end);
  const tuple = upper && tupleIn(bytes, start, end, upper);
  if (upper?.protocol === IP_PROTOCOL.tcp) return { tuple, is: segmentAt(bytes, upper.at, end) };
  if (upper?.protocol !== IP_PROTOCOL.icmpv6 || end - upper.at < ICMPV6_HEADER_BYTES) return { tuple, is: 'other' };
  const type = typeOf(bytes, upper.at);
  if (type >= ICMPV6_TYPE.routerSolicitation && type <= ICMPV6_TYPE.redirect) return { tuple, is: 'discovery' };
  if (!isIcmpv6Error(type)) return { tuple, is: type === ICMPV6_TYPE.echoRequest ? 'echo request' : 'icmp' };
  const quoted = upper.at + ICMPV6_HEADER_BYTES;
  const inner = upperAt(bytes, quoted, end);
  return { tuple, about: inner && tupleIn(bytes, quoted, end, inner), is: 'icmp' };
}

interface Upper {
  readonly protocol: number;
  readonly at: number;
}

/** Behind all extension headers of the packet at `at`, of which an error may quote no more than a first fragment. */
function upperAt(bytes: Uint8Array, at: number, end: number): Upper | null {
  if (end - at < IPV6_HEADER_BYTES) return null;
  const chain = readChain(bytes, at, end);
  if (isProblem(chain)) return null;
  if (chain.protocol !== NEXT_HEADER.fragment) return chain;
  const isFirst = fragmentOffsetOf(bytes, chain.at) === 0;
  return isFirst ? { protocol: u8(bytes, chain.at), at: chain.at + FRAGMENT_HEADER_BYTES } : null;
}

function tupleIn(bytes: Uint8Array, start: number, end: number, { protocol, at }: Upper): FlowTuple | null {
  if (end - at < LEAST_PAYLOAD_BYTES) return null;
  const addresses = { protocol, source: sourceOf(bytes, start), destination: destinationOf(bytes, start) };
  if (protocol === IP_PROTOCOL.tcp || protocol === IP_PROTOCOL.udp) {
    return { ...addresses, sourcePort: u16(bytes, at), destinationPort: u16(bytes, at + 2) };
  }
  const isEcho = protocol === IP_PROTOCOL.icmpv6 && isEchoType(typeOf(bytes, at));
  if (!isEcho) return null;
  const identifier = identifierOf(bytes, at);
  return { ...addresses, sourcePort: identifier, destinationPort: identifier };
}

function isEchoType(type: number): boolean {
  return type === ICMPV6_TYPE.echoRequest || type === ICMPV6_TYPE.echoReply;
}

function segmentAt(bytes: Uint8Array, at: number, end: number): 'syn' | 'segment' {
  return at + FLAGS_AT < end && (u8(bytes, at + FLAGS_AT) & FLAGS) === SYN ? 'syn' : 'segment';
}
