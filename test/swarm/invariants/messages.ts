/**
 * Queues, topics and events in Jepsen's words: what was acknowledged and never came is lost; what came and nobody sent is
 * unexpected; duplicates are counted where they may happen and refused where they may not.
 */

import type { Entry } from '../../../src/kernel/journal.ts';
import type { Invariant, PowerLog, Subject } from './invariant.ts';

/** Of brokers, which send one in half this time. */
const HEARTBEAT_NS = 60_000_000_000;

interface Topic {
  readonly published: string[];
  readonly qos: Map<string, number>;
  /** What the broker took, in the order of the first times. */
  readonly taken: Set<string>;
  /** The same while there was a subscriber. */
  readonly passedOn: Set<string>;
  readonly received: string[];
  publisher: string;
  subscriber: string;
}

export class Messages implements Invariant {
  readonly #subject: Subject;
  readonly #power: PowerLog;
  readonly #queue = {
    enqueued: new Set<string>(),
    confirmed: new Map<string, string>(),
    done: new Set<string>(),
    received: [] as string[],
  };
  readonly #topics = new Map<string, Topic>();
  readonly #events = { emitted: new Map<string, string[]>(), received: new Map<string, string[]>() };

  constructor(subject: Subject, power: PowerLog) {
    this.#subject = subject;
    this.#power = power;
  }

  add({ node, event }: Entry): void {
    if (event.kind !== 'app') return;
    const { machine, text } = event;
    if (machine.startsWith('queue.')) this.#onQueue(node, text);
    else if (machine.startsWith('mqtt.')) this.#onMqtt(node, text);
    else {
      const [, token = '', name, subscribers] =
        /^takes \d+ octets?: "((.*)-\d+)" to .* for (\d+) subscriber/.exec(text) ?? [];
      if (name !== undefined) {
        this.#topicOf(name).taken.add(token);
        if (subscribers === '1') this.#topicOf(name).passedOn.add(token);
      }
      this.#onEvent(text);
    }
  }

  #onQueue(node: string, text: string): void {
    const { enqueued, confirmed, done, received } = this.#queue;
    const [, what = '', token = '', how = ''] =
      /^(?:(enqueues|received|is done with) )?\d+ octets?: "(.*)"(.*)$/.exec(text) ?? [];
    if (what === 'enqueues') enqueued.add(token);
    else if (what === 'received') received.push(token);
    else if (what === 'is done with') done.add(token);
    else if (how === ' is confirmed') confirmed.set(token, node);
  }

  #onMqtt(node: string, text: string): void {
    const [, token = '', name = '', qos] = /^publishes \d+ octets?: "((.*)-\d+)" to .* with QoS (\d)/.exec(text) ?? [];
    if (qos !== undefined) {
      const topic = this.#topicOf(name);
      topic.published.push(token);
      topic.qos.set(token, Number(qos));
      topic.publisher = node;
    }
    const [, got, from = ''] = /^received \d+ octets?: "((.*)-\d+)" on /.exec(text) ?? [];
    if (got !== undefined) {
      const topic = this.#topicOf(from);
      topic.received.push(got);
      topic.subscriber = node;
    }
  }

  #onEvent(text: string): void {
    const [, what, name = '', token = ''] = /^(emits|received) (\w+) "(\w+-\d+)"/.exec(text) ?? [];
    if (what === undefined) return;
    const key = `${name} ${token.replace(/-\d+$/, '')}`;
    const map = what === 'emits' ? this.#events.emitted : this.#events.received;
    const list = map.get(key);
    if (list) list.push(token);
    else map.set(key, [token]);
  }

  #topicOf(name: string): Topic {
    const topic = this.#topics.get(name) ?? {
      published: [],
      qos: new Map(),
      taken: new Set(),
      passedOn: new Set(),
      received: [],
      publisher: '',
      subscriber: '',
    };
    this.#topics.set(name, topic);
    return topic;
  }

  end(): void {
    this.#judgeQueues();
    for (const [name, topic] of this.#topics) this.#judgeTopic(name, topic);
    this.#judgeEvents();
  }

  #judgeQueues(): void {
    const { report, scenario } = this.#subject;
    const { enqueued, confirmed, done, received } = this.#queue;
    for (const token of received)
      if (!enqueued.has(token)) report('message-unexpected', `"${token}" came out of a queue`);
    const consumers = scenario.timeline.flatMap(({ action }) => (action.kind === 'consume' ? [action] : []));
    // Behind a gate that forgets sooner than heartbeats come, a broker holds each delivery until two of them are missing.
    const isForgetful = scenario.nodes.some(
      ({ nat, firewall }) => (nat?.idleNs ?? firewall?.idleNs ?? HEARTBEAT_NS) < HEARTBEAT_NS,
    );
    for (const [token] of confirmed) {
      const queue = token.replace(/-\d+$/, '');
      const isServed = consumers.some((each) => each.queue === queue && this.#power.crashedAt(each.node) < 0);
      if (isServed && !isForgetful && !done.has(token)) {
        report('message-lost', `"${token}" was confirmed and nobody worked on it`);
      }
    }
    // Each is confirmed in the end by a producer that lives.
    const producers = scenario.timeline.flatMap(({ action }) => (action.kind === 'enqueue' ? [action] : []));
    for (const token of enqueued) {
      const producer = producers.find((each) => each.queue === token.replace(/-\d+$/, ''));
      if (producer?.confirm && this.#power.crashedAt(producer.node) < 0 && !confirmed.has(token)) {
        report('message-lost', `"${token}" was enqueued and never confirmed`);
      }
    }
  }

  #judgeTopic(name: string, topic: Topic): void {
    const { report, scenario } = this.#subject;
    const { published, qos, taken, passedOn, received } = topic;
    const isKept = scenario.timeline.every(
      ({ action }) => action.kind !== 'mqtt-connect' || !action.as.startsWith(name) || !action.clean,
    );
    const firsts = [...new Set(received)];
    for (const token of firsts) if (!qos.has(token)) report('message-unexpected', `"${token}" came from a topic`);
    const reachedBroker = published.filter((token) => taken.has(token)).join();
    if (reachedBroker !== [...taken].join()) report('message-reordered', `published ${published}, taken ${[...taken]}`);
    // One that the broker took before anybody subscribed comes when it is published again, behind those that followed it.
    const expected = [...passedOn].filter((token) => firsts.includes(token));
    if (expected.join() !== firsts.join()) report('message-reordered', `published ${published}, received ${received}`);
    const crashed = (node: string) => this.#power.crashedAt(node) >= 0;
    if (firsts.length < received.length) {
      const twice = received.find((token, at) => received.indexOf(token) < at) as string;
      const level = qos.get(twice);
      if (level === 0 || (level === 2 && isKept)) report('message-duplicated', `"${twice}" (QoS ${level}) came twice`);
    }
    if (!isKept || crashed(this.#subscriberOf(name))) return;
    for (const token of passedOn) {
      if ((qos.get(token) ?? 0) > 0 && !firsts.includes(token))
        report('message-lost', `the broker took "${token}" and the subscriber never got it`);
    }
    if (crashed(topic.publisher)) return;
    const first = published.findIndex((token) => passedOn.has(token));
    for (const token of published.slice(Math.max(0, first))) {
      if (first >= 0 && (qos.get(token) ?? 0) > 0 && !firsts.includes(token)) {
        report('message-lost', `"${token}" was published with QoS ${qos.get(token)} and never came`);
      }
    }
  }

  #subscriberOf(name: string): string {
    const connect = this.#subject.scenario.timeline.find(
      ({ action }) => action.kind === 'mqtt-connect' && action.as === `${name}s`,
    );
    return connect && 'node' in connect.action ? connect.action.node : '';
  }

  #judgeEvents(): void {
    const { report, scenario } = this.#subject;
    for (const [key, received] of this.#events.received) {
      const emitted = this.#events.emitted.get(key) ?? [];
      const name = key.split(' ')[1]?.replace(/v$/, '');
      const connect = scenario.timeline.find(
        ({ action }) => action.kind === 'io-connect' && action.as === name,
      )?.action;
      const isRetried = connect?.kind === 'io-connect' && connect.retries > 0;
      // An echo is received a second time, by its client.
      const rounds = this.#isEchoed(key) ? 2 : 1;
      const firsts = [...new Set(received)];
      for (const token of firsts)
        if (!emitted.includes(token)) report('message-unexpected', `"${token}" is an event that nobody emitted`);
      const numbers = firsts.map((token) => Number(token.replace(/.*-/, '')));
      if (numbers.some((number, at) => at > 0 && number < (numbers[at - 1] as number))) {
        report('message-reordered', `events arrive for the first time as ${firsts}`);
      }
      if (isRetried) continue;
      for (const token of firsts) {
        const times = received.filter((each) => each === token).length;
        if (times > rounds) report('message-duplicated', `the event "${token}" came ${times} times`);
      }
    }
    for (const { action } of scenario.timeline) {
      if (action.kind !== 'io-connect' || action.retries === 0 || this.#power.crashedAt(action.node) >= 0) continue;
      const received = this.#events.received.get(`say ${action.as}`) ?? [];
      for (const token of this.#events.emitted.get(`say ${action.as}`) ?? []) {
        if (!received.includes(token))
          report('message-lost', `the event "${token}" was to be tried again until it arrives`);
      }
    }
  }

  #isEchoed(key: string): boolean {
    const [name = '', token = ''] = key.split(' ');
    return this.#subject.scenario.nodes.some(({ apps }) =>
      apps.some(
        (each) =>
          each.kind === 'socketio-server' &&
          each.name === token &&
          each.rules.some(({ event, rule }) => event === name && rule === 'echo'),
      ),
    );
  }
}
