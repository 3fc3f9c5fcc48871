import { describe, expect, it } from 'vitest';
import { complete } from '../../src/filter/complete.ts';
import type { FilterNames } from '../../src/filter/vocabulary.ts';
import { TABLE } from './sample.ts';

const NAMES: FilterNames = {
  has: (name) => name === 'client' || name === 'server',
  names: () => ['client', 'server'],
  addressesOf: () => [],
  macsOf: () => [],
};

/** The candidates where the bar stands, and what they replace. */
function at(text: string): { words: string[]; replaced: string } {
  const cursor = text.indexOf('|');
  const whole = text.replace('|', '');
  const completion = complete(whole, cursor, { table: TABLE, names: NAMES });
  return {
    words: completion.candidates.map((candidate) => candidate.text),
    replaced: whole.slice(completion.at, completion.at + completion.length),
  };
}

describe('completion', () => {
  it.each([
    ['tcp.fl|', ['tcp.flags', 'tcp.flags.syn']],
    ['not tcp.fl|', ['tcp.flags', 'tcp.flags.syn']],
    ['(tcp or htt|', ['http', 'http.host', 'http.ratio']],
    ['tcp and TCP.D|', ['tcp.dstport']],
    ['any ip.s|', ['ip.src']],
    ['len(http.h|', ['http.host']],
    ['cou|', ['count(']],
    ['node|', []],
    ['nod|', ['node']],
    ['pw.|', ['pw.lost', 'pw.reason']],
  ])('%s begins a field', (text, words) => {
    expect(at(text).words.filter((word) => words.length === 0 || words.includes(word))).toEqual(words);
  });

  it('names that only contain what was begun come when none begins with it', () => {
    expect(at('syn|').words).toEqual(['tcp.flags.syn']);
  });

  it('short names come before long ones', () => {
    const { words } = at('tcp|');
    expect(words.slice(0, 2)).toEqual(['tcp.big', 'tcp.port']);
    expect(words).not.toContain('tcp');
  });

  it.each([
    ['tcp.port |', ['==', '!=', '>', '<', '>=', '<=', 'in', 'and', 'or', 'xor']],
    ['http.host |', ['==', '!=', 'contains', 'matches', 'in', 'and', 'or', 'xor']],
    ['http.host co|', ['contains']],
    ['tcp.flags.syn |', ['==', '!=', 'and', 'or', 'xor']],
    ['tcp.analysis.flags |', ['and', 'or', 'xor']],
    ['eth.src[0:3] |', ['==', '!=', '>', '<', '>=', '<=', 'in', 'and', 'or', 'xor']],
    ['tcp.port == 80 |', ['and', 'or', 'xor']],
    ['tcp.port in {80} |', ['and', 'or', 'xor']],
    ['(tcp.port == 80) |', ['and', 'or', 'xor']],
    ['tcp.port in |', ['{']],
    ['tcp.port not in |', ['{']],
    ['tcp.flags.syn == |', ['true', 'false']],
    ['tcp.flags.syn == t|', ['true']],
    ['ip.src == |', ['client', 'server', 'ip.dst', 'ip.addr']],
    ['ip.src in {client, |', ['client', 'server', 'ip.dst', 'ip.addr']],
    ['ip.src == cl|', ['client']],
    ['eth.src == s|', ['server']],
    ['node == |', ['client', 'server']],
    ['tcp.srcport == tcp.|', ['tcp.big', 'tcp.port', 'tcp.flags', 'tcp.dstport']],
    ['tcp.srcport + 1 == tcp.d|', ['tcp.dstport']],
  ])('%s', (text, words) => {
    expect(at(text).words).toEqual(words);
  });

  it.each(['tcp.port == 8|', 'http.host == "tc|', 'http.host matches "tcp.|', 'eth.src[|', 'a == é|', "a == 'b|"])(
    '%s has no candidates',
    (text) => {
      expect(at(text).words).toEqual([]);
    },
  );

  it('replaces the whole word that the cursor stands in', () => {
    expect(at('tcp.fl|ags.ack == 1').replaced).toBe('tcp.flags.ack');
    expect(at('tcp and |').replaced).toBe('');
    expect(at('tcp and |udp').replaced).toBe('');
  });

  it('says what each candidate is', () => {
    const [first] = complete('tcp.flags.s', 11, { table: TABLE, names: NAMES }).candidates;
    expect(first).toEqual({ text: 'tcp.flags.syn', meaning: 'The field tcp.flags.syn.' });
  });

  it('is bounded', () => {
    const many = { ...TABLE, names: () => Array.from({ length: 5000 }, (_, index) => `a${index}`) };
    expect(complete('a', 1, { table: many, names: NAMES }).candidates).toHaveLength(50);
    expect(complete('('.repeat(60_000), 60_000, { table: TABLE, names: NAMES }).candidates.length).toBeGreaterThan(0);
  });
});
