/** WebSocket and Socket.IO in a scenario: short forms, defaults, and what does not go together. */

import { describe, expect, it } from 'vitest';
import { placesOf, problemsOf, scenarioOf } from './loading.ts';

const HEAD = `packetwalk: 1
title: t
nodes:
  a: {}
  b: { apps: { ws-server: {}, socketio-server: { on: { ask: ack, join: { room: red } } } } }
links: [{ between: [a, b] }]
timeline:
`;

const entry = (node: string, action: string) => `  - { at: 0s, node: ${node}, do: { ${action} } }\n`;
const actionsOf = (...entries: readonly string[]) =>
  scenarioOf(HEAD + entries.join('')).timeline.map(({ action }) => action);
const WS = entry('a', 'ws-connect: "ws://b/"');
const IO = entry('a', 'io-connect: "http://b:3000/"');

describe('servers', () => {
  it('have the defaults of the format', () => {
    expect(scenarioOf(`${HEAD}${WS}`).nodes[1]?.apps).toEqual([
      {
        kind: 'ws-server',
        name: 'ws-server',
        port: 80,
        path: '/',
        echo: false,
        pingIntervalNs: null,
        deflate: false,
        broadcast: null,
      },
      {
        kind: 'socketio-server',
        name: 'socketio-server',
        port: 3000,
        path: '/socket.io/',
        pingIntervalNs: 25e9,
        pingTimeoutNs: 20e9,
        recoverForNs: null,
        transports: ['polling', 'websocket'],
        namespaces: [],
        rules: [
          { event: 'ask', rule: 'ack' },
          { event: 'join', rule: { room: 'red' } },
        ],
      },
    ]);
  });
});

describe('actions', () => {
  it('of WebSockets, in their short forms', () => {
    const on = { node: 'a', on: null };
    expect(
      actionsOf(WS, entry('a', 'ws-send: hello'), entry('a', 'ws-ping: true'), entry('a', 'ws-close: ws')),
    ).toEqual([
      { kind: 'ws-connect', node: 'a', host: 'b', port: 80, path: '/', as: 'ws', protocols: [], deflate: false },
      { kind: 'ws-send', ...on, payload: { kind: 'text', text: 'hello' }, isText: true, times: 1, everyNs: 0 },
      { kind: 'ws-ping', ...on },
      { kind: 'ws-close', node: 'a', on: 'ws', code: 1000, reason: '' },
    ]);
  });

  it('of Socket.IO clients: the namespace is the path, delays are those of the library', () => {
    const [connect] = actionsOf(entry('a', 'io-connect: "http://b:3000/admin"'));
    expect(connect).toEqual({
      kind: 'io-connect',
      node: 'a',
      host: 'b',
      port: 3000,
      path: '/socket.io/',
      namespace: '/admin',
      as: 'io',
      transports: ['polling', 'websocket'],
      reconnection: { delayNs: 1e9, maxNs: 5e9, jitterPerMillion: 500_000, attempts: null },
      retries: 0,
      ackTimeoutNs: null,
    });
  });

  it.each([
    ['that of the server which the URL names', 'http://b:3000/', '', '/b/'],
    ['by its address too', 'http://10.0.0.2:3000/', '', '/b/'],
    ['what the client says itself', 'http://b:3000/', ', path: /mine/', '/mine/'],
    ['the usual one where servers differ and none is named', 'http://b:4000/', '', '/socket.io/'],
  ])('the path of a Socket.IO client: %s', (_name, url, more, path) => {
    const server = (name: string, own: string) => `  ${name}: { apps: { socketio-server: { path: ${own} } } }\n`;
    const head = `packetwalk: 1\ntitle: t\nnodes:\n  a: {}\n${server('b', '/b/')}${server('c', '/c/')}  s: { kind: switch }\n`;
    const links = 'links: [{ between: [a, s] }, { between: [b, s] }, { between: [c, s] }]\ntimeline:\n';
    const { timeline } = scenarioOf(head + links + entry('a', `io-connect: { url: "${url}"${more} }`));
    expect(timeline[0]?.action).toMatchObject({ path });
  });

  it('through a proxy a Socket.IO client takes the one path that servers have', () => {
    const nodes =
      '  a: {}\n  p: { apps: { proxy: { to: b:3000 } } }\n  b: { apps: { socketio-server: { path: /b/ } } }\n';
    const head = `packetwalk: 1\ntitle: t\nnodes:\n${nodes}  s: { kind: switch }\n`;
    const links = 'links: [{ between: [a, s] }, { between: [b, s] }, { between: [p, s] }]\ntimeline:\n';
    const { timeline } = scenarioOf(head + links + entry('a', 'io-connect: "http://p/"'));
    expect(timeline[0]?.action).toMatchObject({ path: '/b/' });
  });

  it('`wss`, `https` and `mqtts` ask for TLS, with its usual ports', () => {
    const tls = { serverName: 'b', trusts: 'the authority', suites: [], groups: [], renewAfter: null };
    const [ws, io, mqtt] = actionsOf(
      entry('a', 'ws-connect: "wss://b/"'),
      entry('a', 'io-connect: { url: "https://b/", tls: { name: c, trust: false } }'),
      entry('a', 'mqtt-connect: "mqtts://b"'),
    );
    expect(ws).toMatchObject({ port: 443, tls });
    expect(io).toMatchObject({ port: 443, tls: { ...tls, serverName: 'c', trusts: 'nobody' } });
    expect(mqtt).toMatchObject({ to: { host: 'b', port: 8883 }, tls });
  });

  it('`emit` is a client’s where the node has one, else its server’s', () => {
    const [, client, server] = actionsOf(
      IO,
      entry('a', 'emit: say'),
      entry('b', 'emit: { event: news, data: [1], room: red }'),
    );
    expect(client).toMatchObject({ app: null, on: null, event: 'say', content: { kind: 'none' }, room: null });
    expect(server).toMatchObject({ app: 'socketio-server', room: 'red', content: { kind: 'json', value: [1] } });
  });
});

describe('what is wrong', () => {
  it.each([
    ['sending without a WebSocket', entry('a', 'ws-send: hello'), ['8:39 1 PW0505']],
    ['emitting without a client', entry('a', 'emit: say'), ['8:36 1 PW0505']],
    ['another connection’s name', WS + entry('a', 'ws-ping: wx'), ['9:39 2 PW0505']],
    ['two kinds of content', WS + entry('a', 'ws-send: { text: x, size: 1B }'), ['9:39 1 PW0307']],
    ['nothing to send', WS + entry('a', 'ws-send: { on: ws }'), ['9:39 1 PW0302']],
    ['a reserved event', IO + entry('a', 'emit: { event: disconnect }'), ['9:45 10 PW0309']],
    ['a room from a client', IO + entry('a', 'emit: { event: say, room: red }'), ['9:56 3 PW0307']],
    ['an acknowledgement for a server', entry('b', 'emit: { event: say, ack: true }'), ['8:55 4 PW0307']],
    ['a code that may not be sent', WS + entry('a', 'ws-close: { code: 999 }'), ['9:48 3 PW0306']],
    [
      'TLS options where nobody asks for TLS',
      entry('a', 'ws-connect: { url: "ws://b/", tls: { name: c } }'),
      ['8:65 11 PW0307'],
    ],
  ])('%s', (_name, entries, places) => expect(placesOf(problemsOf(HEAD + entries))).toEqual(places));
});
