/**
 * A DHCP server (RFC 2131 section 4.3) for the one network that its pool lies in. A client keeps its address: whoever
 * comes back gets the one it had. What it has lent stands on its disk.
 *
 * Deviation: it does not ask by an echo whether somebody has an address before it offers it (section 3.1, SHOULD), and
 * speaks to no relays.
 */

import type { Nanos } from '../../../kernel/journal.ts';
import {
  formatIpv4,
  formatMac,
  IPV4_BROADCAST,
  type Ipv4,
  type Mac,
  networkOf,
  prefixMask,
} from '../../../wire/address.ts';
import { isMalformed } from '../../../wire/reader.ts';
import { asciiText } from '../../../wire/text.ts';
import type { DatagramSocket, Endpoint } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import type { DiskFile } from '../disk.ts';
import {
  addressOption,
  DHCP_CLIENT_PORT,
  DHCP_OPTION,
  DHCP_SERVER_PORT,
  DHCP_TYPE,
  type DhcpMessage,
  decodeDhcp,
  encodeDhcp,
  firstOf,
  numberOption,
} from './header.ts';
import { sendDhcp } from './send.ts';

const SECOND: Nanos = 1_000_000_000;
/** An offer that nobody takes up is open to others again. */
const OFFER_NS = 60 * SECOND;

export interface DhcpServerOptions {
  readonly name: string;
  /** First and last address that it gives. */
  readonly pool: { readonly first: Ipv4; readonly last: Ipv4 };
  readonly leaseNs: Nanos;
  /** Its own address in the pool's network, and the interface there. */
  readonly address: Ipv4;
  readonly prefix: number;
  readonly interface: string;
  readonly router: Ipv4 | null;
  readonly nameServers: readonly Ipv4[];
}

export interface LeaseRecord {
  readonly address: Ipv4;
  /** Whose it is: its client identifier, or else its MAC address (section 4.2). Of a declined one: nobody's. */
  readonly owner: string | null;
  readonly mac: Mac;
  readonly host: string;
  readonly state: 'offered' | 'bound' | 'expired' | 'declined';
  readonly expiresNs: Nanos;
}

export interface DhcpServerPlace {
  readonly disk: DiskFile<LeaseRecord>;
  /** Makes a host's MAC address known under the address that it is about to get (section 4.1). */
  introduce(address: Ipv4, mac: Mac): void;
}

export function serveDhcp(services: AppServices, options: DhcpServerOptions, place: DhcpServerPlace): void {
  new DhcpServer(services, options, place);
}

class DhcpServer {
  readonly #services: AppServices;
  readonly #options: DhcpServerOptions;
  readonly #place: DhcpServerPlace;
  readonly #socket: DatagramSocket;

  constructor(services: AppServices, options: DhcpServerOptions, place: DhcpServerPlace) {
    this.#services = services;
    this.#options = options;
    this.#place = place;
    const { name, interface: on } = options;
    this.#socket = services.datagrams.bind(
      name,
      DHCP_SERVER_PORT,
      { onDatagram: (payload, from, to, carries) => this.#receive(payload, { local: to, remote: from }, carries) },
      on,
    );
    for (const lease of place.disk.records.values()) this.#watch(lease);
  }

  #receive(
    payload: Uint8Array,
    between: { readonly local: Endpoint; readonly remote: Endpoint },
    carries: readonly number[],
  ): void {
    const { context, ledger } = this.#services;
    const { name } = this.#options;
    const message = decodeDhcp(payload);
    const why = isMalformed(message) ? message.malformed : whyNoQuestion(message);
    if (isMalformed(message) || why !== null) {
      ledger.dropped('dhcp', name, payload, isMalformed(message) ? 'malformed' : 'not-acceptable', why ?? '', carries);
      return;
    }
    const was = ledger.received('dhcp', name, { transport: 'udp', ...between }, payload, carries);
    if (message.type === DHCP_TYPE.discover) this.#offer(message);
    else if (message.type === DHCP_TYPE.request) this.#onRequest(message);
    else if (message.type === DHCP_TYPE.release) this.#release(message);
    else if (message.type === DHCP_TYPE.decline) this.#decline(message);
    else this.#answer(message, DHCP_TYPE.ack, 0);
    context.resume(was);
  }

  #leaseOf(owner: string): LeaseRecord | null {
    for (const lease of this.#place.disk.records.values()) if (lease.owner === owner) return lease;
    return null;
  }

  #leaseAt(address: Ipv4): LeaseRecord | undefined {
    return this.#place.disk.records.get(formatIpv4(address));
  }

  #offer(message: DhcpMessage): void {
    const address = this.#choose(message);
    if (address === null) {
      this.#services.ledger.told(this.#options.name, `no address is left for ${formatMac(message.clientMac)}`);
      return;
    }
    const held = this.#leaseAt(address);
    // A client that begins anew has not given back what it had.
    const isHeld = held?.state === 'bound' && held.owner === ownerOf(message);
    if (!isHeld) this.#lend(message, address, OFFER_NS, 'offered');
    this.#answer(message, DHCP_TYPE.offer, address);
  }

  /** Section 4.3.1: the one it has or had, the one it asks for, the next that is free. */
  #choose(message: DhcpMessage): Ipv4 | null {
    const known = this.#leaseOf(ownerOf(message));
    if (known) return known.address;
    const wish = firstOf(message.options, DHCP_OPTION.requestedAddress);
    if (wish !== null && this.#isFree(wish)) return wish;
    const { first, last } = this.#options.pool;
    for (let address = first; address <= last; address++) {
      if (this.#isFree(address) && !this.#leaseAt(address)) return address;
    }
    // Only then what others had: they find theirs again for as long as possible.
    for (let address = first; address <= last; address++) if (this.#isFree(address)) return address;
    return null;
  }

  #isFree(address: Ipv4): boolean {
    const { pool, address: own } = this.#options;
    if (address < pool.first || address > pool.last || address === own) return false;
    const lease = this.#leaseAt(address);
    return !lease || lease.expiresNs <= this.#services.context.nowNs;
  }

  /** Section 4.3.2, by what the client must have filled in (table 4). */
  #onRequest(message: DhcpMessage): void {
    const { options, clientAddress } = message;
    const chosen = firstOf(options, DHCP_OPTION.serverIdentifier);
    const requested = firstOf(options, DHCP_OPTION.requestedAddress);
    const lease = this.#leaseOf(ownerOf(message));
    if (chosen !== null && chosen !== this.#options.address) {
      // It takes another server's offer: ours is open to others again.
      if (lease?.state === 'offered') this.#forget(lease, 'the client chose another server');
      return;
    }
    const wanted = requested ?? clientAddress;
    if (lease?.address === wanted) {
      this.#lend(message, wanted, this.#options.leaseNs, 'bound');
      this.#answer(message, DHCP_TYPE.ack, wanted);
      return;
    }
    const isTaken = (this.#leaseAt(wanted)?.expiresNs ?? 0) > this.#services.context.nowNs;
    if (chosen !== null || lease || isTaken || !this.#isOnNetwork(wanted)) this.#answer(message, DHCP_TYPE.nak, 0);
    // Of a client that it knows nothing of, a server MUST remain silent (INIT-REBOOT).
    else this.#services.ledger.told(this.#options.name, `it knows nothing of ${formatIpv4(wanted)} and keeps silent`);
  }

  #isOnNetwork(address: Ipv4): boolean {
    const { prefix, address: own } = this.#options;
    return networkOf(address, prefix) === networkOf(own, prefix);
  }

  #release(message: DhcpMessage): void {
    const lease = this.#leaseOf(ownerOf(message));
    if (lease?.address === message.clientAddress) this.#forget(lease, 'the client gave it back');
  }

  /** Somebody has that address already: nobody gets it for as long as a lease would last. */
  #decline(message: DhcpMessage): void {
    const lease = this.#leaseOf(ownerOf(message));
    if (!lease || firstOf(message.options, DHCP_OPTION.requestedAddress) !== lease.address) return;
    const expiresNs = this.#services.context.nowNs + this.#options.leaseNs;
    this.#write({ ...lease, owner: null, state: 'declined', expiresNs }, 'the client found that somebody has it');
  }

  #lend(message: DhcpMessage, address: Ipv4, forNs: Nanos, state: 'offered' | 'bound'): void {
    const owner = ownerOf(message);
    const before = this.#leaseOf(owner);
    if (before && before.address !== address) this.#forget(before, 'the client has another one now');
    const expiresNs = this.#services.context.nowNs + forNs;
    const host = asciiText(message.options.get(DHCP_OPTION.hostName) ?? new Uint8Array(0));
    const lease = { address, owner, mac: message.clientMac, host, state, expiresNs };
    this.#write(lease, state === 'bound' ? 'the client requested it' : 'the client discovered this server');
  }

  #write(lease: LeaseRecord, because: string): void {
    this.#place.disk.put(formatIpv4(lease.address), lease);
    const { mac, host, state } = lease;
    this.#tell(lease.address, { mac: formatMac(mac), state, ...(host === '' ? {} : { host }) }, because);
    this.#watch(lease);
  }

  /** When its time is over and it is still the same lease, the address is open to others. */
  #watch(lease: LeaseRecord): void {
    const { context } = this.#services;
    if (lease.state === 'expired') return;
    context.after(Math.max(0, lease.expiresNs - context.nowNs), () => {
      if (this.#leaseAt(lease.address) !== lease) return;
      if (lease.state === 'bound') this.#write({ ...lease, state: 'expired' }, 'its time is over');
      else this.#forget(lease, 'its time is over');
    });
  }

  #forget({ address }: LeaseRecord, because: string): void {
    this.#place.disk.delete(formatIpv4(address));
    this.#tell(address, null, because);
  }

  #tell(address: Ipv4, row: Readonly<Record<string, string>> | null, because: string): void {
    const { context } = this.#services;
    if (!context.recording) return;
    const change = { table: 'leases', key: formatIpv4(address), row, because };
    context.record({ kind: 'table', layer: 7, protocol: 'dhcp', change });
  }

  #answer(to: DhcpMessage, type: number, address: Ipv4): void {
    const { name, address: own } = this.#options;
    const identifier = to.options.get(DHCP_OPTION.clientIdentifier);
    const bytes = encodeDhcp({
      isReply: true,
      type,
      transaction: to.transaction,
      seconds: 0,
      wantsBroadcast: to.wantsBroadcast,
      clientAddress: to.type === DHCP_TYPE.request && type === DHCP_TYPE.ack ? to.clientAddress : 0,
      yourAddress: address,
      relayAddress: 0,
      clientMac: to.clientMac,
      options: new Map([
        [DHCP_OPTION.serverIdentifier as number, addressOption(own)],
        ...(type === DHCP_TYPE.nak ? [] : this.#configuration(to.type !== DHCP_TYPE.inform)),
        // RFC 6842: what the client calls itself comes back, so that it can tell its answers from others'.
        ...(identifier ? [[DHCP_OPTION.clientIdentifier as number, identifier] as const] : []),
      ]),
    });
    const destination = { address: this.#destinationOf(to, type, address), port: DHCP_CLIENT_PORT };
    sendDhcp(this.#services, this.#socket, name, destination, bytes, own);
  }

  /** Section 4.1: to the address the client has; where it has none, or a NAK takes it away, to everybody or the one it gets. */
  #destinationOf({ clientAddress, wantsBroadcast, clientMac }: DhcpMessage, type: number, address: Ipv4): Ipv4 {
    if (type === DHCP_TYPE.nak) return IPV4_BROADCAST;
    if (clientAddress !== 0) return clientAddress;
    if (wantsBroadcast || address === 0) return IPV4_BROADCAST;
    this.#place.introduce(address, clientMac);
    return address;
  }

  #configuration(isLease: boolean): [number, Uint8Array][] {
    const { prefix, router, nameServers, leaseNs } = this.#options;
    const seconds = leaseNs / SECOND;
    const times: [number, number][] = [
      [DHCP_OPTION.leaseTime, seconds],
      [DHCP_OPTION.renewalTime, Math.floor(seconds / 2)],
      [DHCP_OPTION.rebindingTime, Math.floor((seconds * 7) / 8)],
    ];
    return [
      ...(isLease ? times.map(([code, value]): [number, Uint8Array] => [code, numberOption(value)]) : []),
      [DHCP_OPTION.subnetMask, addressOption(prefixMask(prefix))],
      ...(router === null ? [] : [[DHCP_OPTION.router, addressOption(router)] as [number, Uint8Array]]),
      ...(nameServers.length === 0 ? [] : [nameServerOption(nameServers)]),
    ];
  }
}

function nameServerOption(nameServers: readonly Ipv4[]): [number, Uint8Array] {
  return [DHCP_OPTION.nameServer, Uint8Array.from(nameServers.flatMap((each) => [...addressOption(each)]))];
}

const QUESTIONS: ReadonlySet<number> = new Set([
  DHCP_TYPE.discover,
  DHCP_TYPE.request,
  DHCP_TYPE.release,
  DHCP_TYPE.decline,
  DHCP_TYPE.inform,
]);

function whyNoQuestion({ isReply, type, relayAddress }: DhcpMessage): string | null {
  if (isReply) return 'it is an answer';
  if (relayAddress !== 0) return 'it came through a relay, and this server speaks to none';
  return QUESTIONS.has(type) ? null : 'a client says nothing like it';
}

/** Section 4.2: the client identifier where there is one, else the hardware address. */
function ownerOf({ options, clientMac }: DhcpMessage): string {
  const identifier = options.get(DHCP_OPTION.clientIdentifier);
  return identifier
    ? Array.from(identifier, (octet) => octet.toString(16).padStart(2, '0')).join('')
    : formatMac(clientMac);
}
