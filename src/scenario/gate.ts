/** What a NAT or a firewall does with what passes through it, as the world builds it. */

import type { Checks } from './checks.ts';
import type { NodePlan } from './plan.ts';
import type { FirewallRuleSpec, FirewallSpec, NatSpec } from './scenario.ts';
import { keySpotAt, type Path, spotAt } from './tree.ts';

const SECOND_NS = 1_000_000_000;
const NAT_IDLE_NS = 30 * SECOND_NS;
const FIREWALL_IDLE_NS = 3_600 * SECOND_NS;

export interface GateSpecs {
  readonly nat?: NatSpec;
  readonly firewall?: FirewallSpec;
}

export function gateOf(node: NodePlan, checks: Checks): GateSpecs {
  const { nat, firewall = {} } = node.file;
  for (const key of ['nat', 'firewall'] as const) {
    if (node.file[key] === undefined || node.kind === key) continue;
    const message = `only a node of the kind \`${key}\` has \`${key}\``;
    checks.problems.error(keySpotAt(node.tree, [key]), 'PW0414', message, `write \`kind: ${key}\``);
  }
  if (node.kind === 'firewall') return { firewall: firewallOf(node, firewall, checks) };
  if (node.kind !== 'nat') return {};
  if (nat) return { nat: natOf(node, nat, checks) };
  const message = 'a nat needs to know its sides: the key `nat` is missing';
  checks.problems.error(spotAt(node.tree, ['kind']), 'PW0302', message, 'write `nat: { inside: lan, outside: wan }`');
  return {};
}

function natOf(node: NodePlan, file: NonNullable<NodePlan['file']['nat']>, checks: Checks): NatSpec {
  const { inside, outside, idle: idleNs = NAT_IDLE_NS } = file;
  for (const key of ['inside', 'outside'] as const) checkInterface(node, file[key], ['nat', key], checks);
  if (inside === outside) {
    const message = '`inside` and `outside` are the same interface';
    checks.problems.error(spotAt(node.tree, ['nat', 'outside']), 'PW0307', message);
  }
  return { inside, outside, idleNs };
}

function firewallOf(
  node: NodePlan,
  { idle: idleNs = FIREWALL_IDLE_NS, icmp = 'pass', rules }: NonNullable<NodePlan['file']['firewall']>,
  checks: Checks,
): FirewallSpec {
  const read = rules?.map((rule, index): FirewallRuleSpec => {
    const path = ['firewall', 'rules', index];
    const { allow, deny, from = null, to = null } = rule;
    if ((allow === undefined) === (deny === undefined)) {
      const spot = { ...spotAt(node.tree, path), length: 1 };
      const isEmpty = allow === undefined;
      const message = isEmpty ? 'a rule needs `allow` or `deny`' : '`allow` and `deny` do not go together';
      checks.problems.error(spot, isEmpty ? 'PW0302' : 'PW0307', message);
    }
    if (from !== null) checkInterface(node, from, [...path, 'from'], checks);
    if (to !== null) checkInterface(node, to, [...path, 'to'], checks);
    const verdict = allow === undefined ? 'deny' : 'allow';
    return { verdict, from, to, match: checks.filter(allow ?? deny ?? 'ip', node.tree, [...path, verdict]) };
  });
  return { idleNs, icmp, rules: read ?? null };
}

function checkInterface(node: NodePlan, name: string, path: Path, { problems }: Checks): void {
  const names = node.ports.map((port) => port.name);
  if (names.includes(name)) return;
  const message = `\`${node.name}\` has no interface \`${name}\`${problems.didYouMean(name, names)}`;
  problems.error(spotAt(node.tree, path), 'PW0403', message, names.length > 0 ? `it has: ${names.join(', ')}` : null);
}
