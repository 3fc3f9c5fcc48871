/**
 * A DHCP client on one interface (RFC 2131 section 4.4): discovers servers, takes the first offer, asks on the link
 * whether somebody has the address already, and renews its lease at half of its time.
 *
 * Deviation: it does not wait for one to ten seconds before its first message (section 4.4.1, SHOULD), so that a run need
 * not either. A conflict that shows when the address is in use already (RFC 5227 section 2.4) goes unnoticed.
 */

import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { Rng } from '../../../kernel/rng.ts';
import { formatIpv4, formatMac, IPV4_BROADCAST, type Ipv4, type Mac, prefixOf } from '../../../wire/address.ts';
import { isMalformed } from '../../../wire/reader.ts';
import { asciiBytes } from '../../../wire/text.ts';
import type { DatagramSocket, Endpoint } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import {
  addressesOf,
  addressOption,
  clientIdentifierOf,
  DHCP_CLIENT_PORT,
  DHCP_OPTION,
  DHCP_SERVER_PORT,
  DHCP_TYPE,
  type DhcpMessage,
  decodeDhcp,
  encodeDhcp,
  firstOf,
} from './header.ts';
import { sendDhcp } from './send.ts';

const SECOND: Nanos = 1_000_000_000;
/** RFC 2131 section 4.1: 4, 8, 16, 32 and 64 s, each plus or minus a second that is drawn evenly. */
const FIRST_RETRY_NS = 4 * SECOND;
const GREATEST_RETRY_NS = 64 * SECOND;
const SPREAD_NS = SECOND;
/** Section 3.1 step 5: a request that nobody answers is sent again four times, and then it begins anew. */
const REQUESTS = 5;
/** Section 4.4.5: in RENEWING and REBINDING, half of what is left, and no less than a minute. */
const LEAST_RENEWAL_NS = 60 * SECOND;
/** Section 3.1 step 5: so long "to avoid excessive network traffic in case of looping". */
const AFTER_DECLINE_NS = 10 * SECOND;
/** A lease of 2^32-1 seconds never ends (section 3.3); to a run, which lasts 30 days at most, others do not either. */
const LONGEST_SECONDS = 5_000_000;

/** Figure 5 of RFC 2131, with the check of the address, which has no name there, as a state of its own. */
export type DhcpState = 'INIT' | 'SELECTING' | 'REQUESTING' | 'CHECKING' | 'BOUND' | 'RENEWING' | 'REBINDING';

export interface DhcpLease {
  readonly address: Ipv4;
  readonly prefix: number;
  readonly router: Ipv4 | null;
  readonly nameServers: readonly Ipv4[];
}

export interface DhcpClientUser {
  /** Asks the link whether anybody has the address; `done` hears who, or null. */
  check(address: Ipv4, done: (holder: Mac | null) => void): void;
  /** What is being asked need not be known any more. */
  stopChecks(): void;
  /** The interface has this address from now on. */
  onBound(lease: DhcpLease): void;
  /** The lease is over, was refused or given back: the interface has no address. */
  onLost(because: string): void;
}

interface Granted extends DhcpLease {
  readonly server: Ipv4;
  /** When the request left that the lease counts from. */
  readonly askedNs: Nanos;
  /** Times since then; null: for ever. */
  readonly times: { readonly renewNs: Nanos; readonly rebindNs: Nanos; readonly endNs: Nanos } | null;
}

export class DhcpClient {
  readonly #services: AppServices;
  readonly #name: string;
  readonly #mac: Mac;
  readonly #user: DhcpClientUser;
  readonly #socket: DatagramSocket;
  readonly #random: Rng;
  readonly #retry: Timer;
  /** T1, T2 and the end of the lease, one after the other. */
  readonly #age: Timer;
  #state: DhcpState = 'INIT';
  #transaction = 0;
  #beganNs: Nanos = 0;
  #waitNs: Nanos = FIRST_RETRY_NS;
  #requests = 0;
  /** Whose offer it took, and what it asked for. */
  #server: Ipv4 = 0;
  #wanted: Ipv4 = 0;
  #askedNs: Nanos = 0;
  #lease: Granted | null = null;

  /** `name`: of the interface. */
  constructor(services: AppServices, name: string, mac: Mac, user: DhcpClientUser) {
    const { context } = services;
    this.#services = services;
    this.#name = name;
    this.#mac = mac;
    this.#user = user;
    this.#random = context.random(`dhcp/${name}`);
    this.#retry = context.timer(7, this.#machine, 'retry', () => this.#onSilence());
    this.#age = context.timer(7, this.#machine, 'lease', () => this.#onAge());
    const onDatagram = (payload: Uint8Array, from: Endpoint, to: Endpoint, carries: readonly number[]) =>
      this.#receive(payload, from, to, carries);
    this.#socket = services.datagrams.bind(this.#machine, DHCP_CLIENT_PORT, { onDatagram }, name);
  }

  get #machine(): string {
    return `dhcp.${this.#name}`;
  }

  get state(): DhcpState {
    return this.#state;
  }

  /** INIT: looks for servers. */
  start(): void {
    this.#transaction = this.#random.u32();
    this.#beganNs = this.#services.context.nowNs;
    this.#waitNs = FIRST_RETRY_NS;
    this.#age.clear();
    this.#become('SELECTING', 'it looks for servers');
    this.#discover();
  }

  /** Asks its server for more time now; without a lease it begins anew. */
  renew(): void {
    if (this.#state === 'BOUND' && this.#lease) this.#startRenewing('it was told to');
    else if (this.#state === 'INIT' || this.#state === 'SELECTING') this.start();
  }

  /** Gives the address back, and is still until it is told to renew (section 4.4.6). */
  release(): void {
    const lease = this.#lease;
    this.#retry.clear();
    this.#age.clear();
    this.#user.stopChecks();
    if (lease) {
      this.#transaction = this.#random.u32();
      const options = new Map([[DHCP_OPTION.serverIdentifier as number, addressOption(lease.server)]]);
      this.#send(DHCP_TYPE.release, lease.server, lease.address, options);
      this.#lose('it gave the address back');
    }
    this.#become('INIT', 'it gave the address back');
  }

  #discover(): void {
    this.#send(DHCP_TYPE.discover, IPV4_BROADCAST, 0, this.#wishes());
    this.#retryLater();
  }

  #retryLater(): void {
    this.#retry.set(this.#waitNs + this.#random.between(-SPREAD_NS, SPREAD_NS));
    this.#waitNs = Math.min(GREATEST_RETRY_NS, this.#waitNs * 2);
  }

  #onSilence(): void {
    if (this.#state === 'INIT') this.start();
    else if (this.#state === 'SELECTING') this.#discover();
    else if (this.#state === 'REQUESTING') {
      if (this.#requests < REQUESTS) this.#request();
      else this.start();
    } else if (this.#state === 'RENEWING' || this.#state === 'REBINDING') this.#askForMore();
  }

  #receive(payload: Uint8Array, from: Endpoint, to: Endpoint, carries: readonly number[]): void {
    const { context, ledger } = this.#services;
    const message = decodeDhcp(payload);
    if (isMalformed(message)) {
      ledger.dropped('dhcp', this.#machine, payload, 'malformed', message.malformed, carries);
      return;
    }
    const why = this.#whyNotForUs(message);
    if (why !== null) {
      ledger.dropped('dhcp', this.#machine, payload, 'not-acceptable', why, carries);
      return;
    }
    const was = ledger.received('dhcp', this.#machine, { transport: 'udp', local: to, remote: from }, payload, carries);
    if (message.type === DHCP_TYPE.offer) this.#onOffer(message);
    else if (message.type === DHCP_TYPE.ack) this.#onAck(message);
    else this.#onNak();
    context.resume(was);
  }

  /** Section 4.4.1: what answers no question of ours is silently discarded. */
  #whyNotForUs({ isReply, clientMac, transaction, type, options, yourAddress }: DhcpMessage): string | null {
    if (!isReply) return 'it is no answer';
    if (clientMac !== this.#mac) return `it is for ${formatMac(clientMac)}`;
    if (transaction !== this.#transaction) return 'it answers another question';
    const isOffer = type === DHCP_TYPE.offer;
    if (!isOffer && type !== DHCP_TYPE.ack && type !== DHCP_TYPE.nak) return 'a server says nothing like it';
    if (isOffer !== (this.#state === 'SELECTING')) return `in ${this.#state} nobody waits for it`;
    if (!isOffer && !this.#isWaiting) return `in ${this.#state} nobody waits for it`;
    const server = firstOf(options, DHCP_OPTION.serverIdentifier);
    if (isOffer && (server === null || yourAddress === 0)) return 'the offer names no server or no address';
    if (this.#state === 'REQUESTING' && server !== this.#server) return 'it comes from a server that was not chosen';
    if (type === DHCP_TYPE.ack && this.#grantedBy(options, yourAddress) === null)
      return 'it names no address, no mask or no time';
    return null;
  }

  get #isWaiting(): boolean {
    return this.#state === 'REQUESTING' || this.#state === 'RENEWING' || this.#state === 'REBINDING';
  }

  #onOffer(offer: DhcpMessage): void {
    const server = firstOf(offer.options, DHCP_OPTION.serverIdentifier) as Ipv4;
    this.#server = server;
    this.#wanted = offer.yourAddress;
    this.#requests = 0;
    this.#waitNs = FIRST_RETRY_NS;
    this.#become('REQUESTING', `${formatIpv4(server)} offers ${formatIpv4(offer.yourAddress)}`);
    this.#request();
  }

  #request(): void {
    this.#requests++;
    this.#askedNs = this.#services.context.nowNs;
    const options = new Map([
      [DHCP_OPTION.requestedAddress as number, addressOption(this.#wanted)],
      [DHCP_OPTION.serverIdentifier as number, addressOption(this.#server)],
      ...this.#wishes(),
    ]);
    this.#send(DHCP_TYPE.request, IPV4_BROADCAST, 0, options);
    this.#retryLater();
  }

  /** What an acknowledgment grants; null where it lacks what an address needs. */
  #grantedBy(options: DhcpMessage['options'], address: Ipv4): Granted | null {
    const seconds = firstOf(options, DHCP_OPTION.leaseTime);
    const mask = firstOf(options, DHCP_OPTION.subnetMask);
    const prefix = mask === null ? null : prefixOf(mask);
    if (!seconds || prefix === null || address === 0) return null;
    const [router = null] = addressesOf(options, DHCP_OPTION.router);
    const endNs = seconds * SECOND;
    // Section 4.4.5: T1 is half of the lease and T2 seven eighths of it, unless the server says otherwise.
    const rebindNs = timeOf(options, DHCP_OPTION.rebindingTime, Math.floor((endNs / 8) * 7), endNs);
    const renewNs = Math.max(SECOND, timeOf(options, DHCP_OPTION.renewalTime, Math.floor(endNs / 2), rebindNs));
    return {
      address,
      prefix,
      router,
      nameServers: addressesOf(options, DHCP_OPTION.nameServer),
      server: firstOf(options, DHCP_OPTION.serverIdentifier) ?? this.#server,
      askedNs: this.#askedNs,
      times: seconds > LONGEST_SECONDS ? null : { renewNs, rebindNs, endNs },
    };
  }

  #onAck(ack: DhcpMessage): void {
    const granted = this.#grantedBy(ack.options, ack.yourAddress) as Granted;
    this.#retry.clear();
    if (this.#state !== 'REQUESTING' && this.#lease?.address === granted.address) {
      this.#bind(granted, false);
      return;
    }
    this.#become('CHECKING', `is ${formatIpv4(granted.address)} really free?`);
    this.#user.check(granted.address, (holder) => {
      if (holder === null) this.#bind(granted, true);
      else this.#decline(granted, holder);
    });
  }

  #bind(granted: Granted, isNew: boolean): void {
    const { ledger, context } = this.#services;
    const { address, server, times } = granted;
    this.#lease = granted;
    const length = times === null ? 'for ever' : `for ${times.endNs / SECOND} s`;
    this.#become('BOUND', `${formatIpv4(server)} lends ${formatIpv4(address)} ${length}`);
    this.#tell({ address: formatIpv4(address), server: formatIpv4(server), seconds: (times?.endNs ?? 0) / SECOND });
    if (isNew) {
      this.#user.onBound(granted);
      ledger.told(this.#machine, `${this.#name} has ${formatIpv4(address)} ${length}`);
    }
    if (times) this.#age.set(Math.max(0, granted.askedNs + times.renewNs - context.nowNs));
  }

  /** Section 4.4.4: the server marks the address as taken; it begins anew a while later. */
  #decline({ address, server }: Granted, holder: Mac): void {
    const options = new Map([
      [DHCP_OPTION.requestedAddress as number, addressOption(address)],
      [DHCP_OPTION.serverIdentifier as number, addressOption(server)],
    ]);
    this.#services.ledger.told(this.#machine, `${formatMac(holder)} has ${formatIpv4(address)} already`);
    this.#transaction = this.#random.u32();
    this.#send(DHCP_TYPE.decline, IPV4_BROADCAST, 0, options);
    this.#lose(`${formatMac(holder)} has it already`);
    this.#become('INIT', `${formatMac(holder)} has the address already`);
    this.#retry.set(AFTER_DECLINE_NS);
  }

  #onNak(): void {
    this.#retry.clear();
    this.#lose('the server refused it');
    this.#become('INIT', 'the server refused');
    this.start();
  }

  #lose(because: string): void {
    if (!this.#lease) return;
    this.#lease = null;
    this.#tell(null, because);
    this.#user.onLost(because);
  }

  #onAge(): void {
    const lease = this.#lease;
    if (!lease?.times) return;
    const { endNs } = lease.times;
    if (this.#state === 'BOUND') this.#startRenewing('T1 is over: it asks its server for more time');
    else if (this.#state === 'RENEWING') {
      this.#age.set(Math.max(0, lease.askedNs + endNs - this.#services.context.nowNs));
      this.#become('REBINDING', 'T2 is over: it asks any server for more time');
      this.#askForMore();
    } else {
      this.#retry.clear();
      this.#lose('the lease is over');
      this.#become('INIT', 'the lease is over');
      this.start();
    }
  }

  #startRenewing(because: string): void {
    const { nowNs } = this.#services.context;
    this.#transaction = this.#random.u32();
    this.#beganNs = nowNs;
    this.#become('RENEWING', because);
    const { times, askedNs } = this.#lease as Granted;
    if (times) this.#age.set(Math.max(0, askedNs + times.rebindNs - nowNs));
    this.#askForMore();
  }

  /** RENEWING asks the server alone, REBINDING everybody. */
  #askForMore(): void {
    const { nowNs } = this.#services.context;
    const { server, address, times, askedNs } = this.#lease as Granted;
    const isRenewing = this.#state === 'RENEWING';
    const untilNs = times === null ? nowNs : askedNs + (isRenewing ? times.rebindNs : times.endNs);
    this.#askedNs = nowNs;
    this.#send(DHCP_TYPE.request, isRenewing ? server : IPV4_BROADCAST, address, this.#wishes());
    this.#retry.set(Math.max(LEAST_RENEWAL_NS, Math.floor((untilNs - nowNs) / 2)));
  }

  #wishes(): Map<number, Uint8Array> {
    const wanted = [DHCP_OPTION.subnetMask, DHCP_OPTION.router, DHCP_OPTION.nameServer];
    return new Map([
      [DHCP_OPTION.hostName as number, asciiBytes(this.#services.context.node)],
      [DHCP_OPTION.parameterList as number, Uint8Array.from(wanted)],
    ]);
  }

  #send(type: number, to: Ipv4, clientAddress: Ipv4, options: ReadonlyMap<number, Uint8Array>): void {
    const { nowNs } = this.#services.context;
    const bytes = encodeDhcp({
      isReply: false,
      type,
      transaction: this.#transaction,
      seconds: Math.min(0xffff, Math.floor((nowNs - this.#beganNs) / SECOND)),
      // A release has no answer; whoever has an address hears what is sent to it.
      wantsBroadcast: clientAddress === 0,
      clientAddress,
      yourAddress: 0,
      relayAddress: 0,
      clientMac: this.#mac,
      options: new Map([[DHCP_OPTION.clientIdentifier as number, clientIdentifierOf(this.#mac)], ...options]),
    });
    sendDhcp(
      this.#services,
      this.#socket,
      this.#machine,
      { address: to, port: DHCP_SERVER_PORT },
      bytes,
      clientAddress,
    );
  }

  #become(state: DhcpState, because: string): void {
    const { context } = this.#services;
    const from = this.#state;
    this.#state = state;
    if (!context.recording || from === state) return;
    context.record({ kind: 'state', layer: 7, protocol: 'dhcp', machine: this.#machine, from, to: state, because });
  }

  #tell(row: Readonly<Record<string, string | number>> | null, because = 'a server acknowledged it'): void {
    const { context } = this.#services;
    if (!context.recording) return;
    const change = { table: 'lease', key: this.#name, row, because };
    context.record({ kind: 'table', layer: 7, protocol: 'dhcp', change });
  }
}

/** A time in seconds, which counts only where it lies before another. */
function timeOf(options: DhcpMessage['options'], code: number, otherwise: Nanos, before: Nanos): Nanos {
  const seconds = firstOf(options, code);
  return seconds !== null && seconds * SECOND < before ? seconds * SECOND : otherwise;
}
