import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../../src/layers/5-session/websocket/header.ts';
import { permessageDeflate } from '../../../../src/layers/6-presentation/deflate/permessage-deflate.ts';
import { bytes, frame } from './cases.ts';
import { framesOf } from './referee.ts';
import { webSocketRig } from './scripted-stream.ts';

const SECOND = 1_000_000_000;
const SERVER = { role: 'server', deflate: null } as const;
const CLIENT = { role: 'client', deflate: null } as const;
const CLOSE_1000 = Uint8Array.of(3, 232);
const hex = (value: string) => Uint8Array.from(Buffer.from(value.replaceAll(' ', ''), 'hex'));
const fromServer = (opcode: number, payload: string | Uint8Array = '', fin = true) =>
  encodeFrame({ fin, rsv: 0, opcode, maskingKey: null, payload: bytes(payload) });

describe('what only one end may do', () => {
  it('a client masks every frame with a key of its own, a server none (RFC 6455 section 5.1)', () => {
    const client = webSocketRig(CLIENT);
    for (let time = 0; time < 50; time++) client.dialogue.send(bytes('Hello'), true);
    const keys = Array.from({ length: 50 }, (_, at) =>
      Buffer.from(client.stream.written.slice(at * 11 + 2, at * 11 + 6)),
    );
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(50);
    expect(framesOf(client.stream.written).every((each) => each.startsWith('text masked'))).toBe(true);
    const server = webSocketRig(SERVER);
    server.dialogue.send(bytes('Hello'), true);
    expect(server.stream.written).toEqual(hex('81 05 48 65 6c 6c 6f'));
  });

  it('a client fails the connection over a masked frame, a server over one that is not', () => {
    const client = webSocketRig(CLIENT);
    client.stream.arrive(frame(1, 'Hello'));
    expect(client.messages).toEqual([]);
    expect(framesOf(client.stream.written)[0]).toMatch(/^close masked 2 /);
    const server = webSocketRig(SERVER);
    server.stream.arrive(fromServer(1, 'Hello'));
    expect(framesOf(server.stream.written)).toEqual(['close 2 03ea']);
  });
});

describe('the closing handshake (section 7)', () => {
  it('the server ends the stream first, and the client waits for that', () => {
    const server = webSocketRig(SERVER);
    server.stream.arrive(frame(8, CLOSE_1000));
    expect(framesOf(server.stream.written)).toEqual(['close 2 03e8']);
    expect(server.stream.ended).toBe(true);
    expect(server.told).toEqual([]);
    server.dialogue.onEnd?.();
    expect(server.told).toEqual(['close 1000']);

    const client = webSocketRig(CLIENT);
    client.dialogue.close(4001, bytes('enough'));
    client.stream.arrive(fromServer(8, hex('0f a1')));
    expect(client.stream.ended).toBe(false);
    client.dialogue.onEnd?.();
    expect(client.told).toEqual(['close 4001']);
    expect(client.stream.closed).toBe(true);
  });

  it('after Close nothing is sent, and what comes means nothing', () => {
    const { dialogue, stream, messages, journal } = webSocketRig(SERVER);
    dialogue.close(1000, bytes(''));
    const { length } = stream.written;
    expect(dialogue.send(bytes('late'), true)).toBe(false);
    dialogue.ping(bytes('late'));
    expect(stream.written.length).toBe(length);
    stream.arrive(frame(1, 'still on its way'));
    expect(messages).toEqual(['still on its way']);
    stream.arrive(frame(8, CLOSE_1000));
    stream.arrive(frame(1, 'after Close'));
    expect(messages.length).toBe(1);
    const dropped = journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.reason] : []));
    expect(dropped).toEqual(['closed', 'closed']);
  });

  it('gives up after 30 s when the other side does not answer: 1006 (WS-21)', () => {
    const { dialogue, stream, told, kernel } = webSocketRig(CLIENT);
    dialogue.close(1000, bytes(''));
    while (kernel.step());
    expect(kernel.nowNs).toBe(30 * SECOND);
    expect(stream.aborted).toBe(true);
    expect(told).toEqual(['close 1006']);
  });

  it.each([
    ['end', 'close 1006'],
    ['reset', 'close 1006'],
  ])('a connection that breaks off (%s) is 1006', (how, expected) => {
    const { dialogue, told } = webSocketRig(CLIENT);
    if (how === 'end') dialogue.onEnd?.();
    else dialogue.onClose?.('reset');
    dialogue.onClose?.('finished');
    expect(told).toEqual([expected]);
  });

  it('a Close frame without a code is 1005', () => {
    const { dialogue, stream, told } = webSocketRig(SERVER);
    stream.arrive(frame(8));
    dialogue.onEnd?.();
    expect(told).toEqual(['close 1005']);
    expect(framesOf(stream.written)).toEqual(['close 0']);
  });
});

describe('text is checked octet by octet (WS-15, Autobahn 6.4)', () => {
  const broken = hex('ce ba e1 bd b9 cf 83 ce bc ce b5 f4 90 80 80 65 64 69 74 65 64');
  it('in the frame in which it stops being text, before later ones come', () => {
    const { stream } = webSocketRig(SERVER);
    stream.arrive(frame(1, broken.slice(0, 11), { fin: false }));
    expect(stream.written.length).toBe(0);
    stream.arrive(frame(0, broken.slice(11, 13), { fin: false }));
    expect(framesOf(stream.written)).toEqual(['close 2 03ef']);
  });

  it('inside a frame, at the octet that no continuation can mend', () => {
    const { stream } = webSocketRig(SERVER);
    const whole = frame(1, broken);
    for (let at = 0; at < whole.length && stream.written.length === 0; at++) {
      stream.arrive(whole.slice(at, at + 1));
      if (stream.written.length > 0) expect(at).toBe(6 + 12);
    }
    expect(framesOf(stream.written)).toEqual(['close 2 03ef']);
  });
});

describe('limits (bad-input E4, E5, E9, E10)', () => {
  const small = { ...SERVER, maxMessageBytes: 1000, maxFragments: 8 };
  it.each([
    ['one that announces too much', [hex('82 fe 03 e9 00 00 00 00')], 'close 2 03f1'],
    ['2^63 octets', [hex('82 ff 80 00 00 00 00 00 00 00 00 00 00 00')], 'close 2 03f1'],
    [
      'frames that sum up',
      [frame(2, new Uint8Array(600), { fin: false }), hex('80 fe 01 91 00 00 00 00')],
      'close 2 03f1',
    ],
    ['five octets in a length of 16 bits', [hex('82 fe 00 05 00 00 00 00')], 'close 2 03ea'],
    [
      'frames without end',
      [frame(1, '', { fin: false }), ...new Array<Uint8Array>(8).fill(frame(0, '', { fin: false }))],
      'close 2 03f0',
    ],
  ])('%s', (_name, pieces, expected) => {
    const { stream, messages } = webSocketRig(small);
    for (const piece of pieces) stream.arrive(piece);
    expect(framesOf(stream.written)).toEqual([expected]);
    expect(stream.ended).toBe(true);
    expect(messages).toEqual([]);
  });

  it('a message that is small and says much', () => {
    const deflate = {
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    };
    const { stream, messages } = webSocketRig({ ...small, deflate });
    const bomb = permessageDeflate(deflate, 'client').compress(new Uint8Array(5000));
    const whole = frame(2, bomb);
    whole[0] = (whole[0] as number) | 0x40;
    stream.arrive(whole);
    expect(framesOf(stream.written)).toEqual(['close 2 03f1']);
    expect(messages).toEqual([]);
  });

  it('a million octets in pieces of one cost what they cost in one', () => {
    const { stream, messages } = webSocketRig({ ...SERVER, maxMessageBytes: 1 << 20 }, undefined, false);
    const whole = frame(2, new Uint8Array(200_000));
    for (let at = 0; at < whole.length; at++) stream.arrive(whole.subarray(at, at + 1));
    expect((messages[0] as Uint8Array).length).toBe(200_000);
  });

  it('of Pongs that wait only the latest stays (section 5.5.3)', () => {
    const { stream, dialogue, journal } = webSocketRig(SERVER);
    stream.roomBytes = 3;
    dialogue.send(bytes('Hello'), true);
    for (let at = 0; at < 10_000; at++) stream.arrive(frame(9, String(at)));
    expect(dialogue.bufferedBytes).toBe(4 + 2 + 4);
    stream.roomBytes = 100;
    dialogue.onDrain?.();
    expect(framesOf(stream.written)).toEqual(['text 5 48656c6c6f', `pong 4 ${Buffer.from('9999').toString('hex')}`]);
    expect(journal.entries.filter(({ event }) => event.kind === 'dropped' && event.reason === 'expired').length).toBe(
      9999,
    );
  });
});

describe('back-pressure (WS-28)', () => {
  it('what the stream has no room for is bufferedAmount, and drains in order', () => {
    const { stream, dialogue, journal, told } = webSocketRig(SERVER);
    stream.roomBytes = 1000;
    const message = new Uint8Array(30_000).fill(7);
    expect(dialogue.send(message, false)).toBe(false);
    expect(dialogue.bufferedBytes).toBe(30_004 - 1000);
    stream.roomBytes = 29_000;
    dialogue.onDrain?.();
    stream.roomBytes = 4;
    dialogue.onDrain?.();
    expect(dialogue.bufferedBytes).toBe(0);
    expect(told).toEqual(['drain']);
    const amounts = journal.entries.flatMap(({ event }) => (event.kind === 'metric' ? [event.value] : []));
    expect(amounts).toEqual([0, 29_004, 4, 0]);
    expect(stream.written.length).toBe(30_004);
    const rows = journal.entries.flatMap(({ event }) => (event.kind === 'table' ? [event.change] : []));
    expect(rows.map(({ table, key, row }) => [table, key, row])).toEqual([
      ['ws.feed.waiting', '1', { octets: 30_004 }],
      ['ws.feed.waiting', '1', null],
    ]);
  });

  it('what still waits when the connection ends is dropped with a reason', () => {
    const { stream, dialogue, journal } = webSocketRig(SERVER);
    stream.roomBytes = 10;
    dialogue.send(bytes('Hello, world'), true, [7]);
    dialogue.onClose?.('reset');
    const [dropped] = journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event] : []));
    expect(dropped).toMatchObject({ layer: 5, protocol: 'websocket', reason: 'closed' });
    expect(Buffer.from(dropped?.bytes ?? []).toString()).toBe('rld'.padStart(4, 'o').slice(0));
  });
});

describe('heartbeat (WS-22)', () => {
  const options = { ...SERVER, pingIntervalNs: 30 * SECOND };
  it('finds a silent peer within two intervals', () => {
    const { kernel, stream, told } = webSocketRig(options);
    while (kernel.step());
    expect(kernel.nowNs).toBe(60 * SECOND);
    expect(framesOf(stream.written)).toEqual(['ping 0']);
    expect(stream.aborted).toBe(true);
    expect(told).toEqual(['close 1006']);
  });

  it('goes on as long as Pongs come', () => {
    const { kernel, stream, told } = webSocketRig(options);
    for (let tick = 0; tick < 20; tick++) {
      kernel.step();
      stream.arrive(frame(10));
    }
    expect(told.every((each) => each.startsWith('pong'))).toBe(true);
    expect(framesOf(stream.written).length).toBe(20);
  });
});

it('cuts messages into frames of a chosen size (Autobahn 10.1.1)', () => {
  const { dialogue, stream } = webSocketRig({ ...SERVER, fragmentBytes: 1300 });
  dialogue.send(new Uint8Array(65_536).fill(42), true);
  const frames = framesOf(stream.written);
  expect(frames.length).toBe(51);
  expect(frames.map((each) => Number(/ (\d+) /.exec(each)?.[1]))).toEqual([...new Array<number>(50).fill(1300), 536]);
  expect(frames.filter((each) => each.includes('more')).length).toBe(50);
});

it('a message, its frame and its octets are tied together in the journal', () => {
  const { dialogue, journal, stream } = webSocketRig(CLIENT);
  dialogue.send(bytes('Hello'), true, [41]);
  const [sent] = journal.entries.flatMap(({ event }) => (event.kind === 'encoded' ? [event] : []));
  expect(sent).toMatchObject({ layer: 5, protocol: 'websocket', carries: [41], via: 'ws.feed' });
  stream.arrive(fromServer(1, 'Hello'));
  const received = journal.entries.find(({ event }) => event.kind === 'decoded');
  expect(received?.event).toMatchObject({ bytes: hex('81 05 48 65 6c 6c 6f') });
});
