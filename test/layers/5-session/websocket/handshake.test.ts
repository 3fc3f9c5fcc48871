import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Terms } from '../../../../src/layers/5-session/service.ts';
import {
  acceptDeflate,
  extensionText,
  parseExtensions,
} from '../../../../src/layers/5-session/websocket/extensions.ts';
import {
  acceptOf,
  agreementOf,
  answerTo,
  keyOf,
  requestFields,
} from '../../../../src/layers/5-session/websocket/handshake.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const NO_TERMS: Terms = { protocols: [], deflate: false };

function request(
  changes: Record<string, string | string[] | null> = {},
  line: { method?: string; version?: number } = {},
) {
  const fields = new Map<string, string | string[] | null>(
    Object.entries({
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': KEY,
      'sec-websocket-version': '13',
      ...changes,
    }),
  );
  return {
    method: line.method ?? 'GET',
    version: line.version ?? 11,
    fields: [...fields].flatMap(([name, value]) =>
      value === null ? [] : [value].flat().map((each) => ({ name, value: each })),
    ),
  };
}

describe('RFC 6455 sections 1.2 and 1.3', () => {
  it('the accept of the sample nonce', () => expect(acceptOf(KEY)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo='));
  it('the sample nonce is sixteen octets', () => expect(keyOf(new TextEncoder().encode('the sample nonce'))).toBe(KEY));

  it('the example of section 1.2: chat out of chat and superchat', () => {
    const terms = { protocols: ['chat'], deflate: false };
    const answer = answerTo(request({ 'sec-websocket-protocol': 'chat, superchat' }), terms);
    expect(answer).toMatchObject({ kind: 'accepted', agreement: { protocol: 'chat', deflate: null } });
    expect(answer.fields).toEqual([
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
      ['Sec-WebSocket-Protocol', 'chat'],
    ]);
  });
});

describe('what a server refuses (section 4.2, bad-input E1)', () => {
  it.each([
    ['POST', request({}, { method: 'POST' }), 405],
    ['HTTP/1.0', request({}, { version: 10 }), 400],
    ['no Upgrade', request({ upgrade: null }), 400],
    ['an Upgrade to something else', request({ upgrade: 'h2c' }), 400],
    ['no Connection', request({ connection: 'keep-alive' }), 400],
    ['no key', request({ 'sec-websocket-key': null }), 400],
    ['two keys', request({ 'sec-websocket-key': [KEY, KEY] }), 400],
    ['a key of 15 octets', request({ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25j' }), 400],
    ['a key of 17 octets', request({ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZSE=' }), 400],
    ['a key with stray bits', request({ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZR==' }), 400],
    ['no version', request({ 'sec-websocket-version': null }), 400],
    ['version 8', request({ 'sec-websocket-version': '8' }), 426],
    ['version 013', request({ 'sec-websocket-version': '013' }), 426],
    ['a protocol twice', request({ 'sec-websocket-protocol': 'chat, chat' }), 400],
    ['a protocol that is no name', request({ 'sec-websocket-protocol': 'a b' }), 400],
    ['extensions that cannot be read', request({ 'sec-websocket-extensions': 'permessage-deflate;;' }), 400],
  ])('%s: %i', (_name, asked, status) => {
    const answer = answerTo(asked, { protocols: ['chat'], deflate: true });
    expect(answer).toMatchObject({ kind: 'refused', status });
    if (status === 426) expect(answer.fields).toEqual([['Sec-WebSocket-Version', '13']]);
    if (status === 405) expect(answer.fields).toEqual([['Allow', 'GET']]);
  });

  it('takes lists and other cases of letters', () => {
    expect(answerTo(request({ upgrade: 'foo, WebSocket', connection: 'keep-alive, UPGRADE' }), NO_TERMS).kind).toBe(
      'accepted',
    );
  });
});

describe('what a client makes of the response (section 4.1)', () => {
  const terms = { protocols: ['chat'], deflate: true };
  const response = (changes: Record<string, string | null>, status = 101) => {
    const answer = answerTo(request({ 'sec-websocket-protocol': 'chat' }), { protocols: ['chat'], deflate: false });
    const fields = new Map(answer.fields.map(([name, value]) => [name.toLowerCase(), value as string | null]));
    for (const [name, value] of Object.entries(changes)) fields.set(name, value);
    return { status, fields: [...fields].flatMap(([name, value]) => (value === null ? [] : [{ name, value }])) };
  };

  it('agrees to what it asked for', () => {
    expect(agreementOf(response({}), KEY, terms)).toEqual({ protocol: 'chat', deflate: null });
    const deflated = response({
      'sec-websocket-extensions': 'permessage-deflate; server_no_context_takeover; client_max_window_bits=10',
    });
    expect(agreementOf(deflated, KEY, terms)).toMatchObject({
      deflate: {
        serverNoContextTakeover: true,
        clientNoContextTakeover: false,
        clientMaxWindowBits: 10,
        serverMaxWindowBits: 15,
      },
    });
  });

  it.each([
    ['another status', response({}, 200)],
    ['another accept', response({ 'sec-websocket-accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOp=' })],
    ['no accept', response({ 'sec-websocket-accept': null })],
    ['no Upgrade', response({ upgrade: null })],
    ['no Connection', response({ connection: 'close' })],
    ['a protocol that was not asked for', response({ 'sec-websocket-protocol': 'mqtt' })],
    ['an extension that was not offered', response({ 'sec-websocket-extensions': 'x-webkit-deflate-frame' })],
    ['deflate with what is no parameter', response({ 'sec-websocket-extensions': 'permessage-deflate; foo' })],
    ['extensions that cannot be read', response({ 'sec-websocket-extensions': 'a b' })],
    ['deflate twice', response({ 'sec-websocket-extensions': 'permessage-deflate, permessage-deflate' })],
  ])('fails over %s', (_name, answer) => expect(agreementOf(answer, KEY, terms)).toBeTypeOf('string'));

  it('fails over deflate that it did not offer', () => {
    const answer = response({ 'sec-websocket-extensions': 'permessage-deflate' });
    expect(agreementOf(answer, KEY, { ...terms, deflate: false })).toBeTypeOf('string');
  });

  it('asks for what the server then agrees to', () => {
    const asked = {
      method: 'GET',
      version: 11,
      fields: requestFields(KEY, terms).map(([name, value]) => ({ name: name.toLowerCase(), value })),
    };
    expect(answerTo(asked, { protocols: ['chat'], deflate: true })).toMatchObject({
      kind: 'accepted',
      agreement: { protocol: 'chat', deflate: { serverMaxWindowBits: 15, clientMaxWindowBits: 15 } },
    });
  });
});

describe('permessage-deflate offers (RFC 7692 section 7.1)', () => {
  const accepted = (offers: string) => {
    const found = acceptDeflate(parseExtensions(offers) ?? []);
    return found && extensionText(found.answer);
  };
  it.each([
    ['permessage-deflate', 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits=10', 'permessage-deflate; client_max_window_bits=10'],
    ['permessage-deflate; server_max_window_bits="9"', 'permessage-deflate; server_max_window_bits=9'],
    [
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    ],
    ['permessage-deflate; server_max_window_bits=16, permessage-deflate', 'permessage-deflate'],
    ['permessage-deflate; server_max_window_bits=08', null],
    ['permessage-deflate; server_max_window_bits', null],
    ['permessage-deflate; server_no_context_takeover=true', null],
    ['permessage-deflate; server_no_context_takeover; server_no_context_takeover', null],
    ['permessage-deflate; unknown', null],
    ['permessage-deflate; mutual_no_context_takeover', null],
    ['permessage-deflate; max_window_bits=10', null],
    ['x-webkit-deflate-frame', null],
  ])('%s', (offers, answer) => expect(accepted(offers)).toBe(answer));

  it('what can be read is read again from how we write it, and nothing throws', () => {
    const soup = fc
      .array(fc.constantFrom('a', 'bits', ';', ',', '=', '"', '"x"', '10', ' '), { maxLength: 10 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(soup, (header) => {
        const read = parseExtensions(header);
        if (read) expect(parseExtensions(read.map(extensionText).join(', '))).toEqual(read);
      }),
      { numRuns: 2000 },
    );
    for (const broken of ['', ',', 'a,', ';a', 'a;', 'a;b=', 'a;b="', 'a;b=""', 'a b', 'a;b=c d', 'a,,b']) {
      expect(parseExtensions(broken), broken).toBe(null);
    }
  });
});
