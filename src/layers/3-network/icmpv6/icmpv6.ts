/** ICMPv6 (RFC 4443): answers echoes, sends and understands errors, and hands Neighbour Discovery its messages. */

import type { Context } from '../../../kernel/context.ts';
import type { IpAddress, Ipv6 } from '../../../wire/address.ts';
import { IPV6_UNSPECIFIED, isIpv6Multicast } from '../../../wire/ipv6-address.ts';
import { drop } from '../../drop.ts';
import { opened, Pdu, sealed } from '../../pdu.ts';
import { EchoListeners, fillEcho } from '../echo-listeners.ts';
import { ErrorLimit, RFC_ERROR_LIMIT } from '../error-limit.ts';
import { IP_PROTOCOL } from '../ipv4/header.ts';
import { fragmentOffsetOf, isProblem, PARAMETER_PROBLEM, readChain } from '../ipv6/extensions.ts';
import {
  destinationOf,
  hopLimitOf,
  IPV6_HEADER_BYTES,
  LEAST_MTU_BYTES,
  NEXT_HEADER,
  sourceOf,
} from '../ipv6/header.ts';
import type { Ipv6Errors, Ipv6Machine } from '../ipv6/ipv6.ts';
import { optionsOffset } from '../ndp/header.ts';
import {
  type EchoListener,
  type EchoService,
  type NetworkError,
  type NetworkUser,
  pseudoHeaderSum,
} from '../service.ts';
import {
  checkIcmpv6,
  codeOf,
  ICMPV6_HEADER_BYTES,
  ICMPV6_TYPE,
  identifierOf,
  isIcmpv6Error,
  restOf,
  sequenceOf,
  TIME_EXCEEDED,
  typeOf,
  UNREACHABLE,
  writeIcmpv6,
} from './header.ts';

/** What Neighbour Discovery wants of an interface: messages whose checksum holds; the window is the ICMPv6 message. */
export interface DiscoveryUser {
  onMessage(pdu: Pdu, source: Ipv6, destination: Ipv6): void;
}

export class Icmpv6 implements EchoService, NetworkUser, Ipv6Errors {
  readonly #context: Context;
  readonly #network: Ipv6Machine;
  readonly #transports: (protocol: number) => NetworkUser | null;
  readonly #echoes: EchoListeners;
  readonly #limit: ErrorLimit;
  readonly #discoveries = new Map<string, DiscoveryUser>();

  /** `transports`: whom an error about a packet of that protocol concerns. */
  constructor(
    context: Context,
    network: Ipv6Machine,
    transports: (protocol: number) => NetworkUser | null,
    echoes = new EchoListeners(context.random('icmp/identifier')),
    limit = RFC_ERROR_LIMIT,
  ) {
    this.#context = context;
    this.#network = network;
    this.#transports = transports;
    this.#echoes = echoes;
    this.#limit = new ErrorLimit(context, limit);
    network.register(IP_PROTOCOL.icmpv6, this);
    network.reportTo(this);
  }

  /** Who discovers the neighbours on an interface. */
  discoverBy(interfaceName: string, user: DiscoveryUser): void {
    this.#discoveries.set(interfaceName, user);
  }

  openEcho(listener: EchoListener): number {
    return this.#echoes.open(listener);
  }

  closeEcho(identifier: number): void {
    this.#echoes.close(identifier);
  }

  request(
    to: IpAddress,
    identifier: number,
    sequence: number,
    dataBytes: number,
    options: { readonly dontFragment?: boolean; readonly ttl?: number },
  ): boolean {
    const source = this.#network.sourceTowards(to) ?? IPV6_UNSPECIFIED;
    const pdu = Pdu.withRoom(ICMPV6_HEADER_BYTES + dataBytes);
    fillEcho(pdu.bytes, pdu.start + ICMPV6_HEADER_BYTES, dataBytes);
    const rest = identifier * 0x10000 + (sequence & 0xffff);
    return this.#send(pdu, ICMPV6_TYPE.echoRequest, 0, rest, source as Ipv6, to as Ipv6, options);
  }

  onDatagram(pdu: Pdu, from: IpAddress, to: IpAddress, via = ''): void {
    const context = this.#context;
    const source = from as Ipv6;
    const destination = to as Ipv6;
    const pseudo = pseudoHeaderSum(source, destination, IP_PROTOCOL.icmpv6, pdu.length);
    const problem = checkIcmpv6(pdu.bytes, pdu.start, pdu.end, pseudo);
    if (problem) {
      const detail = problem === 'checksum' ? 'the checksum does not hold' : 'too short';
      drop(context, pdu, 3, 'icmpv6', via, problem, detail);
      return;
    }
    const type = typeOf(pdu.bytes, pdu.start);
    const discovery = optionsOffset(type) === null ? null : this.#discoveries.get(via);
    if (discovery) discovery.onMessage(pdu, source, destination);
    else if (type === ICMPV6_TYPE.echoRequest) this.#answer(pdu, source, destination);
    else if (type === ICMPV6_TYPE.echoReply) this.#onReply(pdu, source);
    else if (isIcmpv6Error(type)) this.#onError(pdu, source, type);
    else drop(context, pdu, 3, 'icmpv6', via, 'unknown-protocol', `ICMPv6 type ${type} is silently discarded`);
  }

  /** ICMPv6 gets no errors about itself but for echo requests (RFC 4443 section 2.4(e)). */
  onNetworkError(error: NetworkError): void {
    if (error.quoted.length < ICMPV6_HEADER_BYTES) return;
    if (typeOf(error.quoted, 0) !== ICMPV6_TYPE.echoRequest) return;
    this.#echoes.get(identifierOf(error.quoted, 0))?.onError(sequenceOf(error.quoted, 0), error);
  }

  timeExceeded(packet: Pdu): void {
    this.#report(packet, ICMPV6_TYPE.timeExceeded, TIME_EXCEEDED.inTransit, 0);
  }

  reassemblyTimeExceeded(firstFragment: Pdu): void {
    this.#report(firstFragment, ICMPV6_TYPE.timeExceeded, TIME_EXCEEDED.reassembly, 0);
  }

  noRoute(packet: Pdu): void {
    this.#report(packet, ICMPV6_TYPE.unreachable, UNREACHABLE.noRoute, 0);
  }

  beyondScope(packet: Pdu): void {
    this.#report(packet, ICMPV6_TYPE.unreachable, UNREACHABLE.beyondScope, 0);
  }

  addressUnreachable(packet: Pdu): void {
    this.#report(packet, ICMPV6_TYPE.unreachable, UNREACHABLE.address, 0);
  }

  portUnreachable(packet: Pdu): void {
    this.#report(packet, ICMPV6_TYPE.unreachable, UNREACHABLE.port, 0);
  }

  tooBig(packet: Pdu, mtuBytes: number): void {
    this.#report(packet, ICMPV6_TYPE.tooBig, 0, mtuBytes, true);
  }

  parameterProblem(packet: Pdu, code: number, pointer: number, evenToGroups: boolean): void {
    this.#report(packet, ICMPV6_TYPE.parameterProblem, code, pointer, evenToGroups);
  }

  /** RFC 4443 section 4.2: to a group an answer comes from a unicast address of the interface. */
  #answer(request: Pdu, source: Ipv6, destination: Ipv6): void {
    opened(this.#context, request, 3, 'icmpv6', '');
    const { bytes, start, end } = request;
    const reply = Pdu.around(bytes.subarray(start, end));
    const from = isIpv6Multicast(destination) ? this.#network.sourceTowards(source) : destination;
    if (from !== null) {
      this.#send(reply, ICMPV6_TYPE.echoReply, 0, restOf(bytes, start), from as Ipv6, source, {});
    }
  }

  #onReply(pdu: Pdu, source: Ipv6): void {
    const listener = this.#echoes.get(identifierOf(pdu.bytes, pdu.start));
    if (!listener) {
      drop(this.#context, pdu, 3, 'icmpv6', '', 'no-listener', 'nobody here waits for this echo reply');
      return;
    }
    opened(this.#context, pdu, 3, 'icmpv6', '');
    const hopLimit = hopLimitOf(pdu.bytes, pdu.outer);
    listener.onReply(sequenceOf(pdu.bytes, pdu.start), source, pdu.length - ICMPV6_HEADER_BYTES, hopLimit);
  }

  /** RFC 4443 section 2.4(d): an error goes to the upper layer whose packet it quotes. */
  #onError(pdu: Pdu, reporter: Ipv6, type: number): void {
    const { bytes, start, end } = pdu;
    const inner = start + ICMPV6_HEADER_BYTES;
    const isOurs = end - inner >= IPV6_HEADER_BYTES && this.#network.isLocal(sourceOf(bytes, inner));
    const chain = isOurs ? upperLayerOf(bytes, inner, end) : null;
    if (!chain) {
      drop(this.#context, pdu, 3, 'icmpv6', '', 'malformed', 'the error quotes no packet of this node');
      return;
    }
    opened(this.#context, pdu, 3, 'icmpv6', '');
    const said = meaningOf(type, codeOf(bytes, start));
    if (!said) return;
    const destination = destinationOf(bytes, inner);
    const mtuBytes = said.kind === 'too-big' ? Math.max(LEAST_MTU_BYTES, restOf(bytes, start)) : 0;
    // The transport first: what it learns is news only as long as the path's MTU is what it was.
    this.#transports(chain.protocol)?.onNetworkError({
      ...said,
      mtuBytes,
      reporter,
      source: sourceOf(bytes, inner),
      destination,
      quoted: bytes.slice(chain.at, end),
    });
    if (said.kind === 'too-big') this.#network.onTooBig(destination, mtuBytes, reporter);
  }

  /** RFC 4443 section 2.4: about what no error may be sent, how much is quoted (c), and how many are sent (f). */
  #report(packet: Pdu, type: number, code: number, rest: number, evenToGroups = false): void {
    const { bytes, start } = packet;
    const source = sourceOf(bytes, start);
    const destination = destinationOf(bytes, start);
    if (!mayReport(packet, evenToGroups)) return;
    if (!this.#network.isLocal(source) && !this.#limit.allows(source, type === ICMPV6_TYPE.tooBig)) return;
    const room = LEAST_MTU_BYTES - IPV6_HEADER_BYTES - ICMPV6_HEADER_BYTES;
    const quotedBytes = Math.min(packet.length, room);
    const error = Pdu.withRoom(ICMPV6_HEADER_BYTES + quotedBytes);
    error.bytes.set(bytes.subarray(start, start + quotedBytes), error.start + ICMPV6_HEADER_BYTES);
    const isOurs = this.#network.isLocal(destination);
    const from = isOurs ? destination : this.#network.sourceTowards(source);
    if (from !== null) this.#send(error, type, code, rest, from as Ipv6, source, {});
  }

  #send(
    pdu: Pdu,
    type: number,
    code: number,
    rest: number,
    source: Ipv6,
    destination: Ipv6,
    options: { readonly dontFragment?: boolean; readonly ttl?: number },
  ): boolean {
    const pseudo = pseudoHeaderSum(source, destination, IP_PROTOCOL.icmpv6, pdu.length);
    writeIcmpv6(pdu.bytes, pdu.start, pdu.end, type, code, rest, pseudo);
    const was = sealed(this.#context, pdu, 3, 'icmpv6', '');
    const { dontFragment = false, ttl } = options;
    const sent = this.#network.send(pdu, IP_PROTOCOL.icmpv6, source, destination, dontFragment, ttl);
    this.#context.resume(was);
    return sent;
  }
}

/** What a quoted packet carried, as far as it is quoted; null where that cannot be told. */
function upperLayerOf(bytes: Uint8Array, at: number, end: number) {
  const chain = readChain(bytes, at, end);
  if (isProblem(chain)) return null;
  if (chain.protocol !== NEXT_HEADER.fragment) return chain;
  // Only the first fragment has the ports.
  if (fragmentOffsetOf(bytes, chain.at) !== 0) return null;
  return { protocol: bytes[chain.at] as number, at: Math.min(end, chain.at + 8) };
}

/** In RFC 792's numbers; null: an error that nobody here knows. */
function meaningOf(type: number, code: number): Pick<NetworkError, 'kind' | 'code'> | null {
  if (type === ICMPV6_TYPE.tooBig) return { kind: 'too-big', code: 4 };
  if (type === ICMPV6_TYPE.timeExceeded) return { kind: 'time-exceeded', code };
  if (type === ICMPV6_TYPE.unreachable) return { kind: 'unreachable', code: UNREACHABLE_CODES[code] ?? 0 };
  if (type !== ICMPV6_TYPE.parameterProblem) return null;
  // "Unrecognized next header" is what IPv4 calls protocol unreachable.
  return code === PARAMETER_PROBLEM.nextHeader ? { kind: 'unreachable', code: 2 } : { kind: 'parameter-problem', code };
}

/** No route, prohibited, beyond scope, address, port, source policy, reject route. */
const UNREACHABLE_CODES: readonly number[] = [0, 13, 0, 1, 3, 13, 0];

/** RFC 4443 section 2.4(e): never about an ICMPv6 error or redirect, nor to what is not one node. */
function mayReport({ bytes, start, end }: Pdu, evenToGroups: boolean): boolean {
  const source = sourceOf(bytes, start);
  if (source === IPV6_UNSPECIFIED || isIpv6Multicast(source)) return false;
  if (isIpv6Multicast(destinationOf(bytes, start)) && !evenToGroups) return false;
  const chain = readChain(bytes, start, end);
  if (isProblem(chain)) return true;
  const isLater = chain.protocol === NEXT_HEADER.fragment && fragmentOffsetOf(bytes, chain.at) !== 0;
  const upper = upperLayerOf(bytes, start, end);
  if (isLater || !upper || upper.protocol !== IP_PROTOCOL.icmpv6 || upper.at >= end) return true;
  const type = typeOf(bytes, upper.at);
  return !isIcmpv6Error(type) && type !== ICMPV6_TYPE.redirect;
}
