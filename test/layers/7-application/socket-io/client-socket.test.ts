/** What a client's namespace does with packets of any server (Socket.IO 5), and when nobody needs it any more. */

import { describe, expect, it } from 'vitest';
import { ClientSocket } from '../../../../src/layers/7-application/socket-io/client-socket.ts';
import { EventLog } from '../../../../src/layers/7-application/socket-io/event-log.ts';
import type { Json, Packet } from '../../../../src/layers/7-application/socket-io/header.ts';
import { FakeWorld } from '../fake-transport.ts';

function setUp(retries = 0) {
  const world = new FakeWorld({});
  const { services } = world.host('client', 1);
  const sent: Packet[] = [];
  let released = 0;
  const link = {
    isWritable: true,
    hasPingExpired: false,
    send: (packet: Packet) => void sent.push(packet),
    release: () => void released++,
  };
  const socket = new ClientSocket(new EventLog(services, 'phone'), link, {
    namespace: '/',
    retries,
    ackTimeoutNs: null,
  });
  const hear = (type: Packet['type'], data?: Json, id: number | null = null) =>
    socket.onPacket({ type, namespace: '/', id, data });
  const emit = (event: string, ack = false) => socket.emit({ event, args: [], ack, volatile: false });
  const told = () => world.told('client');
  const dropped = () =>
    world.of('client').flatMap(({ event }) => (event.kind === 'dropped' ? [`${event.reason}: ${event.detail}`] : []));
  return { socket, sent, hear, emit, told, dropped, releases: () => released };
}

function connected(retries = 0): ReturnType<typeof setUp> {
  const made = setUp(retries);
  made.socket.onOpen();
  made.hear('CONNECT', { sid: 'a' });
  made.sent.length = 0;
  return made;
}

describe('a namespace of a client', () => {
  it('that a server of an older protocol opens is not connected', () => {
    for (const data of [undefined, null, {}, { sid: 7 }, 'a']) {
      const { socket, hear, told } = setUp();
      socket.onOpen();
      hear('CONNECT', data);
      expect([socket.isConnected, told()]).toEqual([false, ['the server speaks an older Socket.IO']]);
    }
  });

  it('answers an event that asks for it, and takes an answer only for what it asked', () => {
    const { sent, hear, emit, told } = connected();
    hear('EVENT', ['sure?', 1], 5);
    expect(sent).toEqual([{ type: 'ACK', namespace: '/', id: 5, data: [] }]);
    hear('ACK', ['yes']);
    hear('ACK', ['yes'], 0);
    emit('ask', true);
    hear('ACK', ['yes'], 0);
    hear('ACK', ['yes'], 0);
    expect(told().slice(1)).toEqual([
      'received sure? 1',
      'an acknowledgement came that nobody waits for',
      'an acknowledgement came that nobody waits for',
      'emits ask',
      'ask was acknowledged: "yes"',
      'an acknowledgement came that nobody waits for',
    ]);
  });

  it('keeps an event that comes before it is connected', () => {
    const { socket, hear, told } = setUp();
    socket.onOpen();
    hear('EVENT', ['early']);
    expect(told()).toEqual([]);
    hear('CONNECT', { sid: 'a' });
    expect(told()).toEqual(['connected to /', 'received early']);
  });

  it('that the server ends does not come back, and nobody waits for answers any more', () => {
    const { socket, hear, emit, told, releases } = connected();
    emit('ask', true);
    hear('DISCONNECT');
    expect([socket.isConnected, socket.isOver, releases()]).toEqual([false, true, 1]);
    expect(told().slice(1)).toEqual([
      'emits ask',
      'disconnected: io server disconnect',
      'ask was not acknowledged: socket has been disconnected',
    ]);
    socket.onOpen();
    socket.onClose('transport close');
    socket.disconnect();
    expect([socket.isConnected, releases(), told().length]).toEqual([false, 1, 4]);
  });

  it('that the server refuses says why, where it was told', () => {
    for (const [data, why] of [
      [{ message: 'not you' }, 'not you'],
      [{ message: 7 }, 'the server does not say why'],
      ['no', 'the server does not say why'],
      [undefined, 'the server does not say why'],
    ] as const) {
      const { socket, hear, told } = setUp();
      socket.onOpen();
      hear('CONNECT_ERROR', data);
      expect([socket.isOver, told()]).toEqual([true, [`cannot connect to /: ${why}`]]);
    }
  });

  it('that its user ends tells the server only where the server knows of it', () => {
    const up = connected();
    up.socket.disconnect();
    expect([up.sent.map(({ type }) => type), up.releases()]).toEqual([['DISCONNECT'], 1]);
    expect(up.told().at(-1)).toBe('disconnected: io client disconnect');
    const early = setUp();
    early.socket.disconnect();
    early.socket.onOpen();
    expect([early.sent, early.releases(), early.told()]).toEqual([[], 1, []]);
  });

  it('that is given up drops what waits, with the reason', () => {
    const { socket, emit, dropped } = setUp();
    emit('one');
    emit('two');
    socket.abandon('nobody answers');
    expect(dropped()).toEqual(['closed: nobody answers', 'closed: nobody answers']);
    socket.abandon('nobody answers');
    expect(dropped().length).toBe(2);
  });
});
