/**
 * A few lines of script for one TCP endpoint: inject a segment, expect one, at exact virtual times.
 *
 *   const tcp = script();
 *   tcp.connect();                            // the endpoint opens
 *   tcp.sends('@0 S 0:0(0) win 65535 <mss 1460>');
 *   tcp.inject('S. 0:0(0) ack 1 win 65535 <mss 1460>');
 *   tcp.sends('@0 . 1:1(0) ack 1');
 *
 * Notation as tcpdump's and packetdrill's: flags (`S` SYN, `F` FIN, `R` RST, `P` PSH, `W` CWR, `E` ECE, `.` ACK, `-`
 * none), then `first:behind-last(length)`, `ack N`, `win N` (as it stands in the header, not scaled), and options:
 * `<mss N,sackOK,TS val ecr,wscale N>`, `<sack 1001:2001 3001:4001>`. All numbers are relative: the endpoint's own ISS and
 * the peer's are 0, and so is the endpoint's first timestamp at the time of its first segment; the peer's timestamps are
 * as written. `@T` is the virtual time in ms. `win` and options are compared only where the line names them.
 */

import { expect } from 'vitest';
import { Context } from '../../src/kernel/context.ts';
import { Journal } from '../../src/kernel/journal.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import type { NetworkError, NetworkService, NetworkUser } from '../../src/layers/3-network/service.ts';
import { pseudoHeaderSum } from '../../src/layers/3-network/service.ts';
import type { CloseReason, Listener, Stream, StreamOptions } from '../../src/layers/4-transport/service.ts';
import type { Connection } from '../../src/layers/4-transport/tcp/connection.ts';
import {
  ACK,
  acknowledgmentOf,
  checkTcp,
  destinationPortOf,
  flagsOf,
  headerLengthOf,
  SYN,
  sequenceOf,
  windowOf,
  writeTcp,
} from '../../src/layers/4-transport/tcp/header.ts';
import { RFC_PROFILE, type TcpProfile } from '../../src/layers/4-transport/tcp/profile.ts';
import { add, distance } from '../../src/layers/4-transport/tcp/sequence.ts';
import { Tcp } from '../../src/layers/4-transport/tcp/tcp.ts';
import { Pdu } from '../../src/layers/pdu.ts';
import type { IpAddress } from '../../src/wire/address.ts';
import { encodeOptions, flagText, optionText, parseLine } from './notation.ts';

const ADDRESSES = {
  ipv4: { own: 0x0a000001, peer: 0x0a000002 },
  ipv6: { own: 0xfd000000000000000000000000000001n, peer: 0xfd000000000000000000000000000002n },
} as const;
const PEER_PORT = 4321;
const MS = 1_000_000;

export interface ScriptOptions {
  readonly profile?: Partial<TcpProfile>;
  readonly mtuBytes?: number;
  /** The peer's initial sequence number. */
  readonly peerIss?: number;
  readonly seed?: string;
  /** Default: IPv4. */
  readonly family?: 'ipv4' | 'ipv6';
}

export interface SentSegment {
  readonly atMs: number;
  readonly text: string;
  readonly win: number;
  /** Options, as a script writes them. */
  readonly options: string;
  /** The ECN field of its IP header. */
  readonly ecn: number;
  readonly payload: Uint8Array;
}

export function script(options: ScriptOptions = {}): Script {
  return new Script(options);
}

export class Script {
  readonly kernel: Kernel;
  readonly journal = new Journal(true);
  readonly tcp: Tcp;
  readonly heard: string[] = [];
  /** Told of each of these as it happens: what the application does. */
  onHeard: (what: string) => void = () => {};
  readonly received: Uint8Array[] = [];
  /** Segments sent and not asked for yet. */
  readonly sent: SentSegment[] = [];
  stream: Stream | null = null;
  /** False: what arrives stays unread. */
  reads = true;
  ownPort = 80;
  #user: NetworkUser | null = null;
  #ownIss: number | null = null;
  /** The endpoint's timestamp at time 0. */
  #ownTs: number | null = null;
  readonly #peerIss: number;
  readonly #addresses: { readonly own: IpAddress; readonly peer: IpAddress };

  constructor({ profile, mtuBytes = 1500, peerIss = 1_000_000, seed = '1', family = 'ipv4' }: ScriptOptions) {
    this.#addresses = ADDRESSES[family];
    const { own } = this.#addresses;
    this.kernel = new Kernel(seed, this.journal);
    this.#peerIss = peerIss;
    const network: NetworkService = {
      sourceTowards: () => own,
      mtuTowards: () => mtuBytes,
      isLocal: (address) => address === own,
      register: (_protocol, user) => {
        this.#user = user;
      },
      refuse: () => {},
      send: (pdu) => {
        this.#onSent(pdu);
        return true;
      },
    };
    this.tcp = new Tcp(new Context(this.kernel, 'host'), network, { ...RFC_PROFILE, ...profile }, null);
  }

  get state(): string {
    return (this.stream as Connection | null)?.state ?? 'NONE';
  }

  get connection(): Connection {
    return this.stream as Connection;
  }

  get nowMs(): number {
    return this.kernel.nowNs / MS;
  }

  connect(options: StreamOptions = {}): void {
    this.stream = this.tcp.connect(
      'test',
      { address: this.#addresses.peer, port: PEER_PORT },
      this.#makeUser(),
      options,
    );
    this.ownPort = this.stream.local.port;
  }

  listen(options: StreamOptions = {}): Listener {
    return this.tcp.listen(
      'test',
      this.ownPort,
      (stream) => {
        this.stream = stream;
        this.#hear('accept');
        return this.#makeUser();
      },
      options,
    );
  }

  /** Both SYNs exchanged, the endpoint having listened; what was sent is forgotten. */
  accepted({ win = 65_535, mss = 1460 as number | null, also = '', last = '' } = {}): this {
    this.listen();
    this.inject(`S 0:0(0) win ${win}${mss === null ? '' : ` <mss ${mss}${also}>`}`);
    this.inject(`. 1:1(0) ack 1 win ${win}${last && ` <${last}>`}`);
    this.sent.length = 0;
    return this;
  }

  /** Both SYNs exchanged after `rttMs`, the endpoint having connected; what was sent is forgotten. */
  connected({
    win = 65_535,
    mss = 1460 as number | null,
    rttMs = 0,
    options = {} as StreamOptions,
    also = '',
  } = {}): this {
    this.connect(options);
    this.wait(rttMs);
    this.inject(`S. 0:0(0) ack 1 win ${win}${mss === null ? '' : ` <mss ${mss}${also}>`}`);
    this.sent.length = 0;
    return this;
  }

  write(bytes: number | string): number {
    const payload = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : new Uint8Array(bytes).fill(0x61);
    return (this.stream as Stream).write(payload);
  }

  wait(ms: number): void {
    const untilNs = this.kernel.nowNs + ms * MS;
    while (this.kernel.nextNs <= untilNs) this.kernel.step();
    this.kernel.idleUntil(untilNs);
  }

  inject(line: string, { breakChecksum = false, payload = null as Uint8Array | null, ecn = 0 } = {}): void {
    const parsed = parseLine(line);
    const ownIss = this.#ownIss ?? 0;
    const options = encodeOptions(parsed.options, { sequence: ownIss, tsVal: 0, tsEcr: this.#ownTs ?? 0 });
    const optionBytes = options.length;
    const pdu = Pdu.withRoom(parsed.length);
    if (payload) pdu.bytes.set(payload, pdu.start);
    else for (let at = 0; at < parsed.length; at++) pdu.bytes[pdu.start + at] = (parsed.first + at) & 0xff;
    const at = pdu.seal(20 + optionBytes);
    pdu.bytes.set(options, at + 20);
    const { own, peer } = this.#addresses;
    const pseudo = pseudoHeaderSum(peer, own, 6, pdu.length) + (breakChecksum ? 1 : 0);
    const sequence = add(this.#peerIss, parsed.first);
    const ack = parsed.flags & ACK ? add(ownIss, parsed.ack) : 0;
    writeTcp(
      pdu.bytes,
      at,
      pdu.end,
      PEER_PORT,
      this.ownPort,
      sequence,
      ack,
      parsed.flags,
      parsed.win ?? 65_535,
      optionBytes,
      pseudo,
    );
    pdu.ecn = ecn;
    this.#user?.onDatagram(pdu, peer, own);
  }

  icmp(error: Partial<NetworkError> & { readonly sequence: number }): void {
    const quoted = new Uint8Array(20);
    writeTcp(quoted, 0, 20, this.ownPort, PEER_PORT, add(this.#ownIss ?? 0, error.sequence), 0, ACK, 0, 0, 0);
    this.#user?.onNetworkError({
      kind: 'unreachable',
      code: 0,
      mtuBytes: 0,
      reporter: this.#addresses.peer,
      source: this.#addresses.own,
      destination: this.#addresses.peer,
      quoted,
      ...error,
    });
  }

  /** The next segments sent, exactly these, in this order. */
  sends(...lines: string[]): void {
    const got = this.sent.splice(0, this.sent.length);
    expect(got.map((segment, index) => describeLike(segment, lines[index] ?? ''))).toEqual(lines);
  }

  sendsNothing(): void {
    this.sends();
  }

  /** Reasons of the drops in the journal. */
  get drops(): string[] {
    return this.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.reason] : []));
  }

  get receivedBytes(): number {
    return this.received.reduce((total, { length }) => total + length, 0);
  }

  #hear(what: string): void {
    this.heard.push(what);
    this.onHeard(what);
  }

  #makeUser() {
    return {
      onOpen: () => this.#hear('open'),
      onReadable: () => {
        this.#hear('readable');
        if (!this.reads) return;
        for (let bytes = this.stream?.read(); bytes && bytes.length > 0; bytes = this.stream?.read())
          this.received.push(bytes);
      },
      onEnd: () => this.#hear('end'),
      onDrain: () => this.#hear('drain'),
      onClose: (reason: CloseReason) => this.#hear(`close ${reason}`),
    };
  }

  #optionText(bytes: Uint8Array, start: number, end: number): string {
    if (this.#ownTs === null) {
      const raw = optionText(bytes, start, end, { sequence: 0, tsVal: 0, tsEcr: 0 });
      const value = /TS (-?\d+)/.exec(raw)?.[1];
      if (value !== undefined) this.#ownTs = (Number(value) - Math.floor(this.nowMs)) | 0;
    }
    return optionText(bytes, start, end, { sequence: this.#peerIss, tsVal: this.#ownTs ?? 0, tsEcr: 0 });
  }

  #onSent(pdu: Pdu): void {
    const { bytes, start, end } = pdu;
    const { own, peer } = this.#addresses;
    expect(checkTcp(bytes, start, end, pseudoHeaderSum(own, peer, 6, end - start))).toBeNull();
    expect(destinationPortOf(bytes, start)).toBe(PEER_PORT);
    const flags = flagsOf(bytes, start);
    const sequence = sequenceOf(bytes, start);
    if (flags & SYN && this.#ownIss === null) this.#ownIss = sequence;
    const headerLength = headerLengthOf(bytes, start);
    const length = end - start - headerLength;
    // A RST to nobody's segment has a number that is not ours: it is shown as it stands.
    const first = this.#ownIss === null ? sequence : distance(sequence, this.#ownIss);
    const ack = flags & ACK ? ` ack ${distance(acknowledgmentOf(bytes, start), this.#peerIss)}` : '';
    this.sent.push({
      atMs: this.nowMs,
      text: `${flagText(flags)} ${first}:${first + length}(${length})${ack}`,
      win: windowOf(bytes, start),
      ecn: pdu.ecn,
      options: this.#optionText(bytes, start + 20, start + headerLength),
      payload: bytes.slice(start + headerLength, end),
    });
  }
}

/** The segment in the words of the line it is compared with: time, window and MSS where that names them. */
function describeLike(segment: SentSegment, line: string): string {
  const time = line.startsWith('@') ? `@${segment.atMs} ` : '';
  const win = / win \d/.test(line) ? ` win ${segment.win}` : '';
  const options = line.includes('<') ? ` <${segment.options}>` : '';
  return `${time}${segment.text}${win}${options}`;
}
