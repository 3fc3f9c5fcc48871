import { describe, expect, it } from 'vitest';
import { TcpClient } from '../../../../src/layers/7-application/data/tcp-client.ts';
import { serveEcho } from '../../../../src/layers/7-application/echo/echo.ts';
import { type Answer, Lookup } from '../../../../src/layers/7-application/names.ts';
import { serveSink } from '../../../../src/layers/7-application/sink/sink.ts';
import { type FakeOptions, FakeWorld } from '../fake-transport.ts';

const text = (content: string) => ({ kind: 'text', text: content }) as const;

function setUp(options: FakeOptions = { delayNs: 10 }) {
  const world = new FakeWorld(options);
  const [client, server] = [world.host('client', 1), world.host('server', 2)];
  serveEcho(server.services, { name: 'echo-server', port: 7, transport: 'tcp' });
  serveSink(server.services, { name: 'sink', port: 9, transport: 'tcp', readBytesPerSecond: null });
  const waiting: ((answer: Answer) => void)[] = [];
  const dns = { resolve: (_: string, done: (answer: Answer) => void) => waiting.push(done) };
  const lookup = new Lookup({ nodeAddresses: (name) => (name === 'server' ? [2] : []) }, dns);
  return { world, tcp: new TcpClient(client.services, lookup), answer: (answer: Answer) => waiting.shift()?.(answer) };
}

describe('TcpClient', () => {
  it('connects, sends, hears the echo, closes; what is said before the connection is up waits', () => {
    const { world, tcp } = setUp();
    tcp.connect('chat', 'server', 7);
    tcp.send('chat', text('hello'), 1, 0);
    tcp.close('chat');
    expect(world.told('client')).toEqual(['sends 5 octets: "hello"']);
    world.run();
    expect(world.told('client')).toEqual([
      'sends 5 octets: "hello"',
      'connected to 0.0.0.2:7',
      'received 5 octets: "hello"',
      'the connection was closed',
    ]);
    expect(world.messages('server', 'decoded', 'data')).toEqual(['hello']);
    expect(world.messages('client', 'decoded', 'data')).toEqual(['hello']);
  });

  it('waits for the name server too', () => {
    const { world, tcp, answer } = setUp();
    tcp.connect('chat', 'www.example', 9);
    tcp.send(null, text('early'), 1, 0);
    tcp.close(null);
    world.run();
    expect(world.told('client')).toEqual([]);
    answer({ address: 2 });
    world.run();
    expect(world.messages('server', 'decoded', 'data')).toEqual(['early']);
    expect(world.told('client').at(-1)).toBe('the connection was closed');
  });

  it('says so when there is no address, and journals what could not be sent', () => {
    const { world, tcp, answer } = setUp();
    tcp.connect('chat', 'nowhere', 9);
    tcp.send('chat', text('lost'), 1, 0);
    answer({ problem: 'there is no such name' });
    tcp.send('chat', text('too late'), 1, 0);
    world.run();
    expect(world.told('client')).toEqual([
      'cannot connect to nowhere: there is no such name',
      'cannot send 4 octets: "lost": the connection is over',
      'cannot send 8 octets: "too late": the connection is over',
    ]);
    expect(world.messages('client', 'dropped', 'data')).toEqual(['lost', 'too late']);
  });

  it('repeats with numbers and virtual time in the text', () => {
    const { world, tcp } = setUp();
    tcp.connect('c', '0.0.0.2', 9);
    world.runUntil(100);
    tcp.send('c', text('{n}/{t};'), 3, 250_000_000);
    world.run();
    expect(world.messages('client', 'encoded', 'data')).toEqual(['1/0.000000;', '2/0.250000;', '3/0.500000;']);
    expect(world.messages('server', 'decoded', 'data').join('')).toBe('1/0.000000;2/0.250000;3/0.500000;');
  });

  it('repeats without a pause in one go, and the pattern goes on from message to message', () => {
    const { world, tcp } = setUp({ delayNs: 10, sendBufferBytes: 100, receiveBufferBytes: 64, pieceBytes: () => 23 });
    tcp.connect('c', 'server', 9);
    tcp.send('c', { kind: 'size', bytes: 70 }, 5, 0);
    world.run();
    const sent = world.messages('client', 'encoded', 'data');
    expect(sent.map(({ length }) => length)).toEqual([70, 70, 70, 70, 70]);
    expect(new Set(sent).size).toBe(5);
    expect(world.messages('server', 'decoded', 'data').join('')).toBe(sent.join(''));
  });

  it('hears that nobody listens; messages that waited end there', () => {
    const { world, tcp } = setUp();
    tcp.connect('c', 'server', 81);
    tcp.send('c', text('hello'), 1, 0);
    world.run();
    expect(world.told('client')).toEqual(['sends 5 octets: "hello"', 'the connection was refused']);
    expect(world.messages('client', 'dropped', 'data')).toEqual(['hello']);
  });

  it('takes the only connection when none is named, and the only one that is not over', () => {
    const { world, tcp } = setUp();
    tcp.send(null, text('x'), 1, 0);
    tcp.connect('a', 'server', 9);
    world.runUntil(100);
    tcp.connect('b', 'server', 9);
    world.runUntil(200);
    tcp.send(null, text('y'), 1, 0);
    tcp.close('a');
    world.run();
    tcp.send(null, text('z'), 1, 0);
    tcp.send('d', text('w'), 1, 0);
    world.run();
    expect(world.messages('server', 'decoded', 'data')).toEqual(['z']);
    expect(world.told('client').filter((sentence) => sentence.includes('tcp-send'))).toEqual([
      'tcp-send: there is no connection',
      'tcp-send: there are several connections: say which with on',
      'tcp-send: there is no connection called d',
    ]);
  });

  it('refuses to send after a close, and still receives', () => {
    const { world, tcp } = setUp();
    tcp.connect('c', 'server', 7);
    world.runUntil(100);
    tcp.send('c', text('hello'), 1, 0);
    tcp.close('c');
    tcp.send('c', text('more'), 1, 0);
    world.run();
    expect(world.messages('client', 'decoded', 'data')).toEqual(['hello']);
    expect(world.told('client')).toContain('cannot send 4 octets: "more": this side has closed the connection');
  });

  it('aborts at once, also while the name is being looked up', () => {
    const { world, tcp, answer } = setUp();
    tcp.connect('c', 'server', 9);
    world.runUntil(100);
    tcp.abort('c');
    world.run();
    expect(world.told('client').at(-1)).toBe('the connection was aborted');
    expect(world.told('server')).toEqual(['received 0 octets in all, then the connection was reset by the other side']);
    tcp.connect('d', 'www.example', 9);
    tcp.abort('d');
    answer({ address: 2 });
    world.run();
    expect(world.told('client').at(-1)).toBe('aborted before it was connected');
  });

  it('closes when the other side has closed', () => {
    const { world, tcp } = setUp();
    const server = world.hosts.get(2);
    server?.listen('rude', 10, (stream) => {
      stream.end();
      return { onEnd: () => stream.close() };
    });
    tcp.connect('c', 'server', 10);
    world.run();
    expect(world.told('client')).toEqual([
      'connected to 0.0.0.2:10',
      'the other side closed; closes too',
      'the connection was closed',
    ]);
  });
});
