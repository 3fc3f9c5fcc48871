/**
 * Many hosts of which a few talk: switches with fifty hosts each around one router, so that no broadcast domain grows.
 *
 *   host ── switch ── router ── switch ── host
 */

import { defineScenario, type Scenario, type ScenarioInput } from '../src/index.ts';

const HOSTS_ON_A_SWITCH = 50;
/** So many send at most, whatever the number of hosts. */
const MOST_SENDERS = 500;

/** `datagrams` in all, each of which crosses four links; half of the hosts sends to the other half, or a part of it does. */
export function campusScenario(hosts: number, datagrams: number): Scenario {
  const nodes: Record<string, unknown> = { core: { kind: 'router' } };
  const links: unknown[] = [];
  const switches = Math.max(2, Math.ceil(hosts / HOSTS_ON_A_SWITCH));
  for (let number = 0; number < switches; number++) {
    nodes[`switch${number}`] = { kind: 'switch' };
    links.push({ between: [`switch${number}`, 'core'], rate: '1Gbit', delay: '10us' });
  }
  for (let host = 0; host < hosts; host++) {
    nodes[`host${host}`] = {};
    links.push({ between: [`host${host}`, `switch${host % switches}`], rate: '1Gbit', delay: '10us' });
  }
  const senders = Math.min(hosts >> 1, MOST_SENDERS);
  const step = Math.floor((hosts >> 1) / senders);
  const times = Math.ceil(datagrams / senders);
  const timeline = Array.from({ length: senders }, (_, index) => {
    const sender = index * step;
    // The next one is on another switch.
    const receiver = `host${(sender + (hosts >> 1) + 1) % hosts}`;
    nodes[receiver] = { apps: { sink: { transport: 'udp' } } };
    const send = { to: `${receiver}:9`, size: '500B', times, every: '1ms' };
    return { at: `${index}us`, node: `host${sender}`, do: { 'udp-send': send } };
  });
  const input = { packetwalk: 1, title: 'Campus', until: '1h', nodes, links, timeline };
  return defineScenario(input as ScenarioInput);
}
