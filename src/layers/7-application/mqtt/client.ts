/** The actions `mqtt-connect`, `subscribe`, `publish` and `mqtt-disconnect`: the MQTT clients of one host, by name. */

import type { StreamService } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import { type Content, contentBytes } from '../data/content.ts';
import { repeat } from '../data/repeat.ts';
import type { Disk, DiskFile } from '../disk.ts';
import type { Lookup } from '../names.ts';
import type { ReceivedCounts } from '../received-counts.ts';
import { securedClient } from '../secure.ts';
import { ClientSession, type MqttClientOptions, type StoredClient } from './client-session.ts';
import type { Qos } from './packet.ts';

export interface PublishOptions {
  readonly topic: string;
  readonly content: Content;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly times: number;
  readonly everyNs: number;
}

const NAME = 'mqtt-client';

export class MqttClient {
  readonly #services: AppServices;
  readonly #lookup: Lookup;
  readonly #disk: Disk;
  readonly #file: DiskFile<StoredClient>;
  readonly #received: ReceivedCounts;
  readonly #overWebSocket: (services: AppServices, path: string) => StreamService;
  readonly #sessions = new Map<string, ClientSession>();

  /** Takes up the sessions that are on the disk: a client that is not clean starts again with its node. */
  constructor(
    services: AppServices,
    lookup: Lookup,
    disk: Disk,
    received: ReceivedCounts,
    overWebSocket: (services: AppServices, path: string) => StreamService,
  ) {
    this.#services = services;
    this.#lookup = lookup;
    this.#disk = disk;
    this.#file = disk.file<StoredClient>('mqtt.clients');
    this.#received = received;
    this.#overWebSocket = overWebSocket;
    for (const stored of [...this.#file.records.values()]) {
      const session = this.#install(stored.options, stored);
      if (stored.isWanted) session.connect();
    }
  }

  /** A second `mqtt-connect` of a name takes the first one's place, and its session too unless it is clean. */
  connect(options: MqttClientOptions): void {
    const old = this.#sessions.get(options.as);
    old?.stop();
    const stored = options.clean ? null : (this.#file.records.get(options.as) ?? null);
    if (!stored) old?.forget('the client starts clean');
    this.#install(options, stored).connect();
  }

  subscribe(on: string | null, topic: string, qos: Qos): void {
    this.#find(on, 'subscribe')?.subscribe(topic, qos);
  }

  publish(on: string | null, { topic, content, qos, retain, times, everyNs }: PublishOptions): void {
    const session = this.#find(on, 'publish');
    if (!session) return;
    const { context } = this.#services;
    repeat(context, times, everyNs, (repetition) =>
      session.publish(topic, contentBytes(content, repetition, context.wallNs, 0), qos, retain),
    );
  }

  disconnect(on: string | null): void {
    this.#find(on, 'mqtt-disconnect')?.disconnect();
  }

  crash(): void {
    for (const session of this.#sessions.values()) session.crash();
  }

  #install(options: MqttClientOptions, stored: StoredClient | null): ClientSession {
    const { webSocketPath: path, tls } = options;
    const secured = securedClient(this.#services, tls, path === null ? ['mqtt'] : ['http/1.1']);
    const services = path === null ? secured : { ...secured, streams: this.#overWebSocket(secured, path) };
    const session = new ClientSession(services, this.#lookup, this.#disk, this.#received, options, stored);
    this.#sessions.set(options.as, session);
    return session;
  }

  /** Without a name it is the only client of the host, or the only one that has not disconnected. */
  #find(on: string | null, action: string): ClientSession | null {
    const { ledger } = this.#services;
    if (on !== null) {
      const session = this.#sessions.get(on);
      if (!session) ledger.told(NAME, `${action}: there is no client called ${on}`);
      return session ?? null;
    }
    const all = [...this.#sessions.values()];
    const wanted = all.filter(({ isWanted }) => isWanted);
    const [only, another] = wanted.length > 0 ? wanted : all;
    if (only && !another) return only;
    const problem = another ? 'there are several clients: say which with on' : 'there is no client';
    ledger.told(NAME, `${action}: ${problem}`);
    return null;
  }
}
