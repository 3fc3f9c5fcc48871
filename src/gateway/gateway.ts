/** Real sockets in and out of a running world. */

import { createSocket, type Socket as Datagrams, type RemoteInfo } from 'node:dgram';
import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net';
import type { Endpoint } from '../layers/4-transport/service.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { formatIp } from '../wire/address.ts';
import { type Door, placeText, type RealPlace } from './door.ts';
import { type LiveOptions, LiveRun } from './live-run.ts';
import { TcpBridge } from './tcp-bridge.ts';

export interface GatewayOptions extends LiveOptions {
  /** The node that real clients are connected to the simulation at. */
  readonly from: string;
  /** Hears in sentences what happens at the doors. */
  readonly tell: (text: string) => void;
}

/** A real client of datagrams is forgotten when it has been silent for so long, as a NAT forgets it. */
const SILENCE_MS = 120_000;

export class Gateway {
  readonly live: LiveRun;
  readonly #options: GatewayOptions;
  readonly #servers: Server[] = [];
  readonly #datagrams = new Set<Datagrams>();
  readonly #sockets = new Set<Socket>();

  constructor(scenario: Scenario, options: GatewayOptions) {
    this.live = new LiveRun(scenario, options);
    this.#options = options;
  }

  /** Opens a door; returns the real place, whose port was chosen where 0 was asked for. Rejects with the system's error. */
  async open(door: Door): Promise<RealPlace> {
    if (door.way === 'out') {
      if (door.transport === 'tcp') this.#serveOutside(door);
      else this.#relayOutside(door);
      return door.real;
    }
    return door.transport === 'tcp' ? this.#listen(door) : this.#bind(door);
  }

  /** Closes everything real; what is simulated is left as it is. */
  async close(): Promise<void> {
    this.live.stop();
    for (const socket of this.#sockets) socket.destroy();
    for (const socket of this.#datagrams) socket.close();
    this.#datagrams.clear();
    await Promise.all(this.#servers.map((server) => new Promise((done) => server.close(done))));
  }

  /** Real clients to a simulated server. */
  #listen(door: Door): Promise<RealPlace> {
    const { real } = door;
    const { from } = this.#options;
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const name = this.live.newName('outside');
      this.#bridge(from, name, socket, `${socket.remoteAddress}:${socket.remotePort} to ${door.host}:${door.port}`);
      this.live.call(from, { name: 'connect', as: name, to: { host: door.host, port: door.port }, noDelay: true });
    });
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(real.port, real.address, () => {
        const { port } = server.address() as { port: number };
        resolve({ address: real.address, port });
      });
    });
  }

  /** A real server, as if it stood on a simulated node. */
  #serveOutside({ host, port, real }: Door): void {
    const name = this.live.newName('inside');
    this.live.listen(host, name, (news) => {
      if (news.kind === 'refused') this.#options.tell(`${host}: ${news.detail}`);
      if (news.kind !== 'accepted') return;
      const socket = connect({ host: real.address, port: real.port, allowHalfOpen: true });
      this.#bridge(host, news.socket, socket, `${endpointText(news.remote)} to ${placeText(real)}`);
    });
    this.live.call(host, { name: 'listen', as: name, port });
  }

  #bridge(node: string, name: string, socket: Socket, what: string): void {
    const { tell } = this.#options;
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    tell(`${name}: ${what}`);
    new TcpBridge(this.live, node, name, socket, (how) => tell(`${name}: ${how}`));
  }

  /** Real clients' datagrams: each client has a socket of its own in the simulation. */
  async #bind(door: Door): Promise<RealPlace> {
    const { from, tell } = this.#options;
    const outside = await this.#openDatagrams(door.real);
    const to = { host: door.host, port: door.port };
    const clients = new Map<string, Visitor>();
    outside.on('message', (bytes, info: RemoteInfo) => {
      const key = `${info.address} ${info.port}`;
      let visitor = clients.get(key);
      if (!visitor) {
        const name = this.live.newName('datagrams');
        tell(`${name}: ${info.address}:${info.port} to ${door.host}:${door.port}`);
        this.live.listen(from, name, (news) => {
          if (news.kind === 'datagram') outside.send(news.bytes, info.port, info.address);
        });
        this.live.call(from, { name: 'bind', as: name, port: 0 });
        visitor = new Visitor(() => {
          clients.delete(key);
          this.live.forget(from, name);
          this.live.call(from, { name: 'close', on: name });
        }, name);
        clients.set(key, visitor);
      }
      visitor.refresh();
      this.live.call(from, { name: 'send', on: visitor.name, to, bytes: Uint8Array.from(bytes) });
    });
    outside.once('close', () => {
      for (const visitor of clients.values()) visitor.stop();
    });
    return { address: door.real.address, port: outside.address().port };
  }

  /** A real server of datagrams: each simulated client has a real socket of its own. */
  #relayOutside({ host, port, real }: Door): void {
    const name = this.live.newName('relay');
    const clients = new Map<string, { readonly socket: Datagrams; readonly visitor: Visitor }>();
    this.live.listen(host, name, (news) => {
      if (news.kind !== 'datagram') return;
      const key = endpointText(news.from);
      let client = clients.get(key);
      if (!client) {
        const socket = createSocket(isIPv6(real.address) ? 'udp6' : 'udp4');
        this.#datagrams.add(socket);
        const to = { host: formatIp(news.from.address), port: news.from.port };
        socket.on('message', (bytes) => {
          this.live.call(host, { name: 'send', on: name, to, bytes: Uint8Array.from(bytes) });
        });
        socket.on('error', () => {});
        const visitor = new Visitor(() => {
          clients.delete(key);
          if (this.#datagrams.delete(socket)) socket.close();
        }, key);
        socket.once('close', () => visitor.stop());
        client = { socket, visitor };
        clients.set(key, client);
      }
      client.visitor.refresh();
      client.socket.send(Uint8Array.from(news.bytes), real.port, real.address);
    });
    this.live.call(host, { name: 'bind', as: name, port });
  }

  #openDatagrams({ address, port }: RealPlace): Promise<Datagrams> {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    this.#datagrams.add(socket);
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, address, () => resolve(socket));
    });
  }
}

/** A sender of datagrams, forgotten when it is silent. */
class Visitor {
  readonly name: string;
  readonly #timer: NodeJS.Timeout;

  constructor(forget: () => void, name: string) {
    this.name = name;
    this.#timer = setTimeout(forget, SILENCE_MS);
    this.#timer.unref();
  }

  refresh(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

function endpointText({ address, port }: Endpoint): string {
  return `${formatIp(address)}:${port}`;
}
