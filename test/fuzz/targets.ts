/**
 * Everything that reads what a stranger wrote. Each reads any octets and says what it makes of them; none may throw, none
 * may go on for ever, and what it accepts it must write and read again as the same, where it can write.
 */

import fc from 'fast-check';
import { compileFilter } from '../../src/filter/filter.ts';
import { loadScenario } from '../../src/index.ts';
import { readArp } from '../../src/layers/2-link/arp/header.ts';
import { readChain } from '../../src/layers/3-network/ipv6/extensions.ts';
import { readOptions } from '../../src/layers/3-network/ndp/header.ts';
import { readSynOptions } from '../../src/layers/4-transport/tcp/options.ts';
import { decodeHandshake, decodePayload, encodePayload } from '../../src/layers/5-session/engine-io/header.ts';
import { parseExtensions } from '../../src/layers/5-session/websocket/extensions.ts';
import { FrameReader as WebSocketFrames } from '../../src/layers/5-session/websocket/frame-reader.ts';
import { MessageReader } from '../../src/layers/5-session/websocket/message-reader.ts';
import { permessageDeflate } from '../../src/layers/6-presentation/deflate/permessage-deflate.ts';
import { Utf8Check } from '../../src/layers/6-presentation/text/utf8.ts';
import {
  decodeCertificate,
  decodeCertificateRequest,
  decodeCertificateVerify,
  decodeClientHello,
  decodeEncryptedExtensions,
  decodeNewSessionTicket,
  decodePskOffer,
  decodeServerHello,
} from '../../src/layers/6-presentation/tls/messages.ts';
import { RecordLayer } from '../../src/layers/6-presentation/tls/record-layer.ts';
import { decodeDhcp } from '../../src/layers/7-application/dhcp/header.ts';
import { decodeMessage, encodeMessage } from '../../src/layers/7-application/dns/message.ts';
import { encodePacket as encodeMqtt } from '../../src/layers/7-application/mqtt/encode.ts';
import { PacketReader as MqttPackets } from '../../src/layers/7-application/mqtt/packet-reader.ts';
import { MqttProblem } from '../../src/layers/7-application/mqtt/reason.ts';
import { decodeContentHeader } from '../../src/layers/7-application/queue/content.ts';
import { FrameReader as AmqpFrames } from '../../src/layers/7-application/queue/frame-reader.ts';
import { decodeMethod, encodeMethod } from '../../src/layers/7-application/queue/methods.ts';
import { AmqpProblem } from '../../src/layers/7-application/queue/reply.ts';
import { encodePacket as encodeIo } from '../../src/layers/7-application/socket-io/header.ts';
import { PacketReader as IoPackets } from '../../src/layers/7-application/socket-io/packet-reader.ts';
import { Dissector } from '../../src/layers/codecs.ts';
import { isMalformed } from '../../src/wire/reader.ts';
import { readAll } from '../capture/read.ts';
import type { Material } from './material.ts';
import { damaged, damagedText } from './mutation.ts';
import { stranger } from './stranger.ts';

export interface Target {
  readonly name: string;
  /** How it stands to others in a long run: what is slow is asked less often. */
  readonly share: number;
  readonly inputs: fc.Arbitrary<Uint8Array | string>;
  /** Throws, or not. */
  readonly read: (input: Uint8Array | string) => void;
}

const octetsOf = (input: Uint8Array | string) => (typeof input === 'string' ? new TextEncoder().encode(input) : input);
const textOf = (input: Uint8Array | string) => (typeof input === 'string' ? input : new TextDecoder().decode(input));

export function targetsOf(material: Material): readonly Target[] {
  const pdus = (...protocols: string[]) => protocols.flatMap((each) => material.pdus.get(each) ?? []);
  const octets = (name: string, list: readonly Uint8Array[], read: (bytes: Uint8Array) => void, share = 4): Target => ({
    name,
    share,
    inputs: fc.oneof(
      { weight: 9, arbitrary: damaged(list) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }) },
    ),
    read: (input) => read(octetsOf(input)),
  });
  const text = (name: string, list: readonly string[], read: (text: string) => void, share = 4): Target => ({
    name,
    share,
    inputs: fc.oneof(
      { weight: 9, arbitrary: damagedText(list) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
    ),
    read: (input) => read(textOf(input)),
  });
  const ioTexts = pdus('socket-io').map(textOf);
  return [
    octets('frames, dissected', material.frames, dissected(), 6),
    octets('arp', pdus('arp'), (bytes) => void readArp(bytes, 0, bytes.length)),
    octets('ipv6 extensions', pdus('ipv6'), (bytes) => {
      if (bytes.length >= 40) readChain(bytes, 0, bytes.length);
    }),
    octets(
      'neighbour discovery options',
      pdus('icmpv6'),
      (bytes) => void readOptions(bytes, Math.min(24, bytes.length), bytes.length),
    ),
    octets('tcp options', pdus('tcp'), (bytes) => {
      const end = ((bytes[12] ?? 0) >> 4) * 4;
      if (end >= 20 && end <= bytes.length) readSynOptions(bytes, 0, end);
    }),
    octets('dns', pdus('dns'), dns),
    octets(
      'dhcp',
      [new Uint8Array(300).fill(0).map((_, at) => (at === 0 ? 1 : (at * 7) & 0xff)), ...pdus('dhcp')],
      (bytes) => void decodeDhcp(bytes),
    ),
    octets('websocket', pdus('websocket'), webSocket),
    octets(
      'permessage-deflate',
      pdus('websocket').map((bytes) => compression().compress(bytes)),
      (bytes) => void compression().decompress(bytes, 100_000),
    ),
    octets('mqtt', pdus('mqtt'), mqtt),
    octets('amqp', pdus('amqp'), amqp),
    octets('tls', pdus('tls'), tls),
    text('engine.io', [...pdus('engine-io').map(textOf), ...ioTexts.map((each) => `4${each}`)], engineIo),
    text('socket.io', ioTexts, socketIo),
    text(
      'websocket extensions',
      ['permessage-deflate; client_max_window_bits=15; server_no_context_takeover', 'a; b="c", d'],
      (each) => void parseExtensions(each),
    ),
    text('filters', material.filters, (each) => {
      const compiled = compileFilter(each);
      if ('matches' in compiled) compiled.toString();
    }),
    text('scenario files', material.yaml, (each) => void loadScenario(each, 'fuzz'), 1),
    octets('pcapng', material.pcapng, (bytes) => void readAll(bytes, 1 + (bytes.length % 977)), 1),
    octets('frames at a host', material.frames, stranger(), 1),
  ];
}

function dissected(): (bytes: Uint8Array) => void {
  let dissector = new Dissector({ verify: true });
  let number = 0;
  return (bytes) => {
    // Conversations go on over frames, and not for ever.
    if (++number % 500 === 0) dissector = new Dissector({ verify: true });
    for (const { fields } of dissector.dissect({ bytes, number, atNs: number, fcs: true }).layers)
      for (const each of fields) void each.value;
  };
}

function dns(bytes: Uint8Array): void {
  const message = decodeMessage(bytes);
  if (isMalformed(message)) return;
  let written: Uint8Array;
  try {
    written = encodeMessage(message);
  } catch (error) {
    if (error instanceof RangeError) return;
    throw error;
  }
  const again = decodeMessage(written);
  if (isMalformed(again)) throw new Error('what it wrote of what it read is malformed');
  same(again.questions, message.questions);
}

function webSocket(bytes: Uint8Array): void {
  for (const isServer of [true, false]) {
    let messages = 0;
    const user = { onFrame() {}, onMessage: () => void messages++, onPing() {}, onPong() {}, onCloseFrame() {} };
    const reader = new MessageReader(
      new Utf8Check(),
      compression(),
      { maxMessageBytes: 1 << 20, maxFragments: 1024 },
      user,
    );
    const frames = new WebSocketFrames(isServer, 4, true, reader);
    for (let at = 0; at < bytes.length; at += 1 + (bytes.length % 13)) {
      if (frames.push(bytes.slice(at, at + 1 + (bytes.length % 13)))) break;
    }
  }
}

const compression = () =>
  permessageDeflate(
    {
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    },
    'server',
  );

function mqtt(bytes: Uint8Array): void {
  for (const version of [4, 5] as const) {
    const reader = new MqttPackets(version, 1 << 20);
    reader.push(bytes);
    for (let read = reader.next(); read !== null; read = reader.next()) {
      if (read instanceof MqttProblem) break;
      const again = new MqttPackets(reader.version, 1 << 20);
      again.push(encodeMqtt(read.value, reader.version));
      const twin = again.next();
      if (twin === null || twin instanceof MqttProblem)
        throw new Error(`what it wrote of a ${read.value.type} is none`);
      same(twin.value, read.value);
    }
  }
}

function amqp(bytes: Uint8Array): void {
  for (const isServer of [true, false]) {
    const reader = new AmqpFrames(isServer);
    reader.push(bytes);
    for (let read = reader.next(); read !== null && !(read instanceof AmqpProblem); read = reader.next()) {
      if (read.value === 'protocol-header') continue;
      decodeContentHeader(read.value.payload);
      const method = decodeMethod(read.value.payload);
      if (method instanceof AmqpProblem) continue;
      // A tag beyond 2^53 - 1 reads as infinity, and cannot be written.
      if (Object.values(method.args).includes(Number.POSITIVE_INFINITY)) continue;
      const again = decodeMethod(encodeMethod(method));
      if (again instanceof AmqpProblem) throw new Error(`what it wrote of ${method.name} is none`);
      same(again, method);
    }
  }
}

function tls(bytes: Uint8Array): void {
  const records = new RecordLayer();
  records.push(bytes);
  for (let count = 0; count < 100; count++) {
    const record = records.next();
    if (record === null || !('content' in record)) break;
    const body = record.content.subarray(4);
    for (const decode of [
      decodeClientHello,
      decodeServerHello,
      decodeEncryptedExtensions,
      decodeCertificate,
      decodeCertificateRequest,
      decodeCertificateVerify,
      decodeNewSessionTicket,
      decodePskOffer,
    ]) {
      decode(body);
    }
  }
}

function engineIo(text: string): void {
  decodeHandshake(text.slice(1));
  const packets = decodePayload(text);
  if (!Array.isArray(packets)) return;
  const again = decodePayload(encodePayload(packets));
  if (!Array.isArray(again) || again.length !== packets.length)
    throw new Error('what it wrote of packets is something else');
}

function socketIo(text: string): void {
  const reader = new IoPackets();
  const packet = reader.push(text);
  if (packet === null || 'malformed' in packet) return;
  const again = new IoPackets();
  let whole: ReturnType<IoPackets['push']> = null;
  for (const part of encodeIo(packet)) whole = again.push(part);
  if (whole === null || 'malformed' in whole) throw new Error('what it wrote of a packet is none');
  same(whole, packet);
}

/** The same values, whatever the order of their names. */
function same(one: unknown, other: unknown): void {
  const show = (value: unknown) =>
    JSON.stringify(value, (_key, each) => {
      if (each instanceof Uint8Array) return Buffer.from(each).toString('hex');
      if (typeof each === 'bigint') return String(each);
      if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
      return Object.fromEntries(Object.entries(each).sort(([first], [second]) => (first < second ? -1 : 1)));
    });
  if (show(one) !== show(other)) throw new Error(`it reads ${show(one)} of what it wrote of ${show(other)}`);
}
