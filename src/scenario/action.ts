/** One action of the timeline: short forms written out, defaults filled in, what it names looked up. */

import { type ActionSource, checkTarget, placeOf, spotOf, warnWithoutServer } from './action-source.ts';
import { brokerActionOf } from './broker-action.ts';
import { isBrokerKind } from './broker-spec.ts';
import type { Checks } from './checks.ts';
import { dhcpActionOf } from './dhcp-spec.ts';
import type { Action, Payload } from './scenario.ts';
import type { DoFile } from './schema/timeline.ts';
import { isSessionKind, sessionActionOf } from './session-action.ts';
import { socketActionOf } from './socket-action.ts';
import { clientTlsOf } from './tls-spec.ts';
import { spotAt } from './tree.ts';

const SECOND_NS = 1_000_000_000;
/** As ping(8) sends: 56 octets, 64 with the ICMP header. */
const PING_BYTES = 56;
/** As traceroute(8) sends, and how many for each hop. */
const TRACEROUTE_BYTES = 32;
const TRACEROUTE_PROBES = 3;
/** What a datagram holds when the scenario does not say. */
const DATAGRAM_BYTES = 64;

/** null when something about it is wrong; that has been reported. */
export function actionOf(source: ActionSource, checks: Checks): Action | null {
  const { file, kind, node } = source;
  const name = node.name;
  if (isSessionKind(kind)) return sessionActionOf(source, kind, checks);
  if (isBrokerKind(kind)) return brokerActionOf(source, kind, checks);
  switch (kind) {
    case 'crash':
    case 'pause':
      return { kind, node: name };
    case 'dhcp':
      return dhcpActionOf(source, checks);
    case 'socket':
      return socketActionOf(source, checks);
    case 'skew':
      return file.skew === undefined ? null : { kind, node: name, skewNs: file.skew };
    case 'partition':
      return partitionOf(source, checks);
    case 'ping':
    case 'traceroute':
    case 'resolve':
      return probeOf(source, checks);
    case 'udp-send': {
      const given = file['udp-send'];
      if (given === undefined) return null;
      const { to, times = 1, every: everyNs = 0, ...content } = 'to' in given ? given : { to: given };
      checkTarget(source, to.host, spotOf(source, 'to'), checks);
      const payload = payloadOf(source, content, { kind: 'size', bytes: DATAGRAM_BYTES }, checks);
      return payload && { kind, node: name, to, payload, times, everyNs };
    }
    case 'tcp-connect': {
      const given = file['tcp-connect'];
      if (given === undefined) return null;
      const { to, as = 'tcp', tls = false } = 'to' in given ? given : { to: given };
      checkTarget(source, to.host, spotOf(source, 'to'), checks);
      const secure = tls === false ? {} : { tls: clientTlsOf(tls === true ? undefined : tls, to.host) };
      return { kind, node: name, to, as, ...secure };
    }
    case 'tcp-send': {
      const given = file['tcp-send'];
      if (given === undefined) return null;
      const {
        on = null,
        times = 1,
        every: everyNs = 0,
        ...content
      } = typeof given === 'string' ? { data: given } : given;
      checkConnection(source, on, checks);
      const payload = payloadOf(source, content, null, checks);
      return payload && { kind, node: name, on, payload, times, everyNs };
    }
    case 'tcp-close':
    case 'tcp-abort': {
      const given = file[kind];
      const on = typeof given === 'string' ? given : typeof given === 'object' ? (given?.on ?? null) : null;
      checkConnection(source, on, checks);
      return { kind, node: name, on };
    }
    case 'get': {
      const given = file.get;
      if (given === undefined) return null;
      const options = 'url' in given ? given : { url: given };
      const { url, as = 'http', 'keep-alive': keepAlive = false, compressed } = options;
      checkTarget(source, url.host, spotOf(source, 'url'), checks);
      const where = placeOf(source, url, options.tls, checks);
      const coded = compressed ? { codings: compressed } : {};
      return { kind, node: name, ...where, as, keepAlive, ...coded, payload: null };
    }
    case 'post': {
      const given = file.post;
      if (given === undefined) return null;
      const options = 'url' in given ? given : { url: given };
      const { url, body: data, size, as = 'http', 'keep-alive': keepAlive = false } = options;
      checkTarget(source, url.host, spotOf(source, 'url'), checks);
      const payload = payloadOf(source, { data, size }, { kind: 'text', text: '' }, checks);
      return payload && { kind, node: name, ...placeOf(source, url, options.tls, checks), as, keepAlive, payload };
    }
  }
}

function partitionOf({ node, file, tree, path }: ActionSource, checks: Checks): Action {
  const given = file.partition ?? [];
  const list = typeof given === 'string' ? [given] : given;
  const others = list.filter((other, index) => {
    const spot = spotAt(tree, typeof given === 'string' ? path : [...path, index]);
    if (other === node.name) checks.problems.error(spot, 'PW0405', `\`${other}\` cannot be cut off from itself`);
    return other !== node.name && checks.host(other, spot, 'exchanges no packets of its own') !== null;
  });
  return { kind: 'partition', node: node.name, others };
}

/** ping, traceroute, resolve: the short form is the target, which is also called `to`. */
function probeOf(source: ActionSource, checks: Checks): Action | null {
  const { file, kind, node, tree, path } = source;
  const given = kind === 'ping' ? file.ping : kind === 'traceroute' ? file.traceroute : file.resolve;
  if (given === undefined) return null;
  const options: Exclude<DoFile['ping'], string | undefined> = typeof given === 'string' ? { target: given } : given;
  const target = options.target ?? options.to;
  if (target === undefined || (options.target !== undefined && options.to !== undefined)) {
    const message = target === undefined ? 'the key `target` is missing' : '`target` and `to` are the same thing';
    checks.problems.error({ ...spotAt(tree, path), length: 1 }, target === undefined ? 'PW0302' : 'PW0307', message);
    return null;
  }
  const spot = spotOf(source, options.to === undefined ? 'target' : 'to');
  const { count, every, size, df: dontFragment = false } = options;
  if (kind === 'resolve') {
    warnWithoutServer(node, spot, checks);
    return { kind, node: node.name, target, count: count ?? 1, everyNs: every ?? SECOND_NS };
  }
  checkTarget(source, target, spot, checks);
  const probe = { node: node.name, target, dontFragment };
  if (kind === 'ping') {
    return { kind, ...probe, count: count ?? 1, everyNs: every ?? SECOND_NS, sizeBytes: size ?? PING_BYTES };
  }
  const sizeBytes = size ?? TRACEROUTE_BYTES;
  return { kind: 'traceroute', ...probe, count: count ?? TRACEROUTE_PROBES, everyNs: every ?? 0, sizeBytes };
}

interface Content {
  readonly data?: string | undefined;
  readonly size?: number | undefined;
}

function payloadOf(source: ActionSource, content: Content, otherwise: Payload | null, checks: Checks): Payload | null {
  const { data, size } = content;
  const { tree, path } = source;
  if (data !== undefined && size !== undefined) {
    checks.problems.error(spotOf(source, 'size'), 'PW0307', '`data` and `size` do not go together', 'choose one');
    return null;
  }
  if (data !== undefined) return { kind: 'text', text: data };
  if (size !== undefined) return { kind: 'size', bytes: size };
  if (otherwise === null) {
    const spot = { ...spotAt(tree, path), length: 1 };
    checks.problems.error(spot, 'PW0302', 'there is nothing to send: `data` or `size` is missing');
  }
  return otherwise;
}

/** Whether `on` names a connection of the node; left out, there must be one that can be meant. */
function checkConnection(source: ActionSource, on: string | null, checks: Checks): void {
  const { node, connections, tree, path } = source;
  const { problems } = checks;
  const names = new Set(connections);
  const spot = on === null ? { ...spotAt(tree, path), length: 1 } : spotOf(source, 'on');
  if (connections.length === 0) {
    const message = `\`${node.name}\` opens no connection`;
    problems.error(spot, 'PW0505', message, `add { node: ${node.name}, do: { tcp-connect: HOST:PORT } }`);
  } else if (on === null) {
    if (names.size < 2) return;
    const message = `\`${node.name}\` opens several connections: say which with \`on\``;
    problems.error(spot, 'PW0505', message, `they are: ${[...names].join(', ')}`);
  } else if (!isNamed(on, connections)) {
    const message = `\`${node.name}\` opens no connection \`${on}\`${problems.didYouMean(on, names)}`;
    problems.error(spot, 'PW0505', message, `it opens: ${[...names].join(', ')}`);
  }
}

/** The second connection of a name is called NAME-2, and so on. */
function isNamed(on: string, connections: readonly string[]): boolean {
  if (connections.includes(on)) return true;
  const [, name = '', number = ''] = /^(.+)-(\d{1,6})$/.exec(on) ?? [];
  const times = connections.filter((other) => other === name).length;
  return Number(number) >= 2 && Number(number) <= times;
}
