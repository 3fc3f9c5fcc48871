/** The end of a cable that hangs out of the simulated world: what arrives there goes to somebody else, and back. */

import { Context } from '../kernel/context.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { PhysicalService } from '../layers/1-physical/service.ts';
import { FCS_BYTES, LEAST_PAYLOAD_BYTES, writeFcs } from '../layers/2-link/ethernet/header.ts';
import { drop } from '../layers/drop.ts';
import { Pdu } from '../layers/pdu.ts';

/** IEEE 802.3 section 4.2.3.3: the least frame has 64 octets, the FCS included. */
const LEAST_FRAME_BYTES = LEAST_PAYLOAD_BYTES + 14;

export class OutsideEnd {
  /** Whoever takes the frames, without their FCS; the bytes must not be changed. */
  onFrame: (frame: Uint8Array) => void = () => {};
  readonly #kernel: Kernel;
  readonly #port: PhysicalService;

  constructor(kernel: Kernel, node: string, name: string, port: PhysicalService) {
    this.#kernel = kernel;
    this.#port = port;
    const context = new Context(kernel, node);
    port.attach({
      onFrame: (frame, damaged) => {
        if (damaged) drop(context, frame, 2, 'ethernet', name, 'corrupted', 'the frame check sequence does not match');
        else this.onFrame(frame.bytes.subarray(frame.start, frame.end - FCS_BYTES));
      },
    });
  }

  /** A frame from outside, without FCS and perhaps without padding, enters now. */
  put(frame: Uint8Array): void {
    const pdu = Pdu.around(frame);
    pdu.end = Math.max(pdu.end, pdu.start + LEAST_FRAME_BYTES);
    const { journal } = this.#kernel;
    if (journal.recording) writeFcs(pdu.bytes, pdu.start, pdu.end);
    pdu.end += FCS_BYTES;
    journal.cause = null;
    this.#port.transmit(pdu, false);
  }
}
