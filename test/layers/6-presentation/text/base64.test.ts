/** Base64 against the examples of RFC 4648 section 10 and Node's own. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../../../src/layers/6-presentation/text/base64.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('Base64 (RFC 4648)', () => {
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('section 10: %j is %s', (text, coded) => {
    expect(encodeBase64(bytesOf(text))).toBe(coded);
    expect(decodeBase64(coded)).toEqual(bytesOf(text));
  });

  it("is Node's", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each(['Zg', 'Zg=', 'Zg===', 'Z===', 'Zh==', 'Zm9=', 'Zm 9', 'Zm9-', 'Zg==Zg=='])('%s is none', (text) => {
    expect(decodeBase64(text)).toBe(null);
  });
});
