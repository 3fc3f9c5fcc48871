/** `net`: sockets that connect and servers that listen on a simulated host. */

import { AsyncResource } from 'node:async_hooks';
import net from 'node:net';
import tls from 'node:tls';
import { noteEscape, withoutEscapes } from './escapes.ts';
import { replace, symbolOf } from './replace.ts';
import { currentScope, type HostScope } from './scope.ts';
import { acceptSimulated, type ConnectOptions, connectSimulated } from './simulated-socket.ts';
import { systemError } from './system-error.ts';
import { VirtualTimeout } from './virtual-timers.ts';

/** Node's own reading of the many forms of `connect` and `listen`. */
const normalizeArgs = (net as unknown as { _normalizeArgs(args: unknown[]): [ListenOptions, (() => void) | null] })
  ._normalizeArgs;

interface ListenOptions extends ConnectOptions {
  readonly exclusive?: boolean;
  readonly fd?: number;
}

export function patchNet(): void {
  patchConnect();
  patchTimeout();
  patchListen();
}

/** Already normalized where Node itself calls. */
function normalized(args: unknown[]): [ListenOptions, (() => void) | null] {
  return Array.isArray(args[0]) ? (args[0] as unknown as [ListenOptions, (() => void) | null]) : normalizeArgs(args);
}

function patchConnect(): void {
  replace(
    net.Socket.prototype,
    'connect',
    (original) =>
      function (this: unknown, ...args) {
        const scope = currentScope();
        if (!scope) return original.apply(this, args);
        const [options, callback] = normalized(args);
        if (options.path) {
          noteEscape(scope, 'a local socket (path) is not simulated');
          return original.apply(this, args);
        }
        const socket = this as net.Socket;
        if (callback) socket.once('connect', callback);
        connectSimulated(scope, socket, options);
        return this;
      },
  );
}

/** Inactivity in virtual time. Node itself puts the timer off at each read and write, by its `refresh`. */
function patchTimeout(): void {
  const slot = symbolOf(new net.Socket(), 'timeout');
  if (slot === null) throw new Error('this version of Node keeps the timeout of a socket elsewhere');
  replace(
    net.Socket.prototype,
    'setTimeout',
    (original) =>
      function (this: unknown, delay, callback) {
        const scope = currentScope();
        const socket = this as Omit<net.Socket, 'timeout'> & TimedSocket;
        if (!scope) return original.call(this, delay, callback);
        if (socket.destroyed) return socket;
        const ms = Number(delay);
        socket.timeout = ms;
        const before = socket[slot];
        if (before instanceof VirtualTimeout) before.close();
        socket[slot] = null;
        if (ms > 0) {
          const fire = () => {
            if (!socket.destroyed) socket._onTimeout();
          };
          socket[slot] = new VirtualTimeout(scope.timers, fire, ms, false);
        }
        if (typeof callback === 'function') {
          if (ms > 0) socket.once('timeout', callback as () => void);
          else socket.removeListener('timeout', callback as () => void);
        }
        return socket;
      },
  );
}

interface TimedSocket {
  timeout?: number;
  [slot: symbol]: unknown;
  _onTimeout(): void;
}

function patchListen(): void {
  replace(
    net.Server.prototype,
    'listen',
    (original) =>
      function (this: unknown, ...args) {
        const scope = currentScope();
        if (!scope) return original.apply(this, args);
        const [options, callback] = normalizeArgs(args);
        if (options.path || options.fd !== undefined) {
          noteEscape(scope, 'a server on a path or descriptor is not simulated');
          return original.apply(this, args);
        }
        const server = this as ListeningServer;
        if (server._handle) throw alreadyListening();
        if (callback) server.once('listening', callback);
        listen(scope, server, Number(options.port ?? 0));
        return server;
      },
  );
}

type ListeningServer = net.Server & { _handle: unknown; _connections: number; noDelay?: boolean };

function alreadyListening(): Error {
  const error = new Error('Listen method has been called more than once without closing.');
  return Object.assign(error, { code: 'ERR_SERVER_ALREADY_LISTEN' });
}

function listen(scope: HostScope, server: ListeningServer, port: number): void {
  const { net: network } = scope;
  const name = network.newName('server');
  const resource = new AsyncResource('SimulatedServer');
  network.listen(name, (news) => {
    if (news.kind === 'accepted') resource.runInAsyncScope(() => accept(scope, server, news));
  });
  network.call({ name: 'listen', as: name, port });
  const bound = network.answer(name, 'bound', 'refused');
  if (bound?.kind !== 'bound') {
    const error = systemError('listen', 'EADDRINUSE', { address: '::', port });
    process.nextTick(() => server.emit('error', error));
    return;
  }
  server._handle = handleOf(scope, name, bound.port);
  process.nextTick(() => {
    if (server._handle) announce(server);
  });
}

/** What Node asks the handle of a server for: its address, and to close it. */
function handleOf({ net: network }: HostScope, name: string, port: number): object {
  return {
    getsockname(out: Record<string, unknown>) {
      Object.assign(out, { address: '0.0.0.0', family: 'IPv4', port });
      return 0;
    },
    close(done?: () => void) {
      network.forget(name);
      network.call({ name: 'close', on: name });
      if (done) process.nextTick(done);
    },
    ref() {},
    unref() {},
    hasRef: () => true,
  };
}

/**
 * `http.Server` starts to look after late requests on a real timer when it listens, from inside of Node; nothing of that
 * would happen in virtual time, so it is stopped. Deviation: `headersTimeout` and `requestTimeout` never fire.
 */
function announce(server: ListeningServer): void {
  withoutEscapes(() => server.emit('listening'));
  const slot = symbolOf(server, 'http.server.connectionsCheckingInterval');
  if (slot) realClearInterval((server as unknown as Record<symbol, NodeJS.Timeout>)[slot]);
}

const realClearInterval = clearInterval;

function accept(scope: HostScope, server: ListeningServer, news: Parameters<typeof acceptSimulated>[2]): void {
  const socket = acceptSimulated(scope, server, news);
  if (server.maxConnections && server._connections >= server.maxConnections) {
    socket.destroy();
    server.emit('drop', { remoteAddress: socket.remoteAddress, remotePort: socket.remotePort });
    return;
  }
  server._connections++;
  if (server.noDelay) socket.setNoDelay(true);
  server.emit('connection', socket);
  // TLS over a socket without a handle of Node's takes it for one that has not connected yet.
  if (server instanceof tls.Server) process.nextTick(() => socket.emit('connect'));
}
