/** What the broker answers to each method, and to each with every argument, as RabbitMQ does; on real TCP. */

import { describe, expect, it } from 'vitest';
import { encodeContentHeader } from '../../../../src/layers/7-application/queue/content.ts';
import { encodeFrame, FRAME_TYPE, NO_TABLE, type Table } from '../../../../src/layers/7-application/queue/header.ts';
import type { Arguments } from '../../../../src/layers/7-application/queue/methods.ts';
import { ack, CHANNEL, hex, say, talk, UP } from './talk.ts';

const declare = (queue: string, args: Partial<Arguments<'queue.declare'>> = {}) =>
  say(1, {
    name: 'queue.declare',
    args: {
      ticket: 0,
      queue,
      passive: false,
      durable: true,
      exclusive: false,
      autoDelete: false,
      nowait: false,
      arguments: NO_TABLE,
      ...args,
    },
  });
const consume = (args: Partial<Arguments<'basic.consume'>> = {}) =>
  say(1, {
    name: 'basic.consume',
    args: {
      ticket: 0,
      queue: 'q',
      consumerTag: 'c',
      noLocal: false,
      noAck: false,
      exclusive: false,
      nowait: false,
      arguments: NO_TABLE,
      ...args,
    },
  });
const publish = (args: Partial<Arguments<'basic.publish'>> = {}) =>
  say(1, {
    name: 'basic.publish',
    args: { ticket: 0, exchange: '', routingKey: 'q', mandatory: false, immediate: false, ...args },
  }) +
  hex(encodeFrame(FRAME_TYPE.header, 1, encodeContentHeader({ bodyBytes: 1, properties: {} }))) +
  hex(encodeFrame(FRAME_TYPE.body, 1, Uint8Array.of(120)));
const get = say(1, { name: 'basic.get', args: { ticket: 0, queue: 'q', noAck: false } });
const qos = (args: Partial<Arguments<'basic.qos'>>) =>
  say(1, { name: 'basic.qos', args: { prefetchSize: 0, prefetchCount: 0, global: false, ...args } });
const purge = (queue: string, nowait = false) => say(1, { name: 'queue.purge', args: { ticket: 0, queue, nowait } });
const remove = (queue: string, args: Partial<Arguments<'queue.delete'>> = {}) =>
  say(1, {
    name: 'queue.delete',
    args: { ticket: 0, queue, ifUnused: false, ifEmpty: false, nowait: false, ...args },
  });
const cancel = (consumerTag: string, nowait = false) => say(1, { name: 'basic.cancel', args: { consumerTag, nowait } });
const nack = (deliveryTag: number, multiple: boolean, requeue: boolean) =>
  say(1, { name: 'basic.nack', args: { deliveryTag, multiple, requeue } });
const recover = say(1, { name: 'basic.recover', args: { requeue: true } });
const flow = (active: boolean) => say(1, { name: 'channel.flow', args: { active } });
const confirm = (nowait: boolean) => say(1, { name: 'confirm.select', args: { nowait } });

const table = (entries: Readonly<Record<string, unknown>>) => new Map(Object.entries(entries)) as Table;
const asked = (entries: Readonly<Record<string, unknown>>) => declare('q', { arguments: table(entries) });
const closed = (text: string) => [`channel.close: ${text}`];
const failed = (text: string) => closed(`406 PRECONDITION_FAILED - ${text}`);
const invalid = (name: string) => failed(`invalid arg '${name}' for a queue`);
const different = (name: string) => failed(`inequivalent arg '${name}' for queue 'other'`);
const OPTIONS = { 'x-message-ttl': 1000, 'x-max-length': 5, 'x-overflow': 'reject-publish', 'x-delivery-limit': 3 };
const LETTERS = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' };
const other = (entries: Readonly<Record<string, unknown>>, durable = true) =>
  declare('other', { durable, arguments: table(entries) });

describe('a method on an open channel', () => {
  it.each<[string, string, readonly string[]]>([
    ['declares a queue', declare('new'), ['queue.declare-ok']],
    ['declares a queue without an answer', declare('new', { nowait: true }), []],
    ['declares a queue again', declare('q'), ['queue.declare-ok']],
    ['declares a queue of a name of the broker', declare('') + declare(''), ['queue.declare-ok', 'queue.declare-ok']],
    ['looks for a queue', declare('q', { passive: true }), ['queue.declare-ok']],
    [
      'looks for a queue that is not there',
      declare('x', { passive: true }),
      closed("404 NOT_FOUND - no queue 'x' in vhost '/'"),
    ],
    [
      'declares a reserved name',
      declare('amq.x'),
      closed("403 ACCESS_REFUSED - queue name 'amq.x' begins with the reserved prefix 'amq.'"),
    ],
    ['gives a time to live that is none', asked({ 'x-message-ttl': -1 }), invalid('x-message-ttl')],
    ['gives a time to live in words', asked({ 'x-message-ttl': 'long' }), invalid('x-message-ttl')],
    ['gives half a length', asked({ 'x-max-length': 1.5 }), invalid('x-max-length')],
    ['says what else to do with too many', asked({ 'x-overflow': 'reject-publish-dlx' }), invalid('x-overflow')],
    ['names an exchange for the dead', asked({ 'x-dead-letter-exchange': 'x' }), invalid('x-dead-letter-exchange')],
    [
      'names a queue for the dead without an exchange',
      asked({ 'x-dead-letter-routing-key': 'x' }),
      invalid('x-dead-letter-routing-key'),
    ],
    [
      'names a number for the dead',
      asked({ ...LETTERS, 'x-dead-letter-routing-key': 7 }),
      invalid('x-dead-letter-routing-key'),
    ],
    [
      'declares the same with all its options again',
      other({ ...OPTIONS, ...LETTERS }) + other({ ...OPTIONS, ...LETTERS }),
      ['queue.declare-ok', 'queue.declare-ok'],
    ],
    [
      'declares what lasts as what does not',
      other({}) + other({}, false),
      ['queue.declare-ok', ...different('durable')],
    ],
    [
      'declares another time to live',
      other(OPTIONS) + other({ ...OPTIONS, 'x-message-ttl': 7 }),
      ['queue.declare-ok', ...different('x-message-ttl')],
    ],
    [
      'declares another length',
      other(OPTIONS) + other({ ...OPTIONS, 'x-max-length': 7 }),
      ['queue.declare-ok', ...different('x-max-length')],
    ],
    [
      'declares another overflow',
      other(OPTIONS) + other({ ...OPTIONS, 'x-overflow': 'drop-head' }),
      ['queue.declare-ok', ...different('x-overflow')],
    ],
    [
      'declares another queue for the dead',
      other(LETTERS) + other({ ...LETTERS, 'x-dead-letter-routing-key': 'x' }),
      ['queue.declare-ok', ...different('x-dead-letter-routing-key')],
    ],
    [
      'declares another limit',
      other(OPTIONS) + other({ ...OPTIONS, 'x-delivery-limit': 7 }),
      ['queue.declare-ok', ...different('x-delivery-limit')],
    ],
    ['empties a queue', publish() + purge('q') + get, ['queue.purge-ok', 'basic.get-empty']],
    ['empties a queue without an answer', publish() + purge('q', true) + get, ['basic.get-empty']],
    ['empties a queue that is not there', purge('x'), closed("404 NOT_FOUND - no queue 'x' in vhost '/'")],
    [
      'deletes a queue',
      remove('q') + declare('q', { passive: true }),
      ['queue.delete-ok', ...closed("404 NOT_FOUND - no queue 'q' in vhost '/'")],
    ],
    [
      'deletes a queue without an answer',
      remove('q', { nowait: true }) + get,
      closed("404 NOT_FOUND - no queue 'q' in vhost '/'"),
    ],
    ['deletes a queue that is not there', remove('x'), ['queue.delete-ok']],
    ['deletes a queue if it is unused, and it is', remove('q', { ifUnused: true, ifEmpty: true }), ['queue.delete-ok']],
    [
      'deletes a queue if it is unused, and it is not',
      consume() + remove('q', { ifUnused: true }),
      ['basic.consume-ok', ...failed("queue 'q' in vhost '/' in use")],
    ],
    [
      'deletes a queue if it is empty, and it is not',
      publish() + remove('q', { ifEmpty: true }),
      failed("queue 'q' in vhost '/' not empty"),
    ],
    [
      'deletes a queue under its consumer',
      consume() + remove('q'),
      ['basic.consume-ok', 'basic.cancel', 'queue.delete-ok'],
    ],
    ['consumes without an answer', consume({ nowait: true }) + publish(), ['basic.deliver']],
    [
      'consumes under a tag of the broker, twice',
      consume({ consumerTag: '' }) + consume({ consumerTag: '' }),
      ['basic.consume-ok', 'basic.consume-ok'],
    ],
    [
      'consumes under one tag twice',
      consume() + consume(),
      ['basic.consume-ok', "connection.close: 530 NOT_ALLOWED - attempt to reuse consumer tag 'c'"],
    ],
    ['consumes what is not there', consume({ queue: 'x' }), closed("404 NOT_FOUND - no queue 'x' in vhost '/'")],
    ['consumes alone', consume({ exclusive: true }), ['basic.consume-ok']],
    [
      'consumes alone what another consumes',
      consume() + consume({ consumerTag: 'd', exclusive: true }),
      ['basic.consume-ok', ...closed("403 ACCESS_REFUSED - queue 'q' in exclusive use")],
    ],
    ['consumes no more', consume() + cancel('c') + publish(), ['basic.consume-ok', 'basic.cancel-ok']],
    ['consumes no more, without an answer', consume() + cancel('c', true) + publish(), ['basic.consume-ok']],
    ['ends a consumer that is not there', cancel('x'), ['basic.cancel-ok']],
    [
      'fetches one message at a time',
      qos({ prefetchCount: 1 }) + consume() + publish() + publish(),
      ['basic.qos-ok', 'basic.consume-ok', 'basic.deliver'],
    ],
    [
      'fetches one at a time for the whole channel',
      qos({ prefetchCount: 1, global: true }) +
        consume() +
        consume({ consumerTag: 'd' }) +
        publish() +
        publish() +
        ack(1),
      ['basic.qos-ok', 'basic.consume-ok', 'basic.consume-ok', 'basic.deliver', 'basic.deliver'],
    ],
    [
      'takes back what was refused for good',
      publish() + get + nack(1, false, false) + get,
      ['basic.get-ok', 'basic.get-empty'],
    ],
    [
      'takes back what was refused, to deliver it again',
      publish() + get + nack(1, false, true) + get,
      ['basic.get-ok', 'basic.get-ok'],
    ],
    [
      'refuses all at once',
      publish() + publish() + get + get + nack(0, true, true) + get,
      ['basic.get-ok', 'basic.get-ok', 'basic.get-ok'],
    ],
    ['refuses all of none', nack(0, true, true) + get, ['basic.get-empty']],
    ['refuses up to one that is none', nack(9, true, true), failed('unknown delivery tag 9')],
    [
      'recovers what was fetched and what was delivered',
      publish() + get + consume() + publish() + recover,
      ['basic.get-ok', 'basic.consume-ok', 'basic.deliver', 'basic.deliver', 'basic.deliver', 'basic.recover-ok'],
    ],
    ['lets the channel flow', flow(true), ['channel.flow-ok']],
    ['answers what was not asked', say(1, { name: 'channel.flow-ok', args: { active: true } }), []],
    ['asks for confirms', confirm(false) + confirm(true) + publish(), ['confirm.select-ok', 'basic.ack']],
    ['returns what goes nowhere', publish({ routingKey: 'x', mandatory: true }), ['basic.return: 312 NO_ROUTE']],
    ['drops what goes nowhere', publish({ routingKey: 'x' }), []],
  ])('%s', (_, octets, answers) => {
    const { said } = talk(UP + CHANNEL + octets);
    expect(said.slice(4)).toEqual(answers);
  });

  it.each([
    ['messages of some octets in advance', qos({ prefetchSize: 10 }), 'prefetch_size!=0'],
    ['a message that is delivered at once or not', publish({ immediate: true }), 'immediate=true'],
    [
      'a queue of one connection',
      declare('new', { exclusive: true }),
      'exclusive and auto-delete queues are not implemented',
    ],
    [
      'a queue that goes with its consumers',
      declare('new', { autoDelete: true }),
      'exclusive and auto-delete queues are not implemented',
    ],
    ['a channel that stands still', flow(false), 'stopping the flow of a channel is not implemented'],
  ])('asks for %s, which is left out', (_, octets, why) => {
    expect(talk(UP + CHANNEL + octets).said.at(-1)).toBe(`connection.close: 540 NOT_IMPLEMENTED - ${why}`);
  });

  it('goes on to a limit', () => {
    const consumers = Array.from({ length: 1001 }, (_, index) => consume({ consumerTag: `c${index}`, nowait: true }));
    expect(talk(UP + CHANNEL + consumers.join('')).said.at(-1)).toMatch(
      /530 NOT_ALLOWED - there are too many consumers/,
    );
    const queues = Array.from({ length: 1001 }, (_, index) => declare(`q${index}`, { nowait: true }));
    expect(talk(UP + CHANNEL + queues.join('')).said.at(-1)).toMatch(
      /406 PRECONDITION_FAILED - there are too many queues/,
    );
  });
});
