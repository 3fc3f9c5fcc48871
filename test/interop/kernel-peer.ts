/** Linux's TCP, asked segment by segment through a TUN device. */

import { writeIcmp } from '../../src/layers/3-network/icmp/header.ts';
import { ICMPV6_TYPE, writeIcmpv6 } from '../../src/layers/3-network/icmpv6/header.ts';
import { IP_PROTOCOL } from '../../src/layers/3-network/ipv4/header.ts';
import { pseudoHeaderSum } from '../../src/layers/3-network/service.ts';
import {
  ACK,
  acknowledgmentOf,
  destinationPortOf,
  flagsOf,
  headerLengthOf,
  SYN,
  sequenceOf,
  sourcePortOf,
  TCP_HEADER_BYTES,
  windowOf,
  writeTcp,
} from '../../src/layers/4-transport/tcp/header.ts';
import { add, distance } from '../../src/layers/4-transport/tcp/sequence.ts';
import { putU32 } from '../../src/wire/writer.ts';
import { encodeOptions, flagText, optionText, parseLine } from '../conformance/notation.ts';
import { ENDS, type Family, ipPacket, payloadAt } from './ip-probes.ts';
import type { Asked, Heard, Probe } from './probes.ts';

const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));

/** The job that a host has for a probe on a port; null: none. */
export function jobFor({ does }: Probe, family: Family, port: number): string | null {
  if (does === 'nothing') return null;
  if (does === 'connects') return `receive-from ${ENDS[family].askerText} ${port}`;
  return does === 'reads' ? `receive-on ${port}` : `serve-on ${port} ${does} 1`;
}

/** One connection's worth of asking, from a port that both ends use. */
export class KernelPeer implements Asked {
  readonly mss: number;
  /** Where packets to the host go. */
  send: (packet: Uint8Array) => void = () => {};
  readonly #family: Family;
  readonly #port: number;
  readonly #peerIss: number;
  #ownPort: number;
  #ownIss: number | null = null;
  #ownTs: number | null = null;
  /** The last packet that came, for ICMP to quote. */
  #last: Uint8Array | null = null;
  readonly #sent: Heard[] = [];

  constructor(family: Family, port: number, peerIss: number) {
    this.#family = family;
    this.#port = port;
    this.#ownPort = port;
    this.#peerIss = peerIss;
    this.mss = family === 'ipv4' ? 1460 : 1440;
  }

  inject(line: string, { breakChecksum = false } = {}): void {
    const parsed = parseLine(line);
    const ownIss = this.#ownIss ?? 0;
    const options = encodeOptions(parsed.options, { sequence: ownIss, tsVal: 0, tsEcr: this.#ownTs ?? 0 });
    const segment = new Uint8Array(TCP_HEADER_BYTES + options.length + parsed.length);
    segment.set(options, TCP_HEADER_BYTES);
    const { own, asker } = ENDS[this.#family];
    const pseudo = pseudoHeaderSum(asker, own, IP_PROTOCOL.tcp, segment.length) + (breakChecksum ? 1 : 0);
    const sequence = add(this.#peerIss, parsed.first);
    const ack = parsed.flags & ACK ? add(ownIss, parsed.ack) : 0;
    const numbers = [this.#port, this.#ownPort, sequence, ack, parsed.flags, parsed.win ?? 65_535] as const;
    writeTcp(segment, 0, segment.length, ...numbers, options.length, pseudo);
    this.send(ipPacket(this.#family, IP_PROTOCOL.tcp, segment));
  }

  tooBig(mtuBytes: number, sequence: number): void {
    const last = this.#last as Uint8Array;
    const tcpAt = payloadAt(this.#family, last);
    const quoted = last.slice(0, tcpAt + TCP_HEADER_BYTES);
    putU32(quoted, tcpAt + 4, add(this.#ownIss as number, sequence));
    const message = new Uint8Array(8 + quoted.length);
    message.set(quoted, 8);
    if (this.#family === 'ipv4') {
      writeIcmp(message, 0, message.length, 3, 4, 0, mtuBytes);
      this.send(ipPacket('ipv4', IP_PROTOCOL.icmp, message));
      return;
    }
    const { own, asker } = ENDS.ipv6;
    const pseudo = pseudoHeaderSum(asker, own, IP_PROTOCOL.icmpv6, message.length);
    writeIcmpv6(message, 0, message.length, ICMPV6_TYPE.tooBig, 0, mtuBytes, pseudo);
    this.send(ipPacket('ipv6', IP_PROTOCOL.icmpv6, message));
  }

  async next(): Promise<Heard> {
    for (let waits = 0; waits < 1000 && this.#sent.length === 0; waits++) await pause(5);
    const [first] = this.#sent.splice(0, 1);
    if (!first) throw new Error('the kernel did not answer');
    return first;
  }

  async heard(ms = 300): Promise<readonly Heard[]> {
    await pause(ms);
    // A busy machine answers late.
    if (this.#sent.length === 0 && ms >= 300) await pause(1000);
    return this.#sent.splice(0);
  }

  /** A TCP segment from the host. True where it is for this one. */
  onPacket(packet: Uint8Array): boolean {
    const at = payloadAt(this.#family, packet);
    if (destinationPortOf(packet, at) !== this.#port) return false;
    this.#last = packet;
    this.#ownPort = sourcePortOf(packet, at);
    const flags = flagsOf(packet, at);
    const sequence = sequenceOf(packet, at);
    if (flags & SYN && this.#ownIss === null) this.#ownIss = sequence;
    const dataAt = at + headerLengthOf(packet, at);
    const length = packet.length - dataAt;
    const first = this.#ownIss === null ? sequence : distance(sequence, this.#ownIss);
    const ack = flags & ACK ? ` ack ${distance(acknowledgmentOf(packet, at), this.#peerIss)}` : '';
    const bases = { sequence: this.#peerIss, tsVal: this.#ownTs ?? 0, tsEcr: 0 };
    const options = optionText(packet, at + TCP_HEADER_BYTES, dataAt, bases);
    this.#ownTs ??= Number(/TS (-?\d+)/.exec(options)?.[1] ?? Number.NaN) || null;
    const text = `${flagText(flags)} ${first}:${first + length}(${length})${ack}`;
    this.#sent.push({ text, options, win: windowOf(packet, at), length });
    return true;
  }
}
