/** TLS records as Wireshark shows them. */

import { u8, u16 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field, FieldType } from '../../field.ts';
import { RETRY_RANDOM } from './header.ts';
import {
  CONTENT,
  HANDSHAKE,
  type HandshakeMessage,
  type Hello,
  lengthOf,
  protocolsIn,
  type Range,
  RECORD_HEADER_BYTES,
  readHello,
  serverNameIn,
  type TlsRecord,
  VERSION,
} from './record.ts';

export const TLS: Protocol = {
  name: 'tls',
  title: 'Transport Layer Security',
  layer: 6,
  meaning: 'Encrypts a stream and makes sure who is at its other end.',
};

export const TLS_FIELDS = fieldTable(6, 'tls', {
  record: ['none', 'Record Layer', 'A record.'],
  'record.content_type': ['unsigned', 'Content Type', '20 change cipher spec, 21 alert, 22 handshake, 23 data.'],
  'record.opaque_type': ['unsigned', 'Opaque Type', 'The same in TLS 1.3, where the true type is encrypted.'],
  'record.version': [
    'unsigned',
    'Version',
    '0x0301 TLS 1.0, 0x0303 TLS 1.2 and, for old devices on the way, 1.3.',
    'hex4',
  ],
  'record.length': ['unsigned', 'Length', 'Octets of the record behind these five.'],
  handshake: ['none', 'Handshake Protocol', 'A message of the handshake.'],
  'handshake.type': ['unsigned', 'Handshake Type', '1 client hello, 2 server hello, 11 certificate, 20 finished.'],
  'handshake.length': ['unsigned', 'Length', 'Octets of the message behind its type and length.'],
  'handshake.version': ['unsigned', 'Version', 'The version that is offered or taken, up to 1.2.', 'hex4'],
  'handshake.ciphersuite': ['unsigned', 'Cipher Suite', 'A suite that is offered, or the one that is taken.', 'hex4'],
  'handshake.extension.type': [
    'unsigned',
    'Type',
    'Which extension: 0 server name, 16 ALPN, 43 versions, 51 key share.',
  ],
  'handshake.extensions_alpn_str': ['string', 'ALPN Next Protocol', 'What the application offers to speak.'],
  'handshake.extensions_server_name': ['string', 'Server Name', 'The name of the server that the client wants.'],
  change_cipher_spec: ['none', 'Change Cipher Spec Message', 'From here on this side encrypts.'],
  alert_message: ['none', 'Alert Message', 'Something is wrong, or the stream ends.'],
  'alert_message.level': ['unsigned', 'Level', '1 warning, 2 fatal.'],
  'alert_message.desc': ['unsigned', 'Description', 'What is wrong; 0: the stream ends.'],
  app_data: ['bytes', 'Encrypted Application Data', 'What is sent, encrypted.'],
});

const VERSION_NAMES: Readonly<Record<number, string>> = {
  768: 'SSLv3',
  769: 'TLSv1',
  770: 'TLSv1.1',
  771: 'TLSv1.2',
  772: 'TLSv1.3',
};

/** Behind type, length and version. */
const HELLO_RANDOM = 6;

const LEVELS: Readonly<Record<number, string>> = { 1: 'Warning', 2: 'Fatal' };
const ALERTS: Readonly<Record<number, string>> = {
  0: 'Close Notify',
  1: 'End of Early Data',
  10: 'Unexpected Message',
  20: 'Bad Record MAC',
  21: 'Decryption Failed',
  22: 'Record Overflow',
  30: 'Decompression Failure',
  40: 'Handshake Failure',
  41: 'No Certificate',
  42: 'Bad Certificate',
  43: 'Unsupported Certificate',
  44: 'Certificate Revoked',
  45: 'Certificate Expired',
  46: 'Certificate Unknown',
  47: 'Illegal Parameter',
  48: 'Unknown CA',
  49: 'Access Denied',
  50: 'Decode Error',
  51: 'Decrypt Error',
  60: 'Export Restriction',
  70: 'Protocol Version',
  71: 'Insufficient Security',
  80: 'Internal Error',
  86: 'Inappropriate Fallback',
  90: 'User Canceled',
  100: 'No Renegotiation',
  109: 'Missing Extension',
  110: 'Unsupported Extension',
  111: 'Certificate Unobtainable',
  112: 'Unrecognized Name',
  113: 'Bad Certificate Status Response',
  114: 'Bad Certificate Hash Value',
  115: 'Unknown PSK Identity',
  116: 'Certificate Required',
  120: 'No application Protocol',
};

export function versionName(version: number): string {
  return VERSION_NAMES[version] ?? 'TLS';
}

/** What the info column says of a record. */
export function recordInfo(bytes: Uint8Array, record: TlsRecord): string {
  const { type, isEncrypted, messages, at } = record;
  switch (type) {
    case CONTENT.changeCipherSpec:
      return 'Change Cipher Spec';
    case CONTENT.alert:
      return isAlertReadable(record) ? alertText(bytes, at + RECORD_HEADER_BYTES) : 'Encrypted Alert';
    case CONTENT.handshake:
      if (isEncrypted) return 'Encrypted Handshake Message';
      return messages.map((message) => nameOf(bytes, message)).join(', ');
    case CONTENT.heartbeat:
      return 'Encrypted Heartbeat';
    default:
      return 'Application Data';
  }
}

/** A ServerHello with a certain random is a HelloRetryRequest (RFC 8446 section 4.1.3). */
function nameOf(bytes: Uint8Array, { name, type, at, end }: HandshakeMessage): string {
  const random = at + HELLO_RANDOM;
  const isRetry =
    type === HANDSHAKE.serverHello &&
    random + RETRY_RANDOM.length <= end &&
    RETRY_RANDOM.every((octet, index) => bytes[random + index] === octet);
  return isRetry ? 'Hello Retry Request' : name;
}

function isAlertReadable({ at, end, isEncrypted }: TlsRecord): boolean {
  return !isEncrypted && end - at === RECORD_HEADER_BYTES + 2;
}

function alertText(bytes: Uint8Array, at: number): string {
  const level = LEVELS[u8(bytes, at)] ?? 'Unknown';
  return `Alert (Level: ${level}, Description: ${ALERTS[u8(bytes, at + 1)] ?? 'Unknown'})`;
}

export function tlsFields(bytes: Uint8Array, records: readonly TlsRecord[]): Field[] {
  return records.flatMap((record) => recordFields(bytes, record));
}

function recordFields(bytes: Uint8Array, record: TlsRecord): Field[] {
  const T = TLS_FIELDS;
  const { at, end, type, version, sessionVersion } = record;
  const isOpaque = type === CONTENT.applicationData && sessionVersion === VERSION.tls13;
  const fragment = at + RECORD_HEADER_BYTES;
  return [
    field(T.record, null, at, end - at, `${versionName(sessionVersion)} Record Layer: ${recordInfo(bytes, record)}`),
    field(isOpaque ? T['record.opaque_type'] : T['record.content_type'], type, at, 1),
    field(T['record.version'], version, at + 1, 2),
    field(T['record.length'], end - fragment, at + 3, 2),
    ...contentFields(bytes, record, fragment),
  ];
}

function contentFields(bytes: Uint8Array, record: TlsRecord, fragment: number): Field[] {
  const T = TLS_FIELDS;
  const { end, type, isEncrypted, messages } = record;
  switch (type) {
    case CONTENT.changeCipherSpec:
      return [field(T.change_cipher_spec, null, fragment, end - fragment)];
    case CONTENT.alert: {
      const whole = field(T.alert_message, null, fragment, end - fragment);
      if (!isAlertReadable(record)) return [whole];
      const [level, description] = [u8(bytes, fragment), u8(bytes, fragment + 1)];
      return [
        whole,
        field(T['alert_message.level'], level, fragment, 1, `${LEVELS[level] ?? 'Unknown'} (${level})`),
        field(
          T['alert_message.desc'],
          description,
          fragment + 1,
          1,
          `${ALERTS[description] ?? 'Unknown'} (${description})`,
        ),
      ];
    }
    case CONTENT.handshake:
      if (isEncrypted) return [field(T.handshake, null, fragment, end - fragment, 'Encrypted Handshake Message')];
      return messages.flatMap((message) => messageFields(bytes, message));
    case CONTENT.applicationData:
      return end > fragment ? [field(T.app_data, bytes.subarray(fragment, end), fragment, end - fragment)] : [];
    default:
      return [];
  }
}

function messageFields(bytes: Uint8Array, { name, type, at, end }: HandshakeMessage): Field[] {
  const T = TLS_FIELDS;
  const fields = [
    field(T.handshake, null, at, end - at, name),
    field(T['handshake.type'], type, at, 1, `${name} (${type})`),
    field(T['handshake.length'], lengthOf(bytes, at), at + 1, 3),
  ];
  const isHello = type === HANDSHAKE.clientHello || type === HANDSHAKE.serverHello;
  if (!isHello || end - at < 6) return fields;
  fields.push(field(T['handshake.version'], u16(bytes, at + 4), at + 4, 2));
  const hello = readHello(bytes, at, end);
  return hello ? [...fields, ...helloFields(bytes, hello, Math.min(end, bytes.length))] : fields;
}

function helloFields(bytes: Uint8Array, hello: Hello, end: number): Field[] {
  const T = TLS_FIELDS;
  const fields: Field[] = [];
  for (let at = hello.suites[0]; at + 2 <= Math.min(hello.suites[1], end); at += 2) {
    const suite = u16(bytes, at);
    const name = SUITES[suite];
    const text = name === undefined ? undefined : `${name} (0x${suite.toString(16).padStart(4, '0')})`;
    fields.push(field(T['handshake.ciphersuite'], suite, at, 2, text));
  }
  for (const { type, at } of hello.extensions) fields.push(field(T['handshake.extension.type'], type, at, 2));
  const textAt = (type: FieldType, [from, to]: Range) =>
    field(type, new TextDecoder().decode(bytes.subarray(from, to)), from, to - from);
  const asked = serverNameIn(bytes, hello);
  if (asked) fields.push(textAt(T['handshake.extensions_server_name'], asked));
  for (const name of protocolsIn(bytes, hello)) fields.push(textAt(T['handshake.extensions_alpn_str'], name));
  return fields;
}

/** The suites of TLS 1.3 (RFC 8446 appendix B.4) by name; others go by their numbers. */
const SUITES: Readonly<Record<number, string>> = {
  4865: 'TLS_AES_128_GCM_SHA256',
  4866: 'TLS_AES_256_GCM_SHA384',
  4867: 'TLS_CHACHA20_POLY1305_SHA256',
  4868: 'TLS_AES_128_CCM_SHA256',
  4869: 'TLS_AES_128_CCM_8_SHA256',
};
