/** A host's TCP: who gets which segment, and the answer to segments that are nobody's (RFC 9293 section 3.10.7.1). */

import type { Context } from '../../../kernel/context.ts';
import type { IpAddress } from '../../../wire/address.ts';
import type { NetworkError, NetworkService, NetworkUser } from '../../3-network/service.ts';
import { pseudoHeaderSum } from '../../3-network/service.ts';
import { drop } from '../../drop.ts';
import { Pdu, sealed } from '../../pdu.ts';
import type { Endpoint, Listener, Stream, StreamOptions, StreamService, StreamUser } from '../service.ts';
import { Connection, TCP_PROTOCOL } from './connection.ts';
import type { ConnectionHost } from './connection-host.ts';
import {
  ACK,
  checkTcp,
  destinationPortOf,
  RST,
  SYN,
  sequenceOf,
  sourcePortOf,
  TCP_HEADER_BYTES,
  writeTcp,
} from './header.ts';
import { IsnGenerator } from './isn.ts';
import { headerBytesTowards } from './negotiation.ts';
import type { TcpProfile } from './profile.ts';
import { Segment } from './segment.ts';
import { add, after, before } from './sequence.ts';

interface ListeningPort {
  readonly name: string;
  readonly accept: (stream: Stream) => StreamUser;
  readonly options: StreamOptions;
  halfOpen: number;
}

export class Tcp implements StreamService, NetworkUser, ConnectionHost {
  readonly context: Context;
  readonly network: NetworkService;
  readonly profile: TcpProfile;
  readonly #mssBytes: number | null;
  /** By ports first: a number, so that finding a connection makes no string. Few share both ports. */
  readonly #connections = new Map<number, Connection[]>();
  /** Whose segment came last: the next is mostly for it, too. */
  #last: Connection | null = null;
  readonly #listeners = new Map<number, ListeningPort>();
  /** How many connections had a name. */
  readonly #names = new Map<string, number>();
  readonly #isn: IsnGenerator;
  /** What arrives is read into it, at whichever host: no segment outlasts the call that brings it. */
  static readonly #segment = new Segment();
  #nextPort: number;

  /** `mssBytes`: the MSS to announce; null: as much as the MTU allows. */
  constructor(context: Context, network: NetworkService, profile: TcpProfile, mssBytes: number | null) {
    this.context = context;
    this.network = network;
    this.profile = profile;
    this.#mssBytes = mssBytes;
    this.#isn = new IsnGenerator(context.random('tcp/isn'));
    const [first, last] = profile.ephemeralPorts;
    this.#nextPort = context.random('tcp/ports').between(first, last);
    network.register(TCP_PROTOCOL, this);
  }

  connect(name: string, to: Endpoint, user: StreamUser, options: StreamOptions = {}): Stream {
    const address = this.network.sourceTowards(to.address);
    const unspecified = typeof to.address === 'bigint' ? 0n : 0;
    const port = this.#freePort(to);
    const local = { address: address ?? unspecified, port: port ?? 0 };
    const connection = this.#make(name, local, to, user, null, options);
    // The caller gets its stream before anything can go wrong with it.
    if (address === null) this.context.after(0, () => connection.over('unreachable', 'there is no route'));
    if (port === null) {
      connection.become('SYN-SENT', 'the user connects');
      this.context.after(0, () => connection.over('unreachable', 'every port is in use towards there'));
    } else connection.connect();
    return connection;
  }

  listen(name: string, port: number, accept: (stream: Stream) => StreamUser, options: StreamOptions = {}): Listener {
    if (this.#listeners.has(port)) throw new RangeError(`port ${port} is taken by ${this.#listeners.get(port)?.name}`);
    this.#listeners.set(port, { name, accept, options, halfOpen: 0 });
    return { port, close: () => this.#listeners.delete(port) };
  }

  onDatagram(pdu: Pdu, source: IpAddress, destination: IpAddress): void {
    const pseudo = pseudoHeaderSum(source, destination, TCP_PROTOCOL, pdu.length);
    const problem = checkTcp(pdu.bytes, pdu.start, pdu.end, pseudo);
    if (problem) {
      const detail = problem === 'checksum' ? 'the checksum does not hold' : 'not a sound TCP header';
      drop(this.context, pdu, 4, 'tcp', '', problem, detail);
      return;
    }
    const segment = Tcp.#segment;
    segment.read(pdu.bytes, pdu.start, pdu.end);
    const localPort = destinationPortOf(pdu.bytes, pdu.start);
    const remotePort = sourcePortOf(pdu.bytes, pdu.start);
    const connection = this.#find(localPort, remotePort, source, destination);
    if (connection && !this.#isReopening(connection, segment)) {
      connection.onSegment(pdu, segment);
      pdu.release();
      return;
    }
    const local = { address: destination, port: localPort };
    const remote = { address: source, port: remotePort };
    const listener = this.#listeners.get(localPort);
    if (listener) this.#onListener(listener, pdu, segment, local, remote, connection);
    else this.#refuse(pdu, segment, local, remote);
  }

  onNetworkError(error: NetworkError): void {
    if (error.quoted.length < 8) return;
    const localPort = sourcePortOf(error.quoted, 0);
    const remotePort = destinationPortOf(error.quoted, 0);
    const connection = this.#find(localPort, remotePort, error.destination, error.source);
    if (!connection) return;
    // RFC 5927 section 4.1: an error about something that is not in flight comes from an attacker or the distant past.
    const sequence = sequenceOf(error.quoted, 0);
    const { sndUna, sndMax } = connection.sender;
    if (before(sequence, sndUna) || !before(sequence, sndMax)) return;
    connection.onNetworkError(error);
  }

  onGone(connection: Connection): void {
    if (this.#last === connection) this.#last = null;
    const key = keyOf(connection.local.port, connection.remote.port);
    const rest = (this.#connections.get(key) as Connection[]).filter((each) => each !== connection);
    if (rest.length > 0) this.#connections.set(key, rest);
    else this.#connections.delete(key);
    const listener = this.#listeners.get(connection.local.port);
    if (connection.isPassive && !connection.wasEstablished && listener) listener.halfOpen--;
  }

  /** Every connection, for the end of the host. */
  get connections(): readonly Connection[] {
    return [...this.#connections.values()].flat();
  }

  #make(
    name: string,
    local: Endpoint,
    remote: Endpoint,
    user: StreamUser | null,
    accept: ((stream: Stream) => StreamUser) | null,
    options: StreamOptions,
    reopensAt: number | null = null,
  ): Connection {
    const iss = reopensAt ?? this.#isn.next(this.context.nowNs, local, remote);
    const mssBytes = this.#mssBytes ?? this.network.mtuTowards(remote.address) - headerBytesTowards(remote.address);
    const offset = this.profile.timestamps ? this.#isn.timestampOffset(local, remote) : 0;
    const connection = new Connection(this, this.#freeName(name), local, remote, iss, user, accept, mssBytes, offset);
    if (options.noDelay) connection.sender.noDelay = true;
    if (options.userTimeoutNs !== undefined) connection.sender.patience.limit(options.userTimeoutNs);
    if (options.keepAlive) connection.keepAlive();
    const key = keyOf(local.port, remote.port);
    const others = this.#connections.get(key);
    if (others) others.push(connection);
    else this.#connections.set(key, [connection]);
    return connection;
  }

  #find(localPort: number, remotePort: number, remote: IpAddress, local: IpAddress): Connection | null {
    const last = this.#last;
    if (last?.isBetween(localPort, local, remotePort, remote)) return last;
    for (const each of this.#connections.get(keyOf(localPort, remotePort)) ?? []) {
      if (!each.isBetween(localPort, local, remotePort, remote)) continue;
      this.#last = each;
      return each;
    }
    return null;
  }

  /** RFC 1122 section 4.2.2.13: in TIME-WAIT a SYN above all that was received may open a new connection. */
  #isReopening(connection: Connection, segment: Segment): boolean {
    if (connection.state !== 'TIME-WAIT' || segment.has(ACK) || segment.has(RST) || !segment.has(SYN)) return false;
    if (!this.#listeners.has(connection.local.port)) return false;
    const { timestamps, receiver } = connection;
    // RFC 6191 section 2: a newer timestamp says it as well as a higher number.
    if (timestamps.isOn && segment.options.hasTimestamps) {
      const isNewer = after(segment.options.tsVal, timestamps.recent);
      if (isNewer || segment.options.tsVal !== timestamps.recent) return isNewer;
    }
    return after(segment.sequence, receiver.rcvNxt);
  }

  /** 3.10.7.2: RST is ignored, ACK answered by RST, SYN opens. */
  #onListener(
    listener: ListeningPort,
    pdu: Pdu,
    segment: Segment,
    local: Endpoint,
    remote: Endpoint,
    previous: Connection | null,
  ): void {
    if (segment.has(RST)) {
      drop(this.context, pdu, 4, 'tcp', '', 'no-connection', 'a RST for a port that only listens is ignored');
      return;
    }
    if (segment.has(ACK) || !segment.has(SYN)) {
      this.#refuse(pdu, segment, local, remote);
      return;
    }
    if (listener.halfOpen >= this.profile.backlog) {
      const detail = `${listener.halfOpen} connections are half open: the SYN is dropped, and the client will try again`;
      drop(this.context, pdu, 4, 'tcp', '', 'buffer-full', detail);
      return;
    }
    previous?.over('finished', 'a new connection takes its ports');
    listener.halfOpen++;
    const accept = (stream: Stream) => {
      listener.halfOpen--;
      return listener.accept(stream);
    };
    const above = previous && this.profile.reopenAbove;
    const reopensAt = previous && above !== null ? add(previous.sender.sndNxt, above) : null;
    const connection = this.#make(listener.name, local, remote, null, accept, listener.options, reopensAt);
    connection.onSyn(pdu, segment);
  }

  /** RFC 9293 section 3.10.7.1: all data for a connection that does not exist is discarded, and answered by RST. */
  #refuse(pdu: Pdu, segment: Segment, local: Endpoint, remote: Endpoint): void {
    const { context } = this;
    const detail = `nobody listens on port ${local.port} and no connection has these ports`;
    drop(context, pdu, 4, 'tcp', '', segment.has(SYN) ? 'no-listener' : 'no-connection', detail);
    if (segment.has(RST)) return;
    const reset = Pdu.withRoom(0);
    const at = reset.seal(TCP_HEADER_BYTES);
    const pseudo = pseudoHeaderSum(local.address, remote.address, TCP_PROTOCOL, TCP_HEADER_BYTES);
    const hasAck = segment.has(ACK);
    const sequence = hasAck ? segment.acknowledgment : 0;
    const acknowledgment = hasAck ? 0 : add(segment.sequence, segment.length);
    const flags = hasAck ? RST : RST | ACK;
    writeTcp(reset.bytes, at, reset.end, local.port, remote.port, sequence, acknowledgment, flags, 0, 0, pseudo);
    const was = sealed(context, reset, 4, 'tcp', '');
    this.network.send(reset, TCP_PROTOCOL, local.address, remote.address, true);
    context.resume(was);
  }

  /** Null: none is left. */
  #freePort(to: Endpoint): number | null {
    const [first, last] = this.profile.ephemeralPorts;
    for (let tries = last - first; tries >= 0; tries--) {
      const port = this.#nextPort;
      this.#nextPort = port === last ? first : port + 1;
      if (!this.#listeners.has(port) && !this.#connections.has(keyOf(port, to.port))) return port;
    }
    return null;
  }

  /** `http`, then `http-2`, `http-3` … */
  #freeName(name: string): string {
    const number = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, number);
    return number === 1 ? name : `${name}-${number}`;
  }
}

/** A signed 32-bit number, which the engine keeps without a box. */
function keyOf(localPort: number, remotePort: number): number {
  return (localPort << 16) | remotePort;
}
