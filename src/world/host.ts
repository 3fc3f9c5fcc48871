/**
 * A host or router: the only file that knows what stands on what.
 *
 *   7  real programs (program/)
 *   7  echo · sink · http · proxy · dns · ping · tcp-client … · websocket · socket.io (host-sessions.ts) · mqtt ·
 *      amqp (host-brokers.ts)
 *   4  tcp                udp
 *   3  ipv4  (icmp beside it)
 *   2  arp, ethernet      one of each per interface
 *   1  the cable's port
 */

import { Context } from '../kernel/context.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { PhysicalService } from '../layers/1-physical/service.ts';
import { Arp } from '../layers/2-link/arp/arp.ts';
import { EthernetInterface } from '../layers/2-link/ethernet/ethernet.ts';
import { Icmp } from '../layers/3-network/icmp/icmp.ts';
import { IP_PROTOCOL } from '../layers/3-network/ipv4/header.ts';
import { type Ipv4Interface, Ipv4Machine } from '../layers/3-network/ipv4/ipv4.ts';
import type { NetworkUser } from '../layers/3-network/service.ts';
import { LINUX_PROFILE, RFC_PROFILE, type TcpProfile } from '../layers/4-transport/tcp/profile.ts';
import { Tcp } from '../layers/4-transport/tcp/tcp.ts';
import { Udp } from '../layers/4-transport/udp/udp.ts';
import type { AppServices } from '../layers/7-application/app-services.ts';
import { TcpClient } from '../layers/7-application/data/tcp-client.ts';
import { sendDatagrams } from '../layers/7-application/data/udp-send.ts';
import type { Disk } from '../layers/7-application/disk.ts';
import { serveDns } from '../layers/7-application/dns/dns-server.ts';
import { Resolver } from '../layers/7-application/dns/resolver.ts';
import { serveEcho } from '../layers/7-application/echo/echo.ts';
import { HttpClient } from '../layers/7-application/http/http-client.ts';
import { serveHttp } from '../layers/7-application/http/http-server.ts';
import { Ledger } from '../layers/7-application/ledger.ts';
import { Lookup, type Names } from '../layers/7-application/names.ts';
import { ping } from '../layers/7-application/ping/ping.ts';
import { traceroute } from '../layers/7-application/ping/traceroute.ts';
import { Program } from '../layers/7-application/program/program.ts';
import type { TellProgram } from '../layers/7-application/program/service.ts';
import { serveProxy } from '../layers/7-application/proxy/proxy.ts';
import { serveSink } from '../layers/7-application/sink/sink.ts';
import { isBrokerAction, isBrokerApp } from '../scenario/broker-spec.ts';
import { isRouter } from '../scenario/plan.ts';
import type { Action, AppSpec, NodeSpec, Profile, TcpSpec } from '../scenario/scenario.ts';
import { formatIp, type Ipv4 } from '../wire/address.ts';
import type { DatagramMatcher } from './datagram-matcher.ts';
import { gateOf } from './gate.ts';
import { HostBrokers } from './host-brokers.ts';
import { HostSessions } from './host-sessions.ts';

/** RFC 1122 section 3.3.2 and Linux's net.ipv4.ipfrag_time. */
const REASSEMBLY_NS: Readonly<Record<Profile, number>> = { rfc: 60_000_000_000, linux: 30_000_000_000 };

/** What a host is plugged into: one port per interface of its spec, in order; null where the interface stands open. */
export interface Socket {
  readonly port: PhysicalService;
  readonly mtuBytes: number;
}

/** The actions that a host's applications do; the others change the network. */
export type HostAction = Exclude<Action, { readonly kind: 'set-link' | 'crash' | 'pause' | 'partition' }>;

export class Host {
  readonly context: Context;
  readonly #tcp: Tcp;
  readonly #icmp: Icmp;
  readonly #services: AppServices;
  readonly #lookup: Lookup;
  readonly #resolver: Resolver | null;
  readonly #tcpClient: TcpClient;
  readonly #httpClient: HttpClient;
  readonly #sessions: HostSessions;
  readonly #brokers: HostBrokers;
  readonly #program: Program;

  /**
   * `disk`: what the node wrote down before it lost its power, should it have. `tell`: who hears what becomes of the
   * sockets of real programs.
   */
  constructor(
    kernel: Kernel,
    spec: NodeSpec,
    profile: Profile,
    sockets: readonly (Socket | null)[],
    names: Names,
    disk: Disk,
    matcher: DatagramMatcher,
    tell: TellProgram,
  ) {
    const context = new Context(kernel, spec.name);
    this.context = context;
    const interfaces = spec.interfaces.flatMap((each, index) => plugIn(context, each, sockets[index] ?? null));
    const routes = spec.routes.map(({ to, prefix, via }) => ({ to: to as Ipv4, prefix, via: via as Ipv4 }));
    const ipv4 = new Ipv4Machine(context, interfaces, routes, isRouter(spec.kind), REASSEMBLY_NS[profile]);
    const udp = new Udp(context, ipv4);
    this.#tcp = new Tcp(context, ipv4, tcpProfile(profile, spec.tcp), spec.tcp.mssBytes ?? null);
    const transports = new Map<number, NetworkUser>([
      [IP_PROTOCOL.tcp, this.#tcp],
      [IP_PROTOCOL.udp, udp],
    ]);
    this.#icmp = new Icmp(context, ipv4, (protocol) => transports.get(protocol) ?? null);
    // Errors about echo requests concern ICMP itself: traceroute lives on them.
    transports.set(IP_PROTOCOL.icmp, this.#icmp);
    ipv4.reportTo(this.#icmp);
    const gate = gateOf(context, spec, interfaces, matcher);
    if (gate) ipv4.guardBy(gate);
    this.#services = { context, ledger: new Ledger(context), streams: this.#tcp, datagrams: udp };
    this.#resolver = spec.dns.length > 0 ? new Resolver(this.#services, spec.dns) : null;
    this.#lookup = new Lookup(names, this.#resolver);
    this.#tcpClient = new TcpClient(this.#services, this.#lookup);
    this.#httpClient = new HttpClient(this.#services, this.#lookup);
    this.#sessions = new HostSessions(this.#services, this.#lookup);
    this.#brokers = new HostBrokers(this.#services, this.#lookup, disk);
    this.#program = new Program(this.#services, this.#lookup, tell);
    for (const app of spec.apps) this.#start(app);
  }

  /** The node loses its power: its machines are gone, and nobody is told. */
  crash(): void {
    for (const connection of this.#tcp.connections) connection.become('CLOSED', 'the node crashed');
    this.#brokers.crash();
    this.#program.crash();
    this.context.power.cut();
  }

  perform(action: HostAction): void {
    const services = this.#services;
    switch (action.kind) {
      case 'ping':
        ping(services, this.#icmp, this.#lookup, action);
        break;
      case 'traceroute':
        traceroute(services, this.#icmp, this.#lookup, action.target);
        break;
      case 'resolve':
        this.#resolve(action.target);
        break;
      case 'udp-send': {
        const { to, payload, times, everyNs } = action;
        sendDatagrams(services, this.#lookup, { ...to, content: payload, times, everyNs });
        break;
      }
      case 'tcp-connect':
        this.#tcpClient.connect(action.as, action.to.host, action.to.port);
        break;
      case 'tcp-send':
        this.#tcpClient.send(action.on, action.payload, action.times, action.everyNs);
        break;
      case 'tcp-close':
        this.#tcpClient.close(action.on);
        break;
      case 'tcp-abort':
        this.#tcpClient.abort(action.on);
        break;
      case 'socket':
        this.#program.call(action.call);
        break;
      case 'get':
      case 'post':
        this.#httpClient.request({ ...action, content: action.payload });
        break;
      default:
        if (isBrokerAction(action)) this.#brokers.perform(action);
        else this.#sessions.perform(action);
        break;
    }
  }

  #resolve(name: string): void {
    const { ledger } = this.#services;
    const say = (text: string) => ledger.told('resolve', `${name}: ${text}`);
    if (!this.#resolver) say('this node has no name server to ask');
    else this.#resolver.resolve(name, (answer) => say('problem' in answer ? answer.problem : formatIp(answer.address)));
  }

  #start(app: AppSpec): void {
    switch (app.kind) {
      case 'echo-server':
        serveEcho(this.#services, app);
        break;
      case 'sink':
        serveSink(this.#services, app);
        break;
      case 'http-server':
        serveHttp(this.#services, app);
        break;
      case 'proxy':
      case 'load-balancer':
        serveProxy(this.#services, this.#lookup, app);
        break;
      case 'dns-server':
        serveDns(this.#services, app);
        break;
      default:
        if (isBrokerApp(app)) this.#brokers.start(app);
        else this.#sessions.start(app);
        break;
    }
  }
}

function plugIn(context: Context, spec: NodeSpec['interfaces'][number], socket: Socket | null): Ipv4Interface[] {
  if (!socket) return [];
  const ethernet = new EthernetInterface(context, spec.name, spec.mac, socket.mtuBytes, socket.port);
  const addresses = spec.addresses.flatMap(({ address, prefix }) =>
    typeof address === 'number' ? [{ address, prefix }] : [],
  );
  const link = new Arp(
    context,
    ethernet,
    addresses.map(({ address }) => address),
  );
  return addresses.map((each) => ({ link, ...each }));
}

/** The profile's constants with what the scenario says over them. */
function tcpProfile(profile: Profile, spec: TcpSpec): TcpProfile {
  const base = profile === 'linux' ? LINUX_PROFILE : RFC_PROFILE;
  return {
    ...base,
    congestion: spec.congestion ?? base.congestion,
    sack: spec.sack ?? base.sack,
    timestamps: spec.timestamps ?? base.timestamps,
    windowScale: spec.windowScale ?? base.windowScale,
    ecn: spec.ecn === undefined ? base.ecn : spec.ecn ? 'ask' : 'off',
    keepAlive: spec.keepAlive ?? base.keepAlive,
    nagle: spec.nagle ?? base.nagle,
    delayedAck: spec.delayedAck ?? base.delayedAck,
    minRtoNs: spec.minRtoNs ?? base.minRtoNs,
    receiveBufferBytes: spec.receiveBufferBytes ?? base.receiveBufferBytes,
    sendBufferBytes: spec.sendBufferBytes ?? base.sendBufferBytes,
    initialWindowSegments: spec.initialWindowSegments ?? base.initialWindowSegments,
  };
}
