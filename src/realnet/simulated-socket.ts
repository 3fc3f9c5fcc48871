/**
 * `net.Socket`s on simulated connections. A socket stays the `net.Socket` that its program made; where it connects on a
 * simulated host its I/O is replaced by ours, so that all that Node and libraries build on sockets works unchanged.
 */

import { AsyncResource } from 'node:async_hooks';
import net from 'node:net';
import type { Endpoint } from '../layers/4-transport/service.ts';
import type { SocketNews } from '../layers/7-application/program/service.ts';
import { formatIp } from '../wire/address.ts';
import type { HostScope } from './scope.ts';
import { type ErrorCode, systemError } from './system-error.ts';

type Done = (error?: Error | null) => void;

/** What Node keeps in a socket besides what its types tell. */
interface SocketInside {
  connecting: boolean;
  server: unknown;
  _server: unknown;
  _undestroy(): void;
  _unrefTimer(): void;
  _handle: unknown;
}

type NodeSocket = net.Socket & SocketInside;

const plugs = new WeakMap<net.Socket, Plug>();

export function plugOf(socket: net.Socket): Plug | null {
  return plugs.get(socket) ?? null;
}

/** Between a `net.Socket` and the simulated connection of that name. */
class Plug extends AsyncResource {
  readonly scope: HostScope;
  readonly name: string;
  readonly socket: NodeSocket;
  bytesRead = 0;
  /** Handed to TCP or about to be. */
  bytesWritten = 0;
  #writing = 0;
  local: Endpoint | null = null;
  remote: Endpoint | null = null;
  /** The connection has a name in the simulation: it was opened or accepted. */
  isOpen = false;
  #target = '';
  #isPaused = false;
  #isOver = false;
  #written: Done | null = null;

  constructor(scope: HostScope, name: string, socket: net.Socket) {
    super('SimulatedSocket');
    this.scope = scope;
    this.name = name;
    this.socket = socket as NodeSocket;
    plugs.set(socket, this);
    Object.defineProperties(socket, IO);
  }

  open(address: string, port: number, noDelay: boolean): void {
    const { net: network } = this.scope;
    this.#target = address;
    this.isOpen = true;
    network.listen(this.name, (news) => this.runInAsyncScope(() => this.hear(news, port)));
    const to = { host: network.routed(address), port };
    network.call({ name: 'connect', as: this.name, to, noDelay });
  }

  hear(news: SocketNews, port = 0): void {
    const { socket } = this;
    switch (news.kind) {
      case 'connected':
        this.local = news.local;
        this.remote = news.remote;
        socket.connecting = false;
        socket.emit('connect');
        socket.emit('ready');
        if (!socket.isPaused()) socket.read(0);
        break;
      case 'data':
        this.#take(news.bytes);
        break;
      case 'ended':
        if (socket.destroyed) break;
        socket.push(null);
        socket.read(0);
        break;
      case 'drained':
        this.#finishWrite(null);
        break;
      case 'closed':
        this.#close(news.reason, port);
        break;
      default:
        break;
    }
  }

  #take(bytes: Uint8Array): void {
    const { socket } = this;
    if (socket.destroyed) return;
    this.bytesRead += bytes.length;
    socket._unrefTimer();
    // A copy: programs may write into what they read, and the journal keeps the octets.
    if (socket.push(Buffer.from(bytes)) || this.#isPaused || this.#isOver) return;
    this.#isPaused = true;
    this.scope.net.call({ name: 'pause', on: this.name });
  }

  read(): void {
    if (!this.#isPaused || this.#isOver) return;
    this.#isPaused = false;
    this.scope.net.call({ name: 'resume', on: this.name });
  }

  /** One write at a time; the next comes when TCP has taken all of this one. */
  write(bytes: Uint8Array, done: Done): void {
    const { socket, scope } = this;
    if (socket.connecting) {
      socket.once('connect', () => this.write(bytes, done));
      return;
    }
    if (this.#isOver) {
      done(systemError('write', 'EPIPE'));
      return;
    }
    this.bytesWritten += bytes.length;
    socket._unrefTimer();
    this.#written = done;
    this.#writing = bytes.length;
    scope.net.call({ name: 'write', on: this.name, bytes });
    if (scope.net.answer(this.name, 'drained')) this.#finishWrite(null);
  }

  end(done: Done): void {
    if (this.socket.connecting) {
      this.socket.once('connect', () => this.end(done));
      return;
    }
    if (!this.#isOver) this.scope.net.call({ name: 'end', on: this.name });
    done();
  }

  /** The program is done with it, or it broke. */
  leave(how: 'close' | 'abort'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.scope.net.forget(this.name);
    if (this.isOpen) this.scope.net.call({ name: how, on: this.name });
  }

  /** What the program wrote and the socket still holds, less the write that is under way. */
  get waitingBytes(): number {
    return this.socket.writableLength - this.#writing;
  }

  #finishWrite(error: Error | null): void {
    const done = this.#written;
    this.#written = null;
    this.#writing = 0;
    done?.(error);
  }

  #close(reason: Extract<SocketNews, { kind: 'closed' }>['reason'], port: number): void {
    const { socket } = this;
    this.#isOver = true;
    this.scope.net.forget(this.name);
    const code = CODES[reason];
    if (socket.connecting) {
      const failed = code === 'ECONNRESET' || code === null ? 'ECONNREFUSED' : code;
      socket.destroy(systemError('connect', failed, { address: this.#target, port }));
    } else if (code !== null) socket.destroy(systemError('read', code));
    this.#finishWrite(code === null ? systemError('write', 'EPIPE') : systemError('write', code));
  }
}

const CODES: Readonly<Record<Extract<SocketNews, { kind: 'closed' }>['reason'], ErrorCode | null>> = {
  finished: null,
  aborted: null,
  refused: 'ECONNREFUSED',
  reset: 'ECONNRESET',
  'timed-out': 'ETIMEDOUT',
  unreachable: 'EHOSTUNREACH',
};

const plugIn = (socket: unknown) => plugs.get(socket as net.Socket) as Plug;
const familyOf = ({ address }: Endpoint) => (typeof address === 'bigint' ? 'IPv6' : 'IPv4');

function method(value: (this: net.Socket, ...args: never[]) => unknown): PropertyDescriptor {
  return { value, writable: true, configurable: true };
}

function getter(get: (plug: Plug) => unknown): PropertyDescriptor {
  return {
    get(this: net.Socket) {
      return get(plugIn(this));
    },
    configurable: true,
  };
}

/** What of a socket touches the network, over what `net.Socket.prototype` has. */
const IO: PropertyDescriptorMap = {
  _read: method(function () {
    plugIn(this).read();
  }),
  _write: method(function (chunk: Uint8Array | string, encoding: BufferEncoding, done: Done) {
    plugIn(this).write(Uint8Array.from(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk), done);
  }),
  _writev: method(function (chunks: readonly { chunk: Uint8Array | string; encoding: BufferEncoding }[], done: Done) {
    const parts = chunks.map(({ chunk, encoding }) =>
      typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk,
    );
    plugIn(this).write(new Uint8Array(Buffer.concat(parts)), done);
  }),
  _final: method(function (done: Done) {
    plugIn(this).end(done);
  }),
  _destroy: method(function (error: Error | null, done: Done) {
    const plug = plugIn(this);
    const { socket } = plug;
    socket.connecting = false;
    plug.leave('close');
    done(error);
    process.nextTick(() => socket.emit('close', error !== null && error !== undefined));
    const server = socket._server as { _connections: number; _emitCloseIfDrained?(): void } | null;
    if (server) {
      server._connections--;
      server._emitCloseIfDrained?.();
    }
  }),
  resetAndDestroy: method(function () {
    plugIn(this).leave('abort');
    return this.destroy();
  }),
  setNoDelay: method(function (isOn: boolean | undefined) {
    const { scope, name, isOpen } = plugIn(this);
    if (isOn !== false && isOpen && !this.destroyed) scope.net.call({ name: 'no-delay', on: name });
    return this;
  }),
  setKeepAlive: method(function () {
    return this;
  }),
  ref: method(function () {
    return this;
  }),
  unref: method(function () {
    return this;
  }),
  address: method(function () {
    const { local } = plugIn(this);
    return local ? { address: formatIp(local.address), family: familyOf(local), port: local.port } : {};
  }),
  pending: getter(({ socket, isOpen }) => !isOpen || socket.connecting),
  bytesRead: getter(({ bytesRead }) => bytesRead),
  bytesWritten: getter((plug) => plug.bytesWritten + plug.waitingBytes),
  localAddress: getter(({ local }) => local && formatIp(local.address)),
  localPort: getter(({ local }) => local?.port),
  localFamily: getter(({ local }) => local && familyOf(local)),
  remoteAddress: getter(({ remote }) => (remote ? formatIp(remote.address) : undefined)),
  remotePort: getter(({ remote }) => remote?.port),
  remoteFamily: getter(({ remote }) => (remote ? familyOf(remote) : undefined)),
};

export interface ConnectOptions {
  readonly host?: string;
  readonly port?: number | string;
  readonly path?: string | null;
  readonly noDelay?: boolean;
  readonly lookup?: typeof import('node:dns').lookup;
}

/** What `socket.connect` does on a simulated host. */
export function connectSimulated(scope: HostScope, socket: net.Socket, options: ConnectOptions): void {
  const node = socket as NodeSocket;
  if (node.destroyed) node._undestroy();
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw portError(options.port);
  const plug = new Plug(scope, scope.net.newName('socket'), socket);
  const host = options.host ?? 'localhost';
  node.connecting = true;
  node._unrefTimer();
  const found = (error: NodeJS.ErrnoException | null, address: string) => {
    if (plugOf(socket) !== plug || socket.destroyed) return;
    node.emit('lookup', error, address, error ? undefined : net.isIP(address), host);
    if (error) socket.destroy(error);
    else plug.open(address, port, options.noDelay ?? false);
  };
  if (net.isIP(host) > 0) plug.open(host, port, options.noDelay ?? false);
  else if (options.lookup) lookUpBy(options.lookup, host, plug.bind(found));
  else scope.net.lookUp(host, (error, address) => plug.runInAsyncScope(found, null, error, address));
}

/** A lookup function of the program's own may answer with one address or with a list. */
function lookUpBy(
  lookup: NonNullable<ConnectOptions['lookup']>,
  host: string,
  found: (error: NodeJS.ErrnoException | null, address: string) => void,
): void {
  lookup(host, { family: 4, all: false }, (error, answer: unknown) => {
    const [first] = Array.isArray(answer) ? (answer as { address: string }[]) : [{ address: String(answer) }];
    found(error, first?.address ?? '');
  });
}

function portError(port: unknown): RangeError {
  const error = new RangeError(`Port should be >= 0 and < 65536. Received ${String(port)}.`);
  return Object.assign(error, { code: 'ERR_SOCKET_BAD_PORT' });
}

/** A connection that a listener of the host accepted, as a socket of that server. */
export function acceptSimulated(
  scope: HostScope,
  server: net.Server,
  news: Extract<SocketNews, { kind: 'accepted' }>,
): net.Socket {
  const { allowHalfOpen = false, pauseOnConnect = false } = server as {
    allowHalfOpen?: boolean;
    pauseOnConnect?: boolean;
  };
  const socket = new net.Socket({ allowHalfOpen }) as NodeSocket;
  const plug = new Plug(scope, news.socket, socket);
  plug.isOpen = true;
  plug.local = news.local;
  plug.remote = news.remote;
  scope.net.listen(news.socket, (each) => plug.runInAsyncScope(() => plug.hear(each)));
  socket.server = server;
  socket._server = server;
  if (pauseOnConnect) socket.pause();
  return socket;
}
