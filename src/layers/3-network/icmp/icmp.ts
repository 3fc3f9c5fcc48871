/** ICMP (RFC 792, RFC 1122 section 3.2.2, RFC 1812 section 4.3): answers echoes, sends and understands errors. */

import type { Context } from '../../../kernel/context.ts';
import type { Ipv4 } from '../../../wire/address.ts';
import { drop } from '../../drop.ts';
import { opened, Pdu, sealed } from '../../pdu.ts';
import { EchoListeners, fillEcho } from '../echo-listeners.ts';
import { ErrorLimit, type ErrorLimitOptions, RFC_ERROR_LIMIT } from '../error-limit.ts';
import {
  destinationOf,
  fragmentOffsetOf,
  headerLengthOf,
  IP_PROTOCOL,
  IPV4_HEADER_BYTES,
  protocolOf,
  sourceOf,
} from '../ipv4/header.ts';
import type { Ipv4Errors } from '../ipv4/ipv4.ts';
import type { EchoListener, EchoService, NetworkError, NetworkService, NetworkUser } from '../service.ts';
import {
  checkIcmp,
  codeOf,
  ICMP_HEADER_BYTES,
  ICMP_TYPE,
  identifierOf,
  isIcmpError,
  sequenceOf,
  TIME_EXCEEDED,
  typeOf,
  UNREACHABLE,
  writeIcmp,
} from './header.ts';

/** RFC 1812 section 4.3.2.3: an error is at most 576 octets, its own IP and ICMP headers included. */
const GREATEST_ERROR_BYTES = 576;

export class Icmp implements EchoService, NetworkUser, Ipv4Errors {
  readonly #context: Context;
  readonly #network: NetworkService;
  readonly #transports: (protocol: number) => NetworkUser | null;
  readonly #echoes: EchoListeners;
  readonly #limit: ErrorLimit;

  /** `transports`: whom an error about a datagram of that protocol concerns. */
  constructor(
    context: Context,
    network: NetworkService,
    transports: (protocol: number) => NetworkUser | null,
    echoes = new EchoListeners(context.random('icmp/identifier')),
    limit: ErrorLimitOptions = RFC_ERROR_LIMIT,
  ) {
    this.#limit = new ErrorLimit(context, limit);
    this.#context = context;
    this.#network = network;
    this.#transports = transports;
    this.#echoes = echoes;
    network.register(IP_PROTOCOL.icmp, this);
  }

  openEcho(listener: EchoListener): number {
    return this.#echoes.open(listener);
  }

  closeEcho(identifier: number): void {
    this.#echoes.close(identifier);
  }

  request(
    to: Ipv4,
    identifier: number,
    sequence: number,
    dataBytes: number,
    options: { readonly dontFragment?: boolean; readonly ttl?: number },
  ): boolean {
    const source = this.#network.sourceTowards(to);
    const pdu = Pdu.withRoom(ICMP_HEADER_BYTES + dataBytes);
    fillEcho(pdu.bytes, pdu.start + ICMP_HEADER_BYTES, dataBytes);
    writeIcmp(pdu.bytes, pdu.start, pdu.end, ICMP_TYPE.echoRequest, 0, identifier, sequence);
    const from = source ?? 0;
    return this.#send(pdu, from as Ipv4, to, options.dontFragment ?? false, options.ttl);
  }

  onDatagram(pdu: Pdu, source: Ipv4, destination: Ipv4): void {
    const problem = checkIcmp(pdu.bytes, pdu.start, pdu.end);
    if (problem) {
      drop(
        this.#context,
        pdu,
        3,
        'icmp',
        '',
        problem,
        problem === 'checksum' ? 'the checksum does not hold' : 'too short',
      );
      return;
    }
    const type = typeOf(pdu.bytes, pdu.start);
    if (type === ICMP_TYPE.echoRequest) this.#answer(pdu, source, destination);
    else if (type === ICMP_TYPE.echoReply) this.#onReply(pdu, source);
    else if (isIcmpError(type)) this.#onError(pdu, source, type);
    else drop(this.#context, pdu, 3, 'icmp', '', 'unknown-protocol', `ICMP type ${type} is silently discarded`);
  }

  /** ICMP gets no errors about itself but for echo requests (RFC 1122 section 3.2.2). */
  onNetworkError(error: NetworkError): void {
    if (error.quoted.length < ICMP_HEADER_BYTES) return;
    const identifier = identifierOf(error.quoted, 0);
    if (typeOf(error.quoted, 0) !== ICMP_TYPE.echoRequest) return;
    this.#echoes.get(identifier)?.onError(sequenceOf(error.quoted, 0), error);
  }

  timeExceeded(datagram: Pdu): void {
    this.#report(datagram, ICMP_TYPE.timeExceeded, TIME_EXCEEDED.inTransit, 0);
  }

  reassemblyTimeExceeded(firstFragment: Pdu): void {
    this.#report(firstFragment, ICMP_TYPE.timeExceeded, TIME_EXCEEDED.reassembly, 0);
  }

  netUnreachable(datagram: Pdu): void {
    this.#report(datagram, ICMP_TYPE.unreachable, UNREACHABLE.net, 0);
  }

  hostUnreachable(datagram: Pdu): void {
    this.#report(datagram, ICMP_TYPE.unreachable, UNREACHABLE.host, 0);
  }

  protocolUnreachable(datagram: Pdu): void {
    this.#report(datagram, ICMP_TYPE.unreachable, UNREACHABLE.protocol, 0);
  }

  portUnreachable(datagram: Pdu): void {
    this.#report(datagram, ICMP_TYPE.unreachable, UNREACHABLE.port, 0);
  }

  fragmentationNeeded(datagram: Pdu, mtuBytes: number): void {
    this.#report(datagram, ICMP_TYPE.unreachable, UNREACHABLE.fragmentationNeeded, mtuBytes);
  }

  /** RFC 792: "The data received in the echo message must be returned in the echo reply message." */
  #answer(request: Pdu, source: Ipv4, destination: Ipv4): void {
    opened(this.#context, request, 3, 'icmp', '');
    const { bytes, start, end } = request;
    const reply = Pdu.around(bytes.subarray(start, end));
    writeIcmp(
      reply.bytes,
      reply.start,
      reply.end,
      ICMP_TYPE.echoReply,
      0,
      identifierOf(bytes, start),
      sequenceOf(bytes, start),
    );
    const from = this.#network.isLocal(destination) ? destination : this.#network.sourceTowards(source);
    if (from !== null) this.#send(reply, from as Ipv4, source, false, undefined);
  }

  #onReply(pdu: Pdu, source: Ipv4): void {
    const listener = this.#echoes.get(identifierOf(pdu.bytes, pdu.start));
    if (!listener) {
      drop(this.#context, pdu, 3, 'icmp', '', 'no-listener', 'nobody here waits for this echo reply');
      return;
    }
    opened(this.#context, pdu, 3, 'icmp', '');
    const ttl = pdu.bytes[pdu.outer + 8] as number;
    listener.onReply(sequenceOf(pdu.bytes, pdu.start), source, pdu.length - ICMP_HEADER_BYTES, ttl);
  }

  /** RFC 1122 section 3.2.2: an error is passed to the transport whose datagram it quotes, by the quoted ports. */
  #onError(pdu: Pdu, reporter: Ipv4, type: number): void {
    const { bytes, start, end } = pdu;
    const inner = start + ICMP_HEADER_BYTES;
    const isWhole = end - inner >= IPV4_HEADER_BYTES && end - inner >= headerLengthOf(bytes, inner) + 8;
    if (!isWhole || !this.#network.isLocal(sourceOf(bytes, inner))) {
      drop(this.#context, pdu, 3, 'icmp', '', 'malformed', 'the error quotes no datagram of this host');
      return;
    }
    opened(this.#context, pdu, 3, 'icmp', '');
    const kind = errorKind(type, codeOf(bytes, start));
    if (!kind) return;
    this.#transports(protocolOf(bytes, inner))?.onNetworkError({
      kind,
      code: codeOf(bytes, start),
      mtuBytes: kind === 'too-big' ? sequenceOf(bytes, start) : 0,
      reporter,
      source: sourceOf(bytes, inner),
      destination: destinationOf(bytes, inner),
      quoted: bytes.slice(inner + headerLengthOf(bytes, inner), end),
    });
  }

  /** RFC 1122 section 3.2.2 says about what no error may be sent; RFC 1812 section 4.3.2.3 how much is quoted. */
  #report(datagram: Pdu, type: number, code: number, mtuBytes: number): void {
    const { bytes, start } = datagram;
    const source = sourceOf(bytes, start);
    if (!mayReport(datagram)) return;
    // A host tells itself what it likes, as often as it likes.
    const isTooBig = type === ICMP_TYPE.unreachable && code === UNREACHABLE.fragmentationNeeded;
    if (!this.#network.isLocal(source) && !this.#limit.allows(source, isTooBig)) return;
    const quotedBytes = Math.min(datagram.length, GREATEST_ERROR_BYTES - IPV4_HEADER_BYTES - ICMP_HEADER_BYTES);
    const error = Pdu.withRoom(ICMP_HEADER_BYTES + quotedBytes);
    error.bytes.set(bytes.subarray(start, start + quotedBytes), error.start + ICMP_HEADER_BYTES);
    writeIcmp(error.bytes, error.start, error.end, type, code, 0, mtuBytes);
    const destination = destinationOf(bytes, start);
    const from = this.#network.isLocal(destination) ? destination : this.#network.sourceTowards(source);
    if (from !== null) this.#send(error, from as Ipv4, source, false, undefined);
  }

  #send(pdu: Pdu, from: Ipv4, to: Ipv4, dontFragment: boolean, ttl: number | undefined): boolean {
    const was = sealed(this.#context, pdu, 3, 'icmp', '');
    const sent = this.#network.send(pdu, IP_PROTOCOL.icmp, from, to, dontFragment, ttl);
    this.#context.resume(was);
    return sent;
  }
}

function errorKind(type: number, code: number): NetworkError['kind'] | null {
  if (type === ICMP_TYPE.timeExceeded) return 'time-exceeded';
  if (type === ICMP_TYPE.parameterProblem) return 'parameter-problem';
  if (type !== ICMP_TYPE.unreachable) return null;
  return code === UNREACHABLE.fragmentationNeeded ? 'too-big' : 'unreachable';
}

/** Never about an ICMP error, a broadcast or multicast, a fragment but the first, or a source that is not one host. */
function mayReport({ bytes, start, end }: Pdu): boolean {
  const destination = destinationOf(bytes, start);
  const source = sourceOf(bytes, start);
  if (destination >>> 28 >= 0xe || source >>> 28 >= 0xe || source === 0) return false;
  if (fragmentOffsetOf(bytes, start) !== 0) return false;
  const payload = start + headerLengthOf(bytes, start);
  return !(protocolOf(bytes, start) === IP_PROTOCOL.icmp && payload < end && isIcmpError(typeOf(bytes, payload)));
}
