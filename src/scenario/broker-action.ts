/** The actions on MQTT clients and work queues. */

import type { z } from 'zod';
import { type ActionSource, checkTarget, placeOf, spotOf } from './action-source.ts';
import { queueBrokerOf, versionOf } from './broker-app.ts';
import type { BrokerAction, Qos } from './broker-spec.ts';
import type { Checks } from './checks.ts';
import type { NodePlan } from './plan.ts';
import type { Spot } from './problem.ts';
import type { Payload, Remote } from './scenario.ts';
import type { QUEUE_BROKER, QueueTarget } from './schema/broker.ts';
import type { CLIENT_TLS } from './schema/tls.ts';
import { checkNamed } from './session-action.ts';
import type { ClientTlsSpec } from './tls-spec.ts';
import { spotAt } from './tree.ts';

/** null when something about it is wrong; that has been reported. */
export function brokerActionOf(source: ActionSource, kind: BrokerAction['kind'], checks: Checks): BrokerAction | null {
  switch (kind) {
    case 'mqtt-connect':
      return mqttConnectOf(source, checks);
    case 'subscribe': {
      const given = source.file.subscribe;
      if (given === undefined) return null;
      const { on = null, topic, qos = 0 } = typeof given === 'string' ? { topic: given } : given;
      checkNamed(source, 'mqtt', on, checks);
      return { kind, node: source.node.name, on, topic, qos };
    }
    case 'publish': {
      const given = source.file.publish;
      if (given === undefined) return null;
      const { on = null, topic, qos = 0, retain = false, times = 1, every: everyNs = 0 } = given;
      checkNamed(source, 'mqtt', on, checks);
      const payload = payloadOf(source, given, checks);
      return payload && { kind, node: source.node.name, on, topic, payload, qos, retain, times, everyNs };
    }
    case 'mqtt-disconnect': {
      const given = source.file['mqtt-disconnect'];
      const on = typeof given === 'string' ? given : typeof given === 'object' ? (given?.on ?? null) : null;
      checkNamed(source, 'mqtt', on, checks);
      return { kind, node: source.node.name, on };
    }
    case 'enqueue':
      return enqueueOf(source, checks);
    case 'consume':
      return consumeOf(source, checks);
  }
}

function mqttConnectOf(source: ActionSource, checks: Checks): BrokerAction | null {
  const given = source.file['mqtt-connect'];
  if (given === undefined) return null;
  const options = 'to' in given ? given : { to: given };
  const { as = 'mqtt', version = '3.1.1', clean = true, will } = options;
  const { webSocketPath, isSecure, ...to } = options.to;
  const { tls } = placeOf(source, { ...to, isSecure, path: '' }, options.tls, checks);
  checkTarget(source, to.host, spotOf(source, 'to'), checks);
  const { name } = source.node;
  return {
    kind: 'mqtt-connect',
    node: name,
    to,
    webSocketPath,
    ...(tls ? { tls } : {}),
    as,
    clientId: options['client-id'] ?? (as === 'mqtt' ? name : `${name}-${as}`),
    version: versionOf(version),
    clean,
    keepAliveSeconds: options['keep-alive'] ?? 60,
    sessionExpirySeconds: options['session-expiry'] ?? null,
    will: will
      ? { topic: will.topic, text: will.data ?? '', qos: (will.qos ?? 0) as Qos, retain: will.retain ?? false }
      : null,
  };
}

function enqueueOf(source: ActionSource, checks: Checks): BrokerAction | null {
  const given = source.file.enqueue;
  if (given === undefined) return null;
  const { queue, confirm = false, times = 1, every: everyNs = 0 } = given;
  const place = brokerOf(source, given.to, given.tls, queue, checks);
  const payload = payloadOf(source, given, checks);
  return (
    place && payload && { kind: 'enqueue', node: source.node.name, ...place, queue, payload, confirm, times, everyNs }
  );
}

function consumeOf(source: ActionSource, checks: Checks): BrokerAction | null {
  const given = source.file.consume;
  if (given === undefined) return null;
  const options = typeof given === 'string' ? { queue: given } : given;
  const { queue, as = 'worker', prefetch = 0, work: workNs = 0, ack = 'manual' } = options;
  const place = brokerOf(source, options.to, options.tls, queue, checks);
  const crashAfter = options['crash-after'] ?? null;
  const failsOn = options['fails-on'] ?? null;
  const work = { as, queue, prefetch, workNs, ack, crashAfter, failsOn };
  return place && { kind: 'consume', node: source.node.name, ...place, ...work };
}

interface BrokerPlace {
  readonly to: Remote;
  readonly tls?: ClientTlsSpec;
}

/** Whom it is for: what `to` says, or the only queue-broker that there is, in the way that it listens. */
function brokerOf(
  source: ActionSource,
  to: QueueTarget | undefined,
  tls: z.output<typeof CLIENT_TLS> | undefined,
  queue: string,
  checks: Checks,
): BrokerPlace | null {
  const place = (target: QueueTarget): BrokerPlace => {
    const { host, port, tls: secure } = placeOf(source, { ...target, path: '' }, tls, checks);
    return { to: { host, port }, ...(secure ? { tls: secure } : {}) };
  };
  const brokers = [...checks.nodes.values()].flatMap(queueBrokersOf);
  const spot = { ...spotAt(source.tree, source.path), length: 1 };
  if (to) checkTarget(source, to.host, spotOf(source, 'to'), checks);
  else if (brokers.length !== 1) {
    const message =
      brokers.length === 0 ? 'no node of this scenario is a `queue-broker`' : 'there are several: say which with `to`';
    const hint = brokers.length === 0 ? 'give one `apps: { queue-broker: { queues: { jobs: } } }`' : null;
    checks.problems.error(spot, 'PW0505', message, hint);
    return null;
  }
  const found = brokers.find(({ node, port }) => !to || (node === to.host && port === to.port));
  if (!found) return to ? place(to) : null;
  checkQueue(source, found.queues, queue, spot, checks);
  if (!to) checkTarget(source, found.node, spot, checks);
  return place(to ?? { host: found.node, port: found.port, isSecure: found.isSecure });
}

/** A message for a queue that is not there comes back; that may be what a scenario shows. */
function checkQueue(
  source: ActionSource,
  queues: readonly string[],
  queue: string,
  whole: Spot,
  { problems }: Checks,
): void {
  if (queues.includes(queue)) return;
  const near = problems.didYouMean(queue, queues);
  const isWritten = typeof source.file[source.kind] === 'object';
  problems.warn(isWritten ? spotOf(source, 'queue') : whole, 'PW0706', `the broker has no queue \`${queue}\`${near}`);
}

interface FoundBroker {
  readonly node: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly queues: readonly string[];
}

function queueBrokersOf({ name: node, file }: NodePlan): FoundBroker[] {
  return Object.entries(file.apps ?? {}).flatMap(([name, app]) => {
    if ((app?.kind ?? name) !== 'queue-broker') return [];
    const file = (app ?? {}) as z.output<typeof QUEUE_BROKER>;
    const { port, queues, tls: secure } = queueBrokerOf(name, file, []);
    return [{ node, port, isSecure: secure !== undefined, queues: queues.map((each) => each.name) }];
  });
}

function payloadOf(
  source: ActionSource,
  { data, size }: { readonly data?: string | undefined; readonly size?: number | undefined },
  checks: Checks,
): Payload | null {
  if (data !== undefined && size !== undefined) {
    checks.problems.error(spotOf(source, 'size'), 'PW0307', '`data` and `size` do not go together', 'choose one');
    return null;
  }
  // A message without octets is one too: retained, it takes back the one before.
  return size === undefined ? { kind: 'text', text: data ?? '' } : { kind: 'size', bytes: size };
}
