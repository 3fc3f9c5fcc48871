/** A learning switch (IEEE 802.1D-2004 clause 7; ageing: RFC 4188 dot1dTpAgingTime). Store and forward. */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import { formatMac, isGroupMac, type Mac } from '../../../wire/address.ts';
import type { PhysicalService } from '../../1-physical/service.ts';
import { drop } from '../../drop.ts';
import { opened, type Pdu } from '../../pdu.ts';
import { destinationOf, ETHERNET_HEADER_BYTES, FCS_BYTES, sourceOf } from '../ethernet/header.ts';

/** RFC 4188 quotes 802.1D-1998: 300 s is recommended. */
const AGEING_NS: Nanos = 300_000_000_000;
/** A full table learns no more; frames to addresses that are not in it are flooded. */
const TABLE_ROWS = 8192;
/** 01-80-C2-00-00-00 to -0F belong to the link itself and are never forwarded (802.1D table 7-10). */
const RESERVED_GROUP: Mac = 0x0180c2000000;

export interface SwitchPort {
  readonly name: string;
  readonly port: PhysicalService;
}

interface Row {
  readonly out: SwitchPort;
  readonly expiresNs: Nanos;
}

export class Switch {
  readonly #context: Context;
  readonly #ports: readonly SwitchPort[];
  readonly #table = new Map<Mac, Row>();

  constructor(context: Context, ports: readonly SwitchPort[]) {
    this.#context = context;
    this.#ports = ports;
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
    this.#learn(sourceOf(frame.bytes, frame.start), ingress);
    const carries = frame.carries;
    opened(this.#context, frame, 2, 'switch', ingress.name);
    // It goes on as the same frame: what it carries is not unpacked.
    frame.carries = carries;
    this.#forward(ingress, destination, frame);
  }

  #forward(ingress: SwitchPort, destination: Mac, frame: Pdu): void {
    if (destination - RESERVED_GROUP >= 0 && destination - RESERVED_GROUP < 16) {
      drop(this.#context, frame, 2, 'switch', ingress.name, 'filtered', 'a reserved group address stays on its link');
      return;
    }
    const row = isGroupMac(destination) ? null : this.#lookUp(destination);
    if (!row) {
      for (const egress of this.#ports) if (egress !== ingress) egress.port.transmit(frame.fork(), false);
    } else if (row.out === ingress) {
      const detail = `${formatMac(destination)} is on the port it came from`;
      drop(this.#context, frame, 2, 'switch', ingress.name, 'filtered', detail);
    } else row.out.port.transmit(frame, false);
  }

  #lookUp(mac: Mac): Row | null {
    const row = this.#table.get(mac);
    if (!row) return null;
    if (row.expiresNs > this.#context.nowNs) return row;
    this.#table.delete(mac);
    this.#tell(mac, null, 'it was silent for 300 s');
    return null;
  }

  #learn(mac: Mac, ingress: SwitchPort): void {
    // A group address is never learnt as a source (802.1D, 7.8).
    if (isGroupMac(mac)) return;
    const before = this.#lookUp(mac);
    if (!before && this.#table.size >= TABLE_ROWS) return;
    this.#table.set(mac, { out: ingress, expiresNs: this.#context.nowNs + AGEING_NS });
    if (before?.out === ingress) return;
    this.#tell(mac, ingress, before ? `it moved here from ${before.out.name}` : 'a frame from it came in here');
  }

  #tell(mac: Mac, port: SwitchPort | null, because: string): void {
    if (!this.#context.recording) return;
    const change = { table: 'mac', key: formatMac(mac), row: port ? { port: port.name } : null, because };
    this.#context.record({ kind: 'table', layer: 2, protocol: 'switch', change });
  }
}
