import { describe, expect, it } from 'vitest';
import {
  DHCP_OPTION,
  type DhcpMessage,
  decodeDhcp,
  encodeDhcp,
} from '../../../../src/layers/7-application/dhcp/header.ts';

const MESSAGE: DhcpMessage = {
  isReply: false,
  type: 1,
  transaction: 0x12345678,
  seconds: 3,
  wantsBroadcast: true,
  clientAddress: 0,
  yourAddress: 0x0a000032,
  relayAddress: 0x0a000001,
  clientMac: 0x020000000001,
  options: new Map([[DHCP_OPTION.hostName, Uint8Array.of(97, 98)]]),
};
const OPTIONS_AT = 240;

/** The message with some octets of its own. */
function changed(at: number, ...octets: readonly number[]): Uint8Array {
  const bytes = encodeDhcp(MESSAGE);
  bytes.set(octets, at);
  return bytes;
}

describe('DHCP messages (RFC 2131 section 2)', () => {
  it.each([
    ['a question', MESSAGE],
    ['an answer', { ...MESSAGE, isReply: true, wantsBroadcast: false, type: 5 }],
    ['one of more than 300 octets', { ...MESSAGE, options: new Map([[12, new Uint8Array(80).fill(65)]]) }],
  ])('reads what it writes: %s', (_, message) => {
    expect(decodeDhcp(encodeDhcp(message))).toEqual(message);
  });

  it.each([
    ['the beginning of one', encodeDhcp(MESSAGE).subarray(0, 239), '239 octets are too short for a DHCP message', 239],
    ['another operation', changed(0, 3), 'the operation 3 is neither 1 nor 2', 0],
    ['another hardware', changed(1, 6), 'the hardware address is no MAC address', 1],
    ['a longer address', changed(2, 8), 'the hardware address is no MAC address', 1],
    ['another cookie', changed(236, 1), 'the magic cookie is another one', 236],
    ['no type', changed(OPTIONS_AT, 254), 'there is no message type, so this is BOOTP', OPTIONS_AT],
    ['a type of two octets', changed(OPTIONS_AT, 53, 2, 1, 1, 255), 'there is no message type, so this is BOOTP', 240],
    ['an option that is too long', changed(OPTIONS_AT + 3, 12, 200), 'option 12 reaches beyond the message', 243],
    ['no end', encodeDhcp(MESSAGE).fill(0, 243), 'the options have no end', 300],
    [
      'an option without a length',
      Uint8Array.of(...changed(243).subarray(0, 243), 12),
      'option 12 reaches beyond the message',
      243,
    ],
  ])('refuses %s', (_, bytes, malformed, at) => {
    expect(decodeDhcp(bytes)).toEqual({ malformed, at });
  });

  it('reads over octets that fill, and joins the parts of an option (RFC 3396 section 5)', () => {
    const bytes = changed(OPTIONS_AT + 3, 12, 1, 97, 0, 0, 3, 1, 1, 12, 2, 98, 99, 255);
    expect(decodeDhcp(bytes)).toMatchObject({
      options: new Map([
        [12, Uint8Array.of(97, 98, 99)],
        [3, Uint8Array.of(1)],
      ]),
    });
  });
});
