/** Proxy and load balancer between whole hosts: what they pass on, what they say themselves, and when they give up. */

import { describe, expect, it } from 'vitest';
import { createRun, loadScenario, type Run } from '../../../../src/index.ts';
import { formatProblems } from '../../../../src/scenario/problem.ts';

interface Stage {
  /** The apps of the node `mid`. */
  readonly mid: object;
  readonly nodes?: Record<string, object>;
  readonly timeline: readonly object[];
  readonly until?: string;
}

/** A client, the machine in the middle and servers around a switch, all 1 ms from it. */
function play({ mid, nodes = {}, timeline, until = '200s' }: Stage): Run {
  const web = { apps: { 'http-server': { pages: { '/': 'from web', '/big': { size: '200KiB' } } } } };
  const other = { apps: { 'http-server': { pages: { '/': 'from other' } } } };
  const hosts = { client: {}, second: {}, mid: { apps: mid }, web, other, ...nodes };
  const links = Object.keys(hosts).map((name) => ({ id: name, between: [name, 'switch'], delay: '1ms' }));
  const all = { ...hosts, switch: { kind: 'switch' } };
  const file = JSON.stringify({ packetwalk: 1, title: 't', until, nodes: all, links, timeline });
  const loaded = loadScenario(new TextEncoder().encode(file), 'proxy.json', {});
  if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
  const run = createRun(loaded.scenario);
  run.runToEnd();
  return run;
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** The messages that a node received, as text. */
function receivedBy(run: Run, node: string, protocol = 'http'): string[] {
  return run.entries.flatMap(({ node: at, event }) =>
    at === node && event.kind === 'decoded' && event.layer === 7 && event.protocol === protocol
      ? [latin1(event.bytes)]
      : [],
  );
}

function toldBy(run: Run, node: string): string[] {
  return run.entries.flatMap(({ node: at, event }) => (at === node && event.kind === 'app' ? [event.text] : []));
}

/** When a node last went over to a state, in ns. */
function stateTimes(run: Run, node: string, machine: string, to: string): number[] {
  return run.entries.flatMap(({ node: at, atNs, event }) =>
    at === node && event.kind === 'state' && event.machine === machine && event.to === to ? [atNs] : [],
  );
}

const SECOND = 1_000_000_000;
const toWeb = { proxy: { to: 'web:80' } };
const get = (at: string, more: object = {}, node = 'client') => ({
  at,
  node,
  do: { get: { url: 'http://mid/', ...more } },
});
const say = (at: string, data: string) => ({ at, node: 'client', do: { 'tcp-send': data } });
const connect = { at: '0s', node: 'client', do: { 'tcp-connect': 'mid:80' } };

describe('a reverse proxy', () => {
  it('passes a request on, says for whom, and brings the response back', () => {
    const run = play({ mid: toWeb, timeline: [get('0s')] });
    const [asked = ''] = receivedBy(run, 'web');
    expect(asked).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: web\r\n/);
    expect(asked).toMatch(/\r\nX-Forwarded-For: 10\.0\.\d+\.\d+\r\nConnection: close\r\n\r\n$/);
    const [answer = ''] = receivedBy(run, 'client');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nfrom web$/);
  });

  it('keeps its client for more requests, each with a connection of its own behind it', () => {
    const keep = { 'keep-alive': true };
    const run = play({ mid: toWeb, timeline: [get('0s', keep), get('1s', keep)] });
    expect(receivedBy(run, 'client').filter((text) => text.includes('Connection: keep-alive'))).toHaveLength(2);
    expect(stateTimes(run, 'mid', 'tcp.proxy', 'ESTABLISHED')).toHaveLength(1);
    expect(stateTimes(run, 'mid', 'tcp.proxy-upstream', 'ESTABLISHED')).toHaveLength(1);
    expect(stateTimes(run, 'mid', 'tcp.proxy-upstream-2', 'ESTABLISHED')).toHaveLength(1);
  });

  it('answers pipelined requests in their order', () => {
    const two = 'GET / HTTP/1.1\r\nHost: mid\r\n\r\nHEAD /big HTTP/1.1\r\nHost: mid\r\nConnection: close\r\n\r\n';
    const run = play({ mid: toWeb, timeline: [connect, say('0s', two)] });
    const text = receivedBy(run, 'client', 'data').join('');
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nfrom webHTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n$/);
    expect(text).toContain('Content-Length: 204800\r\n');
  });

  it('passes large pages on whole', () => {
    const run = play({ mid: toWeb, timeline: [get('0s', { url: 'http://mid/big' })] });
    const [answer = ''] = receivedBy(run, 'client');
    const [page = ''] = receivedBy(run, 'mid').filter((text) => text.startsWith('HTTP/'));
    expect(answer.split('\r\n\r\n', 2)[1]?.length).toBe(204_800);
    expect(answer.slice(-204_800)).toBe(page.slice(-204_800));
  });

  it.each([
    ['refuses', 'web:81', 0],
    ['cannot be reached for want of a route', '172.16.0.9:80', 0],
  ])('502 when the server %s', (_, to) => {
    const run = play({ mid: { proxy: { to } }, timeline: [get('0s')] });
    expect(receivedBy(run, 'client')).toEqual([expect.stringMatching(/^HTTP\/1\.1 502 Bad Gateway\r\n/)]);
  });

  it('502 when the server speaks something else', () => {
    const run = play({
      mid: { proxy: { to: 'odd:7' } },
      nodes: { odd: { apps: { 'echo-server': {} } } },
      timeline: [get('0s')],
    });
    expect(receivedBy(run, 'client')[0]).toMatch(/^HTTP\/1\.1 502 /);
  });

  it('504 after the idle time when it takes the request and is silent', () => {
    const mid = { proxy: { to: 'mute:9', idle: '7s' } };
    const run = play({ mid, nodes: { mute: { apps: { sink: {} } } }, timeline: [get('0s')] });
    expect(receivedBy(run, 'client')).toEqual([expect.stringMatching(/^HTTP\/1\.1 504 Gateway Timeout\r\n/)]);
    expect(toldBy(run, 'client').join()).toMatch(/504, \d+ octets after 7\.0/);
  });

  it('400 to what is no request, and the server hears nothing of it', () => {
    const run = play({ mid: toWeb, timeline: [connect, say('0s', 'GET  / HTTP/1.1\r\n\r\n')] });
    expect(receivedBy(run, 'client', 'data').join('')).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(receivedBy(run, 'web')).toEqual([]);
  });

  it('refuses what could be read in two ways: no request is smuggled', () => {
    const twoLengths = 'POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    const run = play({ mid: toWeb, timeline: [connect, say('0s', `${twoLengths}GET /x HTTP/1.1\r\nHost: m\r\n\r\n`)] });
    expect(receivedBy(run, 'client', 'data').join('')).toMatch(/^HTTP\/1\.1 400 /);
    expect(receivedBy(run, 'web')).toEqual([]);
  });

  it('sends chunked content on with its length', () => {
    const post = 'POST / HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n';
    const run = play({ mid: toWeb, timeline: [connect, say('0s', post)] });
    const [asked = ''] = receivedBy(run, 'web');
    expect(asked).toMatch(/\r\nContent-Length: 5\r\n\r\nabcde$/);
    expect(asked).not.toMatch(/transfer-encoding/i);
  });

  it('asks no further for a client that has gone', () => {
    const mid = { proxy: { to: 'mute:9' } };
    const mute = { apps: { sink: {} } };
    const timeline = [
      connect,
      say('0s', 'GET / HTTP/1.1\r\nHost: m\r\n\r\n'),
      { at: '5s', node: 'client', do: { 'tcp-close': 'tcp' } },
    ];
    const run = play({ mid, nodes: { mute }, timeline });
    expect(stateTimes(run, 'mute', 'tcp.sink', 'CLOSED').map((ns) => Math.floor(ns / SECOND))).toEqual([5]);
    expect(toldBy(run, 'mid')).toContain('the client has gone: gives its request up');
  });

  it('closes a client that asks nothing for the idle time', () => {
    const run = play({ mid: { proxy: { to: 'web:80', idle: '10s' } }, timeline: [connect] });
    const [ended = 0] = stateTimes(run, 'client', 'tcp.tcp', 'CLOSE-WAIT');
    expect(Math.floor(ended / SECOND)).toBe(10);
  });
});

describe('a tunnel', () => {
  const chat = { apps: { 'ws-server': { port: 80, echo: true } } };
  const through = { proxy: { to: 'chat:80', idle: '30s' } };
  const open = { at: '0s', node: 'client', do: { 'ws-connect': { url: 'ws://mid/', as: 'ws' } } };

  it('brings a large message there and back unchanged', () => {
    const send = { at: '1s', node: 'client', do: { 'ws-send': { on: 'ws', size: '300KiB' } } };
    const run = play({ mid: through, nodes: { chat }, timeline: [open, send] });
    const [sent, back] = ['encoded', 'decoded'].map((kind) =>
      run.entries.flatMap(({ node, event }) =>
        node === 'client' &&
        (event.kind === 'encoded' || event.kind === 'decoded') &&
        event.kind === kind &&
        event.protocol === 'data' &&
        event.layer === 7
          ? [latin1(event.bytes)]
          : [],
      ),
    );
    expect(sent?.join('').length).toBe(300 * 1024);
    expect(back?.join('')).toBe(sent?.join(''));
  });

  it('closes both sides when nothing passed for the idle time, and not a moment before', () => {
    const send = { at: '20s', node: 'client', do: { 'ws-send': { on: 'ws', text: 'still here' } } };
    const run = play({ mid: through, nodes: { chat }, timeline: [open, send] });
    for (const [node, machine] of [
      ['client', 'ws.ws'],
      ['chat', 'ws.ws-server'],
    ] as const) {
      expect(stateTimes(run, node, machine, 'CLOSED').map((ns) => Math.floor(ns / SECOND))).toEqual([50]);
      expect(toldBy(run, node)).toContain('the WebSocket is closed: 1006');
    }
  });

  it('ends with either side, after what that said last', () => {
    const close = { at: '2s', node: 'client', do: { 'ws-close': { on: 'ws', code: 4001, reason: 'enough' } } };
    const run = play({ mid: through, nodes: { chat }, timeline: [open, close] });
    for (const [node, machine] of [
      ['client', 'ws.ws'],
      ['chat', 'ws.ws-server'],
    ] as const) {
      expect(toldBy(run, node).join()).toMatch(/closed: 4001/);
      expect(stateTimes(run, node, machine, 'CLOSED').map((ns) => Math.floor(ns / SECOND))).toEqual([2]);
    }
    expect(stateTimes(run, 'client', 'tcp.ws', 'CLOSED').map((ns) => Math.floor(ns / SECOND))).toEqual([2]);
    expect(toldBy(run, 'mid').join()).not.toMatch(/reset|nothing passed/);
  });

  it('is not made when the server does not want one', () => {
    const run = play({ mid: toWeb, timeline: [open] });
    expect(toldBy(run, 'client').join()).toMatch(/200|404|426/);
  });
});

describe('a load balancer', () => {
  const servers = ['web:80', 'other:80'];
  const balancer = (policy: string, to = servers) => ({ 'load-balancer': { port: 80, to, policy } });
  const bodies = (run: Run, node: string) => receivedBy(run, node).map((text) => text.split('\r\n\r\n')[1]);

  it('round-robin: request by request, on one connection too', () => {
    const keep = { 'keep-alive': true };
    const timeline = [get('0s', keep), get('1s', keep), get('2s', {}), get('3s', {}, 'second')];
    const run = play({ mid: balancer('round-robin'), timeline });
    expect(bodies(run, 'client')).toEqual(['from web', 'from other', 'from web']);
    expect(bodies(run, 'second')).toEqual(['from other']);
  });

  it('sticky: each client address its own', () => {
    const timeline = [get('0s'), get('1s', {}, 'second'), get('2s'), get('3s'), get('4s', {}, 'second')];
    const run = play({ mid: balancer('sticky'), timeline });
    expect(bodies(run, 'client')).toEqual(['from web', 'from web', 'from web']);
    expect(bodies(run, 'second')).toEqual(['from other', 'from other']);
    const rows = run.entries.flatMap(({ event }) =>
      event.kind === 'table' && event.layer === 7 ? [event.change] : [],
    );
    expect(rows.map(({ row }) => row?.upstream)).toEqual(servers);
  });

  it('passes over a server that cannot be reached', () => {
    const run = play({ mid: balancer('round-robin', ['web:81', 'other:80']), timeline: [get('0s'), get('1s')] });
    expect(bodies(run, 'client')).toEqual(['from other', 'from other']);
    expect(toldBy(run, 'mid').join()).toContain('web:81: the connection was refused; asks the next one');
  });

  it('502 when none can be', () => {
    const run = play({ mid: balancer('sticky', ['web:81', 'other:81']), timeline: [get('0s')] });
    expect(receivedBy(run, 'client')[0]).toMatch(/^HTTP\/1\.1 502 /);
  });
});
