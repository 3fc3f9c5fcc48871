/** Reads the AMQP frames of a connection, and ties acknowledgments to messages. */

import { u8 } from '../../wire/reader.ts';
import { AMQP, amqpFields, amqpInfo, methodOf, type SeenFrame } from '../7-application/queue/fields.ts';
import {
  FRAME_HEADER_BYTES,
  FRAME_OVERHEAD_BYTES,
  type FrameHeader,
  PROTOCOL_HEADER,
  readFrameHeader,
} from '../7-application/queue/header.ts';
import { decodeMethod } from '../7-application/queue/methods.ts';
import { AmqpProblem } from '../7-application/queue/reply.ts';
import type { FrameDissection } from './dissection.ts';
import { ONE_MORE_SEGMENT, type StreamReader } from './stream-reader.ts';

export const AMQP_PORT = 5672;
/** Messages of a channel that are remembered: what watches must not fill memory. */
const MOST_MESSAGES = 100_000;

/** What a channel has seen: the capture's frame by number of publication and by delivery tag. */
interface SeenChannel {
  published: number;
  readonly publications: Map<number, number>;
  readonly deliveries: Map<number, number>;
}

/** A reader for one connection, both directions. */
export function amqpReader(): StreamReader {
  const channels = new Map<number, SeenChannel>();
  return (read, { bytes, at: start, end, notes, destinationPort }) => {
    for (let at = start; at < end; ) {
      if (end - at < FRAME_OVERHEAD_BYTES) return { from: at, more: ONE_MORE_SEGMENT };
      if (isProtocolHeader(bytes, at)) {
        read.setProtocol('AMQP');
        // Wireshark 4.0 learns the version from it and does not show it.
        read.setInfo('AMQP (unknown version)');
        at += PROTOCOL_HEADER.length;
        continue;
      }
      const header = readFrameHeader(bytes, at);
      const next = at + header.payloadBytes + FRAME_OVERHEAD_BYTES;
      if (next > end) return { from: at, more: next - end };
      notes.pduBytes.push(next - at);
      const seen = look(channels, read.frame.number, bytes, at, next, header, destinationPort === AMQP_PORT);
      addFrame(read, seen, at > start);
      at = next;
    }
    return null;
  };
}

function isProtocolHeader(bytes: Uint8Array, at: number): boolean {
  return PROTOCOL_HEADER.subarray(0, 4).every((octet, index) => u8(bytes, at + index) === octet);
}

/** What came before says which message an acknowledgment is about. */
function look(
  channels: Map<number, SeenChannel>,
  number: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  header: FrameHeader,
  isFromClient: boolean,
): SeenFrame {
  const name = methodOf({ bytes, at, header });
  const plain = { bytes, at, end, header, publishNumber: 0, messagesIn: [] };
  if (!name?.startsWith('basic.')) return plain;
  const channel = channels.get(header.channel) ?? { published: 0, publications: new Map(), deliveries: new Map() };
  channels.set(header.channel, channel);
  if (name === 'basic.publish') {
    remember(channel.publications, ++channel.published, number);
    return { ...plain, publishNumber: channel.published };
  }
  const method = decodeMethod(bytes.subarray(at + FRAME_HEADER_BYTES, end - 1));
  if (method instanceof AmqpProblem) return plain;
  if (method.name === 'basic.deliver' || method.name === 'basic.get-ok') {
    remember(channel.deliveries, method.args.deliveryTag, number);
  } else if (method.name === 'basic.ack' || method.name === 'basic.nack') {
    const messages = isFromClient ? channel.deliveries : channel.publications;
    return { ...plain, messagesIn: settled(messages, method.args.deliveryTag, method.args.multiple) };
  } else if (method.name === 'basic.reject') {
    return { ...plain, messagesIn: settled(channel.deliveries, method.args.deliveryTag, false) };
  }
  return plain;
}

function remember(messages: Map<number, number>, tag: number, frame: number): void {
  if (messages.size < MOST_MESSAGES) messages.set(tag, frame);
}

function settled(messages: Map<number, number>, tag: number, multiple: boolean): number[] {
  const tags = multiple ? [...messages.keys()].filter((each) => each <= tag) : [tag];
  return tags.flatMap((each) => {
    const frame = messages.get(each);
    messages.delete(each);
    return frame === undefined ? [] : [frame];
  });
}

function addFrame(read: FrameDissection, seen: SeenFrame, isNext: boolean): void {
  const { bytes, at, end } = seen;
  const isOnly = read.layers.every(({ protocol }) => protocol !== AMQP.name);
  read.setProtocol('AMQP');
  if (isOnly) read.setInfo(() => amqpInfo(seen));
  else read.appendInfo(() => amqpInfo(seen));
  read.add(
    AMQP,
    bytes,
    at,
    end - at,
    () => AMQP.title,
    () => amqpFields(seen),
  );
  if (isNext) read.protocols.pop();
}
