/** The requests of the Engine.IO protocol's own test suite, and those of people who mean no good. */

import { describe, expect, it } from 'vitest';
import { Context } from '../../../../src/kernel/context.ts';
import { Journal } from '../../../../src/kernel/journal.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import { EngineIo } from '../../../../src/layers/5-session/engine-io/engine-io.ts';
import type { Session, SessionResponse, WebSocketDialogue } from '../../../../src/layers/5-session/service.ts';

const SECOND = 1_000_000_000;
const PEER = { local: { address: 2, port: 3000 }, remote: { address: 1, port: 0 } };

class Rig {
  readonly kernel = new Kernel('1', new Journal(false));
  readonly messages: (string | Uint8Array)[] = [];
  readonly closed: string[] = [];
  session: Session | null = null;
  readonly server = new EngineIo(new Context(this.kernel, 'server')).serve(
    { name: 'chat', pingIntervalNs: 25 * SECOND, pingTimeoutNs: 20 * SECOND, transports: ['polling', 'websocket'] },
    (session) => {
      this.session = session;
      return {
        onMessage: (data) => this.messages.push(data),
        onClose: (reason) => this.closed.push(reason),
      };
    },
  );

  /** Answers of requests that were answered; null: it waits. */
  ask(method: string, query: string, body = ''): { answer: SessionResponse | null; text: string; lost: () => void } {
    const result = { answer: null as SessionResponse | null, text: '', lost: () => {} };
    const map = new Map(
      query
        .split('&')
        .filter(Boolean)
        .map((pair) => pair.split('=') as [string, string]),
    );
    const request = { method, query: map, content: new TextEncoder().encode(body), peer: PEER };
    result.lost = this.server.request(request, (answer) => {
      result.answer = answer;
      result.text = new TextDecoder().decode(answer.content);
    });
    return result;
  }

  handshake(): string {
    const { text } = this.ask('GET', 'EIO=4&transport=polling');
    return (JSON.parse(text.slice(1)) as { sid: string }).sid;
  }

  /** A WebSocket to the server: what it sends, and how to send to it. */
  webSocket(query: string) {
    const sent: string[] = [];
    const map = new Map(query.split('&').map((pair) => pair.split('=') as [string, string]));
    const upgrade = this.server.upgrade(map, PEER);
    if ('status' in upgrade)
      return { refused: upgrade.status, sent, say: () => {}, isClosed: () => true, drop: () => {} };
    let closed = false;
    const dialogue = {
      send: (message: Uint8Array) => {
        sent.push(new TextDecoder().decode(message));
        return true;
      },
      close: () => {
        closed = true;
      },
    } as unknown as WebSocketDialogue;
    upgrade.start(dialogue);
    const say = (text: string) => upgrade.user.onMessage(new TextEncoder().encode(text), true);
    return {
      refused: null,
      sent,
      say,
      isClosed: () => closed,
      drop: () => upgrade.user.onClose(1006, new Uint8Array(0)),
    };
  }

  runUntil(ns: number): void {
    while (this.kernel.nextNs <= ns) this.kernel.step();
    this.kernel.idleUntil(ns);
  }
}

describe('the handshake (EIO-01 to EIO-03)', () => {
  it('over polling', () => {
    const { answer, text } = new Rig().ask('GET', 'EIO=4&transport=polling');
    expect(answer?.status).toBe(200);
    expect(text[0]).toBe('0');
    const { sid, ...rest } = JSON.parse(text.slice(1)) as { sid: string };
    expect(sid).toMatch(/^[\w-]{20}$/);
    expect(rest).toEqual({ upgrades: ['websocket'], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 });
  });

  it('over a WebSocket', () => {
    const { sent } = new Rig().webSocket('EIO=4&transport=websocket');
    expect(JSON.parse((sent[0] as string).slice(1))).toMatchObject({ upgrades: [], pingInterval: 25_000 });
  });

  it.each([
    ['GET', 'EIO=4', 0],
    ['GET', 'EIO=4&transport=abc', 0],
    ['GET', 'EIO=4&transport=__proto__', 0],
    ['GET', 'EIO=4&transport=polling,polling', 0],
    ['GET', 'transport=polling', 5],
    ['GET', 'EIO=3&transport=polling', 5],
    ['GET', 'EIO=abc&transport=polling', 5],
    ['GET', 'EIO=4&transport=websocket', 3],
    ['POST', 'EIO=4&transport=polling', 2],
    ['PUT', 'EIO=4&transport=polling', 2],
    ['GET', 'EIO=4&transport=polling&sid=unknown', 1],
    ['POST', 'EIO=4&transport=polling&sid=__proto__', 1],
  ])('%s %s is refused with code %i', (method, query, code) => {
    const { answer, text } = new Rig().ask(method, query);
    expect([answer?.status, JSON.parse(text).code]).toEqual([400, code]);
  });
});

describe('polling', () => {
  it('sends and receives packets, several in one payload (EIO-04, EIO-05)', () => {
    const rig = new Rig();
    const query = `EIO=4&transport=polling&sid=${rig.handshake()}`;
    const post = rig.ask('POST', query, '4test1\x1ebAQIDBA==\x1e4test2');
    expect([post.answer?.status, post.text, post.answer?.contentType]).toEqual([200, 'ok', 'text/html']);
    expect(rig.messages).toEqual(['test1', Uint8Array.of(1, 2, 3, 4), 'test2']);
    rig.session?.send('one');
    rig.session?.send(Uint8Array.of(1, 2, 3, 4));
    expect(rig.ask('GET', query).text).toBe('4one\x1ebAQIDBA==');
    const waiting = rig.ask('GET', query);
    expect(waiting.answer).toBe(null);
    rig.session?.send('two');
    expect(waiting.text).toBe('4two');
  });

  it.each([['abc'], ['7'], [''], ['b@@'], ['4a\x1e'], ['4\x1e'.repeat(20_000)]])(
    'garbage %# ends the session (EIO-T, E12)',
    (body) => {
      const rig = new Rig();
      const query = `EIO=4&transport=polling&sid=${rig.handshake()}`;
      expect(rig.ask('POST', query, body).answer?.status).toBe(400);
      expect(rig.closed).toEqual(['parse error']);
      expect(rig.ask('GET', query).answer?.status).toBe(400);
    },
  );

  it('more than maxPayload is refused (EIO-07)', () => {
    const rig = new Rig();
    const query = `EIO=4&transport=polling&sid=${rig.handshake()}`;
    expect(rig.ask('POST', query, `4${'a'.repeat(1_000_000)}`).answer?.status).toBe(413);
    expect(rig.messages).toEqual([]);
  });

  it('two polls at once end the session: the first is told, the second refused (EIO-06)', () => {
    const rig = new Rig();
    const query = `EIO=4&transport=polling&sid=${rig.handshake()}`;
    const [first, second] = [rig.ask('GET', query), rig.ask('GET', query)];
    expect([first.answer?.status, first.text]).toEqual([200, '1']);
    expect(second.answer?.status).toBe(400);
    expect(rig.closed).toEqual(['transport error']);
  });

  it('a client that closes: its poll is answered with a noop, the next refused (EIO-20)', () => {
    const rig = new Rig();
    const query = `EIO=4&transport=polling&sid=${rig.handshake()}`;
    const poll = rig.ask('GET', query);
    expect(rig.ask('POST', query, '1').text).toBe('ok');
    expect(poll.text).toBe('6');
    expect(rig.ask('GET', query).answer?.status).toBe(400);
    expect(rig.closed).toEqual(['transport close']);
  });

  it('a poll whose connection is lost ends the session', () => {
    const rig = new Rig();
    const poll = rig.ask('GET', `EIO=4&transport=polling&sid=${rig.handshake()}`);
    poll.lost();
    expect(rig.closed).toEqual(['transport error']);
  });

  it('a server that closes waits at most 30 s for a poll to say so (EIO-21)', () => {
    const rig = new Rig();
    rig.handshake();
    rig.session?.close();
    expect(rig.closed).toEqual([]);
    rig.runUntil(30 * SECOND);
    expect(rig.closed).toEqual(['forced close']);
  });
});

describe('the heartbeat', () => {
  it('the server gives up 20 s after a ping without an answer (EIO-11)', () => {
    const rig = new Rig();
    const { sent } = rig.webSocket('EIO=4&transport=websocket');
    rig.runUntil(45 * SECOND - 1);
    expect(sent.slice(1)).toEqual(['2']);
    expect(rig.closed).toEqual([]);
    rig.runUntil(45 * SECOND);
    expect(rig.closed).toEqual(['ping timeout']);
  });

  it('any other packet puts that off, once (EIO-12)', () => {
    const rig = new Rig();
    const { say } = rig.webSocket('EIO=4&transport=websocket');
    rig.runUntil(40 * SECOND);
    say('4alive');
    rig.runUntil(50 * SECOND);
    say('4alive');
    rig.runUntil(60 * SECOND - 1);
    expect(rig.closed).toEqual([]);
    rig.runUntil(60 * SECOND);
    expect(rig.closed).toEqual(['ping timeout']);
  });

  it('a client that pings is wrong (EIO-13)', () => {
    const rig = new Rig();
    rig.webSocket('EIO=4&transport=websocket').say('2');
    expect(rig.closed).toEqual(['transport error']);
  });
});

describe('the upgrade (EIO-14, EIO-17, EIO-18)', () => {
  it('probe, answer, a noop for the poll after 100 ms, changeover', () => {
    const rig = new Rig();
    const sid = rig.handshake();
    const poll = rig.ask('GET', `EIO=4&transport=polling&sid=${sid}`);
    const socket = rig.webSocket(`EIO=4&transport=websocket&sid=${sid}`);
    socket.say('2probe');
    expect(socket.sent).toEqual(['3probe']);
    rig.runUntil(SECOND / 10);
    expect(poll.text).toBe('6');
    socket.say('5');
    rig.session?.send('hello');
    rig.runUntil(SECOND / 5);
    expect(socket.sent).toEqual(['3probe', '4hello']);
    expect(rig.ask('GET', `EIO=4&transport=polling&sid=${sid}`).answer?.status).toBe(400);
    const second = rig.webSocket(`EIO=4&transport=websocket&sid=${sid}`);
    expect(second.isClosed()).toBe(true);
    expect(rig.closed).toEqual([]);
  });

  it('a WebSocket that never changes over is closed after 10 s, and polling goes on', () => {
    const rig = new Rig();
    const sid = rig.handshake();
    const socket = rig.webSocket(`EIO=4&transport=websocket&sid=${sid}`);
    socket.say('2probe');
    rig.runUntil(10 * SECOND);
    expect(socket.isClosed()).toBe(true);
    rig.session?.send('still');
    expect(rig.ask('GET', `EIO=4&transport=polling&sid=${sid}`).text).toBe('4still');
  });

  it.each(['2wrong', '4hello', '1', '9'])(
    'a probe that is none (%s) ends the WebSocket and not the session',
    (packet) => {
      const rig = new Rig();
      const sid = rig.handshake();
      const socket = rig.webSocket(`EIO=4&transport=websocket&sid=${sid}`);
      socket.say(packet);
      expect(socket.isClosed()).toBe(true);
      expect(rig.closed).toEqual([]);
      expect(rig.ask('POST', `EIO=4&transport=polling&sid=${sid}`, '4x').text).toBe('ok');
    },
  );

  it('a WebSocket for a session that nobody knows is refused', () => {
    expect(new Rig().webSocket('EIO=4&transport=websocket&sid=unknown').refused).toBe(400);
  });

  it('what is sent in between is neither lost nor out of order, wherever the WebSocket breaks off', () => {
    for (const breakAfter of [0, 1, 2]) {
      const rig = new Rig();
      const sid = rig.handshake();
      const query = `EIO=4&transport=polling&sid=${sid}`;
      const socket = rig.webSocket(`EIO=4&transport=websocket&sid=${sid}`);
      rig.session?.send('a');
      if (breakAfter >= 1) socket.say('2probe');
      rig.session?.send('b');
      socket.drop();
      rig.session?.send('c');
      expect(rig.ask('GET', query).text).toBe('4a\x1e4b\x1e4c');
      expect(rig.closed).toEqual([]);
    }
  });
});
