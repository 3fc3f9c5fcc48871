/** The actions on WebSockets and Socket.IO clients. */

import type { z } from 'zod';
import { parseIp } from '../wire/address.ts';
import { type ActionSource, checkTarget, placeOf, spotOf } from './action-source.ts';
import type { Checks } from './checks.ts';
import { addressesOf, type NodePlan } from './plan.ts';
import type { Payload } from './scenario.ts';
import type { SOCKETIO_SERVER } from './schema/session.ts';
import type { DoFile } from './schema/timeline.ts';
import { DEFAULT_IO_PATH, socketIoServerOf } from './session-app.ts';
import type { EventContent, Json, SessionAction } from './session-spec.ts';
import { spotAt } from './tree.ts';

const SECOND_NS = 1_000_000_000;
const DEFAULT_RECONNECTION = { delayNs: SECOND_NS, maxNs: 5 * SECOND_NS, jitterPerMillion: 500_000, attempts: null };

type SessionKind = SessionAction['kind'];

/** What opens a connection of a family, and the name that it has where none is given. */
const OPENERS = { ws: ['ws-connect', 'ws'], io: ['io-connect', 'io'], mqtt: ['mqtt-connect', 'mqtt'] } as const;
type Family = keyof typeof OPENERS;

/** The names of the connections of a family that one entry opens. */
export function openedBy(file: DoFile, family: Family): readonly string[] {
  const [kind, otherwise] = OPENERS[family];
  const given = file[kind];
  if (given === undefined) return [];
  return ['as' in given && given.as !== undefined ? given.as : otherwise];
}

export function isSessionKind(kind: string): kind is SessionKind {
  return /^(ws-(connect|send|ping|close)|io-(connect|disconnect)|emit)$/.test(kind);
}

/** null when something about it is wrong; that has been reported. */
export function sessionActionOf(source: ActionSource, kind: SessionKind, checks: Checks): SessionAction | null {
  switch (kind) {
    case 'ws-connect':
      return wsConnectOf(source, checks);
    case 'ws-send':
      return wsSendOf(source, checks);
    case 'ws-ping':
    case 'io-disconnect': {
      const on = nameIn(source.file[kind]);
      checkNamed(source, kind === 'ws-ping' ? 'ws' : 'io', on, checks);
      return { kind, node: source.node.name, on };
    }
    case 'ws-close': {
      const given = source.file['ws-close'];
      const on = nameIn(given);
      checkNamed(source, 'ws', on, checks);
      const { code = 1000, reason = '' } = typeof given === 'object' && given !== null ? given : {};
      return { kind, node: source.node.name, on, code, reason };
    }
    case 'io-connect':
      return ioConnectOf(source, checks);
    case 'emit':
      return emitOf(source, checks);
  }
}

function nameIn(given: string | { readonly on?: string | undefined } | true | null | undefined): string | null {
  if (typeof given === 'string') return given;
  return typeof given === 'object' ? (given?.on ?? null) : null;
}

function wsConnectOf(source: ActionSource, checks: Checks): SessionAction | null {
  const given = source.file['ws-connect'];
  if (given === undefined) return null;
  const options = 'url' in given ? given : { url: given };
  const { url, as = 'ws', protocols = [], deflate = false } = options;
  checkTarget(source, url.host, spotOf(source, 'url'), checks);
  const list = Array.isArray(protocols) ? protocols : [protocols];
  const where = placeOf(source, url, options.tls, checks);
  return { kind: 'ws-connect', node: source.node.name, ...where, as, protocols: list, deflate };
}

function wsSendOf(source: ActionSource, checks: Checks): SessionAction | null {
  const given = source.file['ws-send'];
  if (given === undefined) return null;
  const { on = null, times = 1, every: everyNs = 0, ...content } = typeof given === 'string' ? { text: given } : given;
  checkNamed(source, 'ws', on, checks);
  const written = (['text', 'binary', 'size'] as const).filter((key) => content[key] !== undefined);
  if (written.length !== 1) {
    const spot = { ...spotAt(source.tree, source.path), length: 1 };
    const message =
      written.length === 0 ? 'there is nothing to send' : `\`${written.join('` and `')}\` do not go together`;
    checks.problems.error(
      spot,
      written.length === 0 ? 'PW0302' : 'PW0307',
      message,
      'write `text`, `binary` or `size`',
    );
    return null;
  }
  const { text, binary, size = 0 } = content;
  const words = text ?? binary;
  const payload: Payload = words === undefined ? { kind: 'size', bytes: size } : { kind: 'text', text: words };
  return { kind: 'ws-send', node: source.node.name, on, payload, isText: text !== undefined, times, everyNs };
}

function ioConnectOf(source: ActionSource, checks: Checks): SessionAction | null {
  const given = source.file['io-connect'];
  if (given === undefined) return null;
  const options = 'url' in given ? given : { url: given };
  const {
    url,
    as = 'io',
    transports = ['polling', 'websocket'],
    retries = 0,
    'ack-timeout': ackTimeoutNs = null,
  } = options;
  checkTarget(source, url.host, spotOf(source, 'url'), checks);
  const { reconnection } = options;
  const { tls } = placeOf(source, url, options.tls, checks);
  const { delay, max, jitter, attempts } = reconnection === false || reconnection === undefined ? {} : reconnection;
  return {
    kind: 'io-connect',
    node: source.node.name,
    host: url.host,
    port: url.port,
    ...(tls ? { tls } : {}),
    path: options.path ?? ioPathOf(url, checks),
    namespace: url.path.replace(/\?.*$/, ''),
    as,
    transports,
    reconnection:
      reconnection === false
        ? null
        : {
            delayNs: delay ?? DEFAULT_RECONNECTION.delayNs,
            maxNs: max ?? DEFAULT_RECONNECTION.maxNs,
            jitterPerMillion: jitter ?? DEFAULT_RECONNECTION.jitterPerMillion,
            attempts: attempts ?? null,
          },
    retries,
    ackTimeoutNs: ackTimeoutNs ?? (retries > 0 ? 10 * SECOND_NS : null),
  };
}

/**
 * Where a client looks for its server when it does not say: programs come with the path of their own server, so it is
 * that of the server which the URL names; through a proxy, that of the scenario's servers where they have the same.
 */
function ioPathOf({ host, port }: { readonly host: string; readonly port: number }, { nodes }: Checks): string {
  const servers = [...nodes.values()].flatMap((node) =>
    Object.entries(node.file.apps ?? {}).flatMap(([name, app]) => {
      if (!app || (app.kind ?? name) !== 'socketio-server') return [];
      const { path, port: listens } = socketIoServerOf(name, app as z.output<typeof SOCKETIO_SERVER>, []);
      const isNamed = listens === port && (node.name === host || addressesOf(node).includes(parseIp(host) ?? -1));
      return [{ path, isNamed }];
    }),
  );
  const named = servers.find(({ isNamed }) => isNamed);
  if (named) return named.path;
  const paths = new Set(servers.map(({ path }) => path));
  return paths.size === 1 ? ([...paths][0] as string) : DEFAULT_IO_PATH;
}

/** A node with clients emits on one of them; one with a server emits to all of that server's clients. */
function emitOf(source: ActionSource, checks: Checks): SessionAction | null {
  const given = source.file.emit;
  if (given === undefined) return null;
  const options = typeof given === 'string' ? { event: given } : given;
  const { on = null, event, ack = false, volatile: isVolatile = false, times = 1, every: everyNs = 0 } = options;
  const content = contentOf(source, options, checks);
  if (!content) return null;
  const servers = serversOf(source.node);
  const isServer = on === null ? source.opened.io.length === 0 && servers.length > 0 : servers.includes(on);
  if (!isServer) checkNamed(source, 'io', on, checks);
  if (isServer && on === null && servers.length > 1) {
    const spot = { ...spotAt(source.tree, source.path), length: 1 };
    const message = `\`${source.node.name}\` has several servers: say which with \`on\``;
    checks.problems.error(spot, 'PW0505', message, `they are: ${servers.join(', ')}`);
  }
  const [wrong] = (isServer ? (['to-room', 'ack'] as const) : (['room', 'namespace'] as const)).filter(
    (key) => options[key] !== undefined,
  );
  if (wrong !== undefined) {
    const who = isServer ? 'a server' : 'a client';
    checks.problems.error(spotOf(source, wrong), 'PW0307', `\`${wrong}\` is not for what ${who} emits`);
  }
  const app = isServer ? (on ?? servers[0] ?? null) : null;
  const room = (isServer ? options.room : options['to-room']) ?? null;
  const whom = { on: isServer ? null : on, app, namespace: options.namespace ?? '/', room };
  return { kind: 'emit', node: source.node.name, ...whom, event, content, ack, volatile: isVolatile, times, everyNs };
}

function contentOf(
  source: ActionSource,
  { data, size }: { readonly data?: unknown; readonly size?: number | undefined },
  checks: Checks,
): EventContent | null {
  if (data !== undefined && size !== undefined) {
    checks.problems.error(spotOf(source, 'size'), 'PW0307', '`data` and `size` do not go together', 'choose one');
    return null;
  }
  if (size !== undefined) return { kind: 'size', bytes: size };
  return data === undefined ? { kind: 'none' } : { kind: 'json', value: data as Json };
}

function serversOf({ file }: NodePlan): readonly string[] {
  return Object.entries(file.apps ?? {}).flatMap(([name, app]) =>
    (app?.kind ?? name) === 'socketio-server' ? [name] : [],
  );
}

/** Whether `on` names a connection that the node opens; left out, there must be one that can be meant. */
export function checkNamed(source: ActionSource, family: Family, on: string | null, checks: Checks): void {
  const { node, tree, path } = source;
  const { problems } = checks;
  const names = new Set(source.opened[family]);
  const [opener] = OPENERS[family];
  const spot = on === null ? { ...spotAt(tree, path), length: 1 } : spotOf(source, 'on');
  const hint = `it opens: ${[...names].join(', ')}`;
  if (names.size === 0) {
    const message = `\`${node.name}\` opens no connection with \`${opener}\``;
    problems.error(
      spot,
      'PW0505',
      message,
      `add { node: ${node.name}, do: { ${opener}: ${family === 'mqtt' ? 'HOST' : 'URL'} } }`,
    );
  } else if (on === null && names.size > 1) {
    problems.error(spot, 'PW0505', `\`${node.name}\` opens several connections: say which with \`on\``, hint);
  } else if (on !== null && !names.has(on)) {
    const message = `\`${node.name}\` opens no connection \`${on}\`${problems.didYouMean(on, names)}`;
    problems.error(spot, 'PW0505', message, hint);
  }
}
