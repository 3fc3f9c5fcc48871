/** The grammar of brokers and their clients: MQTT and work queues. */

import * as z from 'zod';
import { readHost, readRemote, readUrl } from '../address-text.ts';
import type { MqttTarget } from '../broker-spec.ts';
import { NAME_PATTERN, nameReader } from '../names.ts';
import { complaint, type Reading, readDuration } from '../quantity.ts';
import type { Remote } from '../scenario.ts';
import { count, duration, flag, leaf, pattern, port, sizeWithin, text } from './leaf.ts';
import { CLIENT_TLS, SERVER_TLS } from './tls.ts';

export const MQTT_PORT = 1883;
export const MQTTS_PORT = 8883;
export const QUEUE_PORT = 5672;
export const QUEUES_PORT = 5671;

/** A host with a port, or without one where the protocol has a usual one. */
function readBroker(usual: number): (input: unknown) => Reading<Remote> {
  return (input) => {
    if (typeof input === 'string' && input.includes(':')) return readRemote(input);
    const host = readHost(input);
    return 'value' in host ? { value: { host: host.value, port: usual } } : host;
  };
}

const seconds = (most: number, description: string) =>
  leaf(
    (input): Reading<number> => {
      const reading = readDuration(input);
      if (!('value' in reading)) return reading;
      const whole = reading.value / 1_000_000_000;
      if (Number.isInteger(whole) && whole <= most) return { value: whole };
      return complaint(`MQTT has whole seconds here, 0s to ${most}s`, null, 'PW0306');
    },
    { description: `${description} Whole seconds, with their unit: 60s.`, pattern: pattern('[0-9.]+ ?[a-z]+') },
  );

const version = z.union([z.literal('3.1.1'), z.literal(5), z.literal('5')]);
const qos = z.union([z.literal(0), z.literal(1), z.literal(2)]).describe('Quality of service. Default: 0.');

export const MQTT_BROKER = z.strictObject({
  kind: z.literal('mqtt-broker').optional(),
  port: port('Default: 1883, with TLS 8883.').optional(),
  websocket: port('Where it serves WebSockets too. Default: nowhere.').optional(),
  version: version.describe('The newest version that it speaks, 3.1.1 or 5. Default: 5, and with it 3.1.1.').optional(),
  'max-queued': count('Messages that wait for one client. Default: 1000.', 1, 100_000).optional(),
  overflow: z
    .enum(['drop-newest', 'drop-oldest'])
    .describe('Which message ends when so many wait. Default: drop-newest.')
    .optional(),
  persistence: flag('Whether sessions and retained messages outlive a crash. Default: true.').optional(),
  tls: SERVER_TLS.optional(),
});

const queueName = z.string().regex(/^(?!amq\.)[\w-]{1,63}$/, {
  error: 'a queue has a name of 1 to 63 letters, digits, - and _',
});

const queue = z
  .strictObject({
    durable: flag('Whether it outlives a crash of the broker. Default: true.').optional(),
    ttl: duration('How long a message may wait. Default: for ever.').optional(),
    'max-length': count('Messages that may wait. Default: any number.', 0).optional(),
    overflow: z
      .enum(['drop-head', 'reject-publish'])
      .describe('What a full queue does. Default: drop-head.')
      .optional(),
    'dead-letter': queueName.describe('The queue for messages that die here. Default: they are dropped.').optional(),
    'max-deliveries': count('How often a message is delivered before it dies. Default: without end.').optional(),
  })
  .nullable();

export const QUEUE_BROKER = z.strictObject({
  kind: z.literal('queue-broker').optional(),
  port: port('Default: 5672, with TLS 5671.').optional(),
  queues: z.record(queueName, queue).describe('Its queues by name.').optional(),
  tls: SERVER_TLS.optional(),
});

const connection = leaf(nameReader("a client's name"), {
  description: 'The name of a client.',
  pattern: NAME_PATTERN,
});

const TIMES = {
  times: count('How often. Default: 1.').optional(),
  every: duration('How long between two. Default: 0s.').optional(),
} as const;

const CONTENT = {
  data: text('The text; {n} counts repetitions, {t} is virtual time.').optional(),
  size: sizeWithin(0, 1_000_000)('So many octets of a known pattern.').optional(),
} as const;

const topic = text('A topic: sensors/kitchen.');

function readMqttTarget(input: unknown): Reading<MqttTarget> {
  if (typeof input === 'string' && /^wss?:\/\//i.test(input)) {
    const url = readUrl(input.replace(/^ws(s?):/i, 'http$1:'));
    if (!('value' in url)) return url;
    const { host, port: written, path, isSecure } = url.value;
    return { value: { host, port: written, webSocketPath: path, isSecure } };
  }
  const [, scheme] = typeof input === 'string' ? (/^(mqtts?):\/\//i.exec(input) ?? []) : [];
  const isSecure = scheme?.toLowerCase() === 'mqtts';
  const plain = scheme === undefined ? input : (input as string).slice(scheme.length + 3);
  const remote = readBroker(isSecure ? MQTTS_PORT : MQTT_PORT)(plain);
  return 'value' in remote ? { value: { ...remote.value, webSocketPath: null, isSecure } } : remote;
}

const mqttTo = leaf(readMqttTarget, {
  description: 'HOST or HOST:PORT of the broker (usual port 1883), mqtts://HOST, ws:// or wss://HOST:PORT/PATH.',
  pattern: pattern('([mM][qQ][tT]{2}[sS]?://)?[^:]+(:\\d{1,5})?|[wW][sS]{1,2}://[^ ]+'),
});
export interface QueueTarget {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

function readQueueTarget(input: unknown): Reading<QueueTarget> {
  const [, scheme] = typeof input === 'string' ? (/^(amqps?):\/\//i.exec(input) ?? []) : [];
  const isSecure = scheme?.toLowerCase() === 'amqps';
  const plain = scheme === undefined ? input : (input as string).slice(scheme.length + 3);
  const remote = readBroker(isSecure ? QUEUES_PORT : QUEUE_PORT)(plain);
  return 'value' in remote ? { value: { ...remote.value, isSecure } } : remote;
}

const queueTo = leaf(readQueueTarget, {
  description: 'HOST or HOST:PORT of the broker (usual port 5672), or amqps://HOST (usual port 5671).',
  pattern: pattern('([aA][mM][qQ][pP][sS]?://)?[^:]+(:\\d{1,5})?'),
});

export const BROKER_ACTIONS = {
  'mqtt-connect': z
    .union([
      mqttTo,
      z.strictObject({
        to: mqttTo,
        as: connection.optional(),
        tls: CLIENT_TLS.optional(),
        'client-id': text("What the broker knows it by. Default: the node's name.").optional(),
        version: version.describe('3.1.1 or 5. Default: 3.1.1.').optional(),
        clean: flag('false: the session outlives the connection. Default: true.').optional(),
        'keep-alive': seconds(65_535, 'How long a connection may be silent; 0s turns it off. Default: 60s.').optional(),
        'session-expiry': seconds(0xffff_fffe, 'MQTT 5: how long the broker keeps the session.').optional(),
        will: z
          .strictObject({
            topic,
            data: text('The message. Default: nothing.').optional(),
            qos: qos.optional(),
            retain: flag('Default: false.').optional(),
          })
          .describe('What the broker publishes when the client dies.')
          .optional(),
      }),
    ])
    .describe('Connects an MQTT client; `as` names it (default: mqtt).')
    .optional(),
  subscribe: z
    .union([
      text('A topic filter: sensors/+/temperature, or sensors/#.'),
      z.strictObject({
        on: connection.optional(),
        topic: text('A topic filter: sensors/+/temperature, or sensors/#.'),
        qos: qos.optional(),
      }),
    ])
    .describe('Subscribes an MQTT client to topics.')
    .optional(),
  publish: z
    .strictObject({
      on: connection.optional(),
      topic,
      ...CONTENT,
      qos: qos.optional(),
      retain: flag('Whether the broker keeps it for subscribers to come. Default: false.').optional(),
      ...TIMES,
    })
    .describe('Publishes messages over MQTT.')
    .optional(),
  'mqtt-disconnect': z
    .union([connection, z.strictObject({ on: connection.optional() }), z.literal(true), z.null()])
    .describe("The client; true or nothing for the node's only one.")
    .optional(),
  enqueue: z
    .strictObject({
      to: queueTo.describe("The broker. Default: the scenario's only one.").optional(),
      tls: CLIENT_TLS.optional(),
      queue: queueName.describe('The queue.'),
      ...CONTENT,
      confirm: flag('Asks the broker to confirm, and publishes again what it does not. Default: false.').optional(),
      ...TIMES,
    })
    .describe('Puts messages into a queue.')
    .optional(),
  consume: z
    .union([
      queueName,
      z.strictObject({
        to: queueTo.describe("The broker. Default: the scenario's only one.").optional(),
        tls: CLIENT_TLS.optional(),
        as: connection.optional(),
        queue: queueName.describe('The queue.'),
        prefetch: count(
          'Messages it takes before it has acknowledged one; 0: any number. Default: 0.',
          0,
          65_535,
        ).optional(),
        work: duration('How long it works on each. Default: 0s.').optional(),
        ack: z
          .enum(['manual', 'auto', 'never'])
          .describe('When a message counts as done: after the work, when it was sent, or never. Default: manual.')
          .optional(),
        'crash-after': count('The program dies in its n-th message, before it acknowledges.').optional(),
        'fails-on': text('Messages with this text in them fail, and are given back.').optional(),
      }),
    ])
    .describe('Takes messages out of a queue and works on them; `as` names the program (default: worker).')
    .optional(),
} as const;
