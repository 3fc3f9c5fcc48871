/** A segment on which DHCP speaks: everybody hears what is for everybody, and nothing takes any time. */

import { Context } from '../../src/kernel/context.ts';
import { Journal } from '../../src/kernel/journal.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import type { DatagramService, DatagramUser, StreamService } from '../../src/layers/4-transport/service.ts';
import { DhcpClient, type DhcpClientUser, type DhcpLease } from '../../src/layers/7-application/dhcp/client.ts';
import { type DhcpMessage, decodeDhcp, encodeDhcp } from '../../src/layers/7-application/dhcp/header.ts';
import { type DhcpServerOptions, type LeaseRecord, serveDhcp } from '../../src/layers/7-application/dhcp/server.ts';
import { Disk } from '../../src/layers/7-application/disk.ts';
import { Ledger } from '../../src/layers/7-application/ledger.ts';
import { isMalformed } from '../../src/wire/reader.ts';

export const SECOND = 1_000_000_000;
export const NET = 0xc0a80100;
export const SERVER = NET + 1;
export const EVERYBODY = 0xffffffff;
const NAMES = ['', 'discover', 'offer', 'request', 'decline', 'ack', 'nak', 'release', 'inform'];

export interface Sent {
  readonly atNs: number;
  readonly message: DhcpMessage;
  readonly to: number;
}

/** A segment: what goes to 255.255.255.255 or to an address reaches whoever has the port; nothing takes any time. */
export class Segment {
  readonly kernel = new Kernel('1', new Journal(true));
  readonly sent: Sent[] = [];
  readonly #users: { readonly port: number; readonly user: DatagramUser }[] = [];
  readonly disk = new Disk();
  readonly introduced: [address: number, mac: number][] = [];
  /** Who has an address already. */
  readonly holders = new Map<number, number>();
  isSilent = false;
  /** Sees each message before anybody else does. */
  hook: ((sent: Sent) => void) | null = null;

  services(node: string) {
    const context = new Context(this.kernel, node);
    const datagrams: DatagramService = {
      sourceTowards: () => 0,
      bind: (_, port, user) => {
        this.#users.push({ port, user });
        return {
          port,
          close: () => {},
          send: (to, payload) => {
            const message = decodeDhcp(payload);
            if (isMalformed(message)) throw new Error(message.malformed);
            const sent = { atNs: this.kernel.nowNs, message, to: to.address as number };
            this.sent.push(sent);
            this.hook?.(sent);
            const receivers = this.#users.filter((each) => each.port === to.port);
            this.kernel.after(0, () => {
              const from = { address: 0, port };
              if (!this.isSilent) for (const each of receivers) each.user.onDatagram(payload, from, to, []);
            });
            return true;
          },
        };
      },
    };
    return { context, ledger: new Ledger(context), streams: null as unknown as StreamService, datagrams };
  }

  serve(options: Partial<DhcpServerOptions> = {}) {
    const pool = { first: NET + 100, last: NET + 101 };
    const network = { address: SERVER, prefix: 24, interface: 'eth0', router: SERVER, nameServers: [NET + 53] };
    const disk = this.disk.file<LeaseRecord>('leases');
    const introduce = (address: number, mac: number) => void this.introduced.push([address, mac]);
    const all = { name: 'dhcp', pool, leaseNs: 3600 * SECOND, ...network, ...options };
    serveDhcp(this.services('server'), all, { disk, introduce });
  }

  client(node: string, mac: number) {
    const told: (DhcpLease | null)[] = [];
    const user: DhcpClientUser = {
      check: (address, done) => this.kernel.after(6 * SECOND, () => done(this.holders.get(address) ?? null)),
      stopChecks: () => {},
      onBound: (lease) => told.push(lease),
      onLost: () => told.push(null),
    };
    const client = new DhcpClient(this.services(node), 'eth0', mac, user);
    client.start();
    return { client, told };
  }

  /** A message of somebody who is no client of ours. */
  ask(
    mac: number,
    type: number,
    options: ReadonlyMap<number, Uint8Array>,
    otherwise: { readonly wantsBroadcast?: boolean; readonly clientAddress?: number } = {},
  ): void {
    const usual = { isReply: false, transaction: 7, seconds: 0, wantsBroadcast: true, clientAddress: 0 };
    const addresses = { yourAddress: 0, relayAddress: 0, clientMac: mac };
    const socket = this.services('stranger').datagrams.bind('stranger', 1068, { onDatagram: () => {} });
    const bytes = encodeDhcp({ ...usual, ...addresses, type, options, ...otherwise });
    socket.send({ address: EVERYBODY, port: 67 }, bytes);
  }

  /** Octets that may be no message, from a stranger to whoever has the port. */
  say(port: number, payload: Uint8Array): void {
    const to = { address: EVERYBODY, port };
    const receivers = this.#users.filter((each) => each.port === port);
    for (const each of receivers) each.user.onDatagram(payload, { address: 0, port: 67 }, to, []);
  }

  get refusals(): string[] {
    return this.kernel.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.detail] : []));
  }

  /** A server that answers whatever the test likes. */
  answer(reply: (sent: Sent) => DhcpMessage | null): void {
    const socket = this.services('server').datagrams.bind('server', 67, {
      onDatagram: (payload, _from, to) => {
        const message = decodeDhcp(payload) as DhcpMessage;
        const answer = reply({ message, to: to.address as number, atNs: this.kernel.nowNs });
        if (answer) socket.send({ address: EVERYBODY, port: 68 }, encodeDhcp(answer));
      },
    });
  }

  runUntil(seconds: number): void {
    while (this.kernel.nextNs <= seconds * SECOND && this.kernel.step());
  }

  get log(): string[] {
    return this.sent.map(({ message }) => NAMES[message.type] ?? '?');
  }
}
