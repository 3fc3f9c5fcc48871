/** Inputs from outside, and the scenario file that they make: the same run comes out of it. */

import { describe, expect, it } from 'vitest';
import { loadScenario, type Scenario } from '../../src/index.ts';
import { jsonlLines } from '../../src/projections/jsonl.ts';
import { recorded } from '../../src/scenario/recording.ts';
import { type SocketCall, socketCallFile } from '../../src/scenario/socket-spec.ts';
import { createRun } from '../../src/world/run.ts';
import { Session } from '../../src/world/session.ts';

const TEXT = `packetwalk: 1
title: two programs
nodes: { client: {}, server: {} }
links: [{ id: wire, between: [client, server], delay: 1ms, loss: 10% }]
timeline: [{ at: 5ms, node: client, do: { ping: server } }]
`;

function scenarioOf(text: string): Scenario {
  const loaded = loadScenario(text, 'session.pw.yaml');
  if (loaded.scenario === null) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  return loaded.scenario;
}

const linesOf = (entries: Parameters<typeof jsonlLines>[1]) => [
  ...jsonlLines({ title: '', seed: '', scenario: '' }, entries),
];

class Stage {
  readonly session = new Session(scenarioOf(TEXT), { seed: '7' });
  readonly heard: string[] = [];

  call(node: string, call: SocketCall): void {
    this.session.do({ kind: 'socket', node, call }, { node, do: { socket: socketCallFile(call) } });
  }

  /** Lets time pass; whoever is told something answers by `answer`. */
  run(untilNs: number, answer: (node: string, kind: string, socket: string) => void): void {
    while (this.session.nextNs <= untilNs) {
      this.session.stepInstant();
      for (const { node, news } of this.session.takeNews()) {
        const socket = 'socket' in news ? news.socket : '';
        this.heard.push(`${node} ${news.kind} ${socket}`);
        answer(node, news.kind, socket);
      }
    }
    this.session.runUntil(untilNs);
  }
}

describe('a session', () => {
  function talk() {
    const stage = new Stage();
    stage.call('server', { name: 'listen', as: 'echo', port: 7 });
    stage.call('client', { name: 'connect', as: 'c', to: { host: '10.0.0.2', port: 7 }, noDelay: true });
    stage.call('client', { name: 'write', on: 'c', bytes: new Uint8Array(20_000).fill(7) });
    stage.call('client', { name: 'bind', as: 'u', port: 0 });
    stage.call('client', { name: 'lookup', as: 'name', host: 'server' });
    let answers = 0;
    stage.run(2_000_000_000, (node, kind, socket) => {
      if (node === 'server' && kind === 'data' && answers++ < 5) {
        stage.call('server', { name: 'write', on: socket, bytes: new TextEncoder().encode('thanks $\u007bx}\n') });
        stage.call('server', { name: 'write', on: socket, bytes: new TextEncoder().encode('thanks\n') });
      }
    });
    const partition = { kind: 'partition', node: 'client', others: ['server'] } as const;
    const heal = stage.session.do(partition, { node: 'client', do: { partition: ['server'] } });
    stage.call('client', { name: 'end', on: 'c' });
    stage.call('client', { name: 'send', on: 'u', to: { host: '10.0.0.2', port: 9 }, bytes: new Uint8Array([0, 255]) });
    stage.run(3_000_000_000, () => {});
    heal();
    stage.call('client', { name: 'send', on: 'u', to: { host: '10.0.0.2', port: 9 }, bytes: new Uint8Array([1]) });
    stage.run(59_000_000_000, (node, kind, socket) => {
      if (node === 'server' && kind === 'ended') stage.call('server', { name: 'close', on: socket });
    });
    return stage;
  }

  it('tells programs what becomes of their sockets', () => {
    const { heard } = talk();
    expect(heard.slice(0, 2)).toEqual(['server bound echo', 'client bound u']);
    expect(heard).toContain('client found name');
    expect(heard).toContain('client connected c');
    expect(heard).toContain('server accepted echo.1');
    expect(heard).toContain('client data c');
    expect(heard).toContain('client undelivered u');
    expect(heard).toContain('server ended echo.1');
    expect(heard).toContain('client closed c');
  });

  it('comes out of its file again, entry for entry', () => {
    const { session } = talk();
    const text = recorded(TEXT, { seed: session.run.seed, untilNs: session.nowNs, inputs: session.inputs });
    const replay = createRun(scenarioOf(text));
    replay.runToEnd();
    const [live, again] = [linesOf(session.run.entries), linesOf(replay.entries)];
    expect(live.length).toBeGreaterThan(400);
    const at = live.findIndex((line, index) => line !== again[index]);
    expect([at, live[at], again[at]]).toEqual([-1, undefined, undefined]);
    expect(again.length).toBe(live.length);
  });

  it('puts no input into an instant in which something has happened', () => {
    const { session } = talk();
    const times = session.run.entries.flatMap(({ atNs, event }, at) => {
      const before = session.run.entries[at - 1];
      const isInput = event.kind === 'input' && !event.text.startsWith('ping');
      return isInput && before && before.atNs === atNs && before.event.kind === 'arrived' ? [atNs] : [];
    });
    expect(times).toEqual([]);
  });
});
