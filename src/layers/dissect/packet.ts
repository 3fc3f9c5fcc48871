import type { IpAddress } from '../../wire/address.ts';

/** A network packet as the protocols inside it need it, whichever IP version carried it. */
export interface Packet {
  /** The frame's octets, or those of a datagram put together from fragments. */
  readonly bytes: Uint8Array;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Time to live, or hop limit. */
  readonly ttl: number;
  /** The payload: bytes[start..end). */
  readonly start: number;
  readonly end: number;
  /** All of the payload is there: a quotation or a short capture may hold less. */
  readonly whole: boolean;
}
