import { describe, expect, it } from 'vitest';
import { WEBSOCKET_FIELDS } from '../../../../src/layers/5-session/websocket/fields.ts';
import { encodeFrame } from '../../../../src/layers/5-session/websocket/header.ts';
import { Dissector } from '../../../../src/layers/codecs.ts';
import { pcapngFile } from '../../../../src/projections/pcapng.ts';
import { bytesOf, ip, joined, onEthernet, tcp } from '../../../referee/frames.ts';
import { differences, tsharkVersion } from '../../../referee/tshark.ts';

type Who = 'client' | 'server';

const KEY = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
const hex = (value: string) => Uint8Array.from(Buffer.from(value.replaceAll(' ', ''), 'hex'));

function frame(opcode: number, payload: Uint8Array | string, { fin = true, rsv = 0, masked = false } = {}): Uint8Array {
  const bytes = typeof payload === 'string' ? bytesOf(payload) : payload;
  return encodeFrame({ fin, rsv, opcode, maskingKey: masked ? KEY : null, payload: bytes });
}

const masked = (opcode: number, payload: Uint8Array | string, options = {}) =>
  frame(opcode, payload, { ...options, masked: true });

/** One connection, upgraded, and what its two ends say then; each piece a segment. */
function conversation(said: readonly (readonly [Who, Uint8Array])[], { query = '', extensions = '', port = 80 } = {}) {
  const request = `GET /chat${query} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
  const response = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n${extensions}\r\n`;
  const pieces: (readonly [Who, Uint8Array])[] = [['client', bytesOf(request)], ['server', bytesOf(response)], ...said];
  const next = { client: 1, server: 1 };
  return pieces.map(([who, payload], index) => {
    const [source, destination] =
      who === 'client' ? [ip('10.0.0.1'), ip('10.0.0.2')] : [ip('10.0.0.2'), ip('10.0.0.1')];
    const [sourcePort, destinationPort] = who === 'client' ? [50_000, port] : [port, 50_000];
    const other = who === 'client' ? 'server' : 'client';
    const segment = { source, destination, sourcePort, destinationPort, flags: 0x18, window: 1000, payload };
    const bytes = onEthernet(tcp({ ...segment, sequence: next[who], acknowledgment: next[other] }));
    next[who] += payload.length;
    return { bytes, number: index + 1, atNs: index * 1000, fcs: true };
  });
}

const NAMES = [
  ...Object.values(WEBSOCKET_FIELDS).map(({ name }) => name),
  'websocket',
  'data',
  'data.data',
  'data-text-lines',
  'tcp.pdu.size',
  'tcp.segment_data',
  'frame.protocols',
  '_ws.col.Protocol',
  '_ws.col.Info',
];

function judge(said: readonly (readonly [Who, Uint8Array])[], options = {}): string[] {
  const frames = conversation(said, options);
  const seen = frames.map(({ atNs, bytes }) => ({
    interface: 'eth0',
    atNs,
    bytes,
    comment: null,
    direction: 'outbound' as const,
  }));
  return differences(pcapngFile(['eth0'], seen), frames, {}, NAMES);
}

const big = frame(
  2,
  Uint8Array.from({ length: 1000 }, (_, at) => at),
);
const long = frame(2, new Uint8Array(66_000).fill(7));

describe.skipIf(tsharkVersion() === null)('WebSocket as tshark reads it, cell by cell', () => {
  const cases: Readonly<Record<string, readonly (readonly [Who, Uint8Array])[]>> = {
    'text and octets, masked and not': [
      ['client', masked(1, 'Hello')],
      ['server', frame(1, 'Hello')],
      ['server', frame(2, hex('00 01 02'))],
      ['server', frame(1, 'line 1\nline 2\r\nline 3')],
    ],
    'empty messages': [
      ['server', frame(1, '')],
      ['server', frame(2, '')],
      ['client', masked(1, '')],
    ],
    'Ping, Pong, Close': [
      ['server', frame(9, 'ping!')],
      ['client', masked(10, 'ping!')],
      ['server', frame(9, '')],
      ['server', frame(8, '')],
      ['client', masked(8, hex('03'))],
      ['client', masked(8, hex('03 e8'))],
      ['client', masked(8, joined(hex('0f a1'), bytesOf('bye')))],
    ],
    'messages in several frames, a Ping between': [
      ['server', frame(1, 'Hel', { fin: false })],
      ['server', frame(9, 'mid')],
      ['server', frame(0, 'lo ', { fin: false })],
      ['server', frame(0, 'you')],
      ['server', joined(frame(2, hex('01'), { fin: false }), frame(0, hex('02'), { fin: false }), frame(0, hex('03')))],
    ],
    'several frames in a segment': [['server', joined(frame(1, 'one'), frame(2, 'two'), frame(9, 'x'))]],
    'a frame in several segments': [
      ['server', big.slice(0, 50)],
      ['server', big.slice(50)],
      ['server', frame(1, 'end').slice(0, 1)],
      ['server', frame(1, 'end').slice(1)],
      ['client', masked(1, 'Hello').slice(0, 9)],
    ],
    'lengths of 16 and 64 bits': [
      ['server', frame(1, 'a'.repeat(126))],
      ['server', long.slice(0, 40_000)],
      ['server', long.slice(40_000)],
    ],
    'opcodes that mean nothing, reserved bits': [
      ['server', frame(3, 'abc')],
      ['server', frame(11, 'abc')],
      ['server', frame(1, 'rsv', { rsv: 4 })],
    ],
  };
  for (const [name, said] of Object.entries(cases)) {
    it(name, () => expect(judge(said)).toEqual([]));
    it(`${name}, on a port that nobody knows`, () => expect(judge(said, { port: 3000 })).toEqual([]));
  }

  it('compressed messages, in one context', () => {
    const extensions = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';
    const hello = hex('f2 48 cd c9 c9 07 00');
    const said: (readonly [Who, Uint8Array])[] = [
      ['server', frame(1, hello, { rsv: 4 })],
      ['server', frame(1, hex('f2 00 11 00 00'), { rsv: 4 })],
      ['server', frame(1, 'plain')],
      ['client', masked(1, hello, { rsv: 4 })],
      ['server', frame(2, hex('ff ff ff'), { rsv: 4 })],
    ];
    expect(judge(said, { extensions })).toEqual([]);
  });
});

describe('Engine.IO and Socket.IO, which Wireshark does not know', () => {
  const read = (said: readonly (readonly [Who, Uint8Array])[], query = '?EIO=4&transport=websocket') => {
    const dissector = new Dissector();
    return conversation(said, { query })
      .map((each) => dissector.dissect(each))
      .slice(2);
  };
  const fieldsOf = (said: readonly (readonly [Who, Uint8Array])[], query?: string) =>
    read(said, query).map(({ layers }) =>
      Object.fromEntries(
        layers.flatMap(({ fields }) =>
          fields.filter(({ type }) => type.name.startsWith('io.')).map(({ type, value }) => [type.name, value]),
        ),
      ),
    );

  it('packets are fields of `io`', () => {
    expect(
      fieldsOf([
        ['server', frame(1, '2')],
        ['client', masked(1, '42/admin,7["say",{"a":1}]')],
        ['server', frame(1, '40{"sid":"x"}')],
        ['server', frame(1, '451-["pic",{"_placeholder":true,"num":0}]')],
        ['server', frame(2, hex('01 02'))],
      ]),
    ).toEqual([
      { 'io.type': 'ping' },
      {
        'io.type': 'message',
        'io.packet': 'EVENT',
        'io.nsp': '/admin',
        'io.id': 7,
        'io.event': 'say',
        'io.data': '["say",{"a":1}]',
      },
      { 'io.type': 'message', 'io.packet': 'CONNECT', 'io.nsp': '/', 'io.data': '{"sid":"x"}' },
      {
        'io.type': 'message',
        'io.packet': 'BINARY_EVENT',
        'io.nsp': '/',
        'io.event': 'pic',
        'io.data': '["pic",{"_placeholder":true,"num":0}]',
      },
      { 'io.type': 'message' },
    ]);
  });

  it('and only where the upgrade asked for such a session', () => {
    expect(fieldsOf([['client', masked(1, '42["say"]')]], '?EIO=3')).toEqual([{}]);
  });

  it('do not disturb what tshark says of the rest', () => {
    const [{ layers = [] } = {}] = read([['client', masked(1, '42["say"]')]]);
    expect(layers.map(({ protocol }) => protocol)).toEqual([
      'frame',
      'eth',
      'ip',
      'tcp',
      'websocket',
      'data-text-lines',
      'io',
    ]);
    if (tsharkVersion() !== null) expect(judge([['client', masked(1, '42["say"]')]], { query: '?EIO=4' })).toEqual([]);
  });
});
