import type { Pdu } from '../pdu.ts';

/**
 * The physical service (ISO/IEC 10022): a port puts a frame on its cable and hears what comes from the other end.
 * A frame's window runs from the destination address to the FCS; preamble and gap are time, not bytes.
 */
export interface PhysicalService {
  /**
   * Takes a frame. It may wait in the port's queue or be dropped there; nobody is told, as on a real wire. `damaged`:
   * its FCS is wrong already (a hub repeats bits and does not look).
   */
  transmit(frame: Pdu, damaged: boolean): void;
  /** Whoever listens on this port; replaces the one before. */
  attach(user: PhysicalUser): void;
}

export interface PhysicalUser {
  /** The last bit is here. `damaged`: bits were flipped on the way, so the FCS does not match. */
  onFrame(frame: Pdu, damaged: boolean): void;
}
