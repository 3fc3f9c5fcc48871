/** What producers and workers make of a broker that says what it should not, or not then; on real TCP. */

import { describe, expect, it } from 'vitest';
import { QueueClient } from '../../../../src/layers/7-application/queue/client.ts';
import { encodeContentHeader } from '../../../../src/layers/7-application/queue/content.ts';
import { encodeFrame, FRAME_TYPE, NO_TABLE } from '../../../../src/layers/7-application/queue/header.ts';
import { RawServer, type Said } from '../raw-server.ts';
import { Star } from '../star.ts';
import { MS, SECOND } from './stage.ts';
import { hex, say } from './talk.ts';

const LONG = (text: string) => new TextEncoder().encode(text);
const START = say(0, {
  name: 'connection.start',
  args: {
    versionMajor: 0,
    versionMinor: 9,
    serverProperties: NO_TABLE,
    mechanisms: LONG('PLAIN'),
    locales: LONG('en_US'),
  },
});
const tune = (channelMax: number, frameMax: number) =>
  say(0, { name: 'connection.tune', args: { channelMax, frameMax, heartbeat: 0 } });
const OPEN_OK = say(0, { name: 'connection.open-ok', args: { knownHosts: '' } });
const CHANNEL_OK = say(1, { name: 'channel.open-ok', args: { channelId: LONG('') } });
const CONFIRM_OK = say(1, { name: 'confirm.select-ok', args: {} });
const UP = `${START}${tune(0, 0)}${OPEN_OK}${CHANNEL_OK}`;
const ack = (deliveryTag: number, multiple = false) => say(1, { name: 'basic.ack', args: { deliveryTag, multiple } });
const nack = (deliveryTag: number) =>
  say(1, { name: 'basic.nack', args: { deliveryTag, multiple: false, requeue: false } });
const returned =
  say(1, { name: 'basic.return', args: { replyCode: 312, replyText: 'NO_ROUTE', exchange: '', routingKey: 'q' } }) +
  hex(encodeFrame(FRAME_TYPE.header, 1, encodeContentHeader({ bodyBytes: 1, properties: {} }))) +
  hex(encodeFrame(FRAME_TYPE.body, 1, LONG('a')));
const close = (channel: number) => {
  const args = { replyCode: 320, replyText: 'CONNECTION_FORCED', classId: 0, methodId: 0 };
  return say(channel, channel === 0 ? { name: 'connection.close', args } : { name: 'channel.close', args });
};

function talk(says: readonly (readonly Said[])[], act: (client: QueueClient, star: Star) => void, seconds = 5) {
  let client: QueueClient | null = null;
  let server: RawServer | null = null;
  const star = new Star({
    broker: ({ services }) => {
      server = new RawServer(services, 5672, says);
      return {};
    },
    client: ({ services, lookup, received }) => {
      client = new QueueClient(services, lookup, received);
      return client;
    },
  });
  star.at(0, 'client', () => act(client as unknown as QueueClient, star));
  star.run(seconds * SECOND);
  const dropped = star.journal.entries.flatMap(({ event }) =>
    event.kind === 'dropped' && event.layer === 7 ? [event.detail] : [],
  );
  return { told: star.told('client'), heard: (server as unknown as RawServer).heard, dropped };
}

const enqueue =
  (texts: readonly string[], confirm = true, host = 'broker') =>
  (client: QueueClient) => {
    for (const text of texts) {
      const content = { kind: 'text' as const, text };
      client.enqueue({ to: { host, port: 5672 }, queue: 'q', content, times: 1, everyNs: 0, confirm });
    }
  };
const consume =
  (ack: 'manual' | 'auto' = 'manual') =>
  (client: QueueClient) =>
    client.consume({
      to: { host: 'broker', port: 5672 },
      as: 'worker',
      queue: 'q',
      prefetch: 0,
      workNs: 0,
      ack,
      crashAfter: null,
      failsOn: null,
    });

describe('a producer', () => {
  it.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['hears that each is confirmed', [ack(1), ack(2)], ['1 octet: "a" is confirmed', '1 octet: "b" is confirmed'], []],
    [
      'hears that all are confirmed at once',
      [ack(2, true)],
      ['1 octet: "a" is confirmed', '1 octet: "b" is confirmed'],
      [],
    ],
    ['hears of what it never published', [ack(9)], [], []],
    [
      'hears that one is refused',
      [nack(1), ack(2)],
      ['1 octet: "b" is confirmed'],
      ['a message to q: the broker refuses it (basic.nack)'],
    ],
    [
      'gets back what goes nowhere',
      [returned, ack(1), ack(2)],
      ['1 octet: "b" is confirmed'],
      ['a message to q: the broker returns it: NO_ROUTE'],
    ],
  ])('%s', (_, answers, confirmed, lost) => {
    const { told, dropped } = talk(
      [[[0, UP], [100 * MS, CONFIRM_OK], ...answers.map((each): Said => [100 * MS, each])]],
      enqueue(['a', 'b']),
    );
    expect(told.filter((each) => each.endsWith('is confirmed'))).toEqual(confirmed);
    expect(dropped).toEqual(lost);
  });

  it('publishes without confirms as soon as there is a channel', () => {
    const { heard, told } = talk([[[0, UP]]], enqueue(['a'], false));
    expect(heard[0]).toContain(hex(encodeFrame(FRAME_TYPE.body, 1, LONG('a'))));
    expect(told).not.toContain('1 octet: "a" is confirmed');
  });

  it('takes the smaller frames and channels that it is offered', () => {
    const tuned = (channelMax: number, frameMax: number) =>
      say(0, { name: 'connection.tune-ok', args: { channelMax, frameMax, heartbeat: 0 } });
    expect(talk([[[0, START + tune(5, 8192)]]], enqueue(['a'])).heard[0]).toContain(tuned(5, 8192));
    expect(talk([[[0, START + tune(0, 0)]]], enqueue(['a'])).heard[0]).toMatch(/0000000c000a001f0*[1-9a-f]/);
  });

  it.each([
    [
      'a method before the channel is open',
      START + ack(1),
      'closes the connection: 503 COMMAND_INVALID - basic.ack at this time',
    ],
    [
      'a frame that is none',
      '0700010000000000ce',
      'closes the connection: 501 FRAME_ERROR - frame type 7 does not exist',
    ],
    [
      'a method that is for brokers',
      UP + say(1, { name: 'basic.cancel', args: { consumerTag: 'x', nowait: true } }),
      'does not understand basic.cancel',
    ],
    ['the end of the connection', UP + close(0), 'the broker closes the connection: 320 CONNECTION_FORCED'],
    ['the end of the channel', UP + close(1), 'the broker closes the channel: 320 CONNECTION_FORCED'],
  ])('hears %s', (_, octets, text) => {
    expect(talk([[[0, octets]]], enqueue(['a'])).told).toContain(text);
  });

  it('publishes once more what was not confirmed when the connection broke', () => {
    const again: Said[] = [
      [0, UP],
      [100 * MS, CONFIRM_OK],
      [100 * MS, ack(1)],
    ];
    const { told, heard } = talk(
      [
        [
          [0, UP],
          [100 * MS, CONFIRM_OK],
          [500 * MS, 'abort'],
        ],
        again,
      ],
      enqueue(['a']),
    );
    expect(heard).toHaveLength(2);
    expect(told).toContain('1 octet: "a" is confirmed');
  });

  it('keeps a thousand messages and no more, and gives them up with the channel', () => {
    const texts = Array.from({ length: 1002 }, (_, index) => String(index));
    const { dropped } = talk(
      [
        [
          [2 * SECOND, UP],
          [SECOND, close(1)],
        ],
      ],
      (client, star) => {
        enqueue(texts)(client);
        star.at(4 * SECOND, 'client', () => enqueue(['late'])(client));
      },
    );
    expect(dropped.filter((each) => each.endsWith('1000 messages wait already'))).toHaveLength(2);
    expect(dropped.at(-1)).toBe('a message to q: there is no connection any more');
  });

  it('finds no broker where there is none of that name', () => {
    const { told, dropped } = talk([], enqueue(['a'], true, 'nowhere'));
    expect(told.some((each) => each.startsWith('cannot connect to nowhere: '))).toBe(true);
    expect(dropped).toHaveLength(1);
  });

  it('does not wait for ever', () => {
    expect(talk([[[0, START]]], enqueue(['a']), 60).heard.length).toBeGreaterThan(1);
  });
});

describe('a worker', () => {
  const CONSUME_OK = say(1, { name: 'basic.consume-ok', args: { consumerTag: 'worker' } });
  const CANCEL = say(1, { name: 'basic.cancel', args: { consumerTag: 'worker', nowait: true } });

  it('hears that its queue is gone', () => {
    expect(
      talk(
        [
          [
            [0, UP],
            [100 * MS, CONSUME_OK],
            [100 * MS, CANCEL],
          ],
        ],
        consume(),
      ).told,
    ).toContain('the broker cancels: the queue is gone');
  });

  it('acknowledges what it was given, unless nobody asks', () => {
    const delivery =
      say(1, {
        name: 'basic.deliver',
        args: { consumerTag: 'worker', deliveryTag: 3, redelivered: false, exchange: '', routingKey: 'q' },
      }) +
      hex(encodeFrame(FRAME_TYPE.header, 1, encodeContentHeader({ bodyBytes: 1, properties: {} }))) +
      hex(encodeFrame(FRAME_TYPE.body, 1, LONG('a')));
    const hears = (how: 'manual' | 'auto') =>
      talk(
        [
          [
            [0, UP],
            [100 * MS, CONSUME_OK],
            [100 * MS, delivery],
          ],
        ],
        consume(how),
      ).heard[0]?.includes(ack(3));
    expect([hears('manual'), hears('auto')]).toEqual([true, false]);
  });
});
