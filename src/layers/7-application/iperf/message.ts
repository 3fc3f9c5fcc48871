/**
 * What iperf3 (ESnet, version 3.x, TCP) says on its control connection: a cookie of 37 octets, states of one octet, and
 * JSON behind its length in four octets. There is no RFC; the program is the reference.
 */

import { putU32 } from '../../../wire/writer.ts';
import { MAX_IPERF_STREAMS } from '../../limits.ts';

/** Every connection of a test begins with it: 36 characters and a zero. */
export const COOKIE_BYTES = 37;
/** No client has more to say about itself or its results; a longer length is a mistake, or somebody else's protocol. */
export const GREATEST_JSON_BYTES = 65_536;

/** The states that a server goes through, and tells; `serverError` and `accessDenied` are -2 and -1. */
export const STATE = {
  testStart: 1,
  testRunning: 2,
  testEnd: 4,
  paramExchange: 9,
  createStreams: 10,
  clientTerminate: 12,
  exchangeResults: 13,
  displayResults: 14,
  done: 16,
  serverError: 0xfe,
  accessDenied: 0xff,
} as const;

/** `IEUNIMP`: what was asked for is not implemented. */
const NOT_IMPLEMENTED = 13;
const DEFAULT_BLOCK_BYTES = 131_072;

/** What a client asks for. */
export interface Parameters {
  readonly streams: number;
  /** The server sends; both send; else the client does. */
  readonly direction: 'forward' | 'reverse' | 'both';
  /** Octets of one write. */
  readonly blockBytes: number;
  /** Of each stream that the server sends; 0: as fast as it can. */
  readonly bitsPerSecond: number;
  /** Seconds at the beginning that do not count. */
  readonly omitSeconds: number;
}

/** A client's parameters; a sentence where this server cannot do what they say. */
export function readParameters(json: Uint8Array): Parameters | string {
  const value = readJson(json);
  if (value === null) return 'the parameters are no JSON object';
  if (value.tcp !== true) return 'only tests over TCP are implemented';
  const number = (name: string, standard: number) => (typeof value[name] === 'number' ? value[name] : standard);
  const streams = number('parallel', 1);
  if (!Number.isInteger(streams) || streams < 1 || streams > MAX_IPERF_STREAMS)
    return `of streams there may be ${MAX_IPERF_STREAMS}`;
  const blockBytes = number('len', DEFAULT_BLOCK_BYTES);
  if (!Number.isInteger(blockBytes) || blockBytes < 1 || blockBytes > 1_048_576)
    return 'blocks have 1 to 1048576 octets';
  return {
    streams,
    direction: value.bidirectional === true ? 'both' : value.reverse === true ? 'reverse' : 'forward',
    blockBytes,
    bitsPerSecond: Math.max(0, Math.floor(number('bandwidth', 0))),
    omitSeconds: Math.max(0, Math.floor(number('omit', 0))),
  };
}

/** An object that JSON text in UTF-8 describes; null: it describes none. */
export function readJson(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** JSON behind its length. */
export function writeJson(value: unknown): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(value));
  const bytes = new Uint8Array(4 + text.length);
  putU32(bytes, 0, text.length);
  bytes.set(text, 4);
  return bytes;
}

/** A server that cannot go on: the state, iperf3's number of the error, and that of the system's, of which there is none. */
export function writeServerError(): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[0] = STATE.serverError;
  putU32(bytes, 1, NOT_IMPLEMENTED);
  return bytes;
}

/** iperf3 counts its streams 1, 3, 4, 5 … */
export function streamId(index: number): number {
  return index === 0 ? 1 : index + 2;
}
