/** A scenario with a cable plugged into an interface that stood open; its other end hangs out of the simulated world. */

import { nearest } from '../filter/nearest.ts';
import { PLAIN_LINK } from './link-profile.ts';
import type { LinkEnd, LinkSpec, NodeSpec, Scenario } from './scenario.ts';

export interface OpenEnd {
  readonly scenario: Scenario;
  /** Where the cable ends outside. */
  readonly end: LinkEnd;
  /** The interface that it is plugged into. */
  readonly at: LinkEnd;
}

/** What is wrong with an interface's name, and what to write instead. */
export interface OpenEndProblem {
  readonly problem: string;
  readonly hint: string;
}

const PLACE = { line: 0, column: 0 } as const;

/** `text`: `NODE:INTERFACE`. */
export function withOpenEnd(scenario: Scenario, text: string, mtuBytes: number): OpenEnd | OpenEndProblem {
  const at = text.indexOf(':');
  if (at < 1 || at === text.length - 1)
    return { problem: 'it is written as NODE:INTERFACE', hint: choicesOf(scenario) };
  const [name, face] = [text.slice(0, at), text.slice(at + 1)];
  const node = scenario.nodes.find((each) => each.name === name);
  if (!node) {
    const likely = nearest(
      name,
      scenario.nodes.map((each) => each.name),
    );
    const hint = likely === null ? choicesOf(scenario) : `did you mean ${likely}?`;
    return { problem: `the scenario has no node '${name}'`, hint };
  }
  const plug = node.interfaces.find((each) => each.name === face && !each.vlan);
  if (!plug) return { problem: `${name} has no interface '${face}'`, hint: choicesOf(scenario) };
  if (plug.link !== null) {
    return { problem: `${name}:${face} is plugged into the link ${plug.link}`, hint: choicesOf(scenario) };
  }
  return plugged(scenario, node, { node: name, interface: face }, mtuBytes);
}

function plugged(scenario: Scenario, node: NodeSpec, at: LinkEnd, mtuBytes: number): OpenEnd {
  const end: LinkEnd = { node: freeName(scenario), interface: at.interface };
  const link: LinkSpec = {
    id: `${at.node}-${end.node}`,
    a: at,
    b: end,
    mtuBytes,
    aToB: PLAIN_LINK,
    bToA: PLAIN_LINK,
    place: PLACE,
  };
  const interfaces = node.interfaces.map((each) => (each.name === at.interface ? { ...each, link: link.id } : each));
  const nodes = scenario.nodes.map((each) => (each === node ? { ...node, interfaces } : each));
  return { scenario: { ...scenario, nodes, links: [...scenario.links, link] }, end, at };
}

/** `outside`, or with a number where a node or an end has that name already. */
function freeName({ nodes, links }: Scenario): string {
  const taken = new Set([...nodes.map(({ name }) => name), ...links.map(({ b }) => b.node)]);
  let name = 'outside';
  for (let number = 2; taken.has(name); number++) name = `outside${number}`;
  return name;
}

function choicesOf({ nodes }: Scenario): string {
  const open = nodes.flatMap(({ name, interfaces }) =>
    interfaces.filter(({ link, vlan }) => link === null && !vlan).map((each) => `${name}:${each.name}`),
  );
  if (open.length > 0) return `these stand open: ${open.slice(0, 8).join(', ')}`;
  return 'no interface stands open: leave out a link, or give a router one more under interfaces';
}
