import type { Context } from '../kernel/context.ts';
import { Firewall } from '../layers/3-network/firewall/firewall.ts';
import { Nat } from '../layers/3-network/nat/nat.ts';
import type { NodeSpec } from '../scenario/scenario.ts';
import type { DatagramMatcher } from './datagram-matcher.ts';
import type { HostNetwork } from './host-network.ts';

/**
 * Puts in place what stands in the way of datagrams at that node, if anything. A NAT translates IPv4 alone; IPv6 it
 * passes on as any router does.
 */
export function guard(
  context: Context,
  { name, nat, firewall }: NodeSpec,
  { ipv4, ipv6 }: Pick<HostNetwork, 'ipv4' | 'ipv6'>,
  matcher: DatagramMatcher,
): void {
  if (nat) ipv4.guardBy(new Nat(context, { ...nat, address: () => ipv4.addressOn(nat.outside) ?? 0 }));
  if (!firewall) return;
  const rules = firewall.rules?.map(({ match, ...rule }) => ({
    ...rule,
    text: `${rule.verdict} ${match.text}`,
    matches: matcher(match, name),
  }));
  const gate = new Firewall(context, { ...firewall, rules: rules ?? null });
  ipv4.guardBy(gate);
  ipv6?.guardBy(gate);
}
