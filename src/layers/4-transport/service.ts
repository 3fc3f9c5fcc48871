import type { IpAddress } from '../../wire/address.ts';

/** A transport address: where a conversation ends. */
export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** The connection-mode transport service (ISO/IEC 8072): a byte stream each way. TCP offers it; TLS will too. */
export interface StreamService {
  /**
   * Starts to connect; the user hears `onOpen` or `onClose`. `name` is what people call the connection: its machine in
   * the journal is `tcp.NAME`, with `-2`, `-3` … where the name is taken.
   */
  connect(name: string, to: Endpoint, user: StreamUser, options?: StreamOptions): Stream;
  /** Accepts connections on a port. `accept` gets the stream when the connection is up, and returns who uses it. */
  listen(name: string, port: number, accept: (stream: Stream) => StreamUser, options?: StreamOptions): Listener;
}

export interface Listener {
  readonly port: number;
  /** Accepts no more; connections that are up go on. */
  close(): void;
}

export interface StreamOptions {
  /** True: small segments do not wait for an ACK (TCP_NODELAY, RFC 9293 section 3.7.4). */
  readonly noDelay?: boolean;
  /** How long octets may stay unacknowledged before the connection is given up (RFC 9293 section 3.10.8), in ns. */
  readonly userTimeoutNs?: number;
  /** An idle peer is asked whether it is still there (RFC 9293 section 3.8.4). */
  readonly keepAlive?: boolean;
}

export interface Stream {
  /** The name after collision numbering. */
  readonly name: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Octets written that the peer has not acknowledged yet. */
  readonly unacknowledgedBytes: number;
  /** Room for more octets now; `onDrain` tells when there is some again after a write was cut short. */
  readonly writableBytes: number;
  /** Octets that wait to be read. */
  readonly readableBytes: number;
  /**
   * Takes as many octets as there is room for and returns how many. It may keep them as they are: nobody may change them
   * afterwards. `carries`: journal entries of the messages they belong to. After `end` or a close it takes none.
   */
  write(bytes: Uint8Array, carries?: readonly number[]): number;
  /** Up to `atMost` octets of what has arrived in order; an empty array when there are none. */
  read(atMost?: number): Uint8Array;
  /** As `read`, for who does not want to see the octets; returns how many there were. */
  skip?(atMost?: number): number;
  /** TCP_NODELAY from now on: see `StreamOptions.noDelay`. Streams that keep no segments back do without. */
  setNoDelay?(): void;
  /** No more will be written: FIN after the last octet. Reading goes on (half close). */
  end(): void;
  /** Will neither write nor read again. With unread data this resets the connection (RFC 9293 section 3.10.4, SHLD-3). */
  close(): void;
  /** RST now; what was not acknowledged is lost (RFC 9293 section 3.10.5). */
  abort(): void;
}

/** Why a stream is over. `finished`: both sides closed it in peace. */
export type CloseReason = 'finished' | 'refused' | 'reset' | 'timed-out' | 'aborted' | 'unreachable';

/** What a stream tells its user. */
export interface StreamUser {
  /** The connection is up (the side that connects; a listener's `accept` is that call for the other). */
  onOpen?(): void;
  /** There is something to read. Told again when more arrives. */
  onReadable?(): void;
  /** The peer will send no more, and everything was read or is readable (end of file). */
  onEnd?(): void;
  /** There is room to write again. */
  onDrain?(): void;
  onClose?(reason: CloseReason): void;
}

/** The connectionless transport service: UDP's. */
export interface DatagramService {
  /**
   * Opens a socket on a port; 0 chooses a free one. `on`: for one interface alone: hears only what comes by it, and what
   * it sends to everybody leaves there.
   */
  bind(name: string, port: number, user: DatagramUser, on?: string): DatagramSocket;
  /**
   * The address that a datagram to `destination` would come from: `preferred` where that is one of this host's, else
   * what the route prescribes; null without a route.
   */
  sourceTowards(destination: IpAddress, preferred?: IpAddress): IpAddress | null;
}

export interface DatagramSocket {
  readonly port: number;
  /**
   * Sends one datagram; false when there is no route or it is greater than 65,507 octets. `from`: the source address, so
   * that an answer comes from where the question went (RFC 1122 section 4.1.3.5); 0: from a host that does not know its
   * address yet (section 3.2.1.3).
   */
  send(to: Endpoint, payload: Uint8Array, carries?: readonly number[], from?: IpAddress): boolean;
  close(): void;
}

export interface DatagramUser {
  /** The payload may be looked at but not changed. `carries`: the entries of the messages in it, known to the journal only. */
  onDatagram(payload: Uint8Array, from: Endpoint, to: Endpoint, carries: readonly number[]): void;
  /** An ICMP error about a datagram of this socket: RFC 1122 section 4.1.3.3. */
  onDatagramError?(to: Endpoint, kind: DatagramErrorKind): void;
}

export type DatagramErrorKind = 'port-unreachable' | 'unreachable' | 'time-exceeded' | 'too-big' | 'parameter-problem';
