/**
 * A learning switch (IEEE 802.1D-2004 clause 7; ageing: RFC 4188 dot1dTpAgingTime). Store and forward. Where its ports have
 * VLANs (IEEE 802.1Q-2018), each VLAN has a table and a flood of its own; a switch without any passes tags on as they are.
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import { formatMac, isGroupMac, type Mac } from '../../../wire/address.ts';
import type { PhysicalService } from '../../1-physical/service.ts';
import { drop } from '../../drop.ts';
import { opened, type Pdu } from '../../pdu.ts';
import { destinationOf, ETHERNET_HEADER_BYTES, FCS_BYTES, sourceOf } from '../ethernet/header.ts';
import { insertTag, removeTag, tagFor, tagOf, vlanIdOf } from '../vlan/header.ts';

/** RFC 4188 quotes 802.1D-1998: 300 s is recommended. */
const AGEING_NS: Nanos = 300_000_000_000;
/** A full table learns no more; frames to addresses that are not in it are flooded. */
const TABLE_ROWS = 8192;
/** 01-80-C2-00-00-00 to -0F belong to the link itself and are never forwarded (802.1D table 7-10). */
const RESERVED_GROUP: Mac = 0x0180c2000000;

export interface SwitchPort {
  readonly name: string;
  readonly port: PhysicalService;
  /** Left out at every port: the switch knows no VLANs. */
  readonly vlans?: PortVlans;
}

/** Which VLANs a port is a member of: an access port of one that is not tagged, a trunk of several that are. */
export interface PortVlans {
  /** Whose frames have no tag; null: frames without one are dropped. */
  readonly untagged: number | null;
  readonly tagged: ReadonlySet<number> | 'all';
}

/** VLAN 0 stands for "no VLANs here". */
const NO_VLAN = 0;

interface Row {
  readonly out: SwitchPort;
  readonly expiresNs: Nanos;
}

export class Switch {
  readonly #context: Context;
  readonly #ports: readonly SwitchPort[];
  readonly #knowsVlans: boolean;
  /** By VLAN. */
  readonly #tables = new Map<number, Map<Mac, Row>>();

  constructor(context: Context, ports: readonly SwitchPort[]) {
    this.#context = context;
    this.#ports = ports;
    this.#knowsVlans = ports.some(({ vlans }) => vlans);
    for (const ingress of ports) {
      ingress.port.attach({ onFrame: (frame, damaged) => this.#onFrame(ingress, frame, damaged) });
    }
  }

  #onFrame(ingress: SwitchPort, frame: Pdu, damaged: boolean): void {
    const { power } = this.#context;
    if (!power.isOn) {
      if (power.isOff) drop(this.#context, frame, 2, 'switch', ingress.name, 'crashed', 'the switch is down');
      else power.hold(() => this.#onFrame(ingress, frame, damaged));
      return;
    }
    if (damaged || frame.length < ETHERNET_HEADER_BYTES + FCS_BYTES) {
      const detail = damaged ? 'the frame check sequence does not match' : `a runt of ${frame.length} octets`;
      drop(this.#context, frame, 2, 'switch', ingress.name, damaged ? 'corrupted' : 'malformed', detail);
      return;
    }
    const destination = destinationOf(frame.bytes, frame.start);
    const tag = this.#knowsVlans ? tagOf(frame) : null;
    const vlan = this.#vlanOf(ingress, tag);
    if (typeof vlan === 'string') {
      drop(this.#context, frame, 2, 'switch', ingress.name, 'filtered', vlan);
      return;
    }
    this.#learn(vlan, sourceOf(frame.bytes, frame.start), ingress);
    const carries = frame.carries;
    opened(this.#context, frame, 2, 'switch', ingress.name);
    // It goes on as the same frame: what it carries is not unpacked.
    frame.carries = carries;
    this.#forward(ingress, vlan, destination, frame, tag);
  }

  /** The VLAN that a frame belongs to (802.1Q clause 6.9), or why it does to none that this port has. */
  #vlanOf({ vlans }: SwitchPort, tag: number | null): number | string {
    if (!this.#knowsVlans || !vlans) return NO_VLAN;
    const id = tag === null ? 0 : vlanIdOf(tag);
    if (id === 0) return vlans.untagged ?? 'this trunk has no VLAN for frames without a tag';
    return isMember(vlans, id) ? id : `this port is no member of VLAN ${id}`;
  }

  #forward(ingress: SwitchPort, vlan: number, destination: Mac, frame: Pdu, tag: number | null): void {
    if (destination - RESERVED_GROUP >= 0 && destination - RESERVED_GROUP < 16) {
      drop(this.#context, frame, 2, 'switch', ingress.name, 'filtered', 'a reserved group address stays on its link');
      return;
    }
    const row = isGroupMac(destination) ? null : this.#lookUp(vlan, destination);
    if (!row) {
      for (const egress of this.#ports) {
        if (egress !== ingress && isMember(egress.vlans, vlan)) this.#transmit(egress, vlan, frame.fork(), tag);
      }
    } else if (row.out === ingress) {
      const detail = `${formatMac(destination)} is on the port it came from`;
      drop(this.#context, frame, 2, 'switch', ingress.name, 'filtered', detail);
    } else this.#transmit(row.out, vlan, frame, tag);
  }

  /** With a tag, without, or with another one: as the port is a member of the VLAN (802.1Q clause 8.6.2, 8.8.2). */
  #transmit(egress: SwitchPort, vlan: number, frame: Pdu, tag: number | null): void {
    const { vlans, port } = egress;
    if (vlans) {
      const wanted = vlans.untagged === vlan ? null : tagFor(vlan, tag ?? 0);
      const hasFcs = this.#context.recording;
      if (wanted !== tag) frame.own();
      if (tag !== null && wanted !== tag) removeTag(frame, hasFcs);
      if (wanted !== null && wanted !== tag) insertTag(frame, wanted, hasFcs);
    }
    port.transmit(frame, false);
  }

  #tableOf(vlan: number): Map<Mac, Row> {
    const table = this.#tables.get(vlan) ?? new Map<Mac, Row>();
    this.#tables.set(vlan, table);
    return table;
  }

  #lookUp(vlan: number, mac: Mac): Row | null {
    const table = this.#tableOf(vlan);
    const row = table.get(mac);
    if (!row) return null;
    if (row.expiresNs > this.#context.nowNs) return row;
    table.delete(mac);
    this.#tell(vlan, mac, null, 'it was silent for 300 s');
    return null;
  }

  #learn(vlan: number, mac: Mac, ingress: SwitchPort): void {
    // A group address is never learnt as a source (802.1D, 7.8).
    if (isGroupMac(mac)) return;
    const before = this.#lookUp(vlan, mac);
    const table = this.#tableOf(vlan);
    if (!before && table.size >= TABLE_ROWS) return;
    table.set(mac, { out: ingress, expiresNs: this.#context.nowNs + AGEING_NS });
    if (before?.out === ingress) return;
    this.#tell(vlan, mac, ingress, before ? `it moved here from ${before.out.name}` : 'a frame from it came in here');
  }

  #tell(vlan: number, mac: Mac, port: SwitchPort | null, because: string): void {
    if (!this.#context.recording) return;
    const row = port && { port: port.name, ...(vlan === NO_VLAN ? {} : { vlan }) };
    const key = vlan === NO_VLAN ? formatMac(mac) : `${vlan}.${formatMac(mac)}`;
    const change = { table: 'mac', key, row, because };
    this.#context.record({ kind: 'table', layer: 2, protocol: 'switch', change });
  }
}

function isMember(vlans: PortVlans | undefined, vlan: number): boolean {
  return !vlans || vlans.untagged === vlan || vlans.tagged === 'all' || vlans.tagged.has(vlan);
}
