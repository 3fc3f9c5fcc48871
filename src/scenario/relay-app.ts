import type { z } from 'zod';
import type { RelayApp } from './relay-spec.ts';
import type { LOAD_BALANCER, PROXY } from './schema/relay.ts';

/** nginx's proxy_read_timeout. */
const IDLE_NS = 60_000_000_000;

export function proxyOf(name: string, file: z.output<typeof PROXY>): RelayApp {
  const { port = 80, to, idle: idleNs = IDLE_NS } = file;
  return { kind: 'proxy', name, port, to: [to], policy: 'round-robin', idleNs };
}

export function loadBalancerOf(name: string, file: z.output<typeof LOAD_BALANCER>): RelayApp {
  const { port = 80, to, policy = 'round-robin', idle: idleNs = IDLE_NS } = file;
  return { kind: 'load-balancer', name, port, to, policy, idleNs };
}
