/**
 * A few lines of script for one TCP endpoint: inject a segment, expect one, at exact virtual times.
 *
 *   const tcp = script();
 *   tcp.connect();                            // the endpoint opens
 *   tcp.sends('@0 S 0:0(0) win 65535 <mss 1460>');
 *   tcp.inject('S. 0:0(0) ack 1 win 65535 <mss 1460>');
 *   tcp.sends('@0 . 1:1(0) ack 1');
 *
 * Notation as tcpdump's and packetdrill's: flags (`S` SYN, `F` FIN, `R` RST, `P` PSH, `.` ACK, `-` none), then
 * `first:behind-last(length)`, `ack N`, `win N`, `<mss N>`. All numbers are relative: the endpoint's own ISS and the
 * peer's are 0. `@T` is the virtual time in ms. `win` and options are compared only where the line names them.
 */

import { expect } from 'vitest';
import { Context } from '../../src/kernel/context.ts';
import { Journal } from '../../src/kernel/journal.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import type { NetworkError, NetworkService, NetworkUser } from '../../src/layers/3-network/service.ts';
import { pseudoHeaderSum } from '../../src/layers/3-network/service.ts';
import type { CloseReason, Stream, StreamOptions } from '../../src/layers/4-transport/service.ts';
import type { Connection } from '../../src/layers/4-transport/tcp/connection.ts';
import {
  ACK,
  acknowledgmentOf,
  checkTcp,
  destinationPortOf,
  FIN,
  flagsOf,
  headerLengthOf,
  PSH,
  RST,
  SYN,
  sequenceOf,
  windowOf,
  writeTcp,
} from '../../src/layers/4-transport/tcp/header.ts';
import { readSynOptions, writeMss } from '../../src/layers/4-transport/tcp/options.ts';
import { RFC_PROFILE, type TcpProfile } from '../../src/layers/4-transport/tcp/profile.ts';
import { add, distance } from '../../src/layers/4-transport/tcp/sequence.ts';
import { Tcp } from '../../src/layers/4-transport/tcp/tcp.ts';
import { Pdu } from '../../src/layers/pdu.ts';

const OWN = 0x0a000001;
const PEER = 0x0a000002;
const PEER_PORT = 4321;
const MS = 1_000_000;

export interface ScriptOptions {
  readonly profile?: Partial<TcpProfile>;
  readonly mtuBytes?: number;
  /** The peer's initial sequence number. */
  readonly peerIss?: number;
  readonly seed?: string;
}

export interface SentSegment {
  readonly atMs: number;
  readonly text: string;
  readonly win: number;
  readonly mss: number | null;
  readonly payload: Uint8Array;
}

interface Parsed {
  readonly flags: number;
  readonly first: number;
  readonly length: number;
  readonly ack: number;
  readonly win: number | null;
  readonly mss: number | null;
}

export function script(options: ScriptOptions = {}): Script {
  return new Script(options);
}

export class Script {
  readonly kernel: Kernel;
  readonly journal = new Journal(true);
  readonly tcp: Tcp;
  readonly heard: string[] = [];
  readonly received: Uint8Array[] = [];
  /** Segments sent and not asked for yet. */
  readonly sent: SentSegment[] = [];
  stream: Stream | null = null;
  /** False: what arrives stays unread. */
  reads = true;
  ownPort = 80;
  #user: NetworkUser | null = null;
  #ownIss: number | null = null;
  readonly #peerIss: number;

  constructor({ profile, mtuBytes = 1500, peerIss = 1_000_000, seed = '1' }: ScriptOptions) {
    this.kernel = new Kernel(seed, this.journal);
    this.#peerIss = peerIss;
    const network: NetworkService = {
      sourceTowards: () => OWN,
      mtuTowards: () => mtuBytes,
      isLocal: (address) => address === OWN,
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
    this.stream = this.tcp.connect('test', { address: PEER, port: PEER_PORT }, this.#makeUser(), options);
    this.ownPort = this.stream.local.port;
  }

  listen(options: StreamOptions = {}): void {
    this.tcp.listen(
      'test',
      this.ownPort,
      (stream) => {
        this.stream = stream;
        this.heard.push('accept');
        return this.#makeUser();
      },
      options,
    );
  }

  /** Both SYNs exchanged, the endpoint having listened; what was sent is forgotten. */
  accepted({ win = 65_535, mss = 1460 as number | null } = {}): this {
    this.listen();
    this.inject(`S 0:0(0) win ${win}${mss === null ? '' : ` <mss ${mss}>`}`);
    this.inject(`. 1:1(0) ack 1 win ${win}`);
    this.sent.length = 0;
    return this;
  }

  /** Both SYNs exchanged after `rttMs`, the endpoint having connected; what was sent is forgotten. */
  connected({ win = 65_535, mss = 1460 as number | null, rttMs = 0, options = {} as StreamOptions } = {}): this {
    this.connect(options);
    this.wait(rttMs);
    this.inject(`S. 0:0(0) ack 1 win ${win}${mss === null ? '' : ` <mss ${mss}>`}`);
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

  inject(line: string, { breakChecksum = false, payload = null as Uint8Array | null } = {}): void {
    const parsed = parseLine(line);
    const optionBytes = parsed.mss === null ? 0 : 4;
    const pdu = Pdu.withRoom(parsed.length);
    if (payload) pdu.bytes.set(payload, pdu.start);
    else for (let at = 0; at < parsed.length; at++) pdu.bytes[pdu.start + at] = (parsed.first + at) & 0xff;
    const at = pdu.seal(20 + optionBytes);
    if (parsed.mss !== null) writeMss(pdu.bytes, at + 20, parsed.mss);
    const pseudo = pseudoHeaderSum(PEER, OWN, 6, pdu.length) + (breakChecksum ? 1 : 0);
    const sequence = add(this.#peerIss, parsed.first);
    const ack = parsed.flags & ACK ? add(this.#ownIss ?? 0, parsed.ack) : 0;
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
    this.#user?.onDatagram(pdu, PEER, OWN);
  }

  icmp(error: Partial<NetworkError> & { readonly sequence: number }): void {
    const quoted = new Uint8Array(20);
    writeTcp(quoted, 0, 20, this.ownPort, PEER_PORT, add(this.#ownIss ?? 0, error.sequence), 0, ACK, 0, 0, 0);
    this.#user?.onNetworkError({
      kind: 'unreachable',
      code: 0,
      mtuBytes: 0,
      reporter: PEER,
      source: OWN,
      destination: PEER,
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

  #makeUser() {
    return {
      onOpen: () => this.heard.push('open'),
      onReadable: () => {
        this.heard.push('readable');
        if (!this.reads) return;
        for (let bytes = this.stream?.read(); bytes && bytes.length > 0; bytes = this.stream?.read())
          this.received.push(bytes);
      },
      onEnd: () => this.heard.push('end'),
      onDrain: () => this.heard.push('drain'),
      onClose: (reason: CloseReason) => this.heard.push(`close ${reason}`),
    };
  }

  #onSent(pdu: Pdu): void {
    const { bytes, start, end } = pdu;
    expect(checkTcp(bytes, start, end, pseudoHeaderSum(OWN, PEER, 6, end - start))).toBeNull();
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
      mss: flags & SYN ? readSynOptions(bytes, start + 20, start + headerLength).mss : null,
      payload: bytes.slice(start + headerLength, end),
    });
  }
}

function flagText(flags: number): string {
  const letters = [
    [SYN, 'S'],
    [FIN, 'F'],
    [RST, 'R'],
    [PSH, 'P'],
    [ACK, '.'],
  ] as const;
  return letters.flatMap(([flag, letter]) => (flags & flag ? [letter] : [])).join('') || '-';
}

/** The segment in the words of the line it is compared with: time, window and MSS where that names them. */
function describeLike(segment: SentSegment, line: string): string {
  const time = line.startsWith('@') ? `@${segment.atMs} ` : '';
  const win = / win \d/.test(line) ? ` win ${segment.win}` : '';
  const mss = line.includes('<') ? ` <mss ${segment.mss}>` : '';
  return `${time}${segment.text}${win}${mss}`;
}

const LINE = /^([SFRP.-]+) (-?\d+):(-?\d+)\((\d+)\)(?: ack (-?\d+))?(?: win (\d+))?(?: <mss (\d+)>)?$/;

function parseLine(line: string): Parsed {
  const match = LINE.exec(line);
  if (!match) throw new Error(`not a segment: ${line}`);
  const [, letters = '', first, , length, ack, win, mss] = match;
  const bits = { S: SYN, F: FIN, R: RST, P: PSH, '.': ACK, '-': 0 } as Record<string, number>;
  return {
    flags: [...letters].reduce((flags, letter) => flags | (bits[letter] ?? 0), 0),
    first: Number(first),
    length: Number(length),
    ack: Number(ack ?? 0),
    win: win === undefined ? null : Number(win),
    mss: mss === undefined ? null : Number(mss),
  };
}
