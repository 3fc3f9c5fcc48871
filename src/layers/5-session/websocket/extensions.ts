/** What a WebSocket may agree on beyond RFC 6455: its section 9, and permessage-deflate (RFC 7692 section 7.1). */

import type { DeflateParameters } from '../service.ts';

export interface Extension {
  readonly name: string;
  /** In order; a parameter without a value is true. */
  readonly parameters: readonly (readonly [name: string, value: string | true])[];
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+/;
const MAX_EXTENSIONS = 32;

/** `Sec-WebSocket-Extensions`: a list of names with parameters, or null where it is not one. */
export function parseExtensions(text: string): readonly Extension[] | null {
  const extensions: Extension[] = [];
  let rest = text.trim();
  for (;;) {
    const extension = parseOne(rest);
    if (!extension || extensions.length >= MAX_EXTENSIONS) return null;
    extensions.push(extension.extension);
    rest = extension.rest;
    if (rest === '') return extensions;
    if (!rest.startsWith(',')) return null;
    rest = rest.slice(1).trim();
  }
}

function parseOne(text: string): { readonly extension: Extension; readonly rest: string } | null {
  const [name] = TOKEN.exec(text) ?? [];
  if (name === undefined) return null;
  const parameters: [string, string | true][] = [];
  let rest = text.slice(name.length).trim();
  while (rest.startsWith(';')) {
    rest = rest.slice(1).trim();
    const [parameter] = TOKEN.exec(rest) ?? [];
    if (parameter === undefined) return null;
    rest = rest.slice(parameter.length).trim();
    if (!rest.startsWith('=')) {
      parameters.push([parameter, true]);
      continue;
    }
    rest = rest.slice(1).trim();
    const quoted = rest.startsWith('"');
    // "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST conform to token."
    const value = quoted ? /^"([^"\\]*)"/.exec(rest) : TOKEN.exec(rest);
    const token = quoted ? value?.[1] : value?.[0];
    if (!value || token === undefined || TOKEN.exec(token)?.[0] !== token) return null;
    parameters.push([parameter, token]);
    rest = rest.slice(value[0].length).trim();
  }
  return { extension: { name, parameters }, rest };
}

export function extensionText({ name, parameters }: Extension): string {
  return [name, ...parameters.map(([key, value]) => (value === true ? key : `${key}=${value}`))].join('; ');
}

/** What one side says about permessage-deflate; null bits: not said; true: `client_max_window_bits` without a value. */
interface DeflateWords {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number | null;
  readonly clientMaxWindowBits: number | true | null;
}

/** Section 7.1: an unknown parameter, one twice, or a value out of range makes an offer unacceptable. */
function deflateWords({ parameters }: Extension): DeflateWords | null {
  const said = new Map(parameters);
  if (said.size !== parameters.length) return null;
  for (const [name, value] of parameters) {
    if (name.endsWith('_no_context_takeover') ? value !== true : !isBits(value)) {
      if (!(name === 'client_max_window_bits' && value === true)) return null;
    }
    if (!/^(server|client)_(no_context_takeover|max_window_bits)$/.test(name)) return null;
  }
  const bits = (name: string) => {
    const value = said.get(name);
    return value === undefined ? null : value === true ? true : Number(value);
  };
  return {
    serverNoContextTakeover: said.has('server_no_context_takeover'),
    clientNoContextTakeover: said.has('client_no_context_takeover'),
    serverMaxWindowBits: bits('server_max_window_bits') as number | null,
    clientMaxWindowBits: bits('client_max_window_bits'),
  };
}

/** "A decimal integer value without leading zeroes between 8 to 15." */
function isBits(value: string | true): boolean {
  return value !== true && /^([89]|1[0-5])$/.test(value);
}

/** What a client offers; with the hint that the server may ask for a smaller window. */
export const DEFLATE_OFFER = 'permessage-deflate; client_max_window_bits';

/** The server's answer to the first offer that it can take, and what holds then. */
export function acceptDeflate(
  offers: readonly Extension[],
): { readonly parameters: DeflateParameters; readonly answer: Extension } | null {
  for (const offer of offers) {
    const words = offer.name === 'permessage-deflate' ? deflateWords(offer) : null;
    if (!words) continue;
    const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = words;
    const parameters = {
      serverNoContextTakeover,
      clientNoContextTakeover,
      serverMaxWindowBits: serverMaxWindowBits ?? 15,
      clientMaxWindowBits: typeof clientMaxWindowBits === 'number' ? clientMaxWindowBits : 15,
    };
    const answer: [string, string | true][] = [];
    if (serverNoContextTakeover) answer.push(['server_no_context_takeover', true]);
    if (clientNoContextTakeover) answer.push(['client_no_context_takeover', true]);
    if (serverMaxWindowBits !== null) answer.push(['server_max_window_bits', String(serverMaxWindowBits)]);
    if (typeof clientMaxWindowBits === 'number') answer.push(['client_max_window_bits', String(clientMaxWindowBits)]);
    return { parameters, answer: { name: 'permessage-deflate', parameters: answer } };
  }
  return null;
}

/** What holds after the server's answer to `DEFLATE_OFFER`, or null where it answers what was not offered. */
export function deflateAgreed(answer: Extension): DeflateParameters | null {
  const words = answer.name === 'permessage-deflate' ? deflateWords(answer) : null;
  if (!words || words.clientMaxWindowBits === true) return null;
  return {
    serverNoContextTakeover: words.serverNoContextTakeover,
    clientNoContextTakeover: words.clientNoContextTakeover,
    serverMaxWindowBits: words.serverMaxWindowBits ?? 15,
    clientMaxWindowBits: words.clientMaxWindowBits ?? 15,
  };
}
