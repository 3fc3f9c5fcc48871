/** The grammar of what real programs call on sockets. */

import * as z from 'zod';
import { readRemote } from '../address-text.ts';
import { complaint, describe, type Reading } from '../quantity.ts';
import { leaf, pattern, text } from './leaf.ts';

/** `NAME`, or `NAME.3` for the third connection that the listener NAME accepted. */
const SOCKET_NAME = '[A-Za-z][A-Za-z0-9_-]{0,62}(\\.[1-9]\\d{0,8})?';

function readSocketName(input: unknown): Reading<string> {
  if (typeof input !== 'string') return complaint(`expected a socket's name, found ${describe(input)}`, null, 'PW0303');
  if (new RegExp(`^${SOCKET_NAME}$`).test(input)) return { value: input };
  return complaint("a socket's name begins with a letter and has only letters, digits, - and _", null, 'PW0401');
}

const socket = leaf(readSocketName, { description: 'The name of a socket.', pattern: `^${SOCKET_NAME}$` });
const remote = leaf(readRemote, { description: 'HOST:PORT, such as server:9.', pattern: pattern('.+:\\d{1,5}') });
const anyPort = z.int().min(0).max(65_535);

export const SOCKET_ACTION = z
  .strictObject({
    as: socket.describe('What the new socket is called.').optional(),
    on: socket.describe('The socket that the call is for.').optional(),
    listen: anyPort.describe('Accepts connections on this port; 0 takes a free one.').optional(),
    connect: remote.describe('Opens a connection: HOST:PORT.').optional(),
    bind: anyPort.describe('Opens a socket for datagrams on this port; 0 takes a free one.').optional(),
    lookup: text('A name whose address is asked for.').optional(),
    to: remote.describe('Where a datagram goes.').optional(),
    text: text('What is written, every character an octet of ASCII.').optional(),
    base64: text('What is written, in Base64.').optional(),
    end: z.literal(true).describe('No more will be written.').optional(),
    close: z.literal(true).describe('The program closes the socket.').optional(),
    abort: z.literal(true).describe('The program resets the connection.').optional(),
    pause: z.literal(true).describe('The program reads no more for now.').optional(),
    resume: z.literal(true).describe('The program reads again.').optional(),
    'no-delay': z.literal(true).describe("Turns Nagle's algorithm off; may stand beside `connect`.").optional(),
  })
  .describe('What a real program called on a socket, as `packetwalk gateway` and packetwalk/realnet record it.')
  .optional();
