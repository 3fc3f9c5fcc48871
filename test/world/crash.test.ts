/** Crashes that overlap, and what they take with them. */

import { describe, expect, it } from 'vitest';
import { defineScenario, type Entry, type ScenarioInput, simulate } from '../../src/index.ts';

const NET: ScenarioInput = {
  packetwalk: 1,
  title: 'crashes',
  nodes: { client: {}, server: { apps: { 'echo-server': {} } } },
  links: [{ id: 'wire', between: ['client', 'server'], delay: '1ms' }],
};

describe('a node that crashes twice', () => {
  const run = simulate(
    defineScenario({
      ...NET,
      until: '30s',
      timeline: [
        { at: '0s', node: 'client', do: { 'tcp-connect': 'server:7' } },
        { at: '1s', for: '4s', node: 'server', do: { crash: true } },
        { at: '2s', for: '1s', node: 'server', do: { crash: true } },
        { at: '4s', node: 'client', do: { 'tcp-connect': { to: 'server:7', as: 'second' } } },
        { at: '6s', node: 'client', do: { 'tcp-send': { on: 'second', data: 'still there' } } },
      ],
    }),
  );
  const states = run.entries.flatMap(({ node, event }) =>
    node === 'server' && event.kind === 'state' && event.layer === 4 ? [`${event.from} → ${event.to}`] : [],
  );

  it('loses its connections once, and starts once: the second start would be a second host on one cable', () => {
    expect(states).toEqual([
      'CLOSED → SYN-RECEIVED',
      'SYN-RECEIVED → ESTABLISHED',
      'ESTABLISHED → CLOSED',
      'CLOSED → SYN-RECEIVED',
      'SYN-RECEIVED → ESTABLISHED',
    ]);
    const heard = run.entries.filter(
      ({ node, event }) =>
        node === 'client' && event.kind === 'app' && event.text === 'received 11 octets: "still there"',
    );
    expect(heard).toHaveLength(1);
  });
});

/** A client whose cable is cut says some things over a WebSocket, for which TCP has too little room, and crashes. */
function chat(tls: boolean, room: string, said: readonly ({ size: string } | { text: string })[]) {
  return simulate(
    defineScenario({
      ...NET,
      nodes: {
        client: { tcp: { 'send-buffer': room } },
        server: { apps: { chat: { kind: 'ws-server', port: 80, tls } } },
      },
      until: '5s',
      timeline: [
        { at: '0s', node: 'client', do: { 'ws-connect': { url: `${tls ? 'wss' : 'ws'}://server:80/`, as: 'chat' } } },
        { at: '1s', link: 'wire', set: { down: true } },
        ...said.map((each) => ({ at: '2s', node: 'client', do: { 'ws-send': { on: 'chat', ...each } } })),
        { at: '3s', node: 'client', do: { crash: true } },
      ],
    }),
  );
}

const lostIn = (entries: readonly Entry[]) =>
  entries.flatMap(({ event }) => (event.kind === 'dropped' && event.reason === 'crashed' ? [event] : []));

describe('what an application had not yet given to TCP', () => {
  it('ends with a reason when the node crashes', () => {
    const run = simulate(
      defineScenario({
        ...NET,
        until: '5s',
        timeline: [
          { at: '0s', link: 'wire', set: { down: true } },
          { at: '0s', node: 'client', do: { 'tcp-connect': 'server:7' } },
          { at: '0s', node: 'client', do: { 'tcp-send': 'never sent' } },
          { at: '1s', node: 'client', do: { crash: true } },
        ],
      }),
    );
    const made = run.entries.find(({ event }) => event.kind === 'encoded' && event.layer === 7);
    const ended = run.entries.filter(({ event }) => event.kind === 'dropped' && event.layer === 7);
    expect(ended.map(({ event }) => event)).toMatchObject([
      {
        reason: 'crashed',
        protocol: 'data',
        carries: [made?.seq],
        detail: 'it waited in memory when the node crashed',
      },
    ]);
  });

  it('does so too where a WebSocket holds it: the rest of one message, and one behind it', () => {
    const { entries } = chat(false, '2KiB', [{ size: '3000B' }, { text: 'after it' }]);
    const frames = entries.filter(
      ({ node, event }) => node === 'client' && event.kind === 'encoded' && event.protocol === 'websocket',
    );
    const ended = lostIn(entries);
    expect(ended).toMatchObject([
      { protocol: 'tcp', carries: [frames[0]?.seq] },
      { protocol: 'websocket', carries: [frames[0]?.seq] },
      { protocol: 'websocket', carries: [frames[1]?.seq] },
    ]);
    const [inTcp, rest] = ended.map(({ bytes }) => bytes.length);
    // Client's header with mask and a length of 16 bits.
    expect((inTcp ?? 0) + (rest ?? 0)).toBe(3000 + 8);
  });

  it('and where TLS holds it', () => {
    const ended = lostIn(chat(true, '4KiB', [{ size: '6000B' }]).entries);
    // A record holds the frame with its header, the type of what is inside, and its own header and tag.
    const record = 6000 + 8 + 1 + 5 + 16;
    expect(ended.map(({ protocol, bytes }) => `${protocol} ${bytes.length}`)).toEqual([
      'tcp 4096',
      `tls ${record - 4096}`,
    ]);
  });

  it('and where Socket.IO holds it: in the buffer of a client that is away, and in sessions that cannot send now', () => {
    type Step = NonNullable<ScenarioInput['timeline']>[number];
    const nodes: ScenarioInput['nodes'] = { client: {}, server: { apps: { 'socketio-server': {} } } };
    const connect = (transport: 'polling' | 'websocket'): Step => ({
      at: '0s',
      node: 'client',
      do: { 'io-connect': { url: 'http://server:3000/', as: 'app', transports: [transport] } },
    });
    const say = (at: string, node: string, data: string): Step => ({ at, node, do: { emit: { event: 'say', data } } });
    const cut: Step = { at: '1s', link: 'wire', set: { down: true } };
    const crash = (at: string, node: string): Step => ({ at, node, do: { crash: true } });
    const lost = (timeline: Step[]) =>
      simulate(defineScenario({ ...NET, until: '70s', nodes, timeline })).entries.flatMap(({ node, event }) =>
        event.kind === 'dropped' &&
        event.reason === 'crashed' &&
        event.layer > 4 &&
        !String(Buffer.from(event.bytes)).includes('HTTP')
          ? [`${node} ${event.protocol} ${Buffer.from(event.bytes).toString()}`]
          : [],
      );

    // At the same instant: the request that carries it still asks where the server is.
    expect(lost([connect('polling'), say('2s', 'client', 'now'), crash('2s', 'client')])).toEqual([
      'client http 42["say","now"]',
    ]);
    expect(lost([connect('websocket'), cut, say('50s', 'client', 'away'), crash('60s', 'client')])).toEqual([
      'client socket-io 2["say","away"]',
    ]);
    // The first one is on its way; the others wait until a poll comes, or the answer to the request that carries it.
    const three = (node: string) => ['one', 'two', 'three'].map((data) => say('2s', node, data));
    for (const node of ['client', 'server']) {
      expect(lost([connect('polling'), cut, ...three(node), crash('3s', node)])).toEqual([
        `${node} engine-io 42["say","two"]`,
        `${node} engine-io 42["say","three"]`,
      ]);
    }
  });
});

describe('a node whose disk says that it was connected', () => {
  it('connects again by itself when it starts, and hears what was kept for it', () => {
    const run = simulate(
      defineScenario({
        packetwalk: 1,
        title: 'a subscriber crashes',
        until: '20s',
        nodes: { phone: {}, sensor: {}, hub: { apps: { 'mqtt-broker': {} } }, sw: { kind: 'switch' } },
        links: [{ between: ['phone', 'sw'] }, { between: ['sensor', 'sw'] }, { between: ['hub', 'sw'] }],
        timeline: [
          { at: '0s', node: 'phone', do: { 'mqtt-connect': { to: 'hub', as: 'phone', clean: false } } },
          { at: '1s', node: 'phone', do: { subscribe: { topic: 'news', qos: 1 } } },
          { at: '1s', node: 'sensor', do: { 'mqtt-connect': { to: 'hub', as: 'sensor' } } },
          { at: '2s', for: '3s', node: 'phone', do: { crash: true } },
          { at: '3s', node: 'sensor', do: { publish: { topic: 'news', data: 'kept', qos: 1 } } },
        ],
      }),
    );
    const heard = run.entries.flatMap(({ node, atNs, event }) =>
      node === 'phone' && event.kind === 'app' && event.text.includes('kept') ? [Math.floor(atNs / 1e9)] : [],
    );
    expect(heard).toEqual([5]);
  });
});
