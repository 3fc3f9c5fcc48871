/** The grammar of what stands between clients and servers of HTTP: proxies and load balancers. */

import * as z from 'zod';
import { readRemote } from '../address-text.ts';
import { leaf, pattern, port, positiveDuration } from './leaf.ts';
import { SERVER_TLS } from './tls.ts';

const remote = leaf(readRemote, { description: 'HOST:PORT, such as web:80.', pattern: pattern('[^:]+:\\d{1,5}') });
const idle = positiveDuration('After so long without a word from the server, or in a tunnel, it closes. Default: 60s.');

export const PROXY = z.strictObject({
  kind: z.literal('proxy').optional(),
  port: port('Default: 80, with TLS 443.').optional(),
  to: remote.describe('The server behind it, which it speaks to in the clear.'),
  idle: idle.optional(),
  tls: SERVER_TLS.optional(),
});

export const LOAD_BALANCER = z.strictObject({
  kind: z.literal('load-balancer').optional(),
  port: port('Default: 80, with TLS 443.').optional(),
  to: z.array(remote).min(1).describe('The servers behind it, which it speaks to in the clear.'),
  policy: z
    .enum(['round-robin', 'sticky'])
    .describe('Each request to the next server, or each client address to its own. Default: round-robin.')
    .optional(),
  idle: idle.optional(),
  tls: SERVER_TLS.optional(),
});
