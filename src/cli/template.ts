/** A scenario to begin with, with a comment at whatever one may want to change. */

export const KINDS = ['ping', 'tcp', 'http', 'websocket', 'socketio', 'mqtt', 'queue'] as const;
export type TemplateKind = (typeof KINDS)[number];

export interface Template {
  readonly title: string;
  readonly kind: TemplateKind;
  /** As in the file: `20ms`, `5%`. */
  readonly delay: string;
  readonly loss: string;
}

interface Plot {
  /** What runs on the server; in the file's own words. */
  readonly server: string;
  readonly timeline: readonly string[];
  readonly expect: readonly string[];
}

const PLOTS: Readonly<Record<TemplateKind, Plot>> = {
  ping: {
    server: '{ ip: 10.0.0.2/24 }',
    timeline: ['{ at: 0s, node: client, do: { ping: { target: server, count: 3 } } }'],
    expect: ['{ name: an answer came, state: client.ping.received, is: ">= 1" }'],
  },
  tcp: {
    server: '{ ip: 10.0.0.2/24, apps: { sink: { port: 9 } } }',
    timeline: [
      '{ at: 0s, node: client, do: { tcp-connect: { to: "server:9", as: upload } } }',
      '{ at: 0s, node: client, do: { tcp-send: { on: upload, size: 20KiB } } }',
      '{ at: 30s, node: client, do: { tcp-close: { on: upload } } }',
    ],
    expect: [
      '{ name: every octet arrived once and in order, delivered: { from: client, to: server, bytes: 20KiB, exactly-once: true, in-order: true } }',
    ],
  },
  http: {
    server: '{ ip: 10.0.0.2/24, apps: { http-server: { port: 80, pages: { /: Hello } } } }',
    timeline: ['{ at: 0s, node: client, do: { get: "http://server/" } }'],
    expect: ['{ name: the page arrived, match: http.response.code == 200, at-least: 1 }'],
  },
  websocket: {
    server: '{ ip: 10.0.0.2/24, apps: { ws-server: { port: 80, echo: true } } }',
    timeline: [
      '{ at: 0s, node: client, do: { ws-connect: { url: "ws://server/", as: chat } } }',
      '{ at: 1s, node: client, do: { ws-send: { on: chat, text: "hello {n}", times: 5, every: 200ms } } }',
      '{ at: 30s, node: client, do: { ws-close: chat } }',
    ],
    expect: [
      '{ name: every message came in order, delivered: { from: client, to: server, messages: all, in-order: true } }',
    ],
  },
  socketio: {
    server: '{ ip: 10.0.0.2/24, apps: { socketio-server: { port: 3000, on: { say: ack } } } }',
    timeline: [
      '{ at: 0s, node: client, do: { io-connect: { url: "http://server:3000/", as: chat } } }',
      '{ at: 2s, node: client, do: { emit: { on: chat, event: say, data: "hello {n}", ack: true, times: 3, every: 1s } } }',
    ],
    expect: ['{ name: the events arrived, state: server.app.received.say, is: 3 }'],
  },
  mqtt: {
    server: '{ ip: 10.0.0.2/24, apps: { mqtt-broker: {} } }',
    timeline: [
      '{ at: 0s, node: client, do: { mqtt-connect: { to: server, clean: false } } }',
      '{ at: 0s, node: client, do: { subscribe: { topic: news, qos: 1 } } }',
      '{ at: 2s, node: client, do: { publish: { topic: news, data: "news {n}", qos: 1, times: 3, every: 1s } } }',
    ],
    expect: ['{ name: the messages arrived, state: client.app.received.news, is: ">= 3" }'],
  },
  queue: {
    server: '{ ip: 10.0.0.2/24, apps: { queue-broker: { queues: { jobs: { durable: true } } } } }',
    timeline: [
      '{ at: 0s, node: client, do: { consume: { queue: jobs, prefetch: 1, work: 200ms } } }',
      '{ at: 1s, node: client, do: { enqueue: { queue: jobs, data: "job {n}", times: 3, confirm: true } } }',
    ],
    expect: ['{ name: every job was done, state: client.app.processed.jobs, is: ">= 3" }'],
  },
};

export function templateText({ title, kind, delay, loss }: Template): string {
  const { server, timeline, expect } = PLOTS[kind];
  return `packetwalk: 1
title: ${JSON.stringify(title)}
# Decides what is random. The same seed gives the same run.
seed: 1
# Virtual time at which the run stops.
until: 60s
# Values to play with: packetwalk run FILE --set loss=5%
params:
  delay: { default: ${delay} }
  loss: { default: ${loss} }
# Hosts, routers, switches. Addresses that are left out are filled in.
nodes:
  client: { ip: 10.0.0.1/24 }
  server: ${server}
# Cables in netem's words: delay, jitter, rate, loss, duplicate, reorder, corrupt, queue.
links:
  - between: [client, server]
    delay: \${delay}
    loss: \${loss}
# What happens, and when.
timeline:
${timeline.map((line) => `  - ${line}`).join('\n')}
# What must come of it: filters are Wireshark's display filters.
expect:
${expect.map((line) => `  - ${line}`).join('\n')}
`;
}
