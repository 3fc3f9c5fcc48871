import * as z from 'zod';
import { NAME_PATTERN } from '../names.ts';
import { positiveDuration } from './leaf.ts';
import { filterText } from './link.ts';

/** A name, and behind a dot perhaps the number of a VLAN. */
const INTERFACE_PATTERN = NAME_PATTERN.replace('$', '(\\.[1-9][0-9]{0,3})?$');

export const interfaceName = z.string().regex(new RegExp(INTERFACE_PATTERN), {
  error:
    "an interface's name begins with a letter and has at most 63 letters, digits, - and _; a VLAN on it is `lan.10`",
});

const idle = (byDefault: string) =>
  positiveDuration(`A flow is forgotten after so long without a packet. Default: ${byDefault}.`).optional();

export const natSchema = z
  .strictObject({
    inside: interfaceName.describe('The interface whose addresses nobody outside sees.'),
    outside: interfaceName.describe('The interface whose address stands for them.'),
    idle: idle('30s'),
  })
  .describe('Address and port translation, of a node of the kind `nat`.');

const rule = z
  .strictObject({
    allow: filterText.describe('A filter: flows whose first packet matches may begin.').optional(),
    deny: filterText.describe('A filter: packets that match and belong to no known flow are dropped.').optional(),
    from: interfaceName.describe('Only what comes in by this interface.').optional(),
    to: interfaceName.describe('Only what goes out by this interface.').optional(),
  })
  .describe('`allow` or `deny` with a filter; `from` and `to` narrow it.');

export const firewallSchema = z
  .strictObject({
    idle: idle('1h'),
    icmp: z
      .enum(['pass', 'drop'])
      .describe('pass: ICMP errors pass with the flow that they are about. drop: no ICMP at all. Default: pass.')
      .optional(),
    rules: z
      .array(rule)
      .describe(
        'For the first packet of a flow, the first that matches decides; what none matches is dropped. Left out: all may begin.',
      )
      .optional(),
  })
  .describe(
    'A stateful packet filter, of a node of the kind `firewall`: what belongs to a known flow passes both ways.',
  );

export type NatFile = z.output<typeof natSchema>;
export type FirewallFile = z.output<typeof firewallSchema>;
