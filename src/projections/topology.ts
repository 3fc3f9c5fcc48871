/**
 * The few facts of a scenario that a journal does not repeat: in what order its nodes stand and what its links join.
 * A scenario is one of these; so is what is known of a real capture.
 */
export interface Topology {
  readonly nodes: readonly { readonly name: string; readonly kind: string }[];
  readonly links: readonly { readonly id: string; readonly a: Port; readonly b: Port }[];
}

/** One end of a link. */
export interface Port {
  readonly node: string;
  readonly interface: string;
}

/** Switches and hubs pass frames on; every other node makes its own. */
export function forwardsFrames(kind: string): boolean {
  return kind === 'switch' || kind === 'hub';
}

/** Who a capture stands beside when nobody says: the first host in the file, else the first node. */
export function firstHost(topology: Topology): string | null {
  return (topology.nodes.find((node) => node.kind === 'host') ?? topology.nodes[0])?.name ?? null;
}
