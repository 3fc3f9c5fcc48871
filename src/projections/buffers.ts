/**
 * What waits where above the network: queues and sessions of brokers, what producers keep for a broker that is away, what
 * sessions keep for a server that is away, and what a WebSocket has not given to TCP yet.
 */

import type { Nanos } from '../kernel/journal.ts';
import type { Chronicle } from './chronicle.ts';
import type { Metric } from './series-log.ts';

/** How much waits in one place. */
export interface Gauge {
  /** `queued`, `depth`, `sendBuffer`: the metric's own name. */
  readonly name: string;
  /** `broker.mqtt.phone.queued`. */
  readonly path: string;
  readonly value: number;
  /** The most there was so far. */
  readonly most: number;
  readonly isOctets: boolean;
}

/** One machine that keeps something. */
export interface Store {
  readonly node: string;
  /** `mqtt.phone`, `queue.jobs`, `io.app`. */
  readonly machine: string;
  /** Of its connection, where it has one; `OPEN`, `offline`. */
  readonly state: string | null;
  readonly gauges: readonly Gauge[];
  /** What it counts besides: `3 confirmed`, `2 consumers`; and what it is subscribed to. */
  readonly notes: readonly string[];
  /** The last entry that changed one of them. */
  readonly changedSeq: number;
}

/** A message that was handed over and not acknowledged. */
export interface Outstanding {
  readonly node: string;
  readonly machine: string;
  readonly key: string;
  readonly text: string;
  readonly sinceNs: Nanos;
}

export interface Buffers {
  readonly stores: readonly Store[];
  /** The oldest first. */
  readonly outstanding: readonly Outstanding[];
}

/** Metrics that say how much waits; of the same machine in this order. */
const WAITING = [
  'depth',
  'unacked',
  'queued',
  'in-flight',
  'waiting',
  'unconfirmed',
  'sendBuffer',
  'writeBuffer',
  'bufferedAmount',
] as const;
const OCTETS: ReadonlySet<string> = new Set(['bufferedAmount']);
/** Metrics that are told beside them. */
const COUNTED = ['consumers', 'confirmed', 'clients'] as const;

function isWaiting(name: string): boolean {
  return (WAITING as readonly string[]).includes(name);
}

function isCounted(name: string): boolean {
  return (COUNTED as readonly string[]).includes(name);
}

export function buffersAt(chronicle: Chronicle, seq: number): Buffers {
  const { series } = chronicle;
  const machines = new Map<string, Metric[]>();
  for (const metric of series.metricsAt(seq)) {
    if (!isWaiting(metric.name) && !isCounted(metric.name)) continue;
    // TCP has a pane of its own.
    if (metric.machine.startsWith('tcp.')) continue;
    const key = `${metric.node}.${metric.machine}`;
    const list = machines.get(key);
    if (list) list.push(metric);
    else machines.set(key, [metric]);
  }
  // A session of a broker is there before anything waits in it.
  for (const path of series.machinesAt(seq)) {
    const [, node = '', machine = ''] = /^([^.]+)\.(mqtt\..+)$/.exec(path) ?? [];
    if (node !== '' && !machines.has(path)) machines.set(path, [{ node, machine, name: '', path: '' }]);
  }
  const tables = series.tablesAt(seq);
  return {
    stores: [...machines.values()].map((metrics) => storeOf(chronicle, metrics, tables, seq)),
    outstanding: outstandingAt(chronicle, tables, seq),
  };
}

function storeOf(chronicle: Chronicle, metrics: readonly Metric[], tables: readonly string[], seq: number): Store {
  const { series } = chronicle;
  const { node, machine } = metrics[0] as Metric;
  const order = (name: string) => (WAITING as readonly string[]).indexOf(name);
  const value = (path: string) => series.valueAt(path, seq) ?? 0;
  const gauges = metrics
    .filter(({ name }) => isWaiting(name))
    .sort((one, other) => order(one.name) - order(other.name))
    .map(({ name, path }) => ({
      name,
      path,
      value: value(path),
      most: series.mostAt(path, seq),
      isOctets: OCTETS.has(name),
    }));
  const counted = metrics
    .filter(({ name }) => isCounted(name))
    .map(({ name, path }) => `${value(path)} ${value(path) === 1 ? name.replace(/s$/, '') : name}`);
  const subscribed = tables.filter((table) => table === `${node}.${machine}.subscriptions`);
  const topics = subscribed.flatMap((table) => series.rowsAt(table, seq).rows.map(({ key }) => key));
  return {
    node,
    machine,
    state: series.stateAt(`${node}.${machine}`, seq)?.event.to ?? null,
    gauges,
    notes: [...counted, ...(topics.length > 0 ? [topics.join(' ')] : [])],
    changedSeq: Math.max(...metrics.map(({ path }) => series.lastChange(path, seq))),
  };
}

/** Rows of tables whose messages somebody has not acknowledged yet: MQTT's identifiers, deliveries of a queue. */
function outstandingAt({ series, entries }: Chronicle, tables: readonly string[], seq: number): Outstanding[] {
  const outstanding: Outstanding[] = [];
  for (const table of tables) {
    const [, node = '', machine = '', kind = ''] = /^([^.]+)\.(.+)\.(inflight|messages)$/.exec(table) ?? [];
    if (kind === '') continue;
    for (const { key, cells, seq: wroteSeq } of series.rowsAt(table, seq).rows) {
      if (kind === 'messages' && cells.state !== 'unacked') continue;
      const sinceNs = entries[wroteSeq]?.atNs ?? 0;
      outstanding.push({
        node,
        machine,
        key,
        text: kind === 'messages' ? deliveryText(cells) : publishText(cells),
        sinceNs,
      });
    }
  }
  return outstanding.sort((one, other) => one.sinceNs - other.sinceNs);
}

type Cells = Readonly<Record<string, string | number | boolean>>;

function publishText(cells: Cells): string {
  return `PUBLISH ${cells.topic ?? ''}  qos ${cells.qos ?? 0}  waits for ${cells['waits-for'] ?? 'an answer'}`;
}

function deliveryText({ bytes, deliveries }: Cells): string {
  const again = Number(deliveries) > 1 ? `  delivery ${deliveries}` : '';
  return `${bytes ?? 0} B  waits for basic.ack${again}`;
}
