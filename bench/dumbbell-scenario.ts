/**
 * The dumbbell as a scenario of ours; `bench/peers/ns3/dumbbell.cc` builds the same for ns-3.
 *
 *   N senders ── access ── left ── bottleneck, drop tail ── right ── access ── N receivers
 */

import { defineScenario, type Scenario, type ScenarioInput } from '../src/index.ts';

export interface Dumbbell {
  readonly flows: number;
  readonly seconds: number;
  readonly bottleneck: string;
  readonly access: string;
  readonly delay: string;
  readonly queue: string;
  readonly loss: string;
  /** What all flows together offer, in times of what the bottleneck carries; a flow alone offers no more than all. */
  readonly offered: number;
  readonly message: number;
}

export const DUMBBELL: Dumbbell = {
  flows: 1,
  seconds: 20,
  bottleneck: '100Mbit',
  access: '1Gbit',
  delay: '10ms',
  queue: '100pkt',
  loss: '0%',
  offered: 4,
  message: 64_000,
};

export function dumbbellScenario(dumbbell: Dumbbell): Scenario {
  const { flows, seconds, bottleneck, access, delay, queue, loss, offered, message } = dumbbell;
  const tcp = {
    congestion: 'cubic',
    sack: true,
    timestamps: true,
    'window-scale': true,
    'send-buffer': '1MiB',
    'recv-buffer': '1MiB',
  } as const;
  const numbers = Array.from({ length: flows }, (_, flow) => flow);
  const network = (side: number, flow: number) => `${side}.${Math.floor(flow / 250)}.${flow % 250}`;
  const nodes: Record<string, unknown> = {
    left: { kind: 'router', interfaces: {} },
    right: { kind: 'router', interfaces: {} },
  };
  const sides = ['left', 'right'].map((name, index) => {
    const interfaces: Record<string, string> = { middle: `10.255.0.${index + 1}/24` };
    for (const flow of numbers) interfaces[`to${flow}`] = `${network(10 + index, flow)}.2/24`;
    return [name, { kind: 'router', interfaces }] as const;
  });
  Object.assign(nodes, Object.fromEntries(sides));
  for (const flow of numbers) {
    nodes[`sender${flow}`] = { ip: `${network(10, flow)}.1/24`, tcp };
    nodes[`receiver${flow}`] = { ip: `${network(11, flow)}.1/24`, tcp, apps: { sink: { port: 9 } } };
  }
  const links: unknown[] = [
    { between: ['left:middle', 'right:middle'], rate: bottleneck, delay, queue, 'a-to-b': { loss } },
  ];
  for (const flow of numbers) {
    links.push({ between: [`sender${flow}`, `left:to${flow}`], rate: access, queue: '10000pkt' });
    links.push({ between: [`receiver${flow}`, `right:to${flow}`], rate: access, queue: '10000pkt' });
  }
  const share = Math.min(1, offered / flows);
  const times = Math.ceil((seconds * share * 12_500_000) / message);
  const timeline = numbers.flatMap((flow) => [
    { at: `${flow}ms`, node: `sender${flow}`, do: { 'tcp-connect': { to: `receiver${flow}:9`, as: 'bulk' } } },
    { at: `${flow}ms`, node: `sender${flow}`, do: { 'tcp-send': { on: 'bulk', size: `${message}B`, times } } },
  ]);
  const input = { packetwalk: 1, title: 'Dumbbell', until: `${seconds}s`, nodes, links, timeline };
  return defineScenario(input as ScenarioInput);
}
