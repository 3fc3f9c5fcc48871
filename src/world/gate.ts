import type { Context } from '../kernel/context.ts';
import { Firewall } from '../layers/3-network/firewall/firewall.ts';
import type { Ipv4Gate } from '../layers/3-network/ipv4/gate.ts';
import type { Ipv4Machine } from '../layers/3-network/ipv4/ipv4.ts';
import { Nat } from '../layers/3-network/nat/nat.ts';
import type { NodeSpec } from '../scenario/scenario.ts';
import type { DatagramMatcher } from './datagram-matcher.ts';

/** What stands in the way of datagrams at that node, if anything. */
export function gateOf(
  context: Context,
  { name, nat, firewall }: NodeSpec,
  ipv4: Ipv4Machine,
  matcher: DatagramMatcher,
): Ipv4Gate | null {
  if (nat) {
    return new Nat(context, { ...nat, address: () => ipv4.addressOn(nat.outside) ?? 0 });
  }
  if (!firewall) return null;
  const rules = firewall.rules?.map(({ match, ...rule }) => ({
    ...rule,
    text: `${rule.verdict} ${match.text}`,
    matches: matcher(match, name),
  }));
  return new Firewall(context, { ...firewall, rules: rules ?? null });
}
