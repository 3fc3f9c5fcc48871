/**
 * What the public test suites of the Engine.IO protocol (revision 4) and the Socket.IO protocol (revision 5) ask a server,
 * over a WebSocket; what they ask of long-polling stands in `5-session/engine-io/engine-server.test.ts`.
 */

import { describe, expect, it } from 'vitest';
import { IoWorld, SECOND } from './io-world.ts';
import { RawSession } from './raw-session.ts';

const world = (options: ConstructorParameters<typeof IoWorld>[0] = {}) =>
  new IoWorld({ pingIntervalNs: 300_000_000, pingTimeoutNs: 200_000_000, ...options }, { delayNs: 1_000_000 });
/** Without a heartbeat in between. */
const calm = (options: ConstructorParameters<typeof IoWorld>[0] = {}) =>
  world({ pingIntervalNs: 100 * SECOND, pingTimeoutNs: 100 * SECOND, ...options });

/** Connected to the main namespace. */
function connected(options: ConstructorParameters<typeof IoWorld>[0] = {}): RawSession {
  const session = new RawSession(calm(options));
  session.say('40');
  return session;
}

describe('Engine.IO over a WebSocket', () => {
  it('opens a session', () => {
    const [open = ''] = new RawSession(world()).heard(10);
    const { sid, ...rest } = JSON.parse(open.slice(1)) as { sid: string };
    expect(open[0]).toBe('0');
    expect(sid).toMatch(/^.{20}$/);
    expect(rest).toEqual({ upgrades: [], pingInterval: 300, pingTimeout: 200, maxPayload: 1_000_000 });
  });

  it.each(['transport=websocket', 'EIO=abc&transport=websocket', 'EIO=4', 'EIO=4&transport=abc'])(
    'refuses ?%s',
    (query) => expect(new RawSession(world(), query).status).toBe(400),
  );

  it('asks with pings, is content with pongs, and goes when none comes', () => {
    const session = new RawSession(world());
    session.heard(10);
    for (let ping = 0; ping < 3; ping++) {
      expect(session.heard(105)).toEqual(['2']);
      expect(session.say('3')).toEqual([]);
    }
    session.heard(150);
    expect(session.isOver).toBe(false);
    session.heard(250);
    expect(session.isOver).toBe(true);
  });

  it('a packet that is none ends the session', () => {
    const session = new RawSession(calm());
    session.say('abc');
    expect(session.isOver).toBe(true);
  });
});

describe('connecting', () => {
  it('to the main namespace, with and without a payload', () => {
    for (const packet of ['40', '40{"token":"123"}']) {
      const session = new RawSession(calm());
      session.heard(10);
      const [answer = ''] = session.say(packet);
      expect(answer).toMatch(/^40\{"sid":"[\w-]{20}"\}$/);
    }
  });

  it('to another namespace, with and without a payload', () => {
    for (const packet of ['40/admin,', '40/admin,{"token":"abc"}']) {
      const session = new RawSession(calm());
      session.heard(10);
      expect(session.say(packet)[0]).toMatch(/^40\/admin,\{"sid":"[\w-]{20}"\}$/);
    }
  });

  it('to a namespace that is not there is refused, and the session goes on (SIO-02)', () => {
    const session = new RawSession(calm());
    session.heard(10);
    expect(session.say('40/random')).toEqual(['44/random,{"message":"Invalid namespace"}']);
    expect(session.isOver).toBe(false);
  });

  it.each(['4abc', '42["hello"]', '43[1]', '41', '44{}', '45-["x"]'])('with %s ends the session (SIO-03)', (packet) => {
    const session = new RawSession(calm());
    session.say(packet);
    expect(session.isOver).toBe(true);
  });

  it('never, ends it after 45 s (SIO-04)', () => {
    const session = new RawSession(calm());
    session.heard(44_700);
    expect(session.isOver).toBe(false);
    session.heard(400);
    expect(session.isOver).toBe(true);
  });
});

describe('leaving (SIO-05)', () => {
  it('the main namespace keeps the other one', () => {
    const session = connected();
    session.say('40/admin,');
    expect(session.say('41', '42/admin,["echo","x"]')).toEqual(['42/admin,["echo","x"]']);
  });

  it('the other one keeps the main namespace', () => {
    const session = connected();
    session.say('40/admin,');
    expect(session.say('41/admin,', '42["echo","x"]')).toEqual(['42["echo","x"]']);
    expect(session.isOver).toBe(false);
  });
});

describe('messages', () => {
  it('of text', () => {
    expect(connected().say('42["echo",1,"2",{"3":["4"]}]')).toEqual(['42["echo",1,"2",{"3":["4"]}]']);
  });

  it('with octets, in frames of their own (SIO-30)', () => {
    const packet = '452-["echo",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]';
    const session = connected();
    expect(session.say(packet, Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6))).toEqual([
      packet,
      'octets 010203',
      'octets 040506',
    ]);
  });

  it('with an acknowledgement', () => {
    expect(connected().say('42456["ask",1,"2",{"3":[false]}]')).toEqual(['43456[1,"2",{"3":[false]}]']);
  });

  it('with octets and an acknowledgement', () => {
    const args = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
    const session = connected();
    expect(session.say(`452-789["ask",${args}]`, Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6))).toEqual([
      `462-789[${args}]`,
      'octets 010203',
      'octets 040506',
    ]);
  });

  it.each([
    ['an unknown type', '4abc'],
    ['no list', '42{}'],
    ['an empty list', '42[]'],
    ['bad JSON', '42[}'],
    ['a name that is no text', '42[{"toString":"x"}]'],
    ['an acknowledgement number that is none', '42abc["x"]'],
    ['another namespace that was not joined', '42/admin,["x"]'],
    ['a second CONNECT', '40'],
    ['octets that nothing asked for', Uint8Array.of(1)],
  ])('%s ends the session (SIO-03)', (_what, packet) => {
    const session = connected();
    session.say(packet);
    expect(session.isOver).toBe(true);
  });

  it('text while octets are awaited ends it, and no part of the event is heard', () => {
    const io = calm();
    const session = new RawSession(io);
    session.say('40', '451-["echo",{"_placeholder":true,"num":0}]', '42["echo"]');
    expect(session.isOver).toBe(true);
    expect(io.toldAt('server', /^received/)).toEqual([]);
  });

  it('an acknowledgement that nobody waits for is ignored', () => {
    const session = connected();
    session.say('43999[]');
    expect(session.say('42["echo"]')).toEqual(['42["echo"]']);
  });
});
