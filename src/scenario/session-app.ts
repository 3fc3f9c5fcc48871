import type { z } from 'zod';
import type { SOCKETIO_SERVER, WS_SERVER } from './schema/session.ts';
import type { SocketIoApp, WsServerApp } from './session-spec.ts';
import { serverTlsOf } from './tls-spec.ts';

const SECOND_NS = 1_000_000_000;
/** The path that client and server of Socket.IO take where nothing else is said. */
export const DEFAULT_IO_PATH = '/socket.io/';

export function wsServerOf(name: string, file: z.output<typeof WS_SERVER>, names: readonly string[]): WsServerApp {
  const secure = serverTlsOf(file.tls, names);
  const {
    port = secure.tls ? 443 : 80,
    path = '/',
    echo = false,
    'ping-interval': pingIntervalNs = null,
    deflate = false,
  } = file;
  const broadcast = file.broadcast ? { everyNs: file.broadcast.every, sizeBytes: file.broadcast.size } : null;
  return { kind: 'ws-server', name, port, path, echo, pingIntervalNs, deflate, broadcast, ...secure };
}

export function socketIoServerOf(
  name: string,
  file: z.output<typeof SOCKETIO_SERVER>,
  names: readonly string[],
): SocketIoApp {
  const {
    port = 3000,
    path = DEFAULT_IO_PATH,
    'ping-interval': pingIntervalNs = 25 * SECOND_NS,
    'ping-timeout': pingTimeoutNs = 20 * SECOND_NS,
    transports = ['polling', 'websocket'],
    namespaces = [],
  } = file;
  const recoverForNs = file.recovery?.for ?? null;
  const rules = Object.entries(file.on ?? {}).map(([event, rule]) => ({ event, rule }));
  const times = { pingIntervalNs, pingTimeoutNs, recoverForNs };
  return {
    kind: 'socketio-server',
    name,
    port,
    path,
    ...times,
    transports,
    namespaces,
    rules,
    ...serverTlsOf(file.tls, names),
  };
}
