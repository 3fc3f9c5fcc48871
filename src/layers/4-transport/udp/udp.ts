/**
 * The User Datagram Protocol (RFC 768, RFC 1122 section 4.1): ports and a checksum on top of IP, and nothing else. Each
 * send is one datagram, each datagram one receive; what the network loses, doubles or overtakes stays so.
 */

import type { Context } from '../../../kernel/context.ts';
import { NOTHING } from '../../../kernel/journal.ts';
import type { Rng } from '../../../kernel/rng.ts';
import { formatIp, type IpAddress } from '../../../wire/address.ts';
import { IP_PROTOCOL } from '../../3-network/ipv4/header.ts';
import { type NetworkError, type NetworkService, type NetworkUser, pseudoHeaderSum } from '../../3-network/service.ts';
import { drop } from '../../drop.ts';
import { opened, Pdu, sealed } from '../../pdu.ts';
import type { DatagramErrorKind, DatagramService, DatagramSocket, DatagramUser, Endpoint } from '../service.ts';
import {
  checksumHolds,
  checksumOf,
  destinationPortOf,
  GREATEST_PAYLOAD_BYTES,
  lengthOf,
  sourcePortOf,
  UDP_HEADER_BYTES,
  writeUdp,
} from './header.ts';

/** The dynamic ports (RFC 6335 section 6), from which RFC 6056 has a client choose at random. */
const FIRST_EPHEMERAL = 49_152;
const EPHEMERAL_PORTS = 16_384;
const GREATEST_PORT = 65_535;

/** What `via` says where no socket is concerned. */
const NO_SOCKET = 'udp';

interface Socket extends DatagramSocket {
  /** `udp.NAME`, the machine in the journal. */
  readonly machine: string;
  readonly user: DatagramUser;
  /** The interface that it is for alone. */
  readonly on: string | undefined;
}

export class Udp implements DatagramService, NetworkUser {
  readonly #context: Context;
  readonly #network: NetworkService;
  readonly #ports: Rng;
  readonly #sockets = new Map<number, Socket>();
  /** Those for one interface alone, by `PORT INTERFACE`. */
  readonly #onInterfaces = new Map<string, Socket>();

  constructor(context: Context, network: NetworkService) {
    this.#context = context;
    this.#network = network;
    this.#ports = context.random('udp/ports');
    network.register(IP_PROTOCOL.udp, this);
  }

  /**
   * Opens a socket on a port 1..65535, or on a free one of 49152..65535 for 0. Throws a RangeError when the port is in
   * use or none is free: whoever writes the scenario gave one port to two applications.
   */
  bind(name: string, port: number, user: DatagramUser, on?: string): DatagramSocket {
    const chosen = port === 0 ? this.#freePort() : port;
    const holder = this.#holderOf(chosen, on);
    if (holder) throw new RangeError(`${name} cannot have UDP port ${chosen}: ${holder.machine} has it`);
    if (!(chosen >= 1 && chosen <= GREATEST_PORT)) throw new RangeError(`${chosen} is not a port, 1..${GREATEST_PORT}`);
    const socket: Socket = {
      port: chosen,
      machine: `udp.${name}`,
      user,
      on,
      send: (to, payload, carries = NOTHING, from) => this.#send(socket, to, payload, carries, from),
      close: () => {
        if (this.#holderOf(chosen, on) !== socket) return;
        if (on === undefined) this.#sockets.delete(chosen);
        else this.#onInterfaces.delete(`${chosen} ${on}`);
      },
    };
    if (on === undefined) this.#sockets.set(chosen, socket);
    else this.#onInterfaces.set(`${chosen} ${on}`, socket);
    return socket;
  }

  #holderOf(port: number, on: string | undefined): Socket | undefined {
    return on === undefined ? this.#sockets.get(port) : this.#onInterfaces.get(`${port} ${on}`);
  }

  /** Who hears what comes to a port by an interface: whoever asked for that interface alone goes first. */
  #listenerAt(port: number, via: string | undefined): Socket | undefined {
    const own = this.#onInterfaces.size > 0 && via !== undefined ? this.#holderOf(port, via) : undefined;
    return own ?? this.#sockets.get(port);
  }

  sourceTowards(destination: IpAddress, preferred?: IpAddress): IpAddress | null {
    if (preferred !== undefined && this.#network.isLocal(preferred)) return preferred;
    return this.#network.sourceTowards(destination);
  }

  onDatagram(pdu: Pdu, source: IpAddress, destination: IpAddress, by?: string): void {
    const { bytes, start } = pdu;
    const problem = lengthProblem(pdu);
    if (problem !== null) {
      drop(this.#context, pdu, 4, 'udp', NO_SOCKET, 'malformed', problem);
      return;
    }
    const length = lengthOf(bytes, start);
    const port = destinationPortOf(bytes, start);
    const socket = this.#listenerAt(port, by);
    const via = socket?.machine ?? NO_SOCKET;
    // RFC 8200 section 8.1: over IPv6 the checksum is not optional, so one of zero was not computed and is refused.
    const isMissing = typeof source === 'bigint' && checksumOf(bytes, start) === 0;
    const pseudo = pseudoHeaderSum(source, destination, IP_PROTOCOL.udp, length);
    if (isMissing || !checksumHolds(bytes, start, start + length, pseudo)) {
      const detail = isMissing ? 'there is no checksum, and IPv6 asks for one' : 'the checksum does not hold';
      drop(this.#context, pdu, 4, 'udp', via, 'checksum', detail);
      return;
    }
    if (!socket) {
      drop(this.#context, pdu, 4, 'udp', via, 'no-listener', `nobody listens on UDP port ${port}`);
      this.#network.refuse(pdu);
      return;
    }
    this.#deliver(socket, pdu, length, source, destination);
  }

  /** RFC 1122 section 4.1.3.3: "UDP MUST pass to the application layer all ICMP error messages that it receives". */
  onNetworkError(error: NetworkError): void {
    const { quoted, destination } = error;
    if (quoted.length < 4) return;
    const to = { address: destination, port: destinationPortOf(quoted, 0) };
    this.#sockets.get(sourcePortOf(quoted, 0))?.user.onDatagramError?.(to, errorKind(error));
  }

  #deliver(socket: Socket, pdu: Pdu, length: number, source: IpAddress, destination: IpAddress): void {
    const from = { address: source, port: sourcePortOf(pdu.bytes, pdu.start) };
    const to = { address: destination, port: socket.port };
    pdu.trim(length);
    opened(this.#context, pdu, 4, 'udp', socket.machine);
    pdu.open(UDP_HEADER_BYTES);
    socket.user.onDatagram(pdu.view(), from, to, pdu.carries);
  }

  #send(
    socket: Socket,
    to: Endpoint,
    payload: Uint8Array,
    carries: readonly number[],
    from: IpAddress | undefined,
  ): boolean {
    if (this.#holderOf(socket.port, socket.on) !== socket) {
      this.#refuse(socket, payload, carries, 'closed', 'the socket is closed');
      return false;
    }
    // IPv6's payload length does not count its header (RFC 8200 section 3).
    const greatestBytes = GREATEST_PAYLOAD_BYTES + (typeof to.address === 'bigint' ? 20 : 0);
    if (payload.length > greatestBytes) {
      const detail = `${payload.length} octets are more than the ${greatestBytes} that fit one datagram`;
      this.#refuse(socket, payload, carries, 'too-big', detail);
      return false;
    }
    if (!(to.port >= 1 && to.port <= GREATEST_PORT)) {
      this.#refuse(socket, payload, carries, 'no-listener', `port ${to.port} of ${formatIp(to.address)} is no port`);
      return false;
    }
    // Without a route there is no source address either: the network then refuses the datagram and journals why.
    const source = from === 0 ? 0 : (this.sourceTowards(to.address, from) ?? unspecified(to.address));
    const pdu = Pdu.withRoom(payload.length);
    pdu.bytes.set(payload, pdu.start);
    pdu.carries = carries;
    const at = pdu.seal(UDP_HEADER_BYTES);
    const pseudo = pseudoHeaderSum(source, to.address, IP_PROTOCOL.udp, pdu.length);
    writeUdp(pdu.bytes, at, pdu.end, socket.port, to.port, pseudo);
    const was = sealed(this.#context, pdu, 4, 'udp', socket.machine);
    const sent = this.#network.send(pdu, IP_PROTOCOL.udp, source, to.address, false, undefined, socket.on);
    this.#context.resume(was);
    return sent;
  }

  /** A send that fails on the spot, as EMSGSIZE or EINVAL would tell a program. */
  #refuse(
    socket: Socket,
    payload: Uint8Array,
    carries: readonly number[],
    reason: 'closed' | 'too-big' | 'no-listener',
    detail: string,
  ): void {
    if (!this.#context.recording) return;
    const pdu = Pdu.around(payload);
    pdu.carries = carries;
    drop(this.#context, pdu, 4, 'udp', socket.machine, reason, detail);
  }

  /** RFC 6056 section 3.3.1: a random place to begin, and from there the next port that nobody has. */
  #freePort(): number {
    const first = this.#ports.below(EPHEMERAL_PORTS);
    for (let tried = 0; tried < EPHEMERAL_PORTS; tried++) {
      const port = FIRST_EPHEMERAL + ((first + tried) % EPHEMERAL_PORTS);
      if (!this.#sockets.has(port)) return port;
    }
    throw new RangeError(`all ${EPHEMERAL_PORTS} UDP ports from ${FIRST_EPHEMERAL} on are in use`);
  }
}

/** RFC 768: the length counts header and data, so at least 8; what lies behind it in the IP datagram is not UDP's. */
function lengthProblem(pdu: Pdu): string | null {
  if (pdu.length < UDP_HEADER_BYTES) return `${pdu.length} octets are too short for a UDP header`;
  const length = lengthOf(pdu.bytes, pdu.start);
  if (length < UDP_HEADER_BYTES) return `the length field says ${length}, less than the header takes`;
  return length > pdu.length ? `the length field says ${length}, but only ${pdu.length} octets came` : null;
}

function errorKind(error: NetworkError): DatagramErrorKind {
  if (error.kind !== 'unreachable') return error.kind;
  return error.code === 3 ? 'port-unreachable' : 'unreachable';
}

function unspecified(like: IpAddress): IpAddress {
  return typeof like === 'bigint' ? 0n : 0;
}
