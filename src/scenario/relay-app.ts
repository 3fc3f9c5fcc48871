import type { z } from 'zod';
import type { RelayApp } from './relay-spec.ts';
import type { LOAD_BALANCER, PROXY } from './schema/relay.ts';
import { serverTlsOf } from './tls-spec.ts';

/** nginx's proxy_read_timeout. */
const IDLE_NS = 60_000_000_000;

export function proxyOf(name: string, file: z.output<typeof PROXY>, names: readonly string[]): RelayApp {
  const secure = serverTlsOf(file.tls, names);
  const { port = usualPort(secure), to, idle: idleNs = IDLE_NS } = file;
  return { kind: 'proxy', name, port, to: [to], policy: 'round-robin', idleNs, ...secure };
}

export function loadBalancerOf(name: string, file: z.output<typeof LOAD_BALANCER>, names: readonly string[]): RelayApp {
  const secure = serverTlsOf(file.tls, names);
  const { port = usualPort(secure), to, policy = 'round-robin', idle: idleNs = IDLE_NS } = file;
  return { kind: 'load-balancer', name, port, to, policy, idleNs, ...secure };
}

function usualPort({ tls }: Pick<RelayApp, 'tls'>): number {
  return tls ? 443 : 80;
}
