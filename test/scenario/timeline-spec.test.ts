import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../../src/scenario/scenario.ts';
import { expectProblem, expectWarning, HEAD, scenarioOf, warningsOf } from './loading.ts';

const NODES = `${HEAD}nodes:
  client: { ip: 10.0.0.1/24, dns: ns }
  server: { ip: 10.0.0.2/24, apps: { http-server: } }
  ns: { ip: 10.0.0.3/24, apps: { dns-server: { zone: { www.example.com: server, mail: 10.0.0.2 } } } }
  s: { kind: switch }
links: [{ between: [client, s] }, { between: [server, s] }, { between: [ns, s] }]
`;
const text = (...entries: string[]) => `${NODES}timeline:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`;
const doing = (action: string) => text(`{ at: 0s, node: client, do: { ${action} } }`);

const entries = (...lines: string[]): readonly TimelineEntry[] => scenarioOf(text(...lines)).timeline;
const actionOf = (action: string) => scenarioOf(doing(action)).timeline[0]?.action;

describe('when things happen', () => {
  it('at a time, after an entry, or when a frame matches', () => {
    const [first, second, third] = entries(
      '{ id: one, at: 2s, node: client, do: { ping: server } }',
      '{ after: one, wait: 1s, node: client, do: { ping: server } }',
      '{ when: tcp.flags.fin == 1, link: client-s, set: { down: true }, for: 4s }',
    );
    expect(first).toMatchObject({
      id: 'one',
      start: { kind: 'at', atNs: 2e9 },
      forNs: null,
      place: { line: 10, column: 5 },
    });
    expect(second).toMatchObject({ id: null, start: { kind: 'after', id: 'one', waitNs: 1e9 } });
    expect(third).toMatchObject({
      start: { kind: 'when', match: { text: 'tcp.flags.fin == 1', place: { line: 12, column: 13 } }, waitNs: 0 },
      forNs: 4e9,
    });
  });

  it('after an entry that stands further down', () => {
    const [first] = entries(
      '{ after: two, node: client, crash: true }',
      '{ id: two, at: 0s, node: server, crash: true }',
    );
    expect(first?.start).toEqual({ kind: 'after', id: 'two', waitNs: 0 });
  });

  it.each([
    ['{ ⟦⟧node: client, do: { ping: server } }', 'PW0302', 'when does it happen?'],
    ['{ at: 0s, ⟦when⟧: tcp, node: client, do: { ping: server } }', 'PW0307', '`when` does not go together with `at`'],
    ['{ at: 0s, ⟦wait⟧: 1s, node: client, do: { ping: server } }', 'PW0307', '`wait` does not go together with `at`'],
    ['{ at: 0s, node: client, do: { ping: server }, ⟦for⟧: 1s }', 'PW0307', '`ping` cannot be taken back'],
    ['{ at: 0s, node: client, crash: true, for: ⟦0s⟧ }', 'PW0306', 'longer than 0'],
    ['{ id: ⟦1⟧, at: 0s, node: client, crash: true }', 'PW0303', 'expected an id, found the number 1'],
    ['{ id: ⟦a b⟧, at: 0s, node: client, crash: true }', 'PW0401', 'an id begins with a letter'],
    ['{ id: ⟦end⟧, at: 0s, node: client, crash: true }', 'PW0401', 'means the end of the run'],
    ['{ id: x, after: ⟦x⟧, node: client, crash: true }', 'PW0503', 'it waits for itself (x after x)'],
  ])('%s', (entry, code, message) => {
    const marked = entry.startsWith('{ ⟦⟧') ? entry.replace('{ ⟦⟧', '⟦{⟧ ') : entry;
    expectProblem(text(marked), code, message);
  });

  it('a circle is told once, and those who wait for it are not', () => {
    const marked = text(
      '{ after: a, node: client, crash: true }',
      '{ id: a, after: ⟦c⟧, node: client, crash: true }',
      '{ id: b, after: a, node: client, crash: true }',
      '{ id: c, after: b, node: client, crash: true }',
    );
    expectProblem(marked, 'PW0503', 'it waits for itself (a after c after b after a)');
  });
});

describe('changes of links', () => {
  it('take all numbers of a profile, so that nothing of another one remains, and an MTU of each end', () => {
    const [entry] = entries(
      '{ at: 0s, link: client-s, set: { profile: dsl, delay: 1ms, mtu: 900B, b-to-a: { profile: ethernet, mtu: 800B } } }',
    );
    const plain = { jitterNs: 0, duplicatePerMillion: 0, reorderPerMillion: 0, corruptPerMillion: 0, aqm: 'tail-drop' };
    const loss = { kind: 'uniform', perMillion: 0 };
    expect(entry?.action).toEqual({
      kind: 'set-link',
      link: 'client-s',
      aToB: { ...plain, loss, delayNs: 1_000_000, bitsPerSecond: 384_000, queue: { packets: 50 } },
      bToA: { ...plain, loss, delayNs: 500, bitsPerSecond: 1_000_000_000, queue: { packets: 1_000 } },
      mtuBytes: 900,
      mtuBytesOf: { bToA: 800 },
    });
  });

  it('are for both directions, with exceptions for one', () => {
    const [entry] = entries(
      '{ at: 0s, link: client-s, set: { loss: 10%, delay: 80ms, a-to-b: { loss: 5% }, b-to-a: { down: true } } }',
    );
    expect(entry?.action).toEqual({
      kind: 'set-link',
      link: 'client-s',
      aToB: { loss: { kind: 'uniform', perMillion: 50_000 }, delayNs: 80_000_000 },
      bToA: { loss: { kind: 'uniform', perMillion: 100_000 }, delayNs: 80_000_000, down: true },
    });
  });

  it.each([
    ['⟦{⟧ at: 0s, link: client-s }', 'PW0302', 'the key `set` is missing'],
    ['⟦{⟧ at: 0s, set: { down: true } }', 'PW0302', 'the key `link` is missing'],
    ['{ at: 0s, link: client-s, set: ⟦{⟧} }', 'PW0302', '`set` changes nothing'],
    ['{ at: 0s, link: client-s, set: { down: ⟦1⟧ } }', 'PW0303', 'expected `true` or `false`'],
    ['{ at: 0s, link: client-s, set: { ⟦drop⟧: [] } }', 'PW0301', 'unknown key `drop`'],
    [
      '{ at: 0s, link: client-s, set: { down: true }, ⟦node⟧: client }',
      'PW0307',
      '`node` does not go together with `link`',
    ],
    ['⟦{⟧ at: 0s }', 'PW0302', 'what happens?'],
  ])('%s', (entry, code, message) => {
    expectProblem(text(entry), code, message);
  });
});

describe('faults of nodes', () => {
  it('stand beside `node` or inside `do`', () => {
    const actions = entries(
      '{ at: 0s, node: client, crash: true, for: 2s }',
      '{ at: 0s, node: client, do: { crash: true }, for: 2s }',
      '{ at: 0s, node: s, pause: true }',
      '{ at: 0s, node: client, partition: [server, ns], for: 1s }',
      '{ at: 0s, node: client, do: { partition: server } }',
    ).map(({ action }) => action);
    expect(actions).toEqual([
      { kind: 'crash', node: 'client' },
      { kind: 'crash', node: 'client' },
      { kind: 'pause', node: 's' },
      { kind: 'partition', node: 'client', others: ['server', 'ns'] },
      { kind: 'partition', node: 'client', others: ['server'] },
    ]);
  });

  it.each([
    ['{ at: 0s, node: client, crash: ⟦false⟧ }', 'PW0305', 'expected `true`, found `false`'],
    ['{ at: 0s, node: client, partition: [server, ⟦client⟧] }', 'PW0405', 'cannot be cut off from itself'],
    ['{ at: 0s, node: client, partition: [⟦sever⟧] }', 'PW0402', 'did you mean `server`?'],
    ['{ at: 0s, node: client, partition: ⟦s⟧ }', 'PW0414', '`s` is a switch and exchanges no packets'],
    [
      '{ at: 0s, node: client, do: { ping: server }, ⟦crash⟧: true }',
      'PW0307',
      '`crash` does not go together with `do`',
    ],
    ['{ at: 0s, node: client, crash: true, ⟦pause⟧: true }', 'PW0307', 'an entry does one thing'],
    ['⟦{⟧ at: 0s, crash: true }', 'PW0302', 'the key `node` is missing'],
    ['⟦{⟧ at: 0s, node: client }', 'PW0302', 'the key `do` is missing'],
    ['{ at: 0s, node: client, do: ⟦{⟧} }', 'PW0302', 'there is no action; actions are: ping, traceroute'],
    ['{ at: 0s, node: client, do: { ping: server, ⟦get⟧: "http://server/" } }', 'PW0307', 'an entry does one thing'],
  ])('%s', (entry, code, message) => {
    expectProblem(text(entry), code, message);
  });
});

describe('actions', () => {
  const get = {
    kind: 'get',
    node: 'client',
    host: 'server',
    port: 80,
    path: '/',
    as: 'http',
    keepAlive: false,
    payload: null,
  };
  const ping = {
    kind: 'ping',
    node: 'client',
    target: 'server',
    count: 1,
    everyNs: 1e9,
    sizeBytes: 56,
    dontFragment: false,
  };
  const traceroute = {
    kind: 'traceroute',
    node: 'client',
    target: 'server',
    count: 3,
    everyNs: 0,
    sizeBytes: 32,
    dontFragment: false,
  };
  const resolve = { kind: 'resolve', node: 'client', count: 1, everyNs: 1e9 };
  const to = { host: 'server', port: 9 };

  it.each([
    ['ping: server', ping],
    ['ping: 10.0.0.2', { ...ping, target: '10.0.0.2' }],
    ['ping: { to: server }', ping],
    [
      'ping: { target: server, count: 3, every: 200ms, size: 1000B, df: true }',
      { ...ping, count: 3, everyNs: 2e8, sizeBytes: 1_000, dontFragment: true },
    ],
    ['traceroute: server', traceroute],
    [
      'traceroute: { to: server, count: 1, every: 50ms, size: 60B, df: true }',
      { ...traceroute, count: 1, everyNs: 5e7, sizeBytes: 60, dontFragment: true },
    ],
    ['resolve: www.example.com', { ...resolve, target: 'www.example.com' }],
    ['resolve: { target: mail, count: 2, every: 3s }', { ...resolve, target: 'mail', count: 2, everyNs: 3e9 }],
    [
      'udp-send: server:9',
      { kind: 'udp-send', node: 'client', to, payload: { kind: 'size', bytes: 64 }, times: 1, everyNs: 0 },
    ],
    [
      'udp-send: { to: server:9, data: "{n}", times: 5, every: 1s }',
      { kind: 'udp-send', node: 'client', to, payload: { kind: 'text', text: '{n}' }, times: 5, everyNs: 1e9 },
    ],
    [
      'udp-send: { to: www.example.com:9, size: 2kB }',
      {
        kind: 'udp-send',
        node: 'client',
        to: { host: 'www.example.com', port: 9 },
        payload: { kind: 'size', bytes: 2_000 },
        times: 1,
        everyNs: 0,
      },
    ],
    ['tcp-connect: server:9', { kind: 'tcp-connect', node: 'client', to, as: 'tcp' }],
    ['tcp-connect: { to: server:9, as: data }', { kind: 'tcp-connect', node: 'client', to, as: 'data' }],
    ['get: "http://server/"', get],
    ['get: http://server', get],
    ['get: "http://server:8080/a/b?c=d#e"', { ...get, port: 8_080, path: '/a/b?c=d' }],
    ['get: "HTTP://10.0.0.2?q"', { ...get, host: '10.0.0.2', path: '/?q' }],
    ['get: { url: "http://server/", as: web, keep-alive: true }', { ...get, as: 'web', keepAlive: true }],
    ['post: { url: "http://server/", body: "a=1" }', { ...get, kind: 'post', payload: { kind: 'text', text: 'a=1' } }],
    ['post: { url: "http://server/", size: 5kB }', { ...get, kind: 'post', payload: { kind: 'size', bytes: 5000 } }],
  ])('%s', (written, action) => {
    expect(actionOf(written)).toEqual(action);
  });

  it.each([
    ['ping: ⟦{⟧}', 'PW0302', 'the key `target` is missing'],
    ['ping: ⟦{⟧ to: server, target: server }', 'PW0307', 'are the same thing'],
    ['ping: { to: server, every: ⟦0s⟧ }', 'PW0306', 'longer than 0'],
    ['ping: { to: server, size: ⟦65508B⟧ }', 'PW0306', 'is not within 0B to 65507B'],
    ['ping: { to: server, count: ⟦1000001⟧ }', 'PW0306', 'at most 1000000'],
    ['ping: ⟦224.0.0.1⟧', 'PW0407', 'multicast'],
    ['ping: ⟦999.0.0.1⟧', 'PW0309', 'is not the name of a node, a DNS name or an address'],
    ['udp-send: ⟦server⟧', 'PW0309', '`server` has no port'],
    ['udp-send: ⟦"server:0"⟧', 'PW0306', 'port 0 is not within 1 to 65535'],
    ['udp-send: ⟦"server:65536"⟧', 'PW0306', 'port 65536 is not within 1 to 65535'],
    ['udp-send: { to: server:9, data: x, size: ⟦1B⟧ }', 'PW0307', '`data` and `size`'],
    ['udp-send: { to: server:9, data: ⟦5⟧ }', 'PW0303', 'expected text, found the number 5'],
    ['get: ⟦server/⟧', 'PW0309', 'is not a URL such as'],
    ['get: ⟦"ftp://server/"⟧', 'PW0309', '`ftp` is neither `http` nor `https`'],
    ['get: ⟦"http://server/a b"⟧', 'PW0309', 'percent-encoded'],
    ['get: ⟦"http:///x"⟧', 'PW0309', 'is not a URL'],
    ['get: ⟦"http://server:99999/"⟧', 'PW0306', 'port 99999'],
    ['get: ⟦"http://user@server/"⟧', 'PW0309', 'is not a URL'],
    ['get: { as: x }', 'PW0302', 'the key `url` is missing'],
  ])('%s', (written, code, message) => {
    expectProblem(doing(written.includes('⟦') ? written : written.replace('{', '⟦{⟧')), code, message);
  });

  it('names that only the DNS knows', () => {
    expectWarning(doing('get: ⟦"http://www.exmaple.com/"⟧'), 'PW0706', 'did you mean `www.example.com`?');
    const noServer = `{ at: 0s, node: server, do: { resolve: ⟦www.example.com⟧ } }`;
    expectWarning(text(noServer), 'PW0706', '`server` has no name server to ask');
    expectWarning(
      text('{ at: 0s, node: server, do: { get: ⟦"http://www.example.com/"⟧ } }'),
      'PW0706',
      '`server` has no name server',
    );
    expectWarning(doing('ping: ⟦10.0.0.99⟧'), 'PW0706', 'no node has the address 10.0.0.99');
    expect(warningsOf(doing('get: "http://WWW.example.com./"'))).toEqual([]);
  });
});

describe('connections', () => {
  const open = '{ at: 0s, node: client, do: { tcp-connect: server:80 } }';
  const second = '{ at: 0s, node: client, do: { tcp-connect: { to: server:80, as: other } } }';
  const act = (action: string) => `{ at: 1s, node: client, do: { ${action} } }`;

  it('are written to, closed and aborted', () => {
    const actions = entries(
      open,
      act('tcp-send: "hello"'),
      act('tcp-send: { size: 10MB, times: 2, every: 1s }'),
      act('tcp-send: { on: tcp, data: x }'),
      act('tcp-close: true'),
      act('tcp-close:'),
      act('tcp-close: {}'),
      act('tcp-abort: tcp'),
      act('tcp-abort: { on: tcp }'),
    ).map(({ action }) => action);
    const send = { kind: 'tcp-send', node: 'client', on: null, times: 1, everyNs: 0 };
    expect(actions.slice(1)).toEqual([
      { ...send, payload: { kind: 'text', text: 'hello' } },
      { ...send, payload: { kind: 'size', bytes: 10_000_000 }, times: 2, everyNs: 1e9 },
      { ...send, on: 'tcp', payload: { kind: 'text', text: 'x' } },
      { kind: 'tcp-close', node: 'client', on: null },
      { kind: 'tcp-close', node: 'client', on: null },
      { kind: 'tcp-close', node: 'client', on: null },
      { kind: 'tcp-abort', node: 'client', on: 'tcp' },
      { kind: 'tcp-abort', node: 'client', on: 'tcp' },
    ]);
  });

  it('the second of a name is NAME-2', () => {
    expect(entries(open, open, act('tcp-close: tcp-2'))[2]?.action).toMatchObject({ on: 'tcp-2' });
    expectProblem(text(open, open, act('tcp-close: ⟦tcp-3⟧')), 'PW0505', 'opens no connection `tcp-3`');
  });

  it.each([
    [[act('tcp-send: ⟦x⟧')], '`client` opens no connection'],
    [[open, act('tcp-send: { on: ⟦tpc⟧, data: x }')], 'did you mean `tcp`?'],
    [[open, second, act('tcp-close: ⟦{⟧}')], 'opens several connections: say which with `on`'],
    [
      ['{ at: 0s, node: server, do: { tcp-connect: client:80 } }', act('tcp-close: ⟦tcp⟧')],
      '`client` opens no connection',
    ],
  ])('%j', (lines, message) => {
    expectProblem(text(...lines), 'PW0505', message);
  });

  it('need something to send', () => {
    expectProblem(text(open, act('tcp-send: ⟦{⟧ times: 3 }')), 'PW0302', 'there is nothing to send');
  });
});
