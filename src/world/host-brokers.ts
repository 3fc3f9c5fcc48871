/** What of a host brokers messages, or puts them into brokers and takes them out: MQTT and AMQP, on TCP, and MQTT on WebSockets too. */

import { WebSockets } from '../layers/5-session/websocket/websocket.ts';
import { PRESENTATION } from '../layers/6-presentation/presentation.ts';
import type { AppServices } from '../layers/7-application/app-services.ts';
import type { Disk } from '../layers/7-application/disk.ts';
import { MqttBroker } from '../layers/7-application/mqtt/broker.ts';
import { MqttClient } from '../layers/7-application/mqtt/client.ts';
import { WebSocketStreams } from '../layers/7-application/mqtt/web-socket-streams.ts';
import type { Lookup } from '../layers/7-application/names.ts';
import { QueueBroker } from '../layers/7-application/queue/broker.ts';
import { QueueClient } from '../layers/7-application/queue/client.ts';
import { ReceivedCounts } from '../layers/7-application/received-counts.ts';
import { securedServer } from '../layers/7-application/secure.ts';
import type { BrokerAction, BrokerApp } from '../scenario/broker-spec.ts';

export class HostBrokers {
  readonly #services: AppServices;
  readonly #disk: Disk;
  readonly #webSockets: WebSockets;
  readonly #mqttClient: MqttClient;
  readonly #queueClient: QueueClient;
  readonly #brokers: (MqttBroker | QueueBroker)[] = [];

  /** `disk`: what the node kept when it was last without power. */
  constructor(services: AppServices, lookup: Lookup, disk: Disk) {
    this.#services = services;
    this.#disk = disk;
    const received = new ReceivedCounts(services.context, disk);
    this.#webSockets = new WebSockets(services.context, PRESENTATION);
    const overWebSocket = (below: AppServices, path: string) => new WebSocketStreams(below, this.#webSockets, path);
    this.#mqttClient = new MqttClient(services, lookup, disk, received, overWebSocket);
    this.#queueClient = new QueueClient(services, lookup, received);
  }

  start(app: BrokerApp): void {
    if (app.kind === 'queue-broker') {
      this.#brokers.push(new QueueBroker(securedServer(this.#services, app.tls, []), this.#disk, app));
      return;
    }
    const broker = new MqttBroker(securedServer(this.#services, app.tls, ['mqtt']), this.#disk, app);
    this.#brokers.push(broker);
    if (app.webSocketPort !== null) {
      const below = securedServer(this.#services, app.tls, ['http/1.1']);
      broker.listen(new WebSocketStreams(below, this.#webSockets), app.webSocketPort);
    }
  }

  /** The node loses its power: what was only in memory ends here. */
  crash(): void {
    for (const each of [this.#mqttClient, this.#queueClient, ...this.#brokers]) each.crash();
  }

  perform(action: BrokerAction): void {
    switch (action.kind) {
      case 'mqtt-connect': {
        const { to, will, ...options } = action;
        const payload = new TextEncoder().encode(will?.text ?? '');
        this.#mqttClient.connect({ ...options, ...to, will: will && { ...will, payload } });
        break;
      }
      case 'subscribe':
        this.#mqttClient.subscribe(action.on, action.topic, action.qos);
        break;
      case 'publish':
        this.#mqttClient.publish(action.on, { ...action, content: action.payload });
        break;
      case 'mqtt-disconnect':
        this.#mqttClient.disconnect(action.on);
        break;
      case 'enqueue':
        this.#queueClient.enqueue({ ...action, content: action.payload });
        break;
      case 'consume':
        this.#queueClient.consume(action);
        break;
    }
  }
}
