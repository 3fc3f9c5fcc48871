/** Reads DHCP messages, and BOOTP's, which are the same without a message type. */

import { DHCP, dhcpFields, dhcpInfo, dhcpText, hasCookie, isDhcp, LEAST_BYTES } from '../7-application/dhcp/fields.ts';
import { areOptionsCut } from '../7-application/dhcp/option-fields.ts';
import type { FrameDissection } from './dissection.ts';
import { addMalformed } from './malformed.ts';

export const DHCP_PORTS: readonly number[] = [67, 68];

export function readDhcp(read: FrameDissection, bytes: Uint8Array, at: number, end: number): void {
  read.setProtocol('BOOTP');
  if (end - at < LEAST_BYTES) {
    read.setInfo('');
    read.protocols.push(DHCP.name);
    addMalformed(read, 'DHCP/BOOTP', bytes, end);
    return;
  }
  if (isDhcp(bytes, at, end)) read.setProtocol('DHCP');
  read.setInfo(() => dhcpInfo(bytes, at, end));
  read.add(
    DHCP,
    bytes,
    at,
    end - at,
    () => dhcpText(bytes, at, end),
    () => dhcpFields(bytes, at, end),
  );
  if (!hasCookie(bytes, at) || areOptionsCut(bytes, at + LEAST_BYTES, end)) {
    addMalformed(read, 'DHCP/BOOTP', bytes, end);
  }
}
