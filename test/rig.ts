/** Two hosts on one cable, put together from the layers themselves, for tests that need no scenario. */

import { Context } from '../src/kernel/context.ts';
import { Journal } from '../src/kernel/journal.ts';
import { Kernel } from '../src/kernel/kernel.ts';
import { Cable } from '../src/layers/1-physical/cable/cable.ts';
import type { CableEnd } from '../src/layers/1-physical/cable/channel.ts';
import type { Impairments } from '../src/layers/1-physical/cable/impairments.ts';
import { Arp } from '../src/layers/2-link/arp/arp.ts';
import { EthernetInterface } from '../src/layers/2-link/ethernet/ethernet.ts';
import { Icmp } from '../src/layers/3-network/icmp/icmp.ts';
import { Ipv4Machine } from '../src/layers/3-network/ipv4/ipv4.ts';
import { RFC_PROFILE, type TcpProfile } from '../src/layers/4-transport/tcp/profile.ts';
import { Tcp } from '../src/layers/4-transport/tcp/tcp.ts';

export const MS = 1_000_000;
export const SECOND = 1_000_000_000;

export const PERFECT: Impairments = {
  delayNs: 0,
  jitterNs: 0,
  bitsPerSecond: null,
  loss: { kind: 'uniform', perMillion: 0 },
  duplicatePerMillion: 0,
  reorderPerMillion: 0,
  corruptPerMillion: 0,
  queue: { packets: 1000 },
  aqm: 'tail-drop',
  down: false,
};

export interface RigHost {
  readonly context: Context;
  readonly address: number;
  readonly ipv4: Ipv4Machine;
  readonly icmp: Icmp;
  readonly tcp: Tcp;
}

export interface Rig {
  readonly kernel: Kernel;
  readonly journal: Journal;
  readonly cable: Cable;
  readonly a: RigHost;
  readonly b: RigHost;
}

export interface RigOptions {
  readonly seed?: string;
  readonly record?: boolean;
  readonly aToB?: Partial<Impairments>;
  readonly bToA?: Partial<Impairments>;
  readonly profile?: Partial<TcpProfile>;
  readonly mtuBytes?: number;
}

export function makeRig(options: RigOptions = {}): Rig {
  const journal = new Journal(options.record ?? false);
  const kernel = new Kernel(options.seed ?? '1', journal);
  const end = (node: string): CableEnd => ({ node, interface: 'eth0' });
  const aToB = { ...PERFECT, ...options.aToB };
  const bToA = { ...PERFECT, ...options.bToA };
  const cable = new Cable(kernel, 'a-b', end('a'), end('b'), aToB, bToA, { next: 1 });
  const host = (node: string, number: number): RigHost => {
    const context = new Context(kernel, node);
    const port = number === 1 ? cable.a : cable.b;
    const address = 0x0a000000 + number;
    const ethernet = new EthernetInterface(context, 'eth0', 0x020000000000 + number, options.mtuBytes ?? 1500, port);
    const link = new Arp(context, ethernet, [address]);
    const ipv4 = new Ipv4Machine(context, [{ link, address, prefix: 24 }], [], false);
    const tcp = new Tcp(context, ipv4, { ...RFC_PROFILE, ...options.profile }, null);
    const icmp = new Icmp(context, ipv4, (protocol) => (protocol === 6 ? tcp : null));
    ipv4.reportTo(icmp);
    return { context, address, ipv4, icmp, tcp };
  };
  return { kernel, journal, cable, a: host('a', 1), b: host('b', 2) };
}

/** Lets everything happen that happens before a time. */
export function runUntil(kernel: Kernel, atNs: number): void {
  while (kernel.nextNs <= atNs) kernel.step();
}
