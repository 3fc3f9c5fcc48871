/**
 * A host or router: the only file that knows what stands on what; of layers 2 to 4 host-network.ts, its other half.
 *
 *   7  real programs (program/)
 *   7  echo · sink · iperf3 · http · proxy · dns · dhcp (host-addresses.ts) · ping · tcp-client … · websocket · socket.io (host-sessions.ts) · mqtt ·
 *      amqp (host-brokers.ts)
 *   6  tls, where an application asks for it
 *   4  tcp                udp
 *   3  ipv4  (icmp beside it), ipv6 (icmpv6 and neighbour discovery beside it)
 *   2  arp, ethernet      one of each per interface
 *   1  the cable's port
 */

import { Context } from '../kernel/context.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { EchoService } from '../layers/3-network/service.ts';
import type { Tcp } from '../layers/4-transport/tcp/tcp.ts';
import { CONTENT_CODINGS } from '../layers/6-presentation/deflate/content-coding.ts';
import { Tls, type TlsWorld } from '../layers/6-presentation/tls/tls.ts';
import type { AppServices } from '../layers/7-application/app-services.ts';
import { TcpClient } from '../layers/7-application/data/tcp-client.ts';
import { sendDatagrams } from '../layers/7-application/data/udp-send.ts';
import type { Disk } from '../layers/7-application/disk.ts';
import { serveDns } from '../layers/7-application/dns/dns-server.ts';
import { Resolver } from '../layers/7-application/dns/resolver.ts';
import { serveEcho } from '../layers/7-application/echo/echo.ts';
import { HttpClient } from '../layers/7-application/http/http-client.ts';
import { serveHttp } from '../layers/7-application/http/http-server.ts';
import { serveIperf } from '../layers/7-application/iperf/iperf-server.ts';
import { Ledger } from '../layers/7-application/ledger.ts';
import { Destinations, Lookup, type Names } from '../layers/7-application/names.ts';
import { ping } from '../layers/7-application/ping/ping.ts';
import { traceroute } from '../layers/7-application/ping/traceroute.ts';
import { Program } from '../layers/7-application/program/program.ts';
import type { TellProgram } from '../layers/7-application/program/service.ts';
import { serveProxy } from '../layers/7-application/proxy/proxy.ts';
import { securedServer } from '../layers/7-application/secure.ts';
import { serveSink } from '../layers/7-application/sink/sink.ts';
import { isBrokerAction, isBrokerApp } from '../scenario/broker-spec.ts';
import { isRouter } from '../scenario/plan.ts';
import type { Action, AppSpec, NodeSpec, Profile } from '../scenario/scenario.ts';
import { formatIp } from '../wire/address.ts';
import type { DatagramMatcher } from './datagram-matcher.ts';
import { guard } from './gate.ts';
import { HostAddresses } from './host-addresses.ts';
import { HostBrokers } from './host-brokers.ts';
import { buildNetwork, type HostNetwork, type Socket } from './host-network.ts';
import { HostSessions } from './host-sessions.ts';
import type { Leaseholders } from './leaseholders.ts';

/** The actions that a host's applications do; the others change the network. */
export type HostAction = Exclude<Action, { readonly kind: 'set-link' | 'crash' | 'pause' | 'skew' | 'partition' }>;

export class Host {
  readonly context: Context;
  /** Its network interface cards. */
  readonly #cards: HostNetwork['cards'];
  readonly #tcp: Tcp;
  readonly #echoes: EchoService;
  readonly #services: AppServices;
  readonly #lookup: Lookup;
  readonly #resolver: Resolver | null;
  readonly #addresses: HostAddresses;
  readonly #brokers: HostBrokers;
  readonly #program: Program;
  // Of a thousand hosts most do one thing: what begins with a call is made by the first. Brokers and their clients go on
  // where the disk says they were, and a program hears of a crash: they are there from the start.
  #tcpClientMade: TcpClient | null = null;
  #httpClientMade: HttpClient | null = null;
  #sessionsMade: HostSessions | null = null;

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
    tls: TlsWorld,
    leaseholders: Leaseholders,
  ) {
    const context = new Context(kernel, spec.name);
    this.context = context;
    const network = buildNetwork(context, spec, profile, sockets, isRouter(spec.kind));
    this.#tcp = network.tcp;
    this.#cards = network.cards;
    this.#echoes = network.echoes;
    guard(context, spec, network, matcher);
    this.#services = {
      context,
      ledger: new Ledger(context),
      streams: network.tcp,
      datagrams: network.udp,
      tls: new Tls(context, network.tcp, tls),
      codings: CONTENT_CODINGS,
    };
    const destinations = new Destinations((address) => network.udp.sourceTowards(address), network.families);
    const mayAsk = spec.dns.length > 0 || spec.interfaces.some(({ dhcp }) => dhcp);
    this.#resolver = mayAsk ? new Resolver(this.#services, spec.dns, destinations) : null;
    this.#lookup = new Lookup(names, this.#resolver, destinations);
    this.#brokers = new HostBrokers(this.#services, this.#lookup, disk);
    this.#program = new Program(this.#services, this.#lookup, tell);
    this.#addresses = new HostAddresses(this.#services, network, spec, this.#resolver, disk, leaseholders);
    for (const app of spec.apps) this.#start(app);
  }

  get #tcpClient(): TcpClient {
    this.#tcpClientMade ??= new TcpClient(this.#services, this.#lookup);
    return this.#tcpClientMade;
  }

  get #httpClient(): HttpClient {
    this.#httpClientMade ??= new HttpClient(this.#services, this.#lookup);
    return this.#httpClientMade;
  }

  get #sessions(): HostSessions {
    this.#sessionsMade ??= new HostSessions(this.#services, this.#lookup);
    return this.#sessionsMade;
  }

  setMtu(name: string, mtuBytes: number): void {
    const card = this.#cards.get(name);
    if (card) card.mtuBytes = mtuBytes;
  }

  /** What its applications have sent and received so far. */
  get applications(): { readonly sentBytes: number; readonly receivedBytes: number } {
    const { sentBytes, receivedBytes } = this.#services.ledger;
    return { sentBytes, receivedBytes };
  }

  /** The node loses its power: its machines are gone, and nobody is told. */
  crash(): void {
    for (const connection of this.#tcp.connections) connection.crash();
    this.#brokers.crash();
    this.#program.crash();
    this.context.power.cut();
  }

  perform(action: HostAction): void {
    const services = this.#services;
    switch (action.kind) {
      case 'ping':
        ping(services, this.#echoes, this.#lookup, action);
        break;
      case 'traceroute':
        traceroute(services, this.#echoes, this.#lookup, action);
        break;
      case 'resolve':
        this.#resolve(action, 1);
        break;
      case 'udp-send': {
        const { to, payload, times, everyNs } = action;
        sendDatagrams(services, this.#lookup, { ...to, content: payload, times, everyNs });
        break;
      }
      case 'tcp-connect':
        this.#tcpClient.connect(action.as, action.to.host, action.to.port, action.tls);
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
      case 'dhcp':
        this.#addresses.perform(action);
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

  #resolve(action: Extract<Action, { readonly kind: 'resolve' }>, turn: number): void {
    const { target: name, count, everyNs } = action;
    const { ledger } = this.#services;
    const say = (text: string) => ledger.told('resolve', `${name}: ${text}`);
    if (!this.#resolver) say('this node has no name server to ask');
    else this.#resolver.resolve(name, (answer) => say('problem' in answer ? answer.problem : formatIp(answer.address)));
    if (turn < count) this.context.after(everyNs, () => this.#resolve(action, turn + 1));
  }

  #start(app: AppSpec): void {
    switch (app.kind) {
      case 'echo-server':
        serveEcho(securedServer(this.#services, app.tls, []), app);
        break;
      case 'sink':
        serveSink(securedServer(this.#services, app.tls, []), app);
        break;
      case 'iperf3-server':
        serveIperf(this.#services, app);
        break;
      case 'http-server':
        serveHttp(securedServer(this.#services, app.tls, ['http/1.1']), app);
        break;
      case 'proxy':
      case 'load-balancer':
        serveProxy(this.#services, this.#lookup, app, securedServer(this.#services, app.tls, ['http/1.1']).streams);
        break;
      case 'dns-server':
        serveDns(this.#services, app);
        break;
      case 'dhcp-server':
        this.#addresses.serve(app);
        break;
      default:
        if (isBrokerApp(app)) this.#brokers.start(app);
        else this.#sessions.start(app);
        break;
    }
  }
}
