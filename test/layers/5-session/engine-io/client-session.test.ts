/** What our Engine.IO client makes of every answer and of none, over a carrier that a test plays. */

import { describe, expect, it } from 'vitest';
import { Context } from '../../../../src/kernel/context.ts';
import { Journal } from '../../../../src/kernel/journal.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import { EngineIo } from '../../../../src/layers/5-session/engine-io/engine-io.ts';
import type {
  CarrierAnswer,
  CarrierWebSocketUser,
  SessionCarrier,
  TransportName,
  WebSocketDialogue,
} from '../../../../src/layers/5-session/service.ts';

const SECOND = 1_000_000_000;
const OPEN = '0{"sid":"s","upgrades":["websocket"],"pingInterval":2000,"pingTimeout":1000,"maxPayload":20}';
const text = (content: string) => new TextEncoder().encode(content);

class Rig {
  readonly kernel = new Kernel('1', new Journal(true));
  readonly events: string[] = [];
  readonly requests: { readonly what: string; readonly done: (answer: CarrierAnswer) => void }[] = [];
  readonly sent: string[] = [];
  cancelled = 0;
  closed = 0;
  webSocket: CarrierWebSocketUser | null = null;
  readonly session;

  constructor(transports: readonly TransportName[]) {
    const carrier: SessionCarrier = {
      peer: { local: { address: 1, port: 1 }, remote: { address: 2, port: 2 } },
      request: (method, query, content, _carries, done) => {
        const body = content === null ? '' : ` ${new TextDecoder().decode(content)}`;
        this.requests.push({ what: method + (query.includes('sid=s') ? ' s' : '') + body, done });
        return () => this.cancelled++;
      },
      webSocket: (_query, user) => {
        this.webSocket = user;
        return () => this.cancelled++;
      },
    };
    this.session = new EngineIo(new Context(this.kernel, 'client')).connect('chat', carrier, transports, {
      onOpen: () => this.events.push('open'),
      onMessage: (data) => this.events.push(`message ${data}`),
      onUpgrade: () => this.events.push('upgrade'),
      onDrain: () => this.events.push('drain'),
      onClose: (reason, detail) => this.events.push(`${reason}: ${detail}`),
    });
    this.run(0);
  }

  run(seconds: number): this {
    const untilNs = this.kernel.nowNs + seconds * SECOND;
    while (this.kernel.nextNs <= untilNs) this.kernel.step();
    this.kernel.idleUntil(untilNs);
    return this;
  }

  /** Answers the oldest request of a method that waits. */
  answer(method: 'GET' | 'POST', content: string, status = 200): this {
    const at = this.requests.findIndex(({ what }) => what.startsWith(method));
    const [one] = this.requests.splice(at, 1);
    one?.done({ status, content: text(content) });
    return this.run(0);
  }

  fails(method: 'GET' | 'POST', problem: string): this {
    const at = this.requests.findIndex(({ what }) => what.startsWith(method));
    const [one] = this.requests.splice(at, 1);
    one?.done({ problem });
    return this.run(0);
  }

  /** The WebSocket is up. */
  opens(): this {
    const dialogue = {
      send: (message: Uint8Array) => {
        this.sent.push(new TextDecoder().decode(message));
        return true;
      },
      close: () => this.closed++,
    };
    this.webSocket?.onOpen(dialogue as unknown as WebSocketDialogue);
    return this.run(0);
  }

  says(content: string): this {
    this.webSocket?.onMessage(text(content), true);
    return this.run(0);
  }

  get waiting(): string[] {
    return this.requests.map(({ what }) => what);
  }
}

const polling = () => new Rig(['polling']);
const both = () => new Rig(['polling', 'websocket']).answer('GET', OPEN);

describe('a session that begins with polling', () => {
  it('sends what waited, as much at a time as the server takes, and reads what comes', () => {
    const rig = polling();
    expect([rig.session.id, rig.session.isOpen, rig.session.isWritable]).toEqual(['', false, false]);
    for (const word of ['first', 'second', 'third']) rig.session.send(word);
    rig.answer('GET', OPEN);
    expect(rig.waiting).toEqual(['POST s 4first\x1e4second', 'GET s']);
    rig.answer('POST', 'ok');
    expect(rig.waiting).toEqual(['GET s', 'POST s 4third']);
    rig.answer('POST', 'ok').answer('GET', '4hello\x1e4you');
    expect(rig.events).toEqual(['open', 'drain', 'message hello', 'message you']);
    expect([rig.session.id, rig.session.transport, rig.session.isWritable]).toEqual(['s', 'polling', true]);
  });

  it.each<[string, (rig: Rig) => void, string]>([
    ['another status', (rig) => rig.answer('GET', 'no', 400), 'transport error: poll: the server answers 400'],
    ['no answer', (rig) => rig.fails('GET', 'reset'), 'transport error: poll: reset'],
    ['what is no payload', (rig) => rig.answer('GET', '9'), 'parse error: '],
    ['something else first', (rig) => rig.answer('GET', '4early'), 'transport error: the first packet is not open'],
    ['a handshake that is none', (rig) => rig.answer('GET', '0{}'), 'transport error: the handshake makes no sense'],
    [
      'a second handshake',
      (rig) => rig.answer('GET', OPEN).answer('GET', OPEN),
      'transport error: the handshake makes no sense',
    ],
    ['the end', (rig) => rig.answer('GET', OPEN).answer('GET', '1'), 'transport close: the server closed'],
    [
      'another status to what it posts',
      (rig) => {
        rig.answer('GET', OPEN).session.send('x');
        rig.answer('POST', 'no', 500);
      },
      'transport error: post: the server answers 500',
    ],
    ['silence', (rig) => rig.answer('GET', OPEN).run(4), 'ping timeout: no ping came from the server'],
  ])('ends with %s', (_, act, end) => {
    const rig = polling();
    act(rig);
    expect(rig.events.at(-1)?.startsWith(end)).toBe(true);
    rig.session.send('late');
    const lost = rig.kernel.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.detail] : []));
    expect(lost.at(-1)).toBe('the session is not open');
    rig.session.close();
    expect(rig.events.filter((each) => each === rig.events.at(-1))).toHaveLength(1);
  });

  it('lives as long as pings come', () => {
    const rig = polling().answer('GET', OPEN);
    for (let turn = 0; turn < 5; turn++) rig.run(2).answer('GET', '2').answer('POST', 'ok');
    expect(rig.events).not.toContain('ping timeout: no ping came from the server');
    expect(rig.session.isOpen).toBe(true);
  });

  it('what it reads behind the end is heard by nobody', () => {
    const rig = polling().answer('GET', OPEN).answer('GET', '1\x1e4late');
    expect(rig.events).toEqual(['open', 'transport close: the server closed']);
  });

  it('closes before it is open: the request is given up', () => {
    const rig = polling();
    rig.session.close();
    expect([rig.cancelled, rig.events]).toEqual([1, ['forced close: the client closed']]);
  });

  it('closes when what waited has gone', () => {
    const rig = polling().answer('GET', OPEN);
    rig.session.send('last');
    rig.session.close();
    expect(rig.events).toEqual(['open']);
    rig.answer('POST', 'ok');
    expect(rig.events.at(-1)).toBe('forced close: the client closed');
    expect(rig.waiting).toEqual(['GET s', 'POST s 1']);
    rig.answer('GET', '4too late').answer('POST', 'ok');
    expect(rig.events).toEqual(['open', 'forced close: the client closed']);
  });
});

describe('a session that changes to a WebSocket', () => {
  it('asks whether it works, lets polling come to rest, and goes on there', () => {
    const rig = both();
    rig.session.send('posted');
    rig.opens().says('3probe');
    expect([rig.sent, rig.session.transport]).toEqual([['2probe'], 'polling']);
    rig.session.send('waits');
    rig.answer('POST', 'ok').answer('GET', '6');
    expect([rig.sent, rig.session.transport]).toEqual([['2probe', '5', '4waits'], 'websocket']);
    expect(rig.events).toContain('upgrade');
    rig.says('4hello');
    expect(rig.events).toContain('message hello');
    rig.webSocket?.onClose(1006, new Uint8Array(0));
    expect(rig.events.at(-1)).toMatch(/^transport (error|close): /);
  });

  it.each<[string, (rig: Rig) => void]>([
    ['cannot be opened', (rig) => rig.webSocket?.onFailure('refused')],
    ['answers something else', (rig) => rig.opens().says('4hello')],
    [
      'ends',
      (rig) => {
        rig.opens();
        rig.webSocket?.onClose(1006, new Uint8Array(0));
      },
    ],
  ])('stays with polling where the WebSocket %s', (_, act) => {
    const rig = both();
    act(rig);
    rig.session.send('x');
    expect([rig.session.isOpen, rig.session.transport, rig.waiting]).toEqual([true, 'polling', ['GET s', 'POST s 4x']]);
  });

  it('is over where the WebSocket fails while polling rests', () => {
    const rig = both().opens().says('3probe');
    rig.webSocket?.onClose(1006, new Uint8Array(0));
    expect(rig.events.at(-1)).toMatch(/^transport error: /);
    rig.answer('GET', '6');
    expect(rig.session.isOpen).toBe(false);
  });

  it('answers a second pong with nothing', () => {
    const rig = both().opens().says('3probe').says('3probe').answer('GET', '6');
    expect(rig.sent).toEqual(['2probe', '5']);
  });

  it('closes once it has changed, if it is told to while it changes', () => {
    const rig = both().opens().says('3probe');
    rig.session.close();
    expect(rig.events).toEqual(['open']);
    rig.answer('GET', '6');
    expect(rig.events.slice(-1)).toEqual(['forced close: the client closed']);
    expect(rig.closed).toBe(1);
  });

  it('gives the probe up when it ends before', () => {
    const rig = both();
    rig.session.close();
    expect(rig.cancelled).toBeGreaterThan(0);
    rig.opens();
    expect(rig.events).toEqual(['open', 'forced close: the client closed']);
  });
});

describe('a session that begins on a WebSocket', () => {
  it('opens, hears and says, without any limit of octets', () => {
    const rig = new Rig(['websocket']).opens().says(OPEN);
    for (const word of ['a'.repeat(15), 'b'.repeat(15)]) rig.session.send(word);
    rig.run(0);
    expect(rig.sent).toEqual([`4${'a'.repeat(15)}`, `4${'b'.repeat(15)}`]);
    expect(rig.session.transport).toBe('websocket');
  });

  it('fails with it', () => {
    const rig = new Rig(['websocket']);
    rig.webSocket?.onFailure('refused');
    expect(rig.events).toEqual(['transport error: refused']);
  });

  it('gives it up', () => {
    const rig = new Rig(['websocket']);
    rig.session.close();
    expect([rig.cancelled, rig.events]).toEqual([1, ['forced close: the client closed']]);
  });
});
