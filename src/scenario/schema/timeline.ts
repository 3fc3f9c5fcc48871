import * as z from 'zod';
import { readHost, readRemote, readUrl } from '../address-text.ts';
import { MAX_DATAGRAM_BYTES, MAX_SIZE_BYTES } from '../limits.ts';
import { NAME_PATTERN, nameReader } from '../names.ts';
import { BROKER_ACTIONS } from './broker.ts';
import { DHCP_ACTION } from './dhcp.ts';
import {
  codings,
  count,
  duration,
  flag,
  leaf,
  oneOrMany,
  pattern,
  positiveDuration,
  sizeWithin,
  text,
} from './leaf.ts';
import { changeSchema, filterText } from './link.ts';
import { SESSION_ACTIONS } from './session.ts';
import { SOCKET_ACTION } from './socket.ts';
import { CLIENT_TLS, CONNECTION_TLS } from './tls.ts';

const target = leaf(readHost, { description: 'A node, a DNS name or an address.' });
const remote = leaf(readRemote, { description: 'HOST:PORT, such as server:9.', pattern: pattern('[^:]+:\\d{1,5}') });
const url = leaf(readUrl, {
  description: 'http://HOST[:PORT][/PATH], or https.',
  pattern: pattern('[hH][tT][tT][pP][sS]?://[^ ]+'),
});
const connection = leaf(nameReader("a connection's name"), {
  description: 'The name of a connection.',
  pattern: NAME_PATTERN,
});

const TIMES = {
  times: count('How often. Default: 1.').optional(),
  every: duration('How long between two. Default: 0s.').optional(),
} as const;

const data = text('The text to send; {n} counts repetitions, {t} is virtual time.').optional();
const datagramSize = sizeWithin(0, MAX_DATAGRAM_BYTES);
const transferSize = sizeWithin(0, MAX_SIZE_BYTES);

const ping = z.strictObject({
  target: target.optional(),
  to: target.optional(),
  count: count('Echo requests. Default: 1.').optional(),
  every: positiveDuration('Default: 1s.').optional(),
  size: datagramSize('Octets of data in each. Default: 56B.').optional(),
  df: flag("Don't Fragment. Default: false.").optional(),
});

const traceroute = z.strictObject({
  target: target.optional(),
  to: target.optional(),
  count: count('Probes for each hop. Default: 3.', 1, 10).optional(),
  every: positiveDuration('From probe to probe at least. Default: as soon as there is an answer.').optional(),
  size: datagramSize('Octets of data in each probe. Default: 32B.').optional(),
  df: flag("Don't Fragment. Default: false.").optional(),
});

const resolve = z.strictObject({
  target: target.optional(),
  to: target.optional(),
  count: count('How often it asks. Default: 1.').optional(),
  every: positiveDuration('How long between two. Default: 1s.').optional(),
});

const udpSend = z.strictObject({
  to: remote,
  data,
  size: datagramSize('So many octets of a known pattern.').optional(),
  ...TIMES,
});

const tcpSend = z.strictObject({
  on: connection.optional(),
  data,
  size: transferSize('So many octets of a known pattern.').optional(),
  ...TIMES,
});

const close = z
  .union([connection, z.strictObject({ on: connection.optional() }), z.literal(true), z.null()])
  .describe("The connection; true or nothing for the node's only one.");

/** Node faults stand beside `node` or inside `do`. */
const FAULTS = {
  crash: z.literal(true).describe('The node loses its state; `for` starts it again.').optional(),
  pause: z.literal(true).describe('The node stands still; `for` lets it go on.').optional(),
  skew: duration("The node's clock is so far ahead: what {t} shows. Timers do not change.").optional(),
  partition: oneOrMany(text('A node.')).describe('Nodes that it can no longer exchange packets with.').optional(),
} as const;

export const ACTIONS = {
  ping: z.union([target, ping]).describe('Echo requests (ICMP).').optional(),
  traceroute: z.union([target, traceroute]).describe('The routers on the way.').optional(),
  resolve: z.union([target, resolve]).describe('Asks the name server.').optional(),
  'udp-send': z.union([remote, udpSend]).describe('Datagrams.').optional(),
  'tcp-connect': z
    .union([remote, z.strictObject({ to: remote, as: connection.optional(), tls: CONNECTION_TLS.optional() })])
    .describe('Opens a connection; `as` names it (default: tcp).')
    .optional(),
  'tcp-send': z
    .union([text('The text to send.'), tcpSend])
    .describe('Writes to a connection.')
    .optional(),
  'tcp-close': close.optional(),
  'tcp-abort': close.optional(),
  get: z
    .union([
      url,
      z.strictObject({
        url,
        as: connection.optional(),
        'keep-alive': flag('Keep the connection for the next get. Default: false.').optional(),
        compressed: codings('Codings that are welcome, the best liked first. Default: none is named.').optional(),
        tls: CLIENT_TLS.optional(),
      }),
    ])
    .describe('Fetches a page over HTTP/1.1.')
    .optional(),
  post: z
    .union([
      url,
      z.strictObject({
        url,
        body: text('The content to send.').optional(),
        size: transferSize('So many octets of a known pattern.').optional(),
        as: connection.optional(),
        'keep-alive': flag('Keep the connection for the next request. Default: false.').optional(),
        tls: CLIENT_TLS.optional(),
      }),
    ])
    .describe('Sends content to a page over HTTP/1.1.')
    .optional(),
  ...SESSION_ACTIONS,
  ...BROKER_ACTIONS,
  dhcp: DHCP_ACTION.optional(),
  socket: SOCKET_ACTION,
  ...FAULTS,
} as const;

const entryId = leaf(nameReader('an id'), { pattern: NAME_PATTERN, description: 'For `after` and `at`.' });

export const timelineSchema = z.strictObject({
  id: entryId.optional(),
  at: duration('When, since the start.').optional(),
  after: text('The id of another entry: when that has happened.').optional(),
  when: filterText.describe('A filter: when the first frame matches.').optional(),
  wait: duration('So much later than `after` or `when`.').optional(),
  for: positiveDuration('Undo it after so long.').optional(),
  link: text('The id of a link.').optional(),
  set: changeSchema.describe('What changes on that link.').optional(),
  node: text('The node that acts.').optional(),
  do: z.strictObject(ACTIONS).describe('One action.').optional(),
  ...FAULTS,
});

export type TimelineFile = z.output<typeof timelineSchema>;
export type DoFile = NonNullable<TimelineFile['do']>;
