/**
 * The sockets of a node that real programs hold: programs on simulated hosts, and connections that come through a
 * gateway. What they call are inputs of the run; what they hear is told at once, and they answer with later inputs.
 */

import { parseIp } from '../../../wire/address.ts';
import type { DatagramSocket, Endpoint, Listener } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import type { Lookup } from '../names.ts';
import { ProgramConnection } from './connection.ts';
import type { SocketNews, TellProgram } from './service.ts';

/** Where programs that leave the choice to the host listen: below the ports that clients get. */
const FIRST_FREE_PORT = 20_000;
const LAST_FREE_PORT = 29_999;

/** `SocketCall` of the scenario, as this layer sees it. */
export type ProgramCall =
  | { readonly name: 'listen' | 'bind'; readonly as: string; readonly port: number }
  | { readonly name: 'connect'; readonly as: string; readonly to: HostPort; readonly noDelay: boolean }
  | { readonly name: 'lookup'; readonly as: string; readonly host: string }
  | { readonly name: 'write'; readonly on: string; readonly bytes: Uint8Array }
  | { readonly name: 'send'; readonly on: string; readonly to: HostPort; readonly bytes: Uint8Array }
  | { readonly name: 'close' | 'no-delay'; readonly on: string }
  | { readonly name: 'end' | 'abort' | 'pause' | 'resume'; readonly on: string };

interface HostPort {
  readonly host: string;
  readonly port: number;
}

export class Program {
  readonly #services: AppServices;
  readonly #lookup: Lookup;
  readonly #tell: TellProgram;
  readonly #connections = new Map<string, ProgramConnection>();
  readonly #listeners = new Map<string, Listener>();
  readonly #datagrams = new Map<string, DatagramSocket>();

  constructor(services: AppServices, lookup: Lookup, tell: TellProgram) {
    this.#services = services;
    this.#lookup = lookup;
    this.#tell = tell;
  }

  crash(): void {
    this.#tell({ kind: 'crashed' });
  }

  call(call: ProgramCall): void {
    switch (call.name) {
      case 'listen':
        this.#open(call.as, call.port, (port) => this.#listeners.set(call.as, this.#listen(call.as, port)));
        break;
      case 'bind':
        this.#open(call.as, call.port, (port) => this.#datagrams.set(call.as, this.#bind(call.as, port)));
        break;
      case 'connect':
        this.#find(call.as, call.to, (to) => this.#connect(call.as, to, call.noDelay));
        break;
      case 'lookup':
        this.#lookup.find(call.host, (answer) => {
          if ('address' in answer) this.#tell({ kind: 'found', socket: call.as, address: answer.address });
          else this.#tell({ kind: 'unknown', socket: call.as, problem: answer.problem });
        });
        break;
      case 'send':
        this.#find(call.on, call.to, (to) => this.#send(call.on, to, call.bytes));
        break;
      case 'write':
        this.#on(call.on, (connection) => connection.write(call.bytes));
        break;
      case 'close':
        this.#close(call.on);
        break;
      case 'no-delay':
        this.#on(call.on, (connection) => connection.setNoDelay());
        break;
      default:
        this.#on(call.on, (connection) => connection[call.name]());
        break;
    }
  }

  #on(socket: string, run: (connection: ProgramConnection) => void): void {
    const connection = this.#connections.get(socket);
    if (!connection) this.#services.ledger.told(socket, 'there is no connection of that name');
    else {
      run(connection);
      if (connection.isOver) this.#connections.delete(socket);
    }
  }

  #connect(as: string, to: Endpoint, noDelay: boolean): void {
    const connection = new ProgramConnection(this.#services, as, this.#hear(as));
    this.#connections.set(as, connection);
    connection.use(this.#services.streams.connect(as, to, connection, { noDelay }), false);
  }

  #listen(as: string, port: number): Listener {
    let accepted = 0;
    return this.#services.streams.listen(as, port, (stream) => {
      const socket = `${as}.${++accepted}`;
      const connection = new ProgramConnection(this.#services, socket, this.#hear(socket));
      this.#connections.set(socket, connection);
      const { local, remote } = stream;
      this.#tell({ kind: 'accepted', listener: as, socket, local, remote });
      connection.use(stream, true);
      return connection;
    });
  }

  #bind(as: string, port: number): DatagramSocket {
    return this.#services.datagrams.bind(as, port, {
      onDatagram: (payload, from, to, carries) => {
        const { context, ledger } = this.#services;
        const bytes = payload.slice();
        const conversation = { transport: 'udp', local: to, remote: from } as const;
        const was = ledger.received('data', as, conversation, bytes, carries);
        this.#tell({ kind: 'datagram', socket: as, bytes, from });
        context.resume(was);
      },
      onDatagramError: (to, why) => this.#tell({ kind: 'undelivered', socket: as, to, why }),
    });
  }

  #send(on: string, to: Endpoint, bytes: Uint8Array): void {
    const { ledger, datagrams } = this.#services;
    const socket = this.#datagrams.get(on);
    const address = datagrams.sourceTowards(to.address);
    if (!socket || address === null) {
      ledger.dropped('data', on, bytes, 'no-route', socket ? 'there is no route' : 'there is no socket of that name');
      return;
    }
    const conversation = { transport: 'udp', local: { address, port: socket.port }, remote: to } as const;
    const message = ledger.made('data', on, conversation, bytes);
    socket.send(to, message.bytes, message.carries);
  }

  #close(socket: string): void {
    const open = this.#listeners.get(socket) ?? this.#datagrams.get(socket);
    this.#listeners.delete(socket);
    this.#datagrams.delete(socket);
    if (open) open.close();
    else this.#on(socket, (connection) => connection.close());
  }

  /** Opens on a port, or on the first free one for 0. */
  #open(as: string, port: number, open: (port: number) => void): void {
    const last = port === 0 ? LAST_FREE_PORT : port;
    for (let each = port === 0 ? FIRST_FREE_PORT : port; each <= last; each++) {
      try {
        open(each);
        this.#tell({ kind: 'bound', socket: as, port: each });
        return;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    }
    const detail = port === 0 ? 'no port is free' : `port ${port} is in use`;
    this.#services.ledger.told(as, detail);
    this.#tell({ kind: 'refused', socket: as, detail });
  }

  #find(socket: string, { host, port }: HostPort, done: (to: Endpoint) => void): void {
    const address = parseIp(host);
    if (address !== null) {
      done({ address, port });
      return;
    }
    this.#lookup.find(host, (answer) => {
      if ('address' in answer) done({ address: answer.address, port });
      else this.#tell({ kind: 'unknown', socket, problem: answer.problem });
    });
  }

  /** A connection that is over is forgotten when its program has heard of it. */
  #hear(socket: string): TellProgram {
    return (news: SocketNews) => {
      if (news.kind === 'closed') this.#connections.delete(socket);
      this.#tell(news);
    };
  }
}
