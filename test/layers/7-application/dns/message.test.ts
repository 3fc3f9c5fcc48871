import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DnsMessage,
  decodeMessage,
  encodeMessage,
  encodeName,
  isSameName,
} from '../../../../src/layers/7-application/dns/message.ts';
import { isMalformed } from '../../../../src/wire/reader.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));

/** A query for www.example.com A and its answer with an alias, in the form of RFC 1035 section 4. */
const QUERY = hex('1234 0100 0001 0000 0000 0000 03777777 076578616d706c65 03636f6d 00 0001 0001');
const ANSWER = hex(
  '1234 8580 0001 0002 0000 0000 03777777 076578616d706c65 03636f6d 00 0001 0001' +
    'c00c 0005 0001 0000012c 0006 03637063 c010' + // www.example.com CNAME cpc.example.com, 300 s
    'c02d 0001 0001 0000003c 0004 0a000002', // cpc.example.com A 10.0.0.2, 60 s
);

describe('DNS messages (RFC 1035 section 4)', () => {
  it('writes a query octet for octet', () => {
    const query: DnsMessage = {
      id: 0x1234,
      isResponse: false,
      opcode: 0,
      isAuthoritative: false,
      isTruncated: false,
      isRecursionDesired: true,
      isRecursionAvailable: false,
      rcode: 0,
      questions: [{ name: 'www.example.com', type: 1, class: 1 }],
      answers: [],
    };
    expect(encodeMessage(query)).toEqual(QUERY);
    expect(decodeMessage(QUERY)).toEqual(query);
  });

  it('reads an answer with pointers and an alias', () => {
    expect(decodeMessage(ANSWER)).toMatchObject({
      id: 0x1234,
      isResponse: true,
      isAuthoritative: true,
      isRecursionAvailable: true,
      answers: [
        { name: 'www.example.com', type: 5, ttlSeconds: 300, data: { alias: 'cpc.example.com' } },
        { name: 'cpc.example.com', type: 1, ttlSeconds: 60, data: { address: 0x0a000002 } },
      ],
    });
  });

  it('every beginning of a message is malformed, and any damage is found or harmless', () => {
    for (let length = 0; length < ANSWER.length; length++) {
      expect(isMalformed(decodeMessage(ANSWER.subarray(0, length)))).toBe(true);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(ANSWER.length), (noise, at) => {
        decodeMessage(Uint8Array.of(...ANSWER.subarray(0, at), ...noise, ...ANSWER.subarray(at)));
        decodeMessage(noise);
      }),
    );
  });

  const withName = (name: string) => hex(`1234 0100 0001 0000 0000 0000 ${name} 0001 0001`);

  it.each([
    ['a pointer to itself', 'c00c'],
    ['a pointer forward', 'c020'],
    ['two pointers at each other', '0161 c010 c00c'],
    ['a pointer into the header', 'c002'],
    ['a label of type 01', '4161 00'],
    ['a label of type 10', '8161 00'],
    ['a label longer than the message', '3f61'],
    ['a name without an end', '0161'],
    ['a name of 256 octets', `${`3f${'61'.repeat(63)}`.repeat(3)}3e${'61'.repeat(62)}00`],
  ])('refuses %s', (_, name) => {
    expect(decodeMessage(withName(name))).toHaveProperty('malformed');
  });

  it('takes a name of 255 octets', () => {
    const name = `${`3f${'61'.repeat(63)}`.repeat(3)}3d${'61'.repeat(61)}00`;
    expect(decodeMessage(withName(name))).toMatchObject({ questions: [{ type: 1 }] });
  });

  it.each([
    [16, false],
    [17, true],
    [1000, true],
  ])('%i pointers that follow each other: refused %s', (count, isRefused) => {
    // One record's data (of the type NULL) is a name `a` and pointers, each at the one before; the next is named by the last.
    const dataAt = 12 + 11;
    const pointers = Array.from({ length: count - 1 }, (_, i) =>
      (0xc000 | (dataAt + (i === 0 ? 0 : 1 + 2 * i))).toString(16),
    );
    const data = `0161 00 ${pointers.join('')}`;
    const dataBytes = 3 + 2 * pointers.length;
    const last = (0xc000 | (dataAt + dataBytes - 2)).toString(16);
    const first = `00 000a 0001 00000000 ${dataBytes.toString(16).padStart(4, '0')} ${data}`;
    const message = decodeMessage(
      hex(`1234 8400 0000 0002 0000 0000 ${first} ${last} 0001 0001 00000000 0004 01020304`),
    );
    if (isRefused) expect(message).toMatchObject({ malformed: 'a name of more than 16 pointers' });
    else expect(message).toMatchObject({ answers: [{}, { name: 'a' }] });
  });

  it('refuses counts that the message does not hold, at once', () => {
    expect(decodeMessage(hex('1234 0100 ffff ffff ffff ffff'))).toHaveProperty('malformed');
  });

  it('reads a TTL of 2^31 and more as 0 (RFC 2181 section 8)', () => {
    const answer = decodeMessage(hex('1234 8400 0000 0001 0000 0000 0161 00 0001 0001 80000000 0004 01020304'));
    expect(answer).toMatchObject({ answers: [{ ttlSeconds: 0 }] });
  });

  it('keeps odd octets of a label apart from dots', () => {
    const message = decodeMessage(withName('05 61 2e 62 00 ff 01 63 00'));
    expect(message).toMatchObject({ questions: [{ name: 'a\\046b\\000\\255.c' }] });
    expect(encodeName('a\\046b\\000\\255.c')).toEqual(hex('05 61 2e 62 00 ff 01 63 00'));
  });

  it('any name of sound labels comes back as it went', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
        const octets = labels.flatMap((one) => [one.length, ...one]);
        const message = decodeMessage(Uint8Array.of(...withName('').subarray(0, 12), ...octets, 0, 0, 1, 0, 1));
        if (isMalformed(message)) expect.unreachable(message.malformed);
        else expect(encodeName(message.questions[0]?.name ?? '?')).toEqual(Uint8Array.of(...octets, 0));
      }),
    );
  });

  it('knows what is no name', () => {
    expect(encodeName('')).toEqual(Uint8Array.of(0));
    expect(encodeName('a.')).toEqual(Uint8Array.of(1, 97, 0));
    for (const name of ['a..b', '.a', 'x'.repeat(64), `${'x'.repeat(63)}.`.repeat(4), 'a b', 'grüezi', 'a\\999', '€']) {
      expect([name, encodeName(name)]).toEqual([name, null]);
    }
    expect(isSameName('WWW.Example', 'www.eXAMPLE')).toBe(true);
  });

  const answered = (records: string, counts = '0001 0000 0000') =>
    decodeMessage(hex(`1234 8400 0000 ${counts} 0161 00 ${records}`));

  it.each([
    ['an A record of 16 octets', `0001 0001 0000003c 0010 ${'00'.repeat(16)}`, 'an A record holds 16 octets and not 4'],
    ['an AAAA record of 4', '001c 0001 0000003c 0004 0a000001', 'an AAAA record holds 4 octets and not 16'],
    ['octets behind an alias', '0005 0001 0000003c 0004 0162 00 63', 'octets behind an alias'],
    ['an alias that is cut', '0005 0001 0000003c 0002 0462', 'a name is cut short'],
    ['a record that is cut', '0001 0001 0000003c 0004 0a00', 'the records are cut short'],
  ])('refuses %s', (_, record, malformed) => {
    expect(answered(record)).toMatchObject({ malformed });
  });

  it('keeps the answers, and reads over the records of authorities and of other classes', () => {
    const a = '0001 0001 0000003c 0004 0a000001';
    const chaos = '0001 0003 0000003c 0002 0a00';
    expect(answered(`${chaos} 0162 00 ${a} 0163 00 ${a}`, '0001 0001 0001')).toMatchObject({
      answers: [{ name: 'a', class: 3, data: { bytes: Uint8Array.of(10, 0) } }],
    });
  });

  const whole: DnsMessage = {
    id: 7,
    isResponse: true,
    opcode: 2,
    isAuthoritative: true,
    isTruncated: true,
    isRecursionDesired: false,
    isRecursionAvailable: true,
    rcode: 3,
    questions: [{ name: 'a', type: 255, class: 1 }],
    answers: [
      { name: 'a', type: 1, class: 1, ttlSeconds: 1, data: { address: 0x0a000001 } },
      { name: 'a', type: 28, class: 1, ttlSeconds: 2, data: { address: 0x20010db8000000000000000000000001n } },
      { name: 'b', type: 5, class: 1, ttlSeconds: 3, data: { alias: 'c.d' } },
      { name: 'b', type: 16, class: 1, ttlSeconds: 4, data: { bytes: Uint8Array.of(1, 65) } },
    ],
  };

  it('reads what it writes, of every kind of record and with every flag turned over', () => {
    const other = {
      ...whole,
      isResponse: false,
      isAuthoritative: false,
      isTruncated: false,
      isRecursionDesired: true,
      isRecursionAvailable: false,
    };
    for (const message of [whole, other]) expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });

  it('writes no name that is none', () => {
    expect(() => encodeMessage({ ...whole, questions: [{ name: 'a..b', type: 1, class: 1 }] })).toThrow(RangeError);
  });
});
