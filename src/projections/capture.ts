/**
 * What a sniffer would have written down, at one interface, at one node or at all of them.
 *
 * An outgoing frame is seen at the moment the interface takes it over, whatever becomes of it afterwards; an incoming
 * one when its last bit has arrived, if its FCS holds. So a frame that the link loses stands in the sender's capture
 * and not in the receiver's, as it would with real captures; a comment tells what the sniffer could not know.
 */

import type { Nanos } from '../kernel/journal.ts';
import { type Crossing, type Crossings, lossSentence } from './crossings.ts';
import type { Port, Topology } from './topology.ts';

/** Where the sniffer sits. `interface` null: at all interfaces of the node. */
export type Vantage = 'all' | { readonly node: string; readonly interface: string | null };

export interface Sighting {
  /** 1, 2, 3 … as Wireshark numbers frames. */
  readonly number: number;
  readonly atNs: Nanos;
  /** The journal entry that was the sighting. */
  readonly seq: number;
  readonly port: Port;
  readonly direction: 'outbound' | 'inbound';
  readonly bytes: Uint8Array;
  /** What became of the frame, where that is not what one would hope for. */
  readonly comment: string | null;
  readonly crossing: Crossing;
}

export function captureOf(crossings: Crossings, vantage: Vantage): Sighting[] {
  const sightings: Omit<Sighting, 'number'>[] = [];
  for (const crossing of crossings.all) {
    const { from, to, takenNs, takenSeq, endedNs, endedSeq, arrivedBytes } = crossing;
    if (!crossing.isCopy && sees(vantage, from)) {
      const { bytes } = crossing;
      const comment = lossSentence(crossing);
      sightings.push({ atNs: takenNs, seq: takenSeq, port: from, direction: 'outbound', bytes, comment, crossing });
    }
    if (crossing.fate !== 'arrived' || endedNs === null || endedSeq === null || !arrivedBytes) continue;
    if (sees(vantage, to)) {
      const comment = refusalSentence(crossing);
      const bytes = arrivedBytes;
      sightings.push({ atNs: endedNs, seq: endedSeq, port: to, direction: 'inbound', bytes, comment, crossing });
    }
  }
  sightings.sort((one, other) => one.seq - other.seq);
  return sightings.map((sighting, index) => ({ number: index + 1, ...sighting }));
}

function sees(vantage: Vantage, port: Port): boolean {
  if (vantage === 'all') return true;
  return vantage.node === port.node && (vantage.interface === null || vantage.interface === port.interface);
}

function refusalSentence(crossing: Crossing): string | null {
  const { refusal, isCopy, link } = crossing;
  const copy = isCopy ? `a copy that ${link} made` : null;
  const refused = refusal
    ? `dropped by ${refusal.node}, ${refusal.protocol} (${refusal.reason}): ${refusal.detail}`
    : null;
  return copy && refused ? `${copy}; ${refused}` : (copy ?? refused);
}

/** Every plugged-in interface that a vantage covers, in the order of the links; each is an interface of the capture. */
export function portsOf(topology: Topology, vantage: Vantage): Port[] {
  return topology.links.flatMap((link) => [link.a, link.b]).filter((port) => sees(vantage, port));
}

/** `NODE`, `NODE:INTERFACE` or `all`; or what is wrong with it, in a sentence. */
export function parseVantage(text: string, topology: Topology): Vantage | { readonly problem: string } {
  if (text === 'all') return 'all';
  const [name = '', port = null, more] = text.split(':');
  const node = topology.nodes.find((one) => one.name === name);
  if (!node || more !== undefined) {
    return {
      problem: `there is no node ${JSON.stringify(name)}; the nodes are ${topology.nodes.map((one) => one.name).join(', ')}`,
    };
  }
  const known = portsOf(topology, { node: name, interface: null }).map((one) => one.interface);
  if (port !== null && !known.includes(port)) {
    return {
      problem: `${name} has no interface ${JSON.stringify(port)} on a link; it has ${known.join(', ') || 'none'}`,
    };
  }
  return { node: name, interface: port };
}
