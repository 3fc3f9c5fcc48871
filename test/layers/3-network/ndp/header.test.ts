import { describe, expect, it } from 'vitest';
import {
  MTU_OPTION_BYTES,
  ND_OPTION,
  optionsOffset,
  PREFIX_OPTION_BYTES,
  type PrefixInformation,
  type RouterAdvertisement,
  readOptions,
  readRouterAdvertisement,
  writeMacOption,
  writeMtuOption,
  writePrefixOption,
  writeRouterAdvertisement,
} from '../../../../src/layers/3-network/ndp/header.ts';

const PREFIX: PrefixInformation = {
  prefix: 0x20010db8000000010000000000000000n,
  prefixLength: 64,
  onLink: true,
  autonomous: true,
  validSeconds: 86_400,
  preferredSeconds: 14_400,
};

describe('options of Neighbour Discovery (RFC 4861 section 4.6)', () => {
  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('a prefix comes back as it went, on-link %s, autonomous %s', (onLink, autonomous) => {
    const bytes = new Uint8Array(PREFIX_OPTION_BYTES);
    const information = { ...PREFIX, onLink, autonomous };
    writePrefixOption(bytes, 0, information);
    expect(readOptions(bytes, 0, bytes.length)).toMatchObject({ prefixes: [information], mtuBytes: null });
  });

  it('reads MAC addresses and the MTU, and over what it does not know', () => {
    const bytes = new Uint8Array(16 + MTU_OPTION_BYTES + 16);
    writeMacOption(bytes, 0, ND_OPTION.sourceMac, 0x020000000001);
    writeMacOption(bytes, 8, ND_OPTION.targetMac, 0x020000000002);
    writeMtuOption(bytes, 16, 1400);
    bytes.set([14, 1], 24);
    // A prefix of one unit is no prefix.
    bytes.set([ND_OPTION.prefix, 1], 32);
    expect(readOptions(bytes, 0, bytes.length)).toEqual({
      sourceMac: 0x020000000001,
      targetMac: 0x020000000002,
      mtuBytes: 1400,
      prefixes: [],
    });
  });

  it.each([
    ['of length zero', [1, 0, 0, 0, 0, 0, 0, 0], 'an option of length zero'],
    ['of one octet', [1], 'an option of length zero'],
    ['longer than the message', [1, 2, 0, 0, 0, 0, 0, 0], 'an option is longer than the message'],
  ])('refuses one %s', (_, octets, malformed) => {
    expect(readOptions(Uint8Array.from(octets), 0, octets.length)).toEqual({ malformed, at: 0 });
  });
});

describe('messages of Neighbour Discovery', () => {
  it.each([
    [133, 8],
    [134, 16],
    [135, 24],
    [136, 24],
    [137, 40],
    [128, null],
  ])('type %i: options begin at %s', (type, offset) => {
    expect(optionsOffset(type)).toBe(offset);
  });

  it.each(['low', 'medium', 'high'] as const)(
    'an advertisement of %s preference comes back (RFC 4191)',
    (preference) => {
      const said: RouterAdvertisement = {
        hopLimit: 64,
        preference,
        lifetimeSeconds: 1800,
        reachableMs: 1,
        retransMs: 2,
      };
      const bytes = new Uint8Array(16);
      writeRouterAdvertisement(bytes, 0, said);
      expect(readRouterAdvertisement(bytes, 0)).toEqual(said);
    },
  );

  it('a preference of binary 10 counts as medium (RFC 4191 section 2.1)', () => {
    expect(
      readRouterAdvertisement(Uint8Array.of(134, 0, 0, 0, 64, 0x10, 0, 0, ...new Array(8).fill(0)), 0),
    ).toMatchObject({
      preference: 'medium',
    });
  });
});
