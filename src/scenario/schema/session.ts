/** The grammar of WebSocket and Socket.IO: their servers and what clients do. */

import * as z from 'zod';
import { readUrl, type Url } from '../address-text.ts';
import { MAX_SIZE_BYTES } from '../limits.ts';
import { NAME_PATTERN, nameReader } from '../names.ts';
import type { Reading } from '../quantity.ts';
import {
  count,
  duration,
  flag,
  leaf,
  oneOrMany,
  pattern,
  percentage,
  port,
  positiveDuration,
  sizeWithin,
  text,
} from './leaf.ts';
import { CLIENT_TLS, SERVER_TLS } from './tls.ts';

const PATH = /^\/[\x21-\x7e]*$/;
const path = z.string().regex(PATH, { error: 'a path begins with `/` and has no blanks' });
const namespace = z.string().regex(/^\/[^,?\s]{0,255}$/, { error: 'a namespace begins with `/`: /admin' });
const eventName = z
  .string()
  .regex(
    /^(?!(?:connect|connect_error|disconnect|disconnecting|newListener|removeListener|bytes|messages)$)[^\s.]{1,64}$/,
    {
      error:
        'an event has a name of 1 to 64 letters without blanks and dots, which the library does not keep for itself',
    },
  );
const transports = z.array(z.enum(['polling', 'websocket'])).min(1);
const messageSize = sizeWithin(0, 16 * 1024 * 1024);

export const WS_SERVER = z.strictObject({
  kind: z.literal('ws-server').optional(),
  port: port('Default: 80, with TLS 443.').optional(),
  path: path.describe('Default: /.').optional(),
  echo: flag('Whether messages are sent back. Default: false.').optional(),
  'ping-interval': positiveDuration('Asks this often whether a client is there. Default: never.').optional(),
  deflate: flag('Whether it compresses for clients that can (RFC 7692). Default: false.').optional(),
  broadcast: z
    .strictObject({
      every: positiveDuration('How often.'),
      size: messageSize('So many octets of a known pattern.'),
    })
    .describe('What it says to all its clients by itself.')
    .optional(),
  tls: SERVER_TLS.optional(),
});

const rule = z.union([
  z.enum(['echo', 'ack', 'broadcast']),
  z.strictObject({ room: text('Who says it joins this room.') }),
]);

export const SOCKETIO_SERVER = z.strictObject({
  kind: z.literal('socketio-server').optional(),
  port: port('Default: 3000.').optional(),
  path: path.describe('Default: /socket.io/.').optional(),
  'ping-interval': positiveDuration('Default: 25s.').optional(),
  'ping-timeout': positiveDuration('Default: 20s.').optional(),
  transports: transports.describe('What it offers. Default: [polling, websocket].').optional(),
  recovery: z
    .strictObject({ for: positiveDuration('How long after a client was lost. As the library: 2m.') })
    .describe('Connection state recovery: what a client missed is kept for a while. Default: it is lost.')
    .optional(),
  namespaces: z.array(namespace).describe('Beside /.').optional(),
  on: z.record(eventName, rule).describe('What is done about an event: echo, ack, broadcast or { room }.').optional(),
  tls: SERVER_TLS.optional(),
});

/** `ws://` is `http://` under another name. */
function readWsUrl(input: unknown): Reading<Url> {
  return readUrl(typeof input === 'string' ? input.replace(/^ws(s?):/i, 'http$1:') : input);
}

const wsUrl = leaf(readWsUrl, {
  description: 'ws://HOST[:PORT][/PATH], or wss.',
  pattern: pattern('([wW][sS]|[hH][tT][tT][pP])[sS]?://[^ ]+'),
});
const ioUrl = leaf(readUrl, {
  description: 'http://HOST[:PORT][/NAMESPACE], or https.',
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

const only = z
  .union([connection, z.strictObject({ on: connection.optional() }), z.literal(true), z.null()])
  .describe("The connection; true or nothing for the node's only one.");

export const SESSION_ACTIONS = {
  'ws-connect': z
    .union([
      wsUrl,
      z.strictObject({
        url: wsUrl,
        as: connection.optional(),
        protocols: oneOrMany(
          z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/, { error: 'a subprotocol is one word' }),
        )
          .describe('Subprotocols, the best liked first.')
          .optional(),
        deflate: flag('Whether it offers to compress (RFC 7692). Default: false.').optional(),
        tls: CLIENT_TLS.optional(),
      }),
    ])
    .describe('Opens a WebSocket; `as` names it (default: ws).')
    .optional(),
  'ws-send': z
    .union([
      text('The text to send.'),
      z.strictObject({
        on: connection.optional(),
        text: text('A text message; {n} counts repetitions, {t} is virtual time.').optional(),
        binary: text('The same as a binary message.').optional(),
        size: sizeWithin(0, MAX_SIZE_BYTES)('A binary message of so many octets of a known pattern.').optional(),
        ...TIMES,
      }),
    ])
    .describe('Sends messages on a WebSocket.')
    .optional(),
  'ws-ping': only.optional(),
  'ws-close': z
    .union([
      connection,
      z.strictObject({
        on: connection.optional(),
        code: z.int().min(1000).max(4999).describe('Default: 1000.').optional(),
        reason: z.string().max(123).describe('At most 123 octets.').optional(),
      }),
      z.literal(true),
      z.null(),
    ])
    .describe("The connection; true or nothing for the node's only one.")
    .optional(),
  'io-connect': z
    .union([
      ioUrl,
      z.strictObject({
        url: ioUrl,
        as: connection.optional(),
        tls: CLIENT_TLS.optional(),
        path: path.describe('Where the server answers. Default: what that server says.').optional(),
        transports: transports.describe('Default: [polling, websocket].').optional(),
        reconnection: z
          .union([
            z.literal(false),
            z.strictObject({
              delay: positiveDuration('Before the first attempt. Default: 1s.').optional(),
              max: positiveDuration('The greatest delay. Default: 5s.').optional(),
              jitter: percentage('How far delays may be off, by chance. Default: 50%.').optional(),
              attempts: count('How many attempts. Default: without end.').optional(),
            }),
          ])
          .describe('How it comes back after a loss; false: not at all.')
          .optional(),
        retries: z.int().min(0).max(1000).describe('How often an event is sent again. Default: 0.').optional(),
        'ack-timeout': positiveDuration('How long it waits for an acknowledgement. Default: for ever.').optional(),
      }),
    ])
    .describe('Connects a Socket.IO client; `as` names it (default: io).')
    .optional(),
  emit: z
    .union([
      eventName,
      z.strictObject({
        on: connection.optional(),
        event: eventName.describe('Its name.'),
        data: z.unknown().describe('Any JSON; in text {n} counts repetitions, {t} is virtual time.').optional(),
        size: messageSize('So many octets of a known pattern.').optional(),
        ack: flag('Asks for an acknowledgement. Default: false.').optional(),
        volatile: flag('Dropped where it cannot go out at once. Default: false.').optional(),
        'to-room': text('From a client: asks a `broadcast` rule to tell only this room.').optional(),
        room: text('From a server: only to this room.').optional(),
        namespace: namespace.describe('From a server. Default: /.').optional(),
        ...TIMES,
      }),
    ])
    .describe('Emits an event, from a client or from a server to its clients.')
    .optional(),
  'io-disconnect': only.optional(),
} as const;
