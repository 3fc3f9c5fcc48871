/** Where a node has its IPv4 addresses from while the run goes on, and who lends them: DHCP. Part of host.ts. */

import type { AppServices } from '../layers/7-application/app-services.ts';
import { DhcpClient, type DhcpClientUser, type DhcpLease } from '../layers/7-application/dhcp/client.ts';
import { type LeaseRecord, serveDhcp } from '../layers/7-application/dhcp/server.ts';
import type { Disk } from '../layers/7-application/disk.ts';
import type { Resolver } from '../layers/7-application/dns/resolver.ts';
import type { Action, DhcpServerSpec, InterfaceSpec, NodeSpec } from '../scenario/scenario.ts';
import { formatIpv4, type Ipv4 } from '../wire/address.ts';
import type { HostNetwork } from './host-network.ts';
import type { Leaseholders } from './leaseholders.ts';

export class HostAddresses {
  readonly #services: AppServices;
  readonly #network: HostNetwork;
  readonly #resolver: Resolver | null;
  /** Name servers that are written down go before those that a server tells. */
  readonly #asksOwn: boolean;
  readonly #disk: Disk;
  readonly #leaseholders: Leaseholders;
  readonly #clients = new Map<string, DhcpClient>();
  readonly #held = new Map<string, Ipv4>();

  constructor(
    services: AppServices,
    network: HostNetwork,
    spec: NodeSpec,
    resolver: Resolver | null,
    disk: Disk,
    leaseholders: Leaseholders,
  ) {
    this.#services = services;
    this.#network = network;
    this.#resolver = resolver;
    this.#asksOwn = spec.dns.length > 0;
    this.#disk = disk;
    this.#leaseholders = leaseholders;
    for (const each of spec.interfaces) if (each.dhcp) this.#ask(each);
  }

  serve(app: DhcpServerSpec): void {
    const arp = this.#network.arps.get(app.interface);
    // Without a cable there is nobody to lend an address to.
    if (!arp) return;
    const disk = this.#disk.file<LeaseRecord>(`leases/${app.name}`);
    serveDhcp(this.#services, app, { disk, introduce: (address, mac) => arp.introduce(address, mac) });
  }

  perform({ what, interface: name }: Extract<Action, { readonly kind: 'dhcp' }>): void {
    for (const [each, client] of this.#clients) {
      if (name !== null && name !== each) continue;
      if (what === 'release') client.release();
      else client.renew();
    }
  }

  #ask({ name, mac }: InterfaceSpec): void {
    const { context } = this.#services;
    const { arps, ipv4 } = this.#network;
    const link = arps.get(name);
    if (!link) return;
    const user: DhcpClientUser = {
      check: (address, done) => link.check(address, done),
      stopChecks: () => link.stopChecks(),
      onBound: ({ address, prefix, router, nameServers }: DhcpLease) => {
        link.own([address]);
        ipv4.assign({ link, address, prefix }, router, 'a DHCP server lends it');
        this.#held.set(name, address);
        this.#leaseholders.holds(context.node, address);
        if (!this.#asksOwn) this.#tellResolver(nameServers);
        link.announce(address);
      },
      onLost: (because) => {
        const address = this.#held.get(name);
        link.own([]);
        ipv4.withdraw(name, because);
        this.#held.delete(name);
        if (address !== undefined) this.#leaseholders.loses(context.node, address);
        if (!this.#asksOwn) this.#tellResolver([]);
      },
    };
    const client = new DhcpClient(this.#services, name, mac, user);
    this.#clients.set(name, client);
    context.after(0, () => {
      const was = context.because(this.#services.ledger.told(`dhcp.${name}`, `${name} looks for an address`));
      client.start();
      context.resume(was);
    });
  }

  #tellResolver(servers: readonly Ipv4[]): void {
    this.#resolver?.ask(servers);
    const { context } = this.#services;
    if (!context.recording) return;
    const row = servers.length === 0 ? null : { servers: servers.map(formatIpv4).join(' ') };
    const because = row ? 'a DHCP server said so' : 'the lease that they came with is over';
    context.record({
      kind: 'table',
      layer: 7,
      protocol: 'dns',
      change: { table: 'resolver', key: 'dhcp', row, because },
    });
  }
}
