/**
 * Every limit that people can hit, by name. Those of scenarios and captures stand together; the others stay beside what
 * they bound, because no layer may import from above, and are gathered here.
 */

import * as captures from '../capture/limits.ts';
import { MAX_EVENTS_AT_ONE_INSTANT, MAX_EVENTS_IN_A_ROUND, MAX_ROUNDS_AT_ONE_INSTANT } from '../kernel/kernel.ts';
import { MOST_DATAGRAMS as MAX_DATAGRAMS_REASSEMBLED_BY_A_HOST } from '../layers/3-network/reassembly.ts';
import { MAX_PACKETS as MAX_ENGINE_IO_PACKETS_IN_A_PAYLOAD } from '../layers/5-session/engine-io/header.ts';
import { MAX_BUFFERED_BYTES as MAX_WEBSOCKET_BUFFERED_BYTES } from '../layers/5-session/websocket/websocket.ts';
import { MAX_RATIO as MAX_INFLATE_RATIO } from '../layers/6-presentation/deflate/inflate.ts';
import { MAX_DECODED_BYTES as MAX_HTTP_DECODED_BYTES } from '../layers/7-application/http/coding.ts';
import {
  MAX_FIELDS as MAX_HTTP_FIELDS,
  MAX_HEAD_BYTES as MAX_HTTP_HEAD_BYTES,
  MAX_LINE_BYTES as MAX_HTTP_LINE_BYTES,
  MAX_REQUEST_BODY_BYTES as MAX_HTTP_REQUEST_BODY_BYTES,
} from '../layers/7-application/http/reader.ts';
import { MOST_STREAMS as MAX_IPERF_STREAMS } from '../layers/7-application/iperf/message.ts';
import {
  MAX_IN_FLIGHT as MAX_MQTT_IN_FLIGHT,
  MAX_SESSIONS as MAX_MQTT_SESSIONS,
} from '../layers/7-application/mqtt/broker.ts';
import { MAX_PACKET_BYTES as MAX_MQTT_PACKET_BYTES } from '../layers/7-application/mqtt/packet-reader.ts';
import { MAX_TOPICS as MAX_MQTT_RETAINED_TOPICS } from '../layers/7-application/mqtt/retained.ts';
import { MAX_SUBSCRIPTIONS as MAX_MQTT_SUBSCRIPTIONS_OF_A_SESSION } from '../layers/7-application/mqtt/session.ts';
import { MAX_LEVELS as MAX_MQTT_TOPIC_LEVELS } from '../layers/7-application/mqtt/topic.ts';
import { MAX_QUEUES } from '../layers/7-application/queue/broker.ts';
import { MAX_CONSUMERS as MAX_CONSUMERS_OF_A_CHANNEL } from '../layers/7-application/queue/broker-channel.ts';
import { MAX_MESSAGE_BYTES as MAX_QUEUE_MESSAGE_BYTES } from '../layers/7-application/queue/content-assembly.ts';
import { MAX_FRAME_BYTES as MAX_AMQP_FRAME_BYTES } from '../layers/7-application/queue/frame-reader.ts';
import { MAX_WAITING as MAX_MESSAGES_WAITING_IN_A_PRODUCER } from '../layers/7-application/queue/producer.ts';
import {
  MAX_ATTACHMENTS as MAX_SOCKET_IO_ATTACHMENTS,
  MAX_DEPTH as MAX_SOCKET_IO_DEPTH,
  MAX_NAMESPACE as MAX_SOCKET_IO_NAMESPACE_LENGTH,
} from '../layers/7-application/socket-io/header.ts';
import * as scenarios from '../scenario/limits.ts';
import { GREATEST_SHARE as MAX_SHARE_OF_MEMORY } from './memory.ts';

export interface LimitGroup {
  readonly title: string;
  readonly limits: Readonly<Record<string, number>>;
}

export const LIMITS: readonly LimitGroup[] = [
  {
    title: 'scenarios and runs',
    limits: {
      ...scenarios,
      MAX_EVENTS_AT_ONE_INSTANT,
      MAX_ROUNDS_AT_ONE_INSTANT,
      MAX_EVENTS_IN_A_ROUND,
      MAX_SHARE_OF_MEMORY,
    },
  },
  { title: 'captures', limits: { ...captures } },
  {
    title: 'what applications and hosts take of each other',
    limits: {
      MAX_DATAGRAMS_REASSEMBLED_BY_A_HOST,
      MAX_WEBSOCKET_BUFFERED_BYTES,
      MAX_ENGINE_IO_PACKETS_IN_A_PAYLOAD,
      MAX_INFLATE_RATIO,
      MAX_HTTP_LINE_BYTES,
      MAX_HTTP_HEAD_BYTES,
      MAX_HTTP_FIELDS,
      MAX_HTTP_REQUEST_BODY_BYTES,
      MAX_HTTP_DECODED_BYTES,
      MAX_SOCKET_IO_ATTACHMENTS,
      MAX_SOCKET_IO_NAMESPACE_LENGTH,
      MAX_SOCKET_IO_DEPTH,
      MAX_MQTT_PACKET_BYTES,
      MAX_MQTT_TOPIC_LEVELS,
      MAX_MQTT_SESSIONS,
      MAX_MQTT_IN_FLIGHT,
      MAX_MQTT_SUBSCRIPTIONS_OF_A_SESSION,
      MAX_MQTT_RETAINED_TOPICS,
      MAX_AMQP_FRAME_BYTES,
      MAX_QUEUE_MESSAGE_BYTES,
      MAX_QUEUES,
      MAX_CONSUMERS_OF_A_CHANNEL,
      MAX_MESSAGES_WAITING_IN_A_PRODUCER,
      MAX_IPERF_STREAMS,
    },
  },
];
