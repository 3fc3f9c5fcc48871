import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  KINDS,
  patternOf,
  readDuration,
  readPackets,
  readPercentage,
  readQueue,
  readRate,
  readSize,
} from '../../src/scenario/quantity.ts';

describe('quantities are exact whole numbers', () => {
  it.each([
    [readDuration, '0s', 0],
    [readDuration, '10ns', 10],
    [readDuration, '50us', 50_000],
    [readDuration, '20ms', 20_000_000],
    [readDuration, '1.5ms', 1_500_000],
    [readDuration, '0.1s', 100_000_000],
    [readDuration, '2s', 2_000_000_000],
    [readDuration, '1m', 60_000_000_000],
    [readDuration, '3h', 10_800_000_000_000],
    [readDuration, '0.000000001s', 1],
    [readDuration, '0000001s', 1_000_000_000],
    [readDuration, '720h', 2_592_000_000_000_000],
    [readRate, '1bit', 1],
    [readRate, '56kbit', 56_000],
    [readRate, '10Mbit', 10_000_000],
    [readRate, '1Gbit', 1_000_000_000],
    [readRate, '2.5Gbit', 2_500_000_000],
    [readSize, '1500B', 1_500],
    [readSize, '1kB', 1_000],
    [readSize, '1KB', 1_000],
    [readSize, '64KiB', 65_536],
    [readSize, '1MB', 1_000_000],
    [readSize, '1MiB', 1_048_576],
    [readSize, '1GiB', 1_073_741_824],
    [readSize, '0.5KiB', 512],
    [readPackets, '30pkt', 30],
    [readPercentage, '5%', 50_000],
    [readPercentage, '0.0001%', 1],
    [readPercentage, '100%', 1_000_000],
    [readPercentage, '0.3%', 3_000],
  ])('%o %s', (read, text, value) => {
    expect(read(text)).toEqual({ value });
  });

  it('0.1 and 0.2 percent make 0.3', () => {
    const parts = ['0.1%', '0.2%', '0.3%'].map((text) => readPercentage(text));
    expect(parts).toEqual([{ value: 1_000 }, { value: 2_000 }, { value: 3_000 }]);
  });

  it('queues count packets or octets', () => {
    expect(readQueue('100pkt')).toEqual({ value: { packets: 100 } });
    expect(readQueue('64KiB')).toEqual({ value: { bytes: 65_536 } });
  });

  it('what is written is what is read, to the last nanosecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_592_000 }), fc.integer({ min: 0, max: 999_999_999 }), (seconds, rest) => {
        fc.pre(seconds < 2_592_000 || rest === 0);
        const text = `${seconds}.${String(rest).padStart(9, '0')}s`;
        expect(readDuration(text)).toEqual({ value: seconds * 1_000_000_000 + rest });
      }),
    );
  });

  it('the pattern for editors accepts what the reader accepts', () => {
    const pattern = new RegExp(`^(?:${patternOf(KINDS.duration)})$`);
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9.]{0,4} ?(ns|us|ms|s|m|h|x|)$/), (text) => {
        if ('value' in readDuration(text)) expect(text).toMatch(pattern);
      }),
    );
  });

  it('whatever is written, there is a value within the limits or a complaint', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        for (const [read, { most }] of [
          [readDuration, KINDS.duration],
          [readSize, KINDS.size],
          [readPercentage, KINDS.percentage],
        ] as const) {
          const reading = read(input);
          if ('value' in reading) {
            expect(Number.isSafeInteger(reading.value) && reading.value >= 0 && reading.value <= most).toBe(true);
          } else expect(reading.complaint).not.toBe('');
        }
      }),
    );
  });
});

describe('complaints show the fix', () => {
  it.each([
    [readDuration, '5 min', '`min` is no unit of a duration', 'write `5m` (units: ns, us, ms, s, m, h)'],
    [readDuration, '5seconds', '`seconds` is no unit of a duration', 'write `5s` (units: ns, us, ms, s, m, h)'],
    [readDuration, '5µs', '`µs` is no unit of a duration', 'write `5us` (units: ns, us, ms, s, m, h)'],
    [readDuration, '+5ms', '`+5ms` is not a duration', 'write `5ms`'],
    [readDuration, '', '`` is not a duration', 'write it like `20ms`, `2s`, `1m`'],
    [readDuration, '.5s', '`.5s` is not a duration', 'write it like `20ms`, `2s`, `1m`'],
    [readRate, '10mbps', '`mbps` is no unit of a rate', 'write `10Mbit` (units: bit, kbit, Mbit, Gbit)'],
    [readRate, '9600bps', '`bps` is no unit of a rate', 'write `9600bit` (units: bit, kbit, Mbit, Gbit)'],
    [readRate, '1.5bit', '`1.5bit` is not a whole number of bits a second', null],
    [readRate, '2000Gbit', '`2000Gbit` is more than 1000Gbit', null],
    [readSize, '5 bytes', '`bytes` is no unit of a size', 'write `5B` (units: B, kB, KB, MB, GB, KiB, MiB, GiB)'],
    [readSize, '2GiB', '`2GiB` is more than 1GiB', null],
    [readPercentage, '5 percent', '`percent` is no unit of a percentage', 'write `5%` (units: %)'],
    [readPercentage, '5 %', 'no blank between number and unit', 'write `5%`'],
  ])('%o %s', (read, text, complaint, hint) => {
    expect(read(text)).toMatchObject({ complaint, hint });
  });

  it('a number of 1,000 digits is too much, not slow', () => {
    expect(readDuration(`${'9'.repeat(1_000)}s`)).toMatchObject({ code: 'PW0306' });
    expect(readDuration(`1.${'9'.repeat(1_000)}s`)).toMatchObject({ code: 'PW0304' });
  });
});
