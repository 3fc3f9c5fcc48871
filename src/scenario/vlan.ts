/** VLANs in a scenario: what links carry, and which frames on a wire belong together. */

import { LAST_VLAN } from './limits.ts';
import type { LinkPlan, NodePlan, Port } from './plan.ts';
import type { Problems } from './problem.ts';
import type { LinkVlans } from './scenario.ts';
import { keySpotAt } from './tree.ts';

/** What ports of a switch with VLANs are members of when nothing is said (802.1Q table 9-2). */
const DEFAULT_VLAN = 1;

/** `lan.10`: the interface of VLAN 10 on the card `lan`. */
export const VLAN_INTERFACE = /^([A-Za-z][A-Za-z0-9_-]*)\.([1-9]\d{0,3})$/;

/** What a link carries between switches, or between a switch and a host; null: nothing is said. */
export function vlansOf({ file }: Pick<LinkPlan, 'file'>): LinkVlans | null {
  const { vlan, trunk, native } = file;
  if (trunk !== undefined) return { untagged: native ?? null, tagged: trunk === 'all' ? 'all' : [...new Set(trunk)] };
  return vlan === undefined ? null : { untagged: vlan, tagged: [] };
}

/** The switches that know VLANs: those with a link of which something is said. Ports of which nothing is are in VLAN 1. */
export class VlanPlan {
  readonly #aware = new Set<NodePlan>();
  /** 0: no tag. In order. */
  readonly tags: readonly number[];

  constructor(nodes: readonly NodePlan[], links: readonly LinkPlan[]) {
    const ids = new Set<number>();
    for (const link of links) {
      const vlans = vlansOf(link);
      if (!vlans) continue;
      for (const { port } of link.ends) if (port?.node.kind === 'switch') this.#aware.add(port.node);
      for (const id of vlans.tagged === 'all' ? [] : vlans.tagged) ids.add(id);
      if (vlans.untagged !== null) ids.add(vlans.untagged);
    }
    for (const { ports } of nodes) for (const { vlan } of ports) if (vlan) ids.add(vlan.id);
    if (this.#aware.size > 0) ids.add(DEFAULT_VLAN);
    this.tags = [0, ...[...ids].sort((one, other) => one - other)];
  }

  get isEmpty(): boolean {
    return this.tags.length === 1;
  }

  isAware(node: NodePlan): boolean {
    return this.#aware.has(node);
  }

  /** The tag that frames of a VLAN have at a port of such a switch; null: there are none. */
  tagAt({ link }: Port, id: number): number | null {
    const vlans = (link && vlansOf(link)) ?? { untagged: DEFAULT_VLAN, tagged: [] };
    if (vlans.untagged === id) return 0;
    return vlans.tagged === 'all' || vlans.tagged.includes(id) ? id : null;
  }
}

export function checkVlans(links: readonly LinkPlan[], plan: VlanPlan, problems: Problems): void {
  for (const link of links) {
    const { file, tree, ends } = link;
    const written = (['vlan', 'trunk', 'native'] as const).filter((key) => file[key] !== undefined);
    const [first] = written;
    if (first === undefined) continue;
    if (file.vlan !== undefined && file.trunk !== undefined) {
      const message = '`trunk` does not go together with `vlan`: frames of a trunk have tags';
      problems.error(keySpotAt(tree, ['trunk']), 'PW0307', message, 'choose one; `native` is the VLAN without a tag');
    }
    if (file.native !== undefined && file.trunk === undefined) {
      problems.error(
        keySpotAt(tree, ['native']),
        'PW0307',
        '`native` is for a trunk',
        'write `trunk:` beside it, or `vlan:`',
      );
    }
    const ports = ends.flatMap(({ port }) => (port ? [port] : []));
    if (!ports.some(({ node }) => node.kind === 'switch')) {
      problems.error(
        keySpotAt(tree, [first]),
        'PW0414',
        'only a switch has VLANs, and neither end of this link is one',
      );
    }
    if (file.trunk === undefined || file.native !== undefined || file.vlan !== undefined) continue;
    for (const { node, name, carriesTags } of ports) {
      if (node.kind === 'switch' || node.kind === 'hub' || carriesTags) continue;
      const message = `\`${node.name}\` hears nothing on this trunk: all its frames have tags`;
      problems.warn(
        keySpotAt(tree, ['trunk']),
        'PW0710',
        message,
        `write \`interfaces: { ${name}.10: … }\`, or \`native:\``,
      );
    }
  }
  for (const { link, vlan, spot, node, name } of subInterfacesOf(links)) {
    const other = link.ends.find(({ port }) => port && port.node !== node)?.port;
    if (!other || !plan.isAware(other.node) || plan.tagAt(other, vlan) === vlan) continue;
    const message = `the link \`${link.id}\` has no tagged frames of VLAN ${vlan}, and \`${name}\` hears nothing`;
    problems.warn(spot, 'PW0710', message, `write \`trunk: [${vlan}]\` at the link`);
  }
}

function subInterfacesOf(links: readonly LinkPlan[]) {
  const nodes = new Set(links.flatMap(({ ends }) => ends.flatMap(({ port }) => (port ? [port.node] : []))));
  return [...nodes].flatMap((node) =>
    node.ports.flatMap(({ link, vlan, spot, name }) =>
      link && vlan ? [{ link, vlan: vlan.id, spot, node, name }] : [],
    ),
  );
}

/** The interfaces of VLANs are where their card is: on its link, with its MAC address. */
export function plugVlans(nodes: readonly NodePlan[]): void {
  for (const { ports } of nodes) for (const port of ports) if (port.vlan) port.link = port.vlan.card.link;
}

/** `interfaces: { lan.4095: … }`. */
export function checkVlanNames(node: NodePlan, problems: Problems): void {
  for (const { name, vlan } of node.ports) {
    if (!vlan || vlan.id <= LAST_VLAN) continue;
    const message = `\`${name}\`: a VLAN has a number from 1 to ${LAST_VLAN}`;
    problems.error(keySpotAt(node.tree, ['interfaces', name]), 'PW0306', message);
  }
}
