/** A client that says to the broker whatever it likes, octet by octet, and hears what comes back. */

import type { AppServices } from '../../../../src/layers/7-application/app-services.ts';
import { QueueBroker } from '../../../../src/layers/7-application/queue/broker.ts';
import { FrameReader } from '../../../../src/layers/7-application/queue/frame-reader.ts';
import {
  encodeFrame,
  FRAME_TYPE,
  NO_TABLE,
  PROTOCOL_HEADER,
} from '../../../../src/layers/7-application/queue/header.ts';
import { decodeMethod, encodeMethod, type Method } from '../../../../src/layers/7-application/queue/methods.ts';
import { AmqpProblem } from '../../../../src/layers/7-application/queue/reply.ts';
import { RawClient } from '../raw-client.ts';
import { Star } from '../star.ts';
import { QUEUE, SECOND } from './stage.ts';

export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
export const say = (channel: number, method: Method) =>
  hex(encodeFrame(FRAME_TYPE.method, channel, encodeMethod(method)));
export const START_OK = say(0, {
  name: 'connection.start-ok',
  args: { clientProperties: NO_TABLE, mechanism: 'PLAIN', response: new Uint8Array(0), locale: 'en_US' },
});
export const TUNE_OK = say(0, { name: 'connection.tune-ok', args: { channelMax: 10, frameMax: 8192, heartbeat: 0 } });
export const OPEN = say(0, { name: 'connection.open', args: { virtualHost: '/', capabilities: '', insist: false } });
export const UP = `${hex(PROTOCOL_HEADER)}${START_OK}${TUNE_OK}${OPEN}`;
export const CHANNEL = say(1, { name: 'channel.open', args: { outOfBand: '' } });
export const ack = (deliveryTag: number, channel = 1) =>
  say(channel, { name: 'basic.ack', args: { deliveryTag, multiple: false } });

/** The methods that came back, with what closes say. */
export function talk(octets: string): { said: string[]; ended: string | null } {
  let services: AppServices | null = null;
  const star = new Star({
    broker: ({ services: own, disk }) =>
      new QueueBroker(own, disk, { name: 'queue-broker', port: 5672, queues: [{ name: 'q', ...QUEUE }] }),
    evil: ({ services: own }) => {
      services = own;
      return {};
    },
  });
  const client = new RawClient(services as unknown as AppServices, 0x0a000001, 5672).send(octets);
  star.run(5 * SECOND);
  const reader = new FrameReader(client.answer.startsWith('414d5150'));
  reader.push(Buffer.from(client.answer, 'hex'));
  const said: string[] = [];
  for (let unit = reader.next(); unit && !(unit instanceof AmqpProblem); unit = reader.next()) {
    if (unit.value === 'protocol-header') {
      said.push('AMQP 0-9-1');
      continue;
    }
    const method = decodeMethod(unit.value.payload);
    if (method instanceof AmqpProblem) continue;
    said.push(
      'replyText' in method.args ? `${method.name}: ${method.args.replyCode} ${method.args.replyText}` : method.name,
    );
  }
  return { said, ended: client.ended };
}
