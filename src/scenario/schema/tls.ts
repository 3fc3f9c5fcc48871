/** The grammar of TLS: what a server has, and what a client asks for. */

import * as z from 'zod';
import { count, flag } from './leaf.ts';

const suites = z
  .array(z.enum(['TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256']))
  .min(1)
  .describe('Cipher suites, the best liked first. Default: both.');
const groups = z
  .array(z.enum(['x25519', 'secp256r1']))
  .min(1)
  .describe('Groups for the key exchange, the best liked first. Default: x25519, secp256r1.');
const keyUpdate = count('New keys after so many records (KeyUpdate). Default: when the cipher needs them.', 1, 1e9);

export const SERVER_TLS = z
  .union([
    z.boolean(),
    z.strictObject({
      names: z
        .array(z.string().regex(/^[A-Za-z0-9.*_-]{1,253}$/, { error: 'a name as DNS has it, or an address' }))
        .min(1)
        .describe("What the certificate is for. Default: the node's name, its addresses and its names in the DNS.")
        .optional(),
      key: z.enum(['p256', 'ed25519']).describe('The kind of its key. Default: p256.').optional(),
      expired: flag('A certificate whose time is over. Default: false.').optional(),
      'self-signed': flag("Signed by itself, not by the scenario's authority. Default: false.").optional(),
      suites: suites.optional(),
      groups: groups.optional(),
      'key-update': keyUpdate.optional(),
    }),
  ])
  .describe('Whether it speaks TLS 1.3, and with which certificate. Default: false.');

export const CLIENT_TLS = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9.-]{1,253}$/, { error: 'a name as DNS has it, or an address' })
      .describe("Whom it asks for and what the certificate must be for. Default: the URL's host.")
      .optional(),
    trust: flag("Whether it trusts the scenario's authority. Default: true.").optional(),
    suites: suites.optional(),
    groups: groups.optional(),
    'key-update': keyUpdate.optional(),
  })
  .describe('How it speaks TLS, where the URL asks for that.');

/** Where nothing else says whether it is TLS. */
export const CONNECTION_TLS = z
  .union([z.boolean(), CLIENT_TLS])
  .describe('Whether it speaks TLS 1.3, and how. Default: false.');
