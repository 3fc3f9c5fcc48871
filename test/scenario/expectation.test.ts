import { describe, expect, it } from 'vitest';
import { readBound } from '../../src/scenario/bound.ts';
import { expectProblem, HEAD, scenarioOf } from './loading.ts';

const NODES = `${HEAD}nodes: { client: {}, server: {}, s: { kind: switch } }
links: [{ between: [client, s] }, { id: radio, between: [s, server] }]
timeline: [{ id: start, at: 0s, node: client, do: { ping: server } }]
`;
const text = (entry: string) => `${NODES}expect:\n  - ${entry}\n`;
const expectationOf = (entry: string) => scenarioOf(text(entry)).expect[0];
const checkOf = (entry: string) => expectationOf(entry)?.check;

const counted = (atLeast: number, atMost: number) => ({
  kind: 'match',
  atLeast,
  atMost,
  at: 'first-receiver',
  withinNs: null,
});
const MANY = Number.MAX_SAFE_INTEGER;

describe('counts of frames', () => {
  it.each([
    ['{ match: tcp }', counted(1, MANY)],
    ['{ match: tcp, exactly: 2 }', counted(2, 2)],
    ['{ match: tcp, exactly: 0 }', counted(0, 0)],
    ['{ match: tcp, at-least: 3 }', counted(3, MANY)],
    ['{ match: tcp, at-most: 3 }', counted(0, 3)],
    ['{ match: tcp, at-least: 2, at-most: 3 }', counted(2, 3)],
    ['{ never: tcp }', counted(0, 0)],
    ['{ match: tcp, within: 2s }', { ...counted(1, MANY), withinNs: 2e9 }],
    ['{ match: tcp, at: sent }', { ...counted(1, MANY), at: 'sent' }],
    ['{ match: tcp, at: received }', { ...counted(1, MANY), at: 'received' }],
    ['{ never: tcp, at: server, within: 1s }', { ...counted(0, 0), at: { node: 'server' }, withinNs: 1e9 }],
  ])('%s', (entry, check) => {
    expect(checkOf(entry)).toMatchObject({ ...check, match: { text: 'tcp' } });
  });

  it('know their places', () => {
    expect(expectationOf('{ name: n, match: tcp }')).toMatchObject({
      name: 'n',
      place: { line: 7, column: 5 },
      check: { match: { place: { line: 7, column: 23 } } },
    });
  });
});

describe('other expectations', () => {
  it('an order of frames', () => {
    expect(checkOf('{ order: [arp, tcp, http], within: 3s }')).toMatchObject({
      kind: 'order',
      order: [{ text: 'arp' }, { text: 'tcp' }, { text: 'http', place: { line: 7, column: 25 } }],
      withinNs: 3e9,
    });
  });

  it('a state, at the end, at a time, or when an entry happens', () => {
    const path = 'client.tcp.http.state';
    const is = { comparison: '==', value: 'ESTABLISHED' };
    expect(checkOf(`{ state: ${path}, is: ESTABLISHED }`)).toEqual({ kind: 'state', path, is, at: 'end' });
    expect(checkOf(`{ state: ${path}, is: ESTABLISHED, at: end }`)).toMatchObject({ at: 'end' });
    expect(checkOf(`{ state: ${path}, is: ESTABLISHED, at: 20ms }`)).toMatchObject({ at: { atNs: 20_000_000 } });
    expect(checkOf(`{ state: ${path}, is: ESTABLISHED, at: start }`)).toMatchObject({ at: { id: 'start' } });
    expect(checkOf('{ state: link.radio.dropped, is: ">= 10" }')).toMatchObject({
      is: { comparison: '>=', value: 10 },
    });
    expect(checkOf('{ state: s.table.mac, is: 3 }')).toMatchObject({ is: { comparison: '==', value: 3 } });
  });

  it('what was delivered', () => {
    const all = {
      kind: 'delivered',
      from: 'client',
      to: 'server',
      unit: 'all',
      amount: null,
      exactlyOnce: false,
      inOrder: false,
    };
    const given = (rest: string) => checkOf(`{ delivered: { from: client, to: server${rest} } }`);
    expect(given('')).toEqual(all);
    expect(given(', exactly-once: true, in-order: true')).toEqual({ ...all, exactlyOnce: true, inOrder: true });
    expect(given(', bytes: all')).toEqual({ ...all, unit: 'bytes' });
    expect(given(', bytes: 1000')).toEqual({ ...all, unit: 'bytes', amount: 1_000 });
    expect(given(', bytes: 10MB')).toEqual({ ...all, unit: 'bytes', amount: 10_000_000 });
    expect(given(', messages: 5')).toEqual({ ...all, unit: 'messages', amount: 5 });
    expect(given(', messages: all')).toEqual({ ...all, unit: 'messages' });
  });

  it.each([
    ['{ match: tcp.port == 80 }', 'tcp.port == 80'],
    ['{ never: tcp }', 'never tcp'],
    ['{ order: [arp, tcp] }', 'arp, then tcp'],
    ['{ state: client.x, is: ">= 3" }', 'client.x is >= 3'],
    ['{ delivered: { from: client, to: server } }', 'delivered from client to server'],
  ])('%s without a name is called %s', (entry, name) => {
    expect(expectationOf(entry)?.name).toBe(name);
  });
});

describe('bounds', () => {
  it.each([
    [10, '==', 10],
    [true, '==', true],
    ['10', '==', 10],
    ['-1.5', '==', -1.5],
    ['>= 10', '>=', 10],
    ['<10', '<', 10],
    ['!= CLOSED', '!=', 'CLOSED'],
    ['== TIME-WAIT', '==', 'TIME-WAIT'],
    ['TIME-WAIT', '==', 'TIME-WAIT'],
    ['false', '==', false],
    ['<= 200ms', '<=', 200_000_000],
    ['> 64KiB', '>', 65_536],
    ['10.0.0.1', '==', '10.0.0.1'],
  ])('%s', (written, comparison, value) => {
    expect(readBound(written)).toEqual({ value: { comparison, value } });
  });

  it.each([
    ['>=', 'is neither a value nor a comparison'],
    ['', 'is neither a value nor a comparison'],
    ['= 3', 'is neither a value nor a comparison'],
    ['> abc', '`>` compares numbers, and `abc` is none'],
    ['<= true', '`<=` compares numbers, and `true` is none'],
  ])('%s', (written, complaint) => {
    const bound = readBound(written);
    expect('complaint' in bound && bound.complaint).toContain(complaint);
  });
});

describe('what does not fit', () => {
  it.each([
    ['⟦{⟧ name: x }', 'PW0302', 'what is expected?'],
    ['{ match: tcp, ⟦never⟧: udp }', 'PW0307', '`never` does not go together with `match`'],
    ['{ match: tcp, ⟦is⟧: 3 }', 'PW0307', '`is` does not go together with `match`'],
    ['{ never: tcp, ⟦exactly⟧: 3 }', 'PW0307', '`exactly` does not go together with `never`'],
    ['{ order: [tcp], ⟦at⟧: sent }', 'PW0307', '`at` does not go together with `order`'],
    [
      '{ delivered: { from: client, to: server }, ⟦within⟧: 1s }',
      'PW0307',
      '`within` does not go together with `delivered`',
    ],
    ['{ match: tcp, exactly: 1, ⟦at-least⟧: 1 }', 'PW0307', '`at-least` does not go together with `exactly`'],
    ['{ match: tcp, at-least: 3, at-most: ⟦2⟧ }', 'PW0307', 'cannot both hold'],
    ['{ match: tcp, exactly: ⟦-1⟧ }', 'PW0306', 'at least 0'],
    ['{ match: tcp, exactly: ⟦two⟧ }', 'PW0303', 'expected a number, found the text `two`'],
    ['{ match: ⟦80⟧ }', 'PW0303', 'expected text, found the number 80'],
    ['{ order: ⟦[]⟧ }', 'PW0306', 'the list must have at least 1 item'],
    ['⟦{⟧ state: client.x }', 'PW0302', 'the key `is` is missing'],
    ['{ state: ⟦client⟧, is: 3 }', 'PW0507', 'is not the path of a state'],
    ['{ state: ⟦client..x⟧, is: 3 }', 'PW0507', 'is not the path of a state'],
    ['{ state: ⟦link.radio⟧, is: 3 }', 'PW0507', 'is not the path of a state'],
    ['{ state: client.x, is: 3, at: ⟦strat⟧ }', 'PW0502', 'did you mean `start`?'],
    ['{ state: client.x, is: ⟦"> abc"⟧ }', 'PW0309', 'compares numbers'],
    ['{ state: client.x, is: ⟦[3]⟧ }', 'PW0303', 'expected text or a number or `true` or `false`, found a list'],
    ['{ delivered: ⟦{⟧ from: client } }', 'PW0302', 'the key `to` is missing'],
    ['{ delivered: { from: client, to: ⟦s⟧ } }', 'PW0414', '`s` is a switch'],
    ['{ delivered: { from: client, to: server, bytes: ⟦some⟧ } }', 'PW0304', '`some` is not a size'],
    ['{ delivered: { from: client, to: server, bytes: ⟦1.5⟧ } }', 'PW0303', 'expected `all`, a number or a size'],
    [
      '{ delivered: { from: client, to: server, bytes: all, ⟦messages⟧: 3 } }',
      'PW0307',
      'does not go together with `bytes`',
    ],
  ])('%s', (entry, code, message) => {
    expectProblem(text(entry), code, message);
  });
});
