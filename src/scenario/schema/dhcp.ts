/** The grammar of DHCP: the server, and what clients can be told to do. */

import * as z from 'zod';
import { readHost, readPool } from '../address-text.ts';
import { NAME_PATTERN, nameReader } from '../names.ts';
import { leaf, oneOrMany, pattern, wholeSeconds } from './leaf.ts';

const ADDRESS = '\\d{1,3}(\\.\\d{1,3}){3}';

const host = (description: string) =>
  leaf(readHost, { description: `${description} The name of a node or an address.` });

/** 30 days, as long as a run can be; under ten seconds an address would hardly be checked before it is asked for again. */
const LEASE_SECONDS = { least: 10, most: 2_592_000 };

export const DHCP_SERVER = z.strictObject({
  kind: z.literal('dhcp-server').optional(),
  pool: leaf(readPool, {
    description:
      'The addresses it lends, 10.0.0.100-10.0.0.199. Default: the upper half of the network of its first interface.',
    pattern: pattern(`${ADDRESS}-${ADDRESS}`),
  }).optional(),
  lease: wholeSeconds('How long it lends them. Default: 1h.', LEASE_SECONDS.least, LEASE_SECONDS.most).optional(),
  router: host('The default router it tells; left out: the first on the segment.').optional(),
  dns: oneOrMany(host('A name server.'))
    .describe('The name servers it tells; left out: itself where it is one, else those it asks.')
    .optional(),
});

const anInterface = leaf(nameReader("an interface's name"), {
  description: 'The interface; left out, all that have their address by DHCP.',
  pattern: NAME_PATTERN,
});

export const DHCP_ACTION = z
  .union([
    z.enum(['renew', 'release']),
    z.strictObject({ renew: anInterface }),
    z.strictObject({ release: anInterface }),
  ])
  .describe('renew asks for more time, or anew; release gives the address back.');
