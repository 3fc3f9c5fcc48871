/** What both SYNs agree on: the MSS (RFC 9293 section 3.7.1), window scaling and timestamps (RFC 7323), SACK (RFC 2018). */

import type { IpAddress } from '../../../wire/address.ts';
import { TCP_HEADER_BYTES } from './header.ts';
import { GREATEST_SHIFT, type SynOptions } from './options.ts';
import type { TcpProfile } from './profile.ts';

/** RFC 9293 section 3.7.1 (MUST-15): what a peer that names no MSS can take, over IPv4 and IPv6. */
const DEFAULT_MSS_BYTES = { ipv4: 536, ipv6: 1220 } as const;
/** A peer that names an absurd MSS still gets segments that make progress. */
const LEAST_MSS_BYTES = 88;

/** What IP's and TCP's headers take of a datagram, options not counted. */
export function headerBytesTowards(address: IpAddress): number {
  return TCP_HEADER_BYTES + (typeof address === 'number' ? 20 : 40);
}

/** The most that a segment to this peer may hold, options counted as data (RFC 6691). */
export function sendMss(offered: number | null, ownMssBytes: number, isIpv6: boolean): number {
  const unnamed = isIpv6 ? DEFAULT_MSS_BYTES.ipv6 : DEFAULT_MSS_BYTES.ipv4;
  const peers = offered === null || offered === 0 ? unnamed : Math.max(offered, LEAST_MSS_BYTES);
  return Math.min(peers, ownMssBytes);
}

/** RFC 7323 section 2.3: the shift with which a window field can tell the whole buffer. */
export function shiftFor(profile: TcpProfile): number {
  const bufferBytes = Math.max(profile.receiveBufferBytes, profile.windowScaleForBytes);
  let shift = 0;
  while (shift < GREATEST_SHIFT && bufferBytes > 0xffff << shift) shift++;
  return shift;
}

/**
 * The options of our SYN, or of our SYN-ACK to a SYN with the options `theirs`: an option is agreed to only where it was
 * offered (RFC 7323 sections 2.2 and 3.2, RFC 2018 section 2).
 */
export function synOptions(
  profile: TcpProfile,
  ownMssBytes: number,
  value: number,
  echo: number,
  theirs: SynOptions | null,
): SynOptions {
  const hasScale = profile.windowScale && (theirs === null || theirs.windowScale !== null);
  const hasTimestamps = profile.timestamps && (theirs === null || theirs.timestamps !== null);
  return {
    mss: ownMssBytes,
    sackPermitted: profile.sack && (theirs === null || theirs.sackPermitted),
    timestamps: hasTimestamps ? { value, echo } : null,
    windowScale: hasScale ? shiftFor(profile) : null,
  };
}
