/** A whole world of two hosts and a cable, for applications on real layers. */

import { Journal } from '../../../src/kernel/journal.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { type Delivery, deliveryOf } from '../../../src/projections/delivery.ts';
import type { AppSpec, ImpairmentSpec, Scenario } from '../../../src/scenario/scenario.ts';
import { formatIp } from '../../../src/wire/address.ts';
import type { Host, HostAction } from '../../../src/world/host.ts';
import { World } from '../../../src/world/world.ts';

const PLACE = { line: 1, column: 1 };
const CLIENT = 0x0a000001;
const SERVER = 0x0a000002;

export interface TwoHostsOptions {
  readonly apps?: readonly AppSpec[];
  readonly link?: Partial<ImpairmentSpec>;
  readonly seed?: string;
  readonly record?: boolean;
  /** The client asks the server for names. */
  readonly dns?: boolean;
  readonly tcp?: Scenario['nodes'][number]['tcp'];
}

export class TwoHosts {
  readonly kernel: Kernel;
  readonly journal: Journal;
  readonly world: World;
  readonly scenario: Scenario;

  constructor(options: TwoHostsOptions) {
    const seed = options.seed ?? '1';
    this.journal = new Journal(options.record ?? true);
    this.kernel = new Kernel(seed, this.journal);
    const direction: ImpairmentSpec = {
      delayNs: 10_000_000,
      jitterNs: 0,
      bitsPerSecond: 100_000_000,
      loss: { kind: 'uniform', perMillion: 0 },
      duplicatePerMillion: 0,
      reorderPerMillion: 0,
      corruptPerMillion: 0,
      queue: { packets: 1000 },
      aqm: 'tail-drop' as const,
      down: false,
      scripted: [],
      ...options.link,
    };
    const node = (name: string, address: number, apps: readonly AppSpec[], dns: readonly number[]) => ({
      name,
      kind: 'host' as const,
      interfaces: [
        { name: 'eth0', mac: 0x020000000000 + (address & 255), addresses: [{ address, prefix: 24 }], link: 'wire' },
      ],
      routes: [],
      dns,
      tcp: options.tcp ?? {},
      apps,
    });
    this.scenario = {
      title: 'two hosts',
      summary: '',
      tags: [],
      seed,
      untilNs: 600_000_000_000,
      profile: 'rfc',
      nodes: [node('client', CLIENT, [], options.dns ? [SERVER] : []), node('server', SERVER, options.apps ?? [], [])],
      links: [
        {
          id: 'wire',
          a: { node: 'client', interface: 'eth0' },
          b: { node: 'server', interface: 'eth0' },
          mtuBytes: 1500,
          aToB: direction,
          bToA: direction,
          place: PLACE,
        },
      ],
      timeline: [],
      expect: [],
      lesson: null,
      params: {},
      file: 'test',
    };
    this.world = new World(this.kernel, this.scenario);
  }

  host(name: 'client' | 'server'): Host {
    const host = this.world.hosts.get(name);
    if (!host) throw new Error(`no ${name}`);
    return host;
  }

  do(action: HostAction): void {
    this.host('client').perform(action);
  }

  /** Lets everything happen until that time, or all that is left (at most ten minutes of it). */
  run(untilNs = this.scenario.untilNs): void {
    while (this.kernel.nextNs <= untilNs) this.kernel.step();
    this.kernel.idleUntil(untilNs);
  }

  delivered(from: 'client' | 'server'): Delivery {
    const [to, address] = from === 'client' ? ['server', SERVER] : ['client', CLIENT];
    return deliveryOf(this.journal.entries, from, to as string, [formatIp(address as number)]);
  }

  told(node: string): string[] {
    return this.journal.entries.flatMap((entry) =>
      entry.node === node && entry.event.kind === 'app' ? [entry.event.text] : [],
    );
  }
}
