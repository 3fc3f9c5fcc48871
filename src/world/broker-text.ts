import type { BrokerAction } from '../scenario/broker-spec.ts';
import type { Payload } from '../scenario/scenario.ts';
import { authorityText } from '../wire/address.ts';

/** An action on MQTT clients and work queues, in a sentence for people. */
export function brokerActionText(action: BrokerAction): string {
  switch (action.kind) {
    case 'mqtt-connect': {
      const { to, clientId, clean, webSocketPath } = action;
      const where =
        webSocketPath === null
          ? authorityText(to.host, to.port, 1883)
          : `ws://${authorityText(to.host, to.port)}${webSocketPath}`;
      return `mqtt-connect to ${where} as ${clientId}${clean ? '' : ', with a session that stays'}`;
    }
    case 'subscribe':
      return `subscribe to ${action.topic} with QoS ${action.qos}${onText(action.on)}`;
    case 'publish': {
      const { payload, topic, qos, retain, times, on } = action;
      const how = `with QoS ${qos}${retain ? ', retained' : ''}`;
      return `publish ${payloadText(payload)} to ${topic} ${how}${onText(on)}${timesText(times)}`;
    }
    case 'mqtt-disconnect':
      return `mqtt-disconnect${onText(action.on)}`;
    case 'enqueue':
      return `enqueue ${payloadText(action.payload)} into ${action.queue}${timesText(action.times)}`;
    case 'consume':
      return `consume ${action.queue}`;
  }
}

function onText(on: string | null): string {
  return on === null ? '' : ` on ${on}`;
}

function timesText(times: number): string {
  return times > 1 ? `, ${times} times` : '';
}

function payloadText(payload: Payload): string {
  return payload.kind === 'text' ? JSON.stringify(payload.text) : `${payload.bytes} octets`;
}
