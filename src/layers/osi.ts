import type { LayerNumber } from '../kernel/journal.ts';

/**
 * The seven layers of ISO/IEC 7498-1 and where TCP/IP (RFC 1122 section 1.1.3) puts them.
 *
 * Where the model bends: ARP resolves a layer 3 address and travels in layer 2 frames, so it is listed with layer 2.
 * ICMP travels inside IP and belongs to layer 3 all the same. TLS is layer 6 by what it does and sits between TCP and
 * HTTP on the wire; WebSocket (5) rides on HTTP (7) until the upgrade. A folder says what a protocol is responsible
 * for; nesting on the wire is what the bytes say.
 */
export interface OsiLayer {
  readonly number: LayerNumber;
  readonly name: string;
  /** What a PDU of this layer is called. */
  readonly pdu: string;
  readonly tcpIp: 'Application' | 'Transport' | 'Internet' | 'Link';
}

export const OSI: readonly OsiLayer[] = [
  { number: 7, name: 'Application', pdu: 'message', tcpIp: 'Application' },
  { number: 6, name: 'Presentation', pdu: 'message', tcpIp: 'Application' },
  { number: 5, name: 'Session', pdu: 'message', tcpIp: 'Application' },
  { number: 4, name: 'Transport', pdu: 'segment', tcpIp: 'Transport' },
  { number: 3, name: 'Network', pdu: 'packet', tcpIp: 'Internet' },
  { number: 2, name: 'Data link', pdu: 'frame', tcpIp: 'Link' },
  { number: 1, name: 'Physical', pdu: 'bits', tcpIp: 'Link' },
];

export function osiLayer(number: LayerNumber): OsiLayer {
  return OSI[7 - number] as OsiLayer;
}
