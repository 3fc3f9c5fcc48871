/** HTTP/1 messages as Wireshark shows them (RFC 9110, RFC 9112). */

import { asciiText } from '../../../wire/text.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field, FieldType } from '../../field.ts';
import type { Chunk, Header, Line } from './observed.ts';
import { statusWords } from './status-words.ts';

export const HTTP: Protocol = {
  name: 'http',
  title: 'Hypertext Transfer Protocol',
  layer: 7,
  meaning: 'Asks for pages and sends them.',
};

export const HTTP_FIELDS = fieldTable(7, 'http', {
  request: ['boolean', 'Request', 'This is a request.'],
  response: ['boolean', 'Response', 'This is a response.'],
  request_number: ['unsigned', 'Request number', 'Which exchange of the connection, from 1.'],
  response_number: ['unsigned', 'Response number', 'Which exchange of the connection, from 1.'],
  'request.method': ['string', 'Request Method', 'What shall be done: GET, POST.'],
  'request.uri': ['string', 'Request URI', 'What it is about.'],
  'request.uri.path': ['string', 'Request URI Path', 'The part before the question mark, where there is one.'],
  'request.uri.query': ['string', 'Request URI Query', 'The part behind the question mark.'],
  'request.uri.query.parameter': ['string', 'Request URI Query Parameter', 'One of the query’s parameters.'],
  'request.version': ['string', 'Request Version', 'The version of HTTP.'],
  'request.line': ['string', 'Request line', 'A header of a request, the whole line.'],
  'request.full_uri': ['string', 'Full request URI', 'With the host.'],
  'response.version': ['string', 'Response Version', 'The version of HTTP.'],
  'response.code': ['unsigned', 'Status Code', 'How it went: 200 well, 404 not found.'],
  'response.code.desc': ['string', 'Status Code Description', 'What that code means.'],
  'response.phrase': ['string', 'Response Phrase', 'The same in the server’s words.'],
  'response.line': ['string', 'Response line', 'A header of a response, the whole line.'],
  'response_for.uri': ['string', 'Request URI', 'What the response is about.'],
  host: ['string', 'Host', 'The host that is asked.'],
  user_agent: ['string', 'User-Agent', 'The program that asks.'],
  accept: ['string', 'Accept', 'Which kinds of content are welcome.'],
  accept_language: ['string', 'Accept-Language', 'Which languages are welcome.'],
  accept_encoding: ['string', 'Accept Encoding', 'Which encodings are welcome.'],
  referer: ['string', 'Referer', 'Where the link stood.'],
  cookie: ['string', 'Cookie', 'What the server gave to be sent back.'],
  authorization: ['string', 'Authorization', 'Who asks.'],
  www_authenticate: ['string', 'WWW-Authenticate', 'How to say who asks.'],
  proxy_authenticate: ['string', 'Proxy-Authenticate', 'How to say who asks, to the proxy.'],
  proxy_authorization: ['string', 'Proxy-Authorization', 'Who asks, to the proxy.'],
  x_forwarded_for: ['string', 'X-Forwarded-For', 'Whom a proxy asks for.'],
  connection: ['string', 'Connection', 'Whether the connection stays: keep-alive, close, Upgrade.'],
  upgrade: ['string', 'Upgrade', 'Which protocol to go on with.'],
  content_type: ['string', 'Content-Type', 'The kind of content.'],
  content_length_header: ['string', 'Content-Length', 'Octets of the body, as it is written.'],
  content_length: ['unsigned', 'Content length', 'Octets of the body.'],
  content_encoding: ['string', 'Content-Encoding', 'How the content is compressed.'],
  transfer_encoding: ['string', 'Transfer-Encoding', 'How the body is cut: chunked.'],
  date: ['string', 'Date', 'When the message was made.'],
  server: ['string', 'Server', 'The program that answers.'],
  location: ['string', 'Location', 'Where to look instead.'],
  cache_control: ['string', 'Cache-Control', 'Whether it may be kept.'],
  set_cookie: ['string', 'Set-Cookie', 'What to send back next time.'],
  last_modified: ['string', 'Last-Modified', 'When the content changed last.'],
  sec_websocket_accept: ['string', 'Sec-WebSocket-Accept', 'The server understood the key (RFC 6455).'],
  sec_websocket_extensions: ['string', 'Sec-WebSocket-Extensions', 'Extensions of WebSocket.'],
  sec_websocket_key: ['string', 'Sec-WebSocket-Key', 'A key that the server must understand (RFC 6455).'],
  sec_websocket_protocol: ['string', 'Sec-WebSocket-Protocol', 'What is spoken over WebSocket.'],
  sec_websocket_version: ['string', 'Sec-WebSocket-Version', 'The version of WebSocket.'],
  proxy_connect_host: ['string', 'Proxy-Connect-Hostname', 'Where a tunnel leads.'],
  proxy_connect_port: ['unsigned', 'Proxy-Connect-Port', 'The port where a tunnel leads.'],
  chunk_size: ['unsigned', 'Chunk size', 'Octets of a chunk; 0 is the last.'],
  chunk_data: ['bytes', 'Chunk data', 'A chunk of the body.'],
  chunk_boundary: ['bytes', 'Chunk boundary', 'The line end behind a chunk.'],
  chunked_trailer_part: ['string', 'trailer-part', 'Headers behind the last chunk.'],
  file_data: ['string', 'File Data', 'The body.'],
  request_in: ['unsigned', 'Request in frame', 'The frame with the request that this answers.'],
  prev_request_in: ['unsigned', 'Prev request in frame', 'The frame with the request before.'],
  prev_response_in: ['unsigned', 'Prev response in frame', 'The frame with the response before.'],
  time: ['time', 'Time since request', 'From the request to this response.'],
  chat: ['none', 'Formatted text', 'Wireshark’s remark on each message.'],
  unknown_header: ['string', 'Unknown header', 'A header whose message began in another segment.'],
  leading_crlf: ['none', 'Leading CRLF previous message in the stream may have extra CRLF', 'An empty line too many.'],
});

type Key = keyof typeof HTTP_FIELDS;

/** Headers that have a field of their own. */
const HEADER_FIELDS: ReadonlyMap<string, Key> = new Map(
  (
    [
      'host',
      'user_agent',
      'accept',
      'accept_language',
      'accept_encoding',
      'referer',
      'cookie',
      'authorization',
      'www_authenticate',
      'proxy_authenticate',
      'proxy_authorization',
      'x_forwarded_for',
      'connection',
      'upgrade',
      'content_type',
      'content_encoding',
      'transfer_encoding',
      'date',
      'server',
      'location',
      'cache_control',
      'set_cookie',
      'last_modified',
      'sec_websocket_accept',
      'sec_websocket_extensions',
      'sec_websocket_key',
      'sec_websocket_protocol',
      'sec_websocket_version',
    ] as const
  ).map((key): [string, Key] => [key.replaceAll('_', '-'), key]),
);

/** One message with a head, as it was read; offsets in `bytes`. */
export interface HttpMessage {
  readonly bytes: Uint8Array;
  /** 'rest': its first line was not seen. */
  readonly kind: 'request' | 'response' | 'rest';
  readonly at: number;
  readonly end: number;
  readonly firstLine: Line;
  readonly headers: readonly Header[];
  readonly chunks: readonly Chunk[];
  /** The content, chunks put together; empty when there is none. */
  readonly body: Uint8Array;
  readonly bodyAt: number;
  /** Octets of empty lines before the first line. */
  readonly leadingBytes: number;
}

/** What the connection tells of a message. */
export interface HttpPlace {
  /** Which exchange, from 1. */
  readonly number: number;
  readonly uri: string | null;
  /** Frames, 0 for none. */
  readonly requestFrame: number;
  readonly elapsedNs: number;
  readonly previousRequestFrame: number;
  readonly previousResponseFrame: number;
}

/** Method, URI and version of a request; version, code and phrase of a response. '' for what is not there. */
export function firstLineParts(message: Pick<HttpMessage, 'bytes' | 'firstLine'>): readonly [string, string, string] {
  const text = asciiText(message.bytes.subarray(message.firstLine.at, message.firstLine.end));
  const [, first = '', second = '', rest = ''] = /^(\S*) *(\S*) *(.*)$/s.exec(text) ?? [];
  return [first, second, rest];
}

export function httpFields(message: HttpMessage, place: HttpPlace | null): Field[] {
  const T = HTTP_FIELDS;
  const fields: Field[] = [];
  const { leadingBytes } = message;
  if (leadingBytes > 0) fields.push(field(T.leading_crlf, null, message.at - leadingBytes, leadingBytes));
  if (place) fields.push(...headFields(message, place));
  else fields.push(...message.headers.flatMap((header) => headerFields(header, T.unknown_header)));
  for (const chunk of message.chunks) fields.push(...chunkFields(message.bytes, chunk));
  if (message.body.length > 0) fields.push(fileData(message.body, message.bodyAt));
  return fields;
}

function headFields(message: HttpMessage, place: HttpPlace): Field[] {
  const T = HTTP_FIELDS;
  const { at, kind, headers } = message;
  const request = kind === 'request';
  const fields: Field[] = request ? requestLine(message) : responseLine(message);
  fields.push(field(T.chat, null, at, 0));
  for (const header of headers) fields.push(...headerFields(header, request ? T['request.line'] : T['response.line']));
  fields.push(field(request ? T.request : T.response, true, at, 0));
  fields.push(field(request ? T.request_number : T.response_number, place.number, at, 0));
  if (place.uri !== null) fields.push(field(request ? T['request.full_uri'] : T['response_for.uri'], place.uri, at, 0));
  const frames: readonly (readonly [FieldType, number])[] = [
    [T.request_in, place.requestFrame],
    [T.prev_request_in, place.previousRequestFrame],
    [T.prev_response_in, place.previousResponseFrame],
  ];
  for (const [type, frame] of frames) if (frame > 0) fields.push(field(type, frame, at, 0));
  if (place.requestFrame > 0) fields.push(field(T.time, place.elapsedNs, at, 0));
  return fields;
}

/** Wireshark shows the body as text up to the first NUL. */
export function fileData(body: Uint8Array, at: number): Field {
  const nul = body.indexOf(0);
  const text = asciiText(nul < 0 ? body : body.subarray(0, nul));
  return field(HTTP_FIELDS.file_data, text, at, body.length);
}

function requestLine(message: HttpMessage): Field[] {
  const T = HTTP_FIELDS;
  const { at } = message.firstLine;
  const [method, uri, version] = firstLineParts(message);
  const uriAt = at + method.length + 1;
  const fields = [
    field(T['request.method'], method, at, method.length),
    field(T['request.uri'], uri, uriAt, uri.length),
  ];
  const mark = uri.indexOf('?');
  if (mark >= 0 && mark + 1 < uri.length) {
    const query = uri.slice(mark + 1);
    fields.push(field(T['request.uri.path'], uri.slice(0, mark), uriAt, mark));
    fields.push(field(T['request.uri.query'], query, uriAt + mark + 1, query.length));
    for (const part of query.split('&')) {
      if (part !== '') fields.push(field(T['request.uri.query.parameter'], part, uriAt + mark + 1, query.length));
    }
  }
  if (version !== '') fields.push(field(T['request.version'], version, uriAt + uri.length + 1, version.length));
  return fields;
}

function responseLine(message: HttpMessage): Field[] {
  const T = HTTP_FIELDS;
  const { at } = message.firstLine;
  const [version, code, phrase] = firstLineParts(message);
  const codeAt = at + version.length + 1;
  const fields = [field(T['response.version'], version, at, version.length)];
  if (/^\d{3}/.test(code)) {
    const number = Number(code.slice(0, 3));
    fields.push(field(T['response.code'], number, codeAt, 3));
    fields.push(field(T['response.code.desc'], statusWords(number), codeAt, 3));
  }
  if (phrase !== '') fields.push(field(T['response.phrase'], phrase, codeAt + code.length + 1, phrase.length));
  return fields;
}

/** `lineType`: the field of the whole line; of `unknown_header`, only for headers that have no field of their own. */
function headerFields({ at, name, value, line, length }: Header, lineType: FieldType): Field[] {
  const T = HTTP_FIELDS;
  const lower = name.toLowerCase();
  const key = HEADER_FIELDS.get(lower);
  const fields: Field[] = [];
  const known = key !== undefined || lower === 'content-length';
  if (lineType !== T.unknown_header || !known) fields.push(field(lineType, line, at, length));
  if (key) fields.push(field(T[key], value, at, length));
  if (lower === 'content-length') {
    fields.push(field(T.content_length_header, value, at, length));
    if (/^\d{1,15}$/.test(value)) fields.push(field(T.content_length, Number(value), at, length));
  }
  return fields;
}

function chunkFields(bytes: Uint8Array, { at, size, dataAt, trailerEnd, next }: Chunk): Field[] {
  const T = HTTP_FIELDS;
  const fields = [field(T.chunk_size, size, at, dataAt - at)];
  if (size > 0) {
    const end = dataAt + size;
    fields.push(field(T.chunk_data, bytes.subarray(dataAt, end), dataAt, size));
    fields.push(field(T.chunk_boundary, bytes.subarray(end, next), end, next - end));
  } else if (trailerEnd > dataAt) {
    const trailer = asciiText(bytes.subarray(dataAt, trailerEnd));
    fields.push(field(T.chunked_trailer_part, trailer, dataAt, trailer.length));
  }
  return fields;
}
