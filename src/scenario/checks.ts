/** What reading the parts of a scenario needs besides the part itself: where problems go, and what exists. */

import type { IpAddress, Mac } from '../wire/address.ts';
import { addressesOf, hasAddresses, type LinkPlan, type NodePlan } from './plan.ts';
import type { Problems, Spot } from './problem.ts';
import type { FilterSpec } from './scenario.ts';
import { contains } from './subnet.ts';
import { descend, type Path, spotAt, type Tree } from './tree.ts';
import { clipped } from './yaml-guard.ts';

/** What is wrong with a filter: `at` and `length` count in its text. */
export interface FilterComplaint {
  readonly message: string;
  readonly at: number;
  readonly length: number;
  readonly hint?: string;
}

/** What a filter may name besides fields. */
export interface KnownNames {
  readonly nodes: readonly {
    readonly name: string;
    readonly addresses: readonly IpAddress[];
    readonly macs: readonly Mac[];
  }[];
  readonly links: readonly string[];
}

/** Parses and type-checks a filter; null when all is well. */
export type CheckFilter = (text: string, names: KnownNames) => FilterComplaint | null;

export class Checks {
  readonly problems: Problems;
  readonly nodes: ReadonlyMap<string, NodePlan>;
  readonly links: ReadonlyMap<string, LinkPlan>;
  /** Every name of the file, also of parts that could not be read. */
  readonly nodeNames: ReadonlySet<string>;
  readonly linkIds: ReadonlySet<string>;
  /** The names that name servers of this scenario know, in lower case. */
  readonly zoneNames: ReadonlySet<string>;
  readonly addresses: ReadonlySet<IpAddress>;
  readonly #checkFilter: CheckFilter;
  readonly #names: KnownNames;
  /** By node: a number for the part of the network that it belongs to. */
  #islands: ReadonlyMap<string, number> | null = null;

  constructor(
    problems: Problems,
    nodes: ReadonlyMap<string, NodePlan>,
    links: ReadonlyMap<string, LinkPlan>,
    linkIds: ReadonlySet<string>,
    checkFilter: CheckFilter,
  ) {
    this.problems = problems;
    this.nodes = nodes;
    this.links = links;
    this.nodeNames = new Set(nodes.keys());
    this.linkIds = linkIds;
    this.zoneNames = new Set([...nodes.values()].flatMap(zoneNamesOf));
    this.addresses = new Set([...nodes.values()].flatMap(addressesOf));
    this.#checkFilter = checkFilter;
    this.#names = {
      nodes: [...nodes.values()].map((node) => ({
        name: node.name,
        addresses: addressesOf(node),
        macs: hasAddresses(node.kind) ? node.ports.map(({ mac }) => mac) : [],
      })),
      links: [...linkIds],
    };
  }

  /** The node of that name; null, with a problem, when there is none. */
  node(name: string, spot: Spot): NodePlan | null {
    const node = this.nodes.get(name);
    if (node) return node;
    const message = `there is no node \`${clipped(name)}\`${this.problems.didYouMean(name, this.nodeNames)}`;
    this.problems.error(spot, 'PW0402', message);
    return null;
  }

  /** Whether a DHCP server may lend that address to somebody. */
  mayBeLent(address: IpAddress): boolean {
    const nodes = [...this.nodes.values()];
    if (!nodes.some(({ ports }) => ports.some(({ asks }) => asks))) return false;
    return nodes.some(
      ({ file, ports }) =>
        Object.entries(file.apps ?? {}).some(([name, app]) => (app?.kind ?? name) === 'dhcp-server') &&
        ports.some(({ addresses }) => addresses.some((subnet) => contains(subnet, address))),
    );
  }

  /** Whether links lead from one node to the other, over whatever is between. */
  areJoined(one: string, other: string): boolean {
    this.#islands ??= islandsOf(this.links.values());
    const island = this.#islands.get(one);
    return one === other || (island !== undefined && island === this.#islands.get(other));
  }

  /** As `node`, for what only hosts and routers can do. */
  host(name: string, spot: Spot, what: string): NodePlan | null {
    const node = this.node(name, spot);
    if (!node || hasAddresses(node.kind)) return node;
    const article = node.kind === 'hub' || node.kind === 'switch' ? `a ${node.kind}` : node.kind;
    this.problems.error(spot, 'PW0414', `\`${name}\` is ${article} and ${what}`);
    return null;
  }

  /** `NODE.…` or `link.ID.…`: what comes after that only the run knows. */
  isStatePath(path: string, spot: Spot): boolean {
    const [first = '', second, third] = path.split('.');
    const isOfLink = first === 'link';
    if (second === undefined || (isOfLink && third === undefined) || /(?:^|\.)(?:\.|$)|\s/.test(path)) {
      const hint = 'paths are like `client.tcp.http.state` or `link.client-server.dropped`';
      this.problems.error(spot, 'PW0507', `\`${clipped(path)}\` is not the path of a state`, hint);
      return false;
    }
    const names = isOfLink ? this.linkIds : this.nodeNames;
    const name = isOfLink ? second : first;
    if (names.has(name)) return true;
    const message = `there is no ${isOfLink ? 'link' : 'node'} \`${clipped(name)}\`${this.problems.didYouMean(name, names)}`;
    this.problems.error(spot, 'PW0507', message);
    return false;
  }

  /**
   * A filter with its place, parsed once here so that its errors come with the file's. `from`: where it begins in the
   * value at that path.
   */
  filter(text: string, tree: Tree, path: Path, from = 0): FilterSpec {
    const spot = spotAt(tree, path);
    const complaint = this.#checkFilter(text, this.#names);
    if (complaint) {
      const written = descend(tree, path);
      const offsetOf = written?.kind === 'value' ? written.offsetOf : null;
      this.problems.error(
        partOf(spot, complaint, text, offsetOf && ((index) => offsetOf(from + index))),
        'PW0506',
        complaint.message,
        complaint.hint ?? null,
      );
    }
    return { text, place: this.problems.placeOf(spot) };
  }
}

/** The part of a filter that is wrong, where it stands in the file; all of it where that cannot be told. */
function partOf(
  spot: Spot,
  { at, length }: FilterComplaint,
  text: string,
  offsetOf: ((index: number) => number) | null,
): Spot {
  if (!offsetOf || spot.at < 0) return spot;
  const start = at < text.length ? offsetOf(at) : offsetOf(Math.max(0, text.length - 1)) + 1;
  const end = at + length < text.length ? offsetOf(at + length) : start + length;
  return { ...spot, at: start, length: Math.max(1, end - start) };
}

function zoneNamesOf({ file }: NodePlan): string[] {
  return Object.values(file.apps ?? {}).flatMap((app) =>
    app && 'zone' in app ? Object.keys(app.zone ?? {}).map((name) => name.replace(/\.$/, '').toLowerCase()) : [],
  );
}

function islandsOf(links: Iterable<LinkPlan>): Map<string, number> {
  const neighbours = new Map<string, string[]>();
  const add = (from: string, to: string) => {
    const known = neighbours.get(from);
    if (known) known.push(to);
    else neighbours.set(from, [to]);
  };
  for (const { ends } of links) {
    add(ends[0].file.node, ends[1].file.node);
    add(ends[1].file.node, ends[0].file.node);
  }
  const islands = new Map<string, number>();
  for (const start of neighbours.keys()) {
    const open = islands.has(start) ? [] : [start];
    const number = islands.size;
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (islands.has(node)) continue;
      islands.set(node, number);
      open.push(...(neighbours.get(node) ?? []));
    }
  }
  return islands;
}
