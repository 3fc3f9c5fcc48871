import type { z } from 'zod';
import type { MqttBrokerApp, MqttVersion, QueueBrokerApp, QueueSpec } from './broker-spec.ts';
import {
  type MQTT_BROKER,
  MQTT_PORT,
  MQTTS_PORT,
  type QUEUE_BROKER,
  QUEUE_PORT,
  QUEUES_PORT,
} from './schema/broker.ts';
import { serverTlsOf } from './tls-spec.ts';

type QueuesFile = NonNullable<z.output<typeof QUEUE_BROKER>['queues']>;

export function versionOf(written: '3.1.1' | '5' | 5): MqttVersion {
  return written === '3.1.1' ? 4 : 5;
}

export function mqttBrokerOf(
  name: string,
  file: z.output<typeof MQTT_BROKER>,
  names: readonly string[],
): MqttBrokerApp {
  const secure = serverTlsOf(file.tls, names);
  const {
    port = secure.tls ? MQTTS_PORT : MQTT_PORT,
    version = 5,
    overflow = 'drop-newest',
    persistence = true,
  } = file;
  const maxQueued = file['max-queued'] ?? 1_000;
  const webSocketPort = file.websocket ?? null;
  const kept = { maxQueued, overflow, persistence };
  return { kind: 'mqtt-broker', name, port, webSocketPort, version: versionOf(version), ...kept, ...secure };
}

export function queueBrokerOf(
  name: string,
  file: z.output<typeof QUEUE_BROKER>,
  names: readonly string[],
): QueueBrokerApp {
  const secure = serverTlsOf(file.tls, names);
  const { port = secure.tls ? QUEUES_PORT : QUEUE_PORT, queues = {} } = file;
  const specs = Object.entries(queues).map(([queue, options]) => queueOf(queue, options));
  return { kind: 'queue-broker', name, port, queues: specs, ...secure };
}

function queueOf(name: string, file: QueuesFile[string]): QueueSpec {
  const { durable = true, ttl: ttlNs = null, overflow = 'drop-head' } = file ?? {};
  return {
    name,
    durable,
    ttlNs,
    overflow,
    maxLength: file?.['max-length'] ?? null,
    deadLetter: file?.['dead-letter'] ?? null,
    maxDeliveries: file?.['max-deliveries'] ?? null,
  };
}
