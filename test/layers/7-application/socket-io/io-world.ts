/** A Socket.IO server and its clients on streams in memory, 25 ms apart. */

import type { Entry } from '../../../../src/kernel/journal.ts';
import { EngineIo } from '../../../../src/layers/5-session/engine-io/engine-io.ts';
import { WebSockets } from '../../../../src/layers/5-session/websocket/websocket.ts';
import { PRESENTATION } from '../../../../src/layers/6-presentation/presentation.ts';
import { Lookup } from '../../../../src/layers/7-application/names.ts';
import type { Json } from '../../../../src/layers/7-application/socket-io/header.ts';
import {
  IoClient,
  type IoConnectOptions,
  type IoEmitOptions,
} from '../../../../src/layers/7-application/socket-io/io-client.ts';
import { IoServer, type IoServerOptions } from '../../../../src/layers/7-application/socket-io/io-server.ts';
import { type FakeOptions, FakeWorld } from '../fake-transport.ts';

export const MS = 1_000_000;
export const SECOND = 1000 * MS;

export const IO_SERVER: IoServerOptions = {
  name: 'chat',
  port: 3000,
  path: '/socket.io/',
  pingIntervalNs: 25 * SECOND,
  pingTimeoutNs: 20 * SECOND,
  transports: ['polling', 'websocket'],
  recoverForNs: null,
  namespaces: ['/admin'],
  rules: [
    { event: 'echo', rule: 'echo' },
    { event: 'ask', rule: 'ack' },
    { event: 'say', rule: 'broadcast' },
    { event: 'join', rule: { room: 'red' } },
  ],
};

const CONNECT: IoConnectOptions = {
  host: '0.0.0.2',
  port: 3000,
  path: '/socket.io/',
  namespace: '/',
  as: 'phone',
  transports: ['polling', 'websocket'],
  reconnection: null,
  retries: 0,
  ackTimeoutNs: null,
};

export const RECONNECTION = { delayNs: SECOND, maxNs: 5 * SECOND, jitterPerMillion: 0, attempts: null };

export class IoWorld {
  readonly world: FakeWorld;
  readonly client: IoClient;
  readonly server: IoServer;

  constructor(server: Partial<IoServerOptions> = {}, options: FakeOptions = {}) {
    this.world = new FakeWorld({ delayNs: 25 * MS, ...options });
    const [client, host] = [this.world.host('client', 1), this.world.host('server', 2)];
    const make = (each: typeof host) =>
      [new EngineIo(each.context), new WebSockets(each.context, PRESENTATION)] as const;
    this.server = new IoServer(host.services, ...make(host), { ...IO_SERVER, ...server });
    this.client = new IoClient(client.services, ...make(client), new Lookup({ nodeAddresses: () => [] }, null));
  }

  connect(options: Partial<IoConnectOptions> = {}): void {
    this.client.connect({ ...CONNECT, ...options });
  }

  emit(event: string, value: Json = 'x', options: Partial<IoEmitOptions> & { readonly on?: string } = {}): void {
    const defaults = { ack: false, volatile: false, toRoom: null, times: 1, everyNs: 0 };
    this.client.emit(options.on ?? null, { event, content: { kind: 'json', value }, ...defaults, ...options });
  }

  /** Emits from the server to all. */
  broadcast(event: string, value: Json, options: { readonly room?: string; readonly volatile?: boolean } = {}): void {
    this.server.emit({
      event,
      content: { kind: 'json', value },
      namespace: '/',
      room: options.room ?? null,
      volatile: options.volatile ?? false,
      times: 1,
      everyNs: 0,
    });
  }

  at(ms: number, run: () => void): void {
    this.world.kernel.after(ms * MS - this.world.kernel.nowNs, run);
  }

  runUntil(ms: number): void {
    this.world.runUntil(ms * MS);
  }

  /** What was told in a node, with the time in ms. */
  toldAt(node: string, pattern: RegExp): [number, string][] {
    return this.world
      .of(node)
      .flatMap(({ event, atNs }) =>
        event.kind === 'app' && pattern.test(event.text) ? [[atNs / MS, event.text]] : [],
      );
  }

  /** The last value of a metric. */
  metric(node: string, machine: string, name: string): number | null {
    const values = this.world
      .of(node)
      .flatMap(({ event }) =>
        event.kind === 'metric' && event.machine === machine && event.name === name ? [event.value] : [],
      );
    return values.at(-1) ?? null;
  }

  states(node: string, machine: string): [number, string][] {
    return this.world
      .of(node)
      .flatMap(({ event, atNs }) =>
        event.kind === 'state' && event.machine === machine ? [[atNs / MS, event.to]] : [],
      );
  }

  dialogue(): DialogueLine[] {
    return dialogueOf(this.world.journal.entries, 'server');
  }
}

export interface DialogueLine {
  readonly atMs: number;
  readonly line: string;
}

/** Engine.IO packets as the server reads and writes them: `client polling 40`. */
export function dialogueOf(entries: readonly Entry[], server: string): DialogueLine[] {
  const carrierOf = new Map<number, Entry>();
  for (const entry of entries)
    if ('carries' in entry.event) for (const seq of entry.event.carries) carrierOf.set(seq, entry);
  return entries.flatMap(({ node, event, seq, cause, atNs }) => {
    if (node !== server || (event.kind !== 'encoded' && event.kind !== 'decoded') || event.protocol !== 'engine-io')
      return [];
    const isSent = event.kind === 'encoded';
    const carrier = isSent ? carrierOf.get(seq) : entries[cause ?? 0];
    const name = carrier && 'protocol' in carrier.event && carrier.event.protocol === 'http' ? 'polling' : 'websocket';
    const text = Buffer.from(event.bytes).toString('latin1');
    const shown = /^[\x20-\x7e]*$/.test(text) ? text : `binary ${Buffer.from(event.bytes).toString('hex')}`;
    return [{ atMs: atNs / MS, line: `${isSent ? 'server' : 'client'} ${name} ${shown}` }];
  });
}
