import type { Pdu } from '../../pdu.ts';
import type { PhysicalService } from '../service.ts';

/**
 * A repeater (IEEE 802.3 clause 9): the bits that come in at one port go out at all the others, right or wrong.
 * Deviation: the cables stay full duplex, so there are no collisions; what an observer sees is the flooding.
 */
export class Hub {
  readonly #ports: readonly PhysicalService[];

  constructor(ports: readonly PhysicalService[]) {
    this.#ports = ports;
    for (const port of ports) port.attach({ onFrame: (frame, damaged) => this.#repeat(port, frame, damaged) });
  }

  #repeat(ingress: PhysicalService, frame: Pdu, damaged: boolean): void {
    for (const port of this.#ports) if (port !== ingress) port.transmit(frame.fork(), damaged);
  }
}
