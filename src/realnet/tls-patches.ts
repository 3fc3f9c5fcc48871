/**
 * `tls`: real TLS over simulated connections. Node's own TLS runs over any duplex stream, so that all there is to do is to
 * open the connection underneath. Deviation: OpenSSL draws its own randomness, so that the octets of two runs differ,
 * while their sizes and times are the same.
 */

import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { replace } from './replace.ts';
import { currentScope } from './scope.ts';
import { plugOf } from './simulated-socket.ts';

interface TlsOptions extends tls.ConnectionOptions {
  readonly timeout?: number;
}

export function patchTls(): void {
  replace(tls, 'connect', (original) => (...args) => {
    const scope = currentScope();
    if (!scope) return original.apply(tls, args);
    const [options, callback] = normalized(args);
    if (options.path) return original.apply(tls, args);
    if (options.socket) return overConnected(original.apply(tls, args) as tls.TLSSocket, options.socket);
    const socket = net.connect({ port: options.port ?? 443, host: options.host ?? 'localhost', noDelay: true });
    const servername = options.servername ?? (net.isIP(options.host ?? '') ? '' : options.host);
    const secure = original.call(
      tls,
      { ...options, ...(servername && { servername }), socket },
      callback,
    ) as tls.TLSSocket;
    if (options.timeout) secure.setTimeout(options.timeout);
    return secure;
  });
}

/** A connection that changes over to TLS: without a handle of Node's, it would be taken for one that is not up yet. */
function overConnected(secure: tls.TLSSocket, socket: Duplex): tls.TLSSocket {
  if (socket instanceof net.Socket && plugOf(socket) && !socket.connecting) {
    process.nextTick(() => {
      Object.assign(secure, { connecting: false });
      secure.emit('connect');
    });
  }
  return secure;
}

/** `connect(options)`, `connect(port, host, options)`, each with a callback or without. */
function normalized(args: readonly unknown[]): [TlsOptions, (() => void) | undefined] {
  const callback = args.find((each) => typeof each === 'function') as (() => void) | undefined;
  const options = args.find((each) => typeof each === 'object' && each !== null) as TlsOptions | undefined;
  const [port, host] = args;
  const place = {
    ...(typeof port === 'number' && { port }),
    ...(typeof host === 'string' && { host }),
  };
  return [{ ...options, ...place }, callback];
}
