/**
 * What a peer may send to an endpoint that echoes, after the case groups of the Autobahn test suite (crossbario), whose
 * numbers they carry. A case says only what is sent; what must be answered, the real `ws` says, and an expectation of ours.
 */

import { encodeFrame } from '../../../../src/layers/5-session/websocket/header.ts';
import { Deflater } from '../../../../src/layers/6-presentation/deflate/deflate.ts';

export interface Case {
  readonly id: string;
  /** The octets in the pieces in which they arrive. */
  readonly pieces: readonly Uint8Array[];
  readonly deflate: boolean;
}

type Bytes = Uint8Array | string;
interface Options {
  readonly fin?: boolean;
  readonly rsv?: number;
}

const KEY = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
const [CONT, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

export const bytes = (value: Bytes) => (typeof value === 'string' ? new TextEncoder().encode(value) : value);
const hex = (value: string) => Uint8Array.from(Buffer.from(value.replaceAll(' ', ''), 'hex'));
const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));
const fill = (length: number, octet = 0x2a) => new Uint8Array(length).fill(octet);

/** The masking key of the frames that are made: null while cases are made that a server sends. */
let maskingKey: Uint8Array | null = KEY;

/** A frame of the peer: masked when that is a client. */
export function frame(opcode: number, payload: Bytes = '', { fin = true, rsv = 0 }: Options = {}): Uint8Array {
  return encodeFrame({ fin, rsv, opcode, maskingKey, payload: bytes(payload) });
}

function closeFrame(code: number | null, reason: Bytes = ''): Uint8Array {
  return frame(CLOSE, code === null ? '' : join(Uint8Array.of(code >> 8, code & 255), bytes(reason)));
}

function chopped(whole: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
    whole.slice(index * size, (index + 1) * size),
  );
}

/** A message in frames of `size` octets. */
function fragmented(opcode: number, whole: Uint8Array, size: number): Uint8Array[] {
  const parts = chopped(whole, size);
  return parts.map((part, index) => frame(index === 0 ? opcode : CONT, part, { fin: index === parts.length - 1 }));
}

let all: Case[] = [];
/** Sends pieces one after another; unless it ends itself, a Close frame follows. */
function add(id: string, pieces: readonly Uint8Array[], { ends = false, deflate = false } = {}): void {
  all.push({ id, pieces: ends ? pieces : [...pieces, closeFrame(1000)], deflate });
}

function lengths(): void {
  const sizes = [0, 125, 126, 127, 128, 65_535, 65_536];
  for (const [group, opcode] of [
    [1, TEXT],
    [2, BINARY],
  ] as const) {
    for (const [index, size] of sizes.entries()) add(`1.${group}.${index + 1}`, [frame(opcode, fill(size))]);
    add(`1.${group}.8`, chopped(frame(opcode, fill(65_536)), 997));
  }
}

function pings(): void {
  add('2.1', [frame(PING)]);
  add('2.2', [frame(PING, 'Hello, world!')]);
  add('2.3', [frame(PING, hex('00 ff fe fd fc fb 00 ff'))]);
  add('2.4', [frame(PING, fill(125, 0xfe))]);
  add('2.5', [frame(PING, fill(126, 0xfe))]);
  add('2.6', chopped(frame(PING, fill(125, 0xfe)), 1));
  add('2.7', [frame(PONG)]);
  add('2.8', [frame(PONG, 'unsolicited pong payload')]);
  add('2.9', [frame(PONG, 'unsolicited pong payload'), frame(PING, 'ping payload')]);
  const ten = Array.from({ length: 10 }, (_, index) => frame(PING, `payload-${index}`));
  add('2.10', ten);
  add(
    '2.11',
    ten.flatMap((each) => chopped(each, 1)),
  );
}

function reserved(): void {
  add('3.1', [frame(TEXT, 'Hello', { rsv: 1 })]);
  add('3.2', [join(frame(TEXT, 'Hello'), frame(TEXT, 'Hello', { rsv: 2 }), frame(PING))]);
  add('3.3', [frame(TEXT, 'Hello'), frame(TEXT, 'Hello', { rsv: 3 }), frame(PING)]);
  add('3.4', chopped(join(frame(TEXT, 'Hello'), frame(TEXT, 'Hello', { rsv: 4 }), frame(PING)), 1));
  add('3.5', [frame(BINARY, hex('00 ff fe'), { rsv: 5 })]);
  add('3.6', [frame(PING, 'Hello', { rsv: 6 })]);
  add('3.7', [closeFrame(1000).map((octet, at) => (at === 0 ? octet | 0x70 : octet))]);
  for (const [group, first] of [
    [1, 3],
    [2, 11],
  ] as const) {
    add(`4.${group}.1`, [frame(first)]);
    add(`4.${group}.2`, [frame(first + 1, 'reserved opcode payload')]);
    add(`4.${group}.3`, [frame(TEXT, 'Hello'), frame(first + 2), frame(PING)]);
    add(`4.${group}.4`, [frame(TEXT, 'Hello'), frame(first + 3, 'reserved opcode payload'), frame(PING)]);
    add(`4.${group}.5`, chopped(join(frame(TEXT, 'Hello'), frame(first + 4, 'payload'), frame(PING)), 1));
  }
}

function fragments(): void {
  const open = { fin: false };
  add('5.1', [frame(PING, 'frag', open), frame(CONT, 'ment')]);
  add('5.2', [frame(PONG, 'frag', open), frame(CONT, 'ment')]);
  const two = [frame(TEXT, 'fragment1', open), frame(CONT, 'fragment2')];
  add('5.3', [join(...two)]);
  add('5.4', two);
  add('5.5', chopped(join(...two), 1));
  const withPing = [frame(TEXT, 'fragment1', open), frame(PING, 'ping payload'), frame(CONT, 'fragment2')];
  add('5.6', [join(...withPing)]);
  add('5.7', withPing);
  add('5.8', chopped(join(...withPing), 1));
  const nothing = [frame(CONT, 'non-continuation payload'), frame(TEXT, 'Hello')];
  add('5.9', [join(...nothing)]);
  add('5.10', nothing);
  add('5.11', chopped(join(...nothing), 1));
  const nothingOpen = [frame(CONT, 'non-continuation payload', open), frame(TEXT, 'Hello')];
  add('5.12', [join(...nothingOpen)]);
  add('5.13', nothingOpen);
  add('5.14', chopped(join(...nothingOpen), 1));
  const again = [frame(TEXT, 'fragment1', open), frame(CONT, 'fragment2'), frame(CONT, 'fragment3', open)];
  add('5.15', [join(...again, frame(TEXT, 'fragment4'))]);
  const never = [frame(CONT, 'fragment1', open), frame(TEXT, 'fragment2', open), frame(CONT, 'fragment3')];
  add('5.16', [join(...never, ...never)]);
  add('5.17', [frame(CONT, 'fragment1'), frame(TEXT, 'fragment2', open), frame(CONT, 'fragment3')]);
  add('5.18', [frame(TEXT, 'fragment1', open), frame(TEXT, 'fragment2')]);
  const five = [1, 2, 3, 4, 5].map((n) => frame(n === 1 ? TEXT : CONT, `fragment${n}`, { fin: n === 5 }));
  const between = [five[0], five[1], frame(PING, 'pongme 1!'), five[2], five[3], frame(PING, 'pongme 2!'), five[4]];
  add('5.19', between as Uint8Array[]);
  add('5.20', chopped(join(...(between as Uint8Array[])), 1));
}

const KOSME = 'ce ba e1 bd b9 cf 83 ce bc ce b5';

/** Groups 6.5 to 6.23: one message each, in one frame and octet by octet in frames of their own. */
const VECTORS: Readonly<Record<string, readonly string[]>> = {
  '6.5': [
    `${KOSME} ed a0 80 65 64 69 74 65 64`,
    '48 65 6c 6c 6f 2d c2 b5 40 c3 9f c3 b6 c3 a4 c3 bc c3 a0 c3 a1 2d 55 54 46 2d 38 21 21',
  ],
  '6.6': Array.from({ length: 11 }, (_, length) => KOSME.slice(0, 3 * (length + 1))),
  '6.7': ['00', 'c2 80', 'e0 a0 80', 'f0 90 80 80'],
  '6.8': ['f8 88 80 80 80', 'fc 84 80 80 80 80'],
  '6.9': ['7f', 'df bf', 'ef bf bf', 'f4 8f bf bf'],
  '6.10': ['f7 bf bf bf', 'fb bf bf bf bf', 'fd bf bf bf bf bf'],
  '6.11': ['ed 9f bf', 'ee 80 80', 'ef bf bd', 'f4 8f bf bf', 'f4 90 80 80'],
  '6.12': ['80', 'bf', '80 bf', '80 bf 80', '80 bf 80 bf', '80 bf 80 bf 80', '80 bf 80 bf 80 bf', 'be'],
  '6.13': ['c0 20 c1 20 df 20', 'e0 20 e1 20 ef 20', 'f0 20 f7 20', 'f8 20 fb 20', 'fc 20 fd 20'],
  '6.14': [
    'c0',
    'e0 80',
    'f0 80 80',
    'f8 80 80 80',
    'fc 80 80 80 80',
    'df',
    'ef bf',
    'f7 bf bf',
    'fb bf bf bf',
    'fd bf bf bf bf',
  ],
  '6.15': ['c0 e0 80 f0 80 80 f8 80 80 80 fc 80 80 80 80 df ef bf f7 bf bf fb bf bf bf fd bf bf bf bf'],
  '6.16': ['fe', 'ff', 'fe fe ff ff'],
  '6.17': ['c0 af', 'e0 80 af', 'f0 80 80 af', 'f8 80 80 80 af', 'fc 80 80 80 80 af'],
  '6.18': ['c1 bf', 'e0 9f bf', 'f0 8f bf bf', 'f8 87 bf bf bf', 'fc 83 bf bf bf bf'],
  '6.19': ['c0 80', 'e0 80 80', 'f0 80 80 80', 'f8 80 80 80 80', 'fc 80 80 80 80 80'],
  '6.20': ['ed a0 80', 'ed ad bf', 'ed ae 80', 'ed af bf', 'ed b0 80', 'ed be 80', 'ed bf bf'],
  '6.21': [
    'ed a0 80 ed b0 80',
    'ed a0 80 ed bf bf',
    'ed ad bf ed b0 80',
    'ed ad bf ed bf bf',
    'ed ae 80 ed b0 80',
    'ed ae 80 ed bf bf',
    'ed af bf ed b0 80',
    'ed af bf ed bf bf',
  ],
  // The non-characters U+FFFE and U+FFFF of every plane are code points like others.
  '6.22': Array.from({ length: 17 }, (_, plane) => [0xfffe, 0xffff].map((low) => plane * 0x10000 + low))
    .flat()
    .map((point) => Buffer.from(String.fromCodePoint(point)).toString('hex')),
  '6.23': ['ef bf b9', 'ef bf ba', 'ef bf bb', 'ef bf bc', 'ef bf bd', 'ef bf be', 'ef bf bf'],
};

function texts(): void {
  const greeting = bytes('Hello-µ@ßöäüàá-UTF-8!!');
  add('6.1.1', [frame(TEXT)]);
  add('6.1.2', [frame(TEXT, '', { fin: false }), frame(CONT, '', { fin: false }), frame(CONT)]);
  add('6.1.3', [frame(TEXT, '', { fin: false }), frame(CONT, 'middle', { fin: false }), frame(CONT)]);
  add('6.2.1', [frame(TEXT, greeting)]);
  add('6.2.2', fragmented(TEXT, greeting, 12));
  add('6.2.3', fragmented(TEXT, greeting, 1));
  add('6.2.4', fragmented(TEXT, hex(KOSME), 1));
  const broken = hex(`${KOSME} ed a0 80 65 64 69 74 65 64`);
  add('6.3.1', [frame(TEXT, broken)]);
  add('6.3.2', fragmented(TEXT, broken, 1));
  add('6.4.1', fragmented(TEXT, hex(`${KOSME} f4 90 80 80 65 64 69 74 65 64`), 11));
  add('6.4.2', fragmented(TEXT, hex(`${KOSME} f4 90 80 80 65 64 69 74 65 64`), 12));
  const late = frame(TEXT, hex(`${KOSME} f4 90 80 80 65 64 69 74 65 64`));
  add('6.4.3', [late.slice(0, 17), late.slice(17, 21), late.slice(21)]);
  add('6.4.4', chopped(late, 1));
  for (const [group, vectors] of Object.entries(VECTORS)) {
    for (const [index, vector] of vectors.entries()) {
      add(`${group}.${index + 1}`, [frame(TEXT, hex(vector))]);
      add(`${group}.${index + 1} by octets`, fragmented(TEXT, hex(vector), 1));
    }
  }
}

function closes(): void {
  const ends = { ends: true };
  add('7.1.1', [frame(TEXT, 'Hello World!')]);
  add('7.1.2', [closeFrame(1000), closeFrame(1000)], ends);
  add('7.1.3', [closeFrame(1000), frame(PING)], ends);
  add('7.1.4', [closeFrame(1000), frame(TEXT, 'Hello World!')], ends);
  add('7.1.5', [frame(TEXT, 'fragment1', { fin: false }), closeFrame(1000), frame(CONT, 'fragment2')], ends);
  add('7.1.6', [frame(TEXT, fill(256 * 1024, 0x42)), frame(TEXT, 'Hello World!'), closeFrame(1000), frame(PING)], ends);
  add('7.3.1', [closeFrame(null)], ends);
  add('7.3.2', [frame(CLOSE, 'a')], ends);
  add('7.3.3', [closeFrame(1000)], ends);
  add('7.3.4', [closeFrame(1000, 'Hello World!')], ends);
  add('7.3.5', [closeFrame(1000, fill(123))], ends);
  add('7.3.6', [closeFrame(1000, fill(124))], ends);
  add('7.5.1', [closeFrame(1000, hex(`${KOSME} ed a0 80`))], ends);
  const good = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999, 1012, 1013, 1014];
  for (const [index, code] of good.entries()) add(`7.7.${index + 1}`, [closeFrame(code)], ends);
  const bad = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 1015, 5000, 65_535];
  for (const [index, code] of bad.entries()) add(`7.9.${index + 1}`, [closeFrame(code)], ends);
}

function sizes(): void {
  const sizesKiB = [64, 256, 1024];
  for (const [index, size] of sizesKiB.entries()) {
    add(`9.1.${index + 1}`, [frame(TEXT, fill(size * 1024))]);
    add(`9.2.${index + 1}`, [frame(BINARY, fill(size * 1024, 0xfe))]);
  }
  for (const [index, size] of [64, 256, 1024, 4096, 16_384].entries()) {
    add(`9.3.${index + 1}`, [join(...fragmented(TEXT, fill(128 * 1024), size))]);
    add(`9.4.${index + 1}`, [join(...fragmented(BINARY, fill(128 * 1024, 0xfe), size))]);
  }
  for (const [index, size] of [64, 128, 256, 512, 1024, 2048].entries()) {
    add(`9.5.${index + 1}`, chopped(frame(TEXT, fill(128 * 1024)), size));
    add(`9.6.${index + 1}`, chopped(frame(BINARY, fill(128 * 1024, 0xfe)), size));
  }
}

function strictness(): void {
  const unmasked = (opcode: number, payload: string) =>
    encodeFrame({ fin: true, rsv: 0, opcode, maskingKey: null, payload: bytes(payload) });
  add('x.unmasked', [unmasked(TEXT, 'Hello')]);
  add('x.unmasked ping', [unmasked(PING, 'Hello')]);
  add('x.len64msb', [hex('82 ff 80 00 00 00 00 00 00 00 37 fa 21 3d')]);
  add('x.len2^53', [hex('82 ff 00 20 00 00 00 00 00 00 37 fa 21 3d')]);
  add('x.max', [hex('82 ff 00 00 00 00 01 00 00 01 37 fa 21 3d')]);
  add('x.sum over max', [frame(BINARY, fill(8), { fin: false }), hex('80 ff 00 00 00 00 00 ff ff ff 37 fa 21 3d')]);
}

/** 12.x and 13.x: compressed messages, in one context, in frames and in pieces. */
function compressed(): void {
  const deflate = { deflate: true };
  const words = 'the quick brown fox jumps over the lazy dog; ';
  for (const [index, size] of [0, 16, 64, 256, 1024, 4096, 8192, 32_768, 131_072].entries()) {
    const message = bytes(words.repeat(Math.ceil(size / words.length)).slice(0, size));
    const noise = Uint8Array.from({ length: size }, (_, at) => (Math.imul(at + 1, 0x9e3779b1) >>> 13) & 255);
    for (const [group, opcode, content] of [
      [1, TEXT, message],
      [2, BINARY, noise],
    ] as const) {
      const deflater = new Deflater(true, 15);
      const messages = [1, 2, 3].map(() => frame(opcode, deflater.deflate(content), { rsv: 4 }));
      add(`12.${group}.${index + 1}`, messages, deflate);
      const whole = new Deflater(true, 15).deflate(content);
      const half = Math.ceil(whole.length / 2);
      const parts = [
        frame(opcode, whole.slice(0, half), { rsv: 4, fin: false }),
        frame(PING, 'p'),
        frame(CONT, whole.slice(half)),
      ];
      add(`13.${group}.${index + 1}`, chopped(join(...parts), 333), deflate);
    }
  }
  const hello = hex('f2 48 cd c9 c9 07 00');
  add('12.x not compressed', [frame(TEXT, 'Hello')], deflate);
  add('12.x rsv1 on a ping', [frame(PING, 'Hello', { rsv: 4 })], deflate);
  add(
    '12.x rsv1 on a continuation',
    [frame(TEXT, hello.slice(0, 3), { rsv: 4, fin: false }), frame(CONT, hello.slice(3), { rsv: 4 })],
    deflate,
  );
  add('12.x rsv2', [frame(TEXT, hello, { rsv: 2 })], deflate);
  add('12.x garbage', [frame(TEXT, hex('ff ff ff ff'), { rsv: 4 })], deflate);
  add('12.x not text', [frame(TEXT, new Deflater(false, 15).deflate(hex('ed a0 80')), { rsv: 4 })], deflate);
}

/** What is wrong only when a server sends it. */
function strictnessOfClients(): void {
  const masked = (opcode: number) =>
    encodeFrame({ fin: true, rsv: 0, opcode, maskingKey: KEY, payload: bytes('Hello') });
  add('x.masked', [masked(TEXT)]);
  add('x.masked ping', [masked(PING)]);
  add('x.len64msb', [hex('82 7f 80 00 00 00 00 00 00 00')]);
  add('x.len2^53', [hex('82 7f 00 20 00 00 00 00 00 00')]);
  add('x.max', [hex('82 7f 00 00 00 00 01 00 00 01')]);
}

const MAKERS = [lengths, pings, reserved, fragments, texts, closes, sizes, compressed];

/** What an endpoint of that role may be sent. */
export function casesFor(role: 'client' | 'server'): readonly Case[] {
  all = [];
  maskingKey = role === 'server' ? KEY : null;
  for (const make of MAKERS) make();
  (role === 'server' ? strictness : strictnessOfClients)();
  maskingKey = KEY;
  return all;
}
