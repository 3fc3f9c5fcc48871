/** Our broker with amqplib: the real client library, in virtual time. */

import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import type amqp from 'amqplib';
import { describe, expect, it } from 'vitest';
import type { AppServices } from '../../../../src/layers/7-application/app-services.ts';
import { QueueBroker } from '../../../../src/layers/7-application/queue/broker.ts';
import { connectBridge, passing } from '../bridge.ts';
import { Star } from '../star.ts';
import { SECOND } from './stage.ts';

/** The library's inner modules take any stream; what it exports opens a socket. */
const require = createRequire(import.meta.url);
const { Connection } = require('../../../../node_modules/amqplib/lib/connection.js');
const { ChannelModel } = require('../../../../node_modules/amqplib/lib/channel_model.js');

const BROKER = { address: 0x0a000001, port: 5672 };
const OPEN = {
  clientProperties: {},
  mechanism: 'PLAIN',
  response: Buffer.from('\0guest\0guest'),
  locale: 'en_US',
  channelMax: 0,
  frameMax: 0,
  heartbeat: 0,
  virtualHost: '/',
  capabilities: '',
  insist: 0,
};

function stage() {
  const services: AppServices[] = [];
  const star = new Star({
    broker: ({ services: own, disk }) => new QueueBroker(own, disk, { name: 'queue-broker', port: 5672, queues: [] }),
    app: ({ services: own }) => {
      services.push(own);
      return {};
    },
  });
  const connect = async (): Promise<amqp.ChannelModel> => {
    const stream: Duplex = connectBridge(services[0] as AppServices, BROKER);
    const connection = new Connection(stream);
    const opened = new Promise((resolve, reject) =>
      connection.open(OPEN, (error: Error | null) => (error ? reject(error) : resolve(null))),
    );
    await within(star, opened);
    return new ChannelModel(connection);
  };
  return { star, connect };
}

/** Lets virtual time pass until a promise is settled, at most ten seconds of it. */
async function within<T>(star: Star, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  settled.catch(() => {});
  for (let step = 0; step < 100 && !isSettled; step++) await passing(star, SECOND / 10);
  if (!isSettled) throw new Error('the library waits in vain');
  return settled;
}

describe('our broker and amqplib', () => {
  it('declares, publishes with confirms, consumes, acknowledges, rejects and gets', async () => {
    const { star, connect } = stage();
    const connection = await connect();
    const channel = await within(star, connection.createConfirmChannel());
    await within(star, channel.assertQueue('dead', { durable: true }));
    const options = { durable: true, deadLetterExchange: '', deadLetterRoutingKey: 'dead', maxLength: 100 };
    expect(await within(star, channel.assertQueue('jobs', options))).toEqual({
      queue: 'jobs',
      messageCount: 0,
      consumerCount: 0,
    });
    const returned: string[] = [];
    channel.on('return', ({ content }) => returned.push(String(content)));
    for (let n = 1; n <= 4; n++)
      channel.sendToQueue('jobs', Buffer.from(`job ${n}`), { persistent: true, headers: { n } });
    channel.sendToQueue('nowhere', Buffer.from('lost'), { mandatory: true });
    channel.sendToQueue('jobs', Buffer.alloc(300_000, 'x'));
    await within(star, channel.waitForConfirms());
    expect(returned).toEqual(['lost']);

    await within(star, channel.prefetch(2));
    const seen: string[] = [];
    await within(
      star,
      channel.consume('jobs', (message) => {
        if (!message) return;
        const { content, fields, properties } = message;
        const text = content.length > 100 ? `${content.length} octets` : String(content);
        seen.push(`${text} ${fields.redelivered} ${properties.headers?.n ?? ''}`.trim());
        if (text === 'job 2' && !fields.redelivered) channel.nack(message, false, true);
        else if (text === 'job 3') channel.reject(message, false);
        else channel.ack(message);
      }),
    );
    await passing(star, 2 * SECOND);
    expect(seen.sort()).toEqual(
      [
        'job 1 false 1',
        'job 2 false 2',
        'job 2 true 2',
        'job 3 false 3',
        'job 4 false 4',
        '300000 octets false',
      ].sort(),
    );
    const dead = await within(star, channel.get('dead', { noAck: true }));
    expect(dead && [String(dead.content), dead.properties.headers?.['x-death']?.[0]?.reason]).toEqual([
      'job 3',
      'rejected',
    ]);
    expect(await within(star, channel.get('dead'))).toBe(false);
    await within(star, channel.close());
    await within(star, connection.close());
  });

  it('closes the channel, and not the connection, for an unknown delivery tag (AQ-03) and an unknown queue', async () => {
    const { star, connect } = stage();
    const connection = await connect();
    const errors: string[] = [];
    const open = async () => {
      const channel = await within(star, connection.createChannel());
      channel.on('error', (error: Error) => errors.push(error.message));
      return channel;
    };
    const one = await open();
    one.ack({ fields: { deliveryTag: 7 } } as never);
    await passing(star, SECOND);
    const two = await open();
    await expect(within(star, two.checkQueue('nowhere'))).rejects.toThrow(/404/);
    const three = await open();
    await within(star, three.assertQueue('q', { durable: true }));
    await expect(within(star, three.assertQueue('q', { durable: false }))).rejects.toThrow(
      /inequivalent arg 'durable'/,
    );
    expect(errors[0]).toContain(
      '406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - unknown delivery tag 7"',
    );
    expect(await within(star, (await open()).assertQueue('', { durable: true }))).toMatchObject({ queue: 'amq.gen-1' });
    await within(star, connection.close());
  });

  it('acks many at once (AQ-02) and gives back what a closed channel had', async () => {
    const { star, connect } = stage();
    const connection = await connect();
    const channel = await within(star, connection.createChannel());
    await within(star, channel.assertQueue('q', { durable: true }));
    for (let n = 1; n <= 8; n++) channel.sendToQueue('q', Buffer.from(String(n)));
    const taken: { readonly fields: { readonly deliveryTag: number } }[] = [];
    await within(
      star,
      channel.consume('q', (message) => message && taken.push(message)),
    );
    await passing(star, SECOND);
    channel.ack(taken[4] as never, true);
    await passing(star, SECOND);
    await within(star, channel.close());
    const other = await within(star, connection.createChannel());
    const again: string[] = [];
    await within(
      star,
      other.consume('q', (message) => message && again.push(`${message.content} ${message.fields.redelivered}`)),
    );
    await passing(star, SECOND);
    expect(again).toEqual(['6 true', '7 true', '8 true']);
    await within(star, connection.close());
  });
});
