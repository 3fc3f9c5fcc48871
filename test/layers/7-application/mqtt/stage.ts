/** A broker and clients around a switch, and what to look for in their journal. */

import type { StreamService } from '../../../../src/layers/4-transport/service.ts';
import { WebSockets } from '../../../../src/layers/5-session/websocket/websocket.ts';
import { PRESENTATION } from '../../../../src/layers/6-presentation/presentation.ts';
import type { AppServices } from '../../../../src/layers/7-application/app-services.ts';
import { MqttBroker, type MqttBrokerOptions } from '../../../../src/layers/7-application/mqtt/broker.ts';
import { MqttClient, type PublishOptions } from '../../../../src/layers/7-application/mqtt/client.ts';
import type { MqttClientOptions } from '../../../../src/layers/7-application/mqtt/client-session.ts';
import { decodePacket } from '../../../../src/layers/7-application/mqtt/decode.ts';
import { readFixedHeader } from '../../../../src/layers/7-application/mqtt/header.ts';
import type { Packet, Qos, Version } from '../../../../src/layers/7-application/mqtt/packet.ts';
import { MqttProblem } from '../../../../src/layers/7-application/mqtt/reason.ts';
import { WebSocketStreams } from '../../../../src/layers/7-application/mqtt/web-socket-streams.ts';
import { type StateView, stateAt } from '../../../../src/projections/state-at.ts';
import { isMalformed } from '../../../../src/wire/reader.ts';
import { type Apps, Star, type StarNode, type StarOptions } from '../star.ts';

/** As a host puts them together. */
export function overWebSocket({ context }: AppServices): (services: AppServices, path: string) => StreamService {
  const webSockets = new WebSockets(context, PRESENTATION);
  return (services, path) => new WebSocketStreams(services, webSockets, path);
}

export const SECOND = 1_000_000_000;
export const MS = 1_000_000;

export class Stage {
  readonly star: Star;
  readonly clients = new Map<string, MqttClient>();
  readonly #services = new Map<string, AppServices>();
  readonly #version: Version;

  constructor(
    nodes: readonly string[],
    options: StarOptions & { readonly broker?: Partial<MqttBrokerOptions>; readonly version?: Version } = {},
  ) {
    this.#version = options.version ?? 4;
    const boots: Record<string, (node: StarNode) => Apps> = {
      broker: ({ services, disk }) => {
        const broker = new MqttBroker(services, disk, {
          name: 'mqtt-broker',
          port: 1883,
          version: 5,
          maxQueued: 1000,
          overflow: 'drop-newest',
          persistence: true,
          ...options.broker,
        });
        broker.listen(new WebSocketStreams(services, new WebSockets(services.context, PRESENTATION)), 8083);
        return broker;
      },
    };
    for (const name of nodes) {
      boots[name] = ({ services, lookup, disk, received }) => {
        this.#services.set(name, services);
        const client = new MqttClient(services, lookup, disk, received, overWebSocket(services));
        this.clients.set(name, client);
        return client;
      };
    }
    this.star = new Star(boots, options);
  }

  at(ns: number, node: string, run: (client: MqttClient) => void): void {
    this.star.at(ns, node, () => run(this.clients.get(node) as MqttClient));
  }

  servicesOf(node: string): AppServices {
    return this.#services.get(node) as AppServices;
  }

  connect(ns: number, node: string, options: Partial<MqttClientOptions> = {}): void {
    const defaults: MqttClientOptions = {
      as: node,
      host: 'broker',
      port: 1883,
      webSocketPath: null,
      clientId: node,
      version: this.#version,
      clean: true,
      keepAliveSeconds: 60,
      sessionExpirySeconds: null,
      will: null,
    };
    this.at(ns, node, (client) => client.connect({ ...defaults, ...options }));
  }

  subscribe(ns: number, node: string, topic: string, qos: Qos): void {
    this.at(ns, node, (client) => client.subscribe(null, topic, qos));
  }

  publish(ns: number, node: string, topic: string, text: string, options: Partial<PublishOptions> = {}): void {
    const defaults = { qos: 0 as const, retain: false, times: 1, everyNs: 0 };
    this.at(ns, node, (client) =>
      client.publish(null, { topic, content: { kind: 'text', text }, ...defaults, ...options }),
    );
  }

  run(untilNs: number): void {
    this.star.run(untilNs);
  }

  /** What the application of a node received, in order, as text. */
  received(node: string): string[] {
    return this.star.told(node).flatMap((text) => {
      const [, content] = /^received \d+ octets?: "(.*)" on /.exec(text) ?? [];
      return content === undefined ? [] : [content];
    });
  }

  /** Packets of a node in order: `1050 > puback 1`, in ms. */
  dialogue(node: string, wanted?: readonly string[]): string[] {
    return this.star.of(node).flatMap(({ event, atNs }) => {
      if ((event.kind !== 'encoded' && event.kind !== 'decoded') || event.protocol !== 'mqtt') return [];
      const packet = this.packet(event.bytes);
      if (wanted && !wanted.includes(packet.type)) return [];
      const mark = 'dup' in packet && packet.dup ? ' DUP' : '';
      const id = 'id' in packet && packet.id > 0 ? ` ${packet.id}` : '';
      return [`${atNs / MS} ${event.kind === 'encoded' ? '>' : '<'} ${packet.type}${id}${mark}`];
    });
  }

  packet(bytes: Uint8Array): Packet {
    const header = readFixedHeader(bytes, 0, bytes.length);
    if (!header || isMalformed(header)) throw new Error('no packet');
    const packet = decodePacket(header, bytes, this.#version);
    if (packet instanceof MqttProblem) throw new Error(packet.why);
    return packet;
  }

  state(atNs?: number): StateView {
    return stateAt(this.star.journal.entries, this.star.topology, atNs === undefined ? 'end' : { atNs });
  }

  /** Reasons and details of layer 7 messages that ended, everywhere. */
  dropped(): string[] {
    return this.star.journal.entries.flatMap(({ node, event }) =>
      event.kind === 'dropped' && event.layer === 7 ? [`${node} ${event.reason}: ${event.detail}`] : [],
    );
  }
}
