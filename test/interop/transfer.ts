/** One transfer between our TCP and Linux's, in real time, and what both sides say of it afterwards. */

import { createHash } from 'node:crypto';
import { RealTime } from '../../src/gateway/real-time.ts';
import { Context } from '../../src/kernel/context.ts';
import { Journal } from '../../src/kernel/journal.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { Icmp } from '../../src/layers/3-network/icmp/icmp.ts';
import { Icmpv6 } from '../../src/layers/3-network/icmpv6/icmpv6.ts';
import { Ipv4Machine } from '../../src/layers/3-network/ipv4/ipv4.ts';
import { Ipv6Interface } from '../../src/layers/3-network/ipv6/interface.ts';
import { Ipv6Machine } from '../../src/layers/3-network/ipv6/ipv6.ts';
import type { Stream, StreamUser } from '../../src/layers/4-transport/service.ts';
import type { TcpProfile } from '../../src/layers/4-transport/tcp/profile.ts';
import { Tcp } from '../../src/layers/4-transport/tcp/tcp.ts';
import { pattern } from '../../src/layers/7-application/bulk/pattern.ts';
import { LinuxHost } from './linux-host.ts';
import { type Harm, RawLink } from './raw-link.ts';

const LINUX = {
  ipv4: { text: '10.9.0.1', prefix: 24, address: 0x0a090001 },
  ipv6: { text: 'fd00:9::1', prefix: 64, address: 0xfd000009000000000000000000000001n },
} as const;
const OURS = {
  ipv4: { text: '10.9.0.2', address: 0x0a090002 },
  ipv6: { text: 'fd00:9::2', address: 0xfd000009000000000000000000000002n },
} as const;
const PORT = 5001;

export const DIRECTIONS = ['we open, we send', 'Linux opens, we send', 'Linux opens, Linux sends'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Counters of the kernel that say that it got something broken. */
const BROKEN = [
  ...['TcpInCsumErrors', 'IpInHdrErrors', 'IcmpInCsumErrors', 'UdpInCsumErrors'],
  ...['Ip6InHdrErrors', 'Icmp6InCsumErrors', 'Udp6InCsumErrors', 'Ip6ReasmFails'],
] as const;

export interface TransferOptions {
  readonly direction: Direction;
  readonly harm: Harm;
  readonly seed: number;
  readonly profile: TcpProfile;
  readonly octets: number;
  /** Default: IPv4. */
  readonly family?: 'ipv4' | 'ipv6';
  readonly limitSeconds?: number;
  /** Linux writes so many octets at once. */
  readonly chunk?: number;
  /** Tampers with the stack, to see that the judges notice. */
  readonly plant?: (tcp: Tcp, link: RawLink) => void;
}

/** A host of ours at the end of the link. */
function tcpOver(family: 'ipv4' | 'ipv6', context: Context, link: RawLink, profile: TcpProfile): Tcp {
  const concerned = (tcp: Tcp) => (protocol: number) => (protocol === 6 ? tcp : null);
  if (family === 'ipv4') {
    const ipv4 = new Ipv4Machine(context, [{ link, address: OURS.ipv4.address, prefix: 24 }], [], false);
    const tcp = new Tcp(context, ipv4, profile, null);
    ipv4.reportTo(new Icmp(context, ipv4, concerned(tcp)));
    return tcp;
  }
  const out = new Ipv6Interface(context, link, false);
  const never = Number.MAX_SAFE_INTEGER;
  const { address } = OURS.ipv6;
  out.assign({ address, prefix: 64, state: 'preferred', preferredUntilNs: never, validUntilNs: never }, 'test');
  const ipv6 = new Ipv6Machine(context, [out], [], false);
  const tcp = new Tcp(context, ipv6, profile, null);
  new Icmpv6(context, ipv6, concerned(tcp));
  return tcp;
}

/** What was wrong; empty when nothing was. */
export async function transfer(options: TransferOptions): Promise<string[]> {
  const { direction, harm, seed, profile, octets, limitSeconds = 60, chunk = 65_536, family = 'ipv4' } = options;
  const [theirs, own] = [LINUX[family], OURS[family]];
  const jobs = {
    'we open, we send': `receive-on ${PORT}`,
    'Linux opens, we send': `receive-from ${own.text} ${PORT}`,
    'Linux opens, Linux sends': `send-to ${own.text} ${PORT} ${octets} ${seed} ${chunk}`,
  } as const;
  const kernel = new Kernel(String(seed), new Journal(false));
  const context = new Context(kernel, 'ours');
  const link = new RawLink(context, harm);
  const tcp = tcpOver(family, context, link, profile);
  const linux = new LinuxHost(['--address', `${theirs.text}/${theirs.prefix}`, '--job', jobs[direction]]);
  const clock = new RealTime(kernel);
  linux.onPacket = (packet) => clock.happen(() => link.receive(packet));
  link.onPacketOut = (packet) => linux.send(packet);
  const ours = direction === 'Linux opens, Linux sends' ? new Reader() : new Writer(octets);
  if (direction === 'we open, we send') {
    await linux.listening(PORT);
    clock.happen(() => ours.use(tcp.connect('interop', { address: theirs.address, port: PORT }, ours)));
  } else clock.happen(() => tcp.listen('interop', PORT, (stream) => ours.use(stream)));
  options.plant?.(tcp, link);
  const isDone = () => linux.results.length > 0 && ours.isOver;
  for (let waits = 0; waits < limitSeconds * 50 && !isDone(); waits++) await new Promise((go) => setTimeout(go, 20));
  const problems = [...ours.problems, ...linux.problems];
  if (!isDone()) problems.push(`not done after ${limitSeconds} s: ${describe(tcp, ours)}`);
  const counters = await linux.end();
  clock.stop();
  const [result] = linux.results;
  if (result?.error) problems.push(`Linux: ${result.error}`);
  if (result && result.sha256 !== ours.sha256) {
    problems.push(`SHA-256 differs: Linux has ${result.octets} octets, we have ${ours.octets}`);
  }
  for (const name of BROKEN) if (counters[name] !== 0) problems.push(`${name} is ${counters[name]}`);
  return problems;
}

function describe(tcp: Tcp, { octets }: { readonly octets: number }): string {
  const connections = tcp.connections.map(({ state, sender }) => `${state}, ${sender.flightBytes} octets in flight`);
  return `${octets} octets; ${connections.join('; ') || 'no connection'}`;
}

/** Sends a pattern and ends. */
class Writer implements StreamUser {
  isOver = false;
  octets = 0;
  readonly problems: string[] = [];
  readonly #total: number;
  #stream: Stream | null = null;

  constructor(total: number) {
    this.#total = total;
  }

  get sha256(): string {
    return createHash('sha256').update(pattern(0, this.#total)).digest('hex');
  }

  use(stream: Stream): this {
    this.#stream = stream;
    this.onDrain();
    return this;
  }

  onOpen(): void {
    this.onDrain();
  }

  onDrain(): void {
    while (this.octets < this.#total) {
      const taken = this.#stream?.write(pattern(this.octets, Math.min(16_384, this.#total - this.octets))) ?? 0;
      if (taken === 0) return;
      this.octets += taken;
    }
    this.#stream?.end();
  }

  onClose(reason: string): void {
    this.isOver = true;
    if (reason !== 'finished') this.problems.push(`our connection closed: ${reason}`);
  }
}

/** Reads to the end, and ends. */
class Reader implements StreamUser {
  isOver = false;
  octets = 0;
  readonly problems: string[] = [];
  readonly #digest = createHash('sha256');
  #stream: Stream | null = null;
  #sha256: string | null = null;

  get sha256(): string {
    this.#sha256 ??= this.#digest.digest('hex');
    return this.#sha256;
  }

  use(stream: Stream): this {
    this.#stream = stream;
    return this;
  }

  onReadable(): void {
    const stream = this.#stream;
    for (let octets = stream?.read(); octets && octets.length > 0; octets = stream?.read()) {
      this.#digest.update(octets);
      this.octets += octets.length;
    }
  }

  onEnd(): void {
    this.isOver = true;
    this.#stream?.end();
  }

  onClose(reason: string): void {
    this.isOver = true;
    if (reason !== 'finished') this.problems.push(`our connection closed: ${reason}`);
  }
}
