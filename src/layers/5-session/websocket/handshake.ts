/** The opening handshake (RFC 6455 section 4) in what it asks of an HTTP request and its response. */

import { createHash } from 'node:crypto';
import type {
  Agreement,
  Heading,
  ServerAnswer,
  Terms,
  UpgradeField,
  UpgradeRequest,
  UpgradeResponse,
} from '../service.ts';
import { acceptDeflate, DEFLATE_OFFER, deflateAgreed, extensionText, parseExtensions } from './extensions.ts';

/** Section 1.3: what no server that does not know WebSocket would add to a key. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Sixteen octets in base64. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Section 4.2.2: base64 of the SHA-1 of key and GUID. */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`, 'latin1').digest('base64');
}

export function keyOf(sixteen: Uint8Array): string {
  return Buffer.from(sixteen).toString('base64');
}

/** The fields of a client's request besides Host (section 4.1). */
export function requestFields(key: string, { protocols, deflate }: Terms): readonly UpgradeField[] {
  return [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', key],
    ['Sec-WebSocket-Version', '13'],
    ...(protocols.length > 0 ? ([['Sec-WebSocket-Protocol', protocols.join(', ')]] as const) : []),
    ...(deflate ? ([['Sec-WebSocket-Extensions', DEFLATE_OFFER]] as const) : []),
  ];
}

/** Whether a request asks for an upgrade to WebSocket at all; what it lacks then is `answerTo`'s to say. */
function asksForWebSocket(request: Heading): boolean {
  return listed(request, 'upgrade').includes('websocket');
}

/** Section 4.2: the server reads the request strictly, for a response to a half-understood one is worse than none. */
export function answerTo(request: UpgradeRequest, terms: Terms): ServerAnswer {
  if (request.method !== 'GET') return refused(405, 'the method is not GET', [['Allow', 'GET']]);
  if (request.version < 11) return refused(400, 'the request is not of HTTP/1.1');
  if (!asksForWebSocket(request)) return refused(400, 'Upgrade does not say websocket');
  if (!listed(request, 'connection').includes('upgrade')) return refused(400, 'Connection does not say Upgrade');
  const [version, ...otherVersions] = valuesOf(request, 'sec-websocket-version');
  if (version === undefined || otherVersions.length > 0) return refused(400, 'there is no one Sec-WebSocket-Version');
  if (version !== '13') return refused(426, 'only version 13 is spoken here', [['Sec-WebSocket-Version', '13']]);
  const [key, ...otherKeys] = valuesOf(request, 'sec-websocket-key');
  if (key === undefined || otherKeys.length > 0 || !KEY.test(key)) {
    return refused(400, 'Sec-WebSocket-Key is not 16 octets in base64');
  }
  const protocols = protocolsOf(request);
  if (!protocols) return refused(400, 'Sec-WebSocket-Protocol is not a list of names');
  const extensions = valuesOf(request, 'sec-websocket-extensions').join(',');
  const offers = extensions === '' ? [] : parseExtensions(extensions);
  if (!offers) return refused(400, 'Sec-WebSocket-Extensions cannot be read');
  const protocol = protocols.find((each) => terms.protocols.includes(each)) ?? null;
  const deflate = terms.deflate ? acceptDeflate(offers) : null;
  const fields: readonly UpgradeField[] = [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', acceptOf(key)],
    ...(protocol === null ? [] : ([['Sec-WebSocket-Protocol', protocol]] as const)),
    ...(deflate ? ([['Sec-WebSocket-Extensions', extensionText(deflate.answer)]] as const) : []),
  ];
  return { kind: 'accepted', fields, agreement: { protocol, deflate: deflate?.parameters ?? null } };
}

/** Section 4.1: what the client must find in the response; otherwise why it fails the connection. */
export function agreementOf(response: UpgradeResponse, key: string, terms: Terms): Agreement | string {
  if (response.status !== 101) return `the server answers ${response.status}`;
  if (!listed(response, 'upgrade').includes('websocket')) return 'the response does not upgrade to websocket';
  if (!listed(response, 'connection').includes('upgrade')) return 'the response does not say Connection: Upgrade';
  const accepts = valuesOf(response, 'sec-websocket-accept');
  if (accepts.length !== 1 || accepts[0] !== acceptOf(key)) return 'Sec-WebSocket-Accept does not fit the key';
  const protocols = valuesOf(response, 'sec-websocket-protocol');
  const [protocol = null] = protocols;
  if (protocols.length > 1 || (protocol !== null && !terms.protocols.includes(protocol))) {
    return 'the server chose a subprotocol that was not asked for';
  }
  const extensions = valuesOf(response, 'sec-websocket-extensions').join(',');
  if (extensions === '') return { protocol, deflate: null };
  const [answer, another] = parseExtensions(extensions) ?? [];
  const deflate = answer && !another && terms.deflate ? deflateAgreed(answer) : null;
  return deflate ? { protocol, deflate } : 'the server chose an extension that was not offered';
}

function refused(status: number, why: string, fields: readonly UpgradeField[] = []): ServerAnswer {
  return { kind: 'refused', status, why, fields };
}

function valuesOf({ fields }: Heading, name: string): readonly string[] {
  return fields.filter((field) => field.name === name).map(({ value }) => value);
}

function listed(heading: Heading, name: string): readonly string[] {
  return valuesOf(heading, name)
    .flatMap((value) => value.split(','))
    .map((member) => member.trim().toLowerCase());
}

/** Names once each; null where the field is something else. */
function protocolsOf(request: Heading): readonly string[] | null {
  const values = valuesOf(request, 'sec-websocket-protocol');
  if (values.length === 0) return [];
  const names = values.flatMap((value) => value.split(',')).map((name) => name.trim());
  return names.every((name) => TOKEN.test(name)) && new Set(names).size === names.length ? names : null;
}
