/** What the broker does with clients that break the rules (bad input, E25), on real TCP. */

import { describe, expect, it } from 'vitest';
import { encodeFrame, FRAME_TYPE, PROTOCOL_HEADER } from '../../../../src/layers/7-application/queue/header.ts';
import { ack, CHANNEL, hex, OPEN, START_OK, say, TUNE_OK, talk, UP } from './talk.ts';

const HELLO = ['connection.start', 'connection.tune', 'connection.open-ok'];

describe('before the connection is open', () => {
  it('another protocol is answered with the right one, and the end', () => {
    expect(talk('414d5150 00 00 08 00')).toEqual({ said: ['AMQP 0-9-1'], ended: 'end of file' });
    expect(talk(hex(Buffer.from('GET / HTTP/1.1\r\n\r\n')))).toEqual({ said: ['AMQP 0-9-1'], ended: 'end of file' });
  });

  it.each([
    ['open before start-ok', OPEN, '503 COMMAND_INVALID - connection.open on channel 0 at this time'],
    [
      'a channel before it is open',
      `${START_OK}${TUNE_OK}${CHANNEL}`,
      '503 COMMAND_INVALID - channel.open before the connection is open',
    ],
    ['another vhost', `${START_OK}${TUNE_OK}${OPEN.replace(/012f/, '0178')}`, '530 NOT_ALLOWED - vhost x not found'],
    [
      'a frame_max below the least',
      START_OK + say(0, { name: 'connection.tune-ok', args: { channelMax: 1, frameMax: 100, heartbeat: 0 } }),
      '530 NOT_ALLOWED - negotiated channel_max 1 or frame_max 100 is wrong',
    ],
  ])('%s', (_, octets, text) => {
    expect(talk(hex(PROTOCOL_HEADER) + octets).said.at(-1)).toBe(`connection.close: ${text}`);
  });

  it('a mechanism that was not offered is refused, and no frame_max of its own is none', () => {
    const external = START_OK.replace(hex(Buffer.from('\x05PLAIN')), hex(Buffer.from('\x05OAUTH')));
    expect(talk(hex(PROTOCOL_HEADER) + external).said).toEqual([
      'connection.start',
      'connection.close: 530 NOT_ALLOWED - the mechanism OAUTH is not offered',
    ]);
    const noLimit = say(0, { name: 'connection.tune-ok', args: { channelMax: 0, frameMax: 0, heartbeat: 0 } });
    expect(talk(hex(PROTOCOL_HEADER) + START_OK + noLimit + OPEN).said).toEqual(HELLO);
  });
});

describe('hard errors close the connection', () => {
  it.each([
    [
      'a frame that does not end with 0xCE',
      '01 0001 00000004 003c000b 00',
      '501 FRAME_ERROR - the octet that ends a frame is not 0xCE',
    ],
    [
      'a frame beyond frame_max',
      '03 0001 00002001',
      '501 FRAME_ERROR - a frame of 8201 octets, where at most 8192 are taken',
    ],
    ['a frame type that is none', '07 0001 00000000 ce', '501 FRAME_ERROR - frame type 7 does not exist'],
    [
      'a method that is none',
      '01 0001 00000004 00630001 ce',
      '503 COMMAND_INVALID - method 1 of class 99 is not implemented',
    ],
    [
      'exchange.declare, which is left out',
      '01 0001 00000004 0028000a ce',
      '540 NOT_IMPLEMENTED - method 10 of class 40 is not implemented',
    ],
    [
      'arguments that end too early',
      '01 0001 00000005 003c0050 00 ce',
      '502 SYNTAX_ERROR - basic.ack ends in the middle of its arguments',
    ],
    ['a body out of place', '03 0001 00000001 61 ce', '505 UNEXPECTED_FRAME - a body out of place'],
    ['a channel that is not open', ack(1, 2), "504 CHANNEL_ERROR - expected 'channel.open' on channel 2"],
    ['a channel opened twice', CHANNEL, '504 CHANNEL_ERROR - channel 1 is open already'],
    [
      'a method of brokers',
      say(1, { name: 'basic.consume-ok', args: { consumerTag: 'x' } }),
      '503 COMMAND_INVALID - basic.consume-ok from a client',
    ],
  ])('%s', (_, octets, text) => {
    const { said } = talk(UP + CHANNEL + octets);
    expect(said).toEqual([...HELLO, 'channel.open-ok', `connection.close: ${text}`]);
  });

  it('nothing is heard after that but close-ok, which ends it (AMQP 0-9-1, 1.4.2.9)', () => {
    const second = say(2, { name: 'channel.open', args: { outOfBand: '' } });
    const wrong = UP + CHANNEL + CHANNEL;
    const closing = [...HELLO, 'channel.open-ok', 'connection.close: 504 CHANNEL_ERROR - channel 1 is open already'];
    expect(talk(wrong + second + ack(7))).toEqual({ said: closing, ended: null });
    const closeOk = say(0, { name: 'connection.close-ok', args: {} });
    expect(talk(wrong + second + closeOk)).toEqual({ said: closing, ended: 'end of file' });
  });
});

describe('soft errors close the channel, and the connection goes on', () => {
  const publish = (exchange: string) =>
    say(1, {
      name: 'basic.publish',
      args: { ticket: 0, exchange, routingKey: 'q', mandatory: false, immediate: false },
    }) +
    hex(encodeFrame(FRAME_TYPE.header, 1, new Uint8Array(Buffer.from('003c000000000000000000010000', 'hex')))) +
    hex(encodeFrame(FRAME_TYPE.body, 1, Buffer.from('x')));
  const get = say(1, { name: 'basic.get', args: { ticket: 0, queue: 'q', noAck: false } });

  it.each([
    ['an unknown delivery tag (AQ-03)', ack(7), '406 PRECONDITION_FAILED - unknown delivery tag 7'],
    [
      'an acknowledgment twice (E25)',
      publish('') + get + ack(1) + ack(1),
      '406 PRECONDITION_FAILED - unknown delivery tag 1',
    ],
    ['an unknown exchange', publish('x'), "404 NOT_FOUND - no exchange 'x' in vhost '/'"],
    ['an unknown queue', get.replace('0171', '0172'), "404 NOT_FOUND - no queue 'r' in vhost '/'"],
  ])('%s', (_, octets, text) => {
    const again = say(1, { name: 'channel.close-ok', args: {} }) + CHANNEL;
    const { said, ended } = talk(UP + CHANNEL + octets + again);
    expect(said.slice(-2)).toEqual([`channel.close: ${text}`, 'channel.open-ok']);
    expect(ended).toBeNull();
  });

  it('two closes of a channel that cross: both are answered, and the number is free again', () => {
    const close = say(1, {
      name: 'channel.close',
      args: { replyCode: 200, replyText: 'bye', classId: 0, methodId: 0 },
    });
    const { said, ended } = talk(UP + CHANNEL + ack(7) + ack(8) + close + CHANNEL);
    expect(said.slice(-3)).toEqual([
      'channel.close: 406 PRECONDITION_FAILED - unknown delivery tag 7',
      'channel.close-ok',
      'channel.open-ok',
    ]);
    expect(ended).toBeNull();
  });

  it("an acknowledgment of another channel's delivery (E25)", () => {
    const second = say(2, { name: 'channel.open', args: { outOfBand: '' } });
    const { said } = talk(UP + CHANNEL + second + publish('') + get + ack(1, 2));
    expect(said.at(-1)).toBe('channel.close: 406 PRECONDITION_FAILED - unknown delivery tag 1');
  });
});
