import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Utf8Check } from '../../../../src/layers/6-presentation/text/utf8.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

function isText(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

it('agrees with the fatal decoder of the platform on octets that nearly are text', () => {
  const octet = fc.oneof(
    fc.constantFrom(0x41, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf),
    fc.nat(255),
  );
  fc.assert(
    fc.property(fc.array(octet, { maxLength: 8 }), fc.nat(8), (octets, cut) => {
      const bytes = Uint8Array.from(octets);
      const check = new Utf8Check();
      const isValid = check.push(bytes.subarray(0, cut)) && check.push(bytes.subarray(cut)) && check.isComplete;
      expect(isValid).toBe(isText(bytes));
    }),
    { numRuns: 5000 },
  );
});

it('refuses what nothing that follows could mend: every prefix it takes is the beginning of some text', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(255), { maxLength: 4 }), (octets) => {
      const check = new Utf8Check();
      if (!check.push(Uint8Array.from(octets))) return;
      const endings = [
        [],
        [0x80],
        [0xbf],
        [0x80, 0x80],
        [0xbf, 0xbf],
        [0x80, 0x80, 0x80],
        [0xa0, 0x80],
        [0x90, 0x80, 0x80],
      ];
      expect(endings.some((ending) => isText(Uint8Array.from([...octets, ...ending])))).toBe(true);
    }),
    { numRuns: 5000 },
  );
});
