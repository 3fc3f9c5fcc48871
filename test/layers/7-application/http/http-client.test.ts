import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Stream } from '../../../../src/layers/4-transport/service.ts';
import { CONTENT_CODINGS } from '../../../../src/layers/6-presentation/deflate/content-coding.ts';
import { HttpClient } from '../../../../src/layers/7-application/http/http-client.ts';
import { serveHttp } from '../../../../src/layers/7-application/http/http-server.ts';
import { type Answer, Lookup } from '../../../../src/layers/7-application/names.ts';
import { type FakeOptions, FakeWorld } from '../fake-transport.ts';

const MS = 1_000_000;

function setUp(options: FakeOptions = { delayNs: 10 * MS }) {
  const world = new FakeWorld(options);
  const [client, server] = [world.host('client', 1), world.host('server', 2)];
  const waiting: ((answer: Answer) => void)[] = [];
  const dns = { resolve: (_: string, done: (answer: Answer) => void) => waiting.push(done) };
  const lookup = new Lookup({ nodeAddresses: (name) => (name === 'server' ? [2] : []) }, dns);
  const http = new HttpClient({ ...client.services, codings: CONTENT_CODINGS }, lookup);
  const get = (path: string, more: { host?: string; port?: number; as?: string; keepAlive?: boolean } = {}) =>
    http.request({ host: 'server', port: 80, path, as: 'page', keepAlive: false, content: null, ...more });
  return { world, server, get, answer: (answer: Answer) => waiting.shift()?.(answer) };
}

function serve({ server }: ReturnType<typeof setUp>, keepAlive = true): void {
  const pages = [
    { path: '/', body: { text: 'hello' } },
    { path: '/big', body: { sizeBytes: 4000 } },
  ];
  serveHttp(server.services, { name: 'http-server', port: 80, pages, keepAlive });
}

/** A server that answers whatever comes first with these octets, and then perhaps closes. */
function pretend({ server }: ReturnType<typeof setUp>, answer: string, closes: boolean): void {
  server.listen('fake', 80, (stream: Stream) => {
    let isAnswered = false;
    return {
      onReadable: () => {
        stream.read();
        if (!isAnswered) stream.write(Buffer.from(answer, 'latin1'));
        isAnswered = true;
        if (closes) stream.end();
      },
      onEnd: () => stream.close(),
    };
  });
}

describe('the action get', () => {
  it('asks, receives, and says what came and how long it took', () => {
    const setup = setUp();
    serve(setup);
    setup.get('/');
    setup.world.run();
    expect(setup.world.messages('client', 'encoded', 'http')).toEqual([
      'GET / HTTP/1.1\r\nHost: server\r\nUser-Agent: packetwalk\r\nAccept: */*\r\nConnection: close\r\n\r\n',
    ]);
    // The handshake takes one round trip of 20 ms, the request and its answer another.
    expect(setup.world.told('client')).toEqual(['GET http://server/: 200, 5 octets after 0.040000 s']);
    const [response = ''] = setup.world.messages('client', 'decoded', 'http');
    expect(response).toBe(setup.world.messages('server', 'encoded', 'http')[0]);
  });

  it('understands the same in any pieces', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        (sendBufferBytes, receiveBufferBytes, piece) => {
          const setup = setUp({ sendBufferBytes, receiveBufferBytes, pieceBytes: () => piece, delayNs: 1 });
          serve(setup);
          setup.get('/big');
          setup.world.run();
          const told = setup.world.told('client');
          expect(told.map((text) => text.replace(/ after.*/, ''))).toEqual(['GET http://server/big: 200, 4000 octets']);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('names a port other than 80 in Host, and escapes what may not stand in a request line', () => {
    const setup = setUp();
    setup.server.listen('x', 8080, () => ({}));
    setup.get('/grü ß\r\nX: y', { port: 8080 });
    setup.world.run();
    expect(setup.world.messages('client', 'encoded', 'http')[0]).toMatch(
      /^GET \/gr%C3%BC%20%C3%9F%0D%0AX:%20y HTTP\/1\.1\r\nHost: server:8080\r\n/,
    );
  });

  it('uses a kept connection again, one request after another', () => {
    const setup = setUp();
    serve(setup);
    for (let i = 0; i < 3; i++) setup.get('/', { keepAlive: true });
    setup.world.run();
    const told = setup.world.told('client');
    expect(told).toEqual([
      'GET http://server/: 200, 5 octets after 0.040000 s',
      'GET http://server/: 200, 5 octets after 0.060000 s',
      'GET http://server/: 200, 5 octets after 0.080000 s',
    ]);
    const spoken = setup.world
      .of('client')
      .flatMap(({ event }) => ('conversation' in event ? [event.conversation] : []));
    expect(new Set(spoken).size).toBe(1);
    setup.get('/', { keepAlive: false });
    setup.world.run();
    setup.get('/', { keepAlive: true });
    setup.world.run();
    const later = setup.world.told('client').slice(3);
    // The last of them asked to close, so the one after it opens a connection of its own.
    expect(later).toEqual([
      'GET http://server/: 200, 5 octets after 0.020000 s',
      'GET http://server/: 200, 5 octets after 0.040000 s',
    ]);
  });

  it('opens another connection for another host or port, or another name', () => {
    const setup = setUp();
    serve(setup);
    setup.get('/', { keepAlive: true });
    setup.get('/', { keepAlive: true, as: 'other' });
    setup.get('/', { keepAlive: true, host: '0.0.0.2' });
    setup.world.run();
    expect(setup.world.told('client')).toHaveLength(3);
    expect(setup.world.told('client').every((text) => text.endsWith('after 0.040000 s'))).toBe(true);
  });

  it('tells of requests that a closing server left unanswered', () => {
    const setup = setUp();
    serve(setup, false);
    setup.get('/', { keepAlive: true });
    setup.get('/big', { keepAlive: true });
    setup.world.run();
    expect(setup.world.told('client')).toEqual([
      'GET http://server/: 200, 5 octets after 0.040000 s',
      'GET http://server/big failed: the connection closes after the response before',
    ]);
  });

  it('waits for the name server, and says when there is no address', () => {
    const setup = setUp();
    serve(setup);
    setup.get('/', { host: 'www.example' });
    setup.get('/', { host: 'nowhere.example' });
    setup.answer({ address: 2 });
    setup.answer({ problem: 'there is no such name' });
    setup.world.run();
    expect(setup.world.told('client')).toEqual([
      'GET http://nowhere.example/ failed: there is no such name',
      'GET http://www.example/: 200, 5 octets after 0.040000 s',
    ]);
    expect(setup.world.messages('client', 'encoded', 'http')[0]).toContain('Host: www.example\r\n');
  });

  it('says that nobody listens', () => {
    const setup = setUp();
    setup.get('/');
    setup.world.run();
    expect(setup.world.told('client')).toEqual(['GET http://server/ failed: the connection was refused']);
  });

  it.each([
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
      false,
      '200, 5 octets',
    ],
    ['content until the end', 'HTTP/1.0 200 OK\r\n\r\nabcdefg', true, '200, 7 octets'],
    [
      'an interim response first',
      'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx',
      false,
      '404, 1 octet',
    ],
  ])('understands %s', (_, answer, closes, expected) => {
    const setup = setUp();
    pretend(setup, answer, closes);
    setup.get('/');
    setup.world.run();
    const told = setup.world.told('client').map((text) => text.replace(/ after.*/, ''));
    expect(told).toEqual([`GET http://server/: ${expected}`]);
    expect(setup.world.messages('client', 'decoded', 'http').join('')).toBe(answer);
  });

  it.each([
    ['no HTTP', '220 mail.example ESMTP\r\n', false, 'the response is malformed: this is no status line of HTTP/1.1'],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      false,
      'the response is malformed: Content-Length stands there twice',
    ],
    [
      'a response cut short',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab',
      true,
      'the response is malformed: the connection ended inside a message',
    ],
    ['nothing at all', '', true, 'the server closed the connection before it answered'],
  ])('tells what is wrong with %s', (_, answer, closes, expected) => {
    const setup = setUp();
    pretend(setup, answer, closes);
    setup.get('/');
    setup.world.run();
    expect(setup.world.told('client')).toEqual([`GET http://server/ failed: ${expected}`]);
    expect(setup.world.messages('client', 'decoded', 'http')).toEqual([]);
    expect(setup.world.messages('client', 'dropped', 'http').join('')).toBe(answer);
  });

  it.each([
    ['in a coding that nobody here knows', 'br', 'abcde', '5 octets of br, which nobody here can read'],
    ['coded twice', 'gzip, br', 'abcde', '5 octets of gzip, br, which nobody here can read'],
    ['that is no gzip', 'gzip', 'abcde', '5 octets of gzip that are damaged'],
    ['coded as itself', 'identity', 'abcde', '5 octets'],
    ['that is empty', 'br', '', '0 octets'],
  ])('tells of content %s', (_, coding, content, expected) => {
    const setup = setUp();
    const fields = `Content-Encoding: ${coding}\r\nContent-Length: ${content.length}`;
    pretend(setup, `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${content}`, false);
    setup.get('/');
    setup.world.run();
    expect(setup.world.told('client')).toEqual([`GET http://server/: 200, ${expected} after 0.040000 s`]);
  });

  it('decodes no more than 64 MiB, however little they are coded', () => {
    const content = gzipSync(new Uint8Array(64 * 1024 * 1024 + 1)).toString('latin1');
    const setup = setUp();
    const fields = `Content-Encoding: gzip\r\nContent-Length: ${content.length}`;
    pretend(setup, `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${content}`, false);
    setup.get('/');
    setup.world.run();
    expect(setup.world.told('client').map((text) => text.replace(/ after.*/, ''))).toEqual([
      `GET http://server/: 200, ${content.length} octets of gzip that would be too much`,
    ]);
  });

  it('drops what it had of a response when the connection is reset, and says so', () => {
    const setup = setUp();
    const partial = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab';
    setup.server.listen('fake', 80, (stream) => ({
      onReadable: () => {
        stream.read();
        stream.write(Buffer.from(partial, 'latin1'));
        setup.server.context.after(100 * MS, () => stream.abort());
      },
    }));
    setup.get('/');
    setup.world.run();
    expect(setup.world.told('client')).toEqual([
      'GET http://server/ failed: the connection was reset by the other side',
    ]);
    expect(setup.world.messages('client', 'dropped', 'http')).toEqual([partial]);
  });

  it('shows sixty characters of a path, and asks for all of it', () => {
    const setup = setUp();
    serve(setup);
    const path = `/${'x'.repeat(70)}`;
    setup.get(path.slice(0, 60));
    setup.get(path);
    setup.world.run();
    expect(setup.world.told('client').map((text) => text.replace(/: 404.*/, ''))).toEqual([
      `GET http://server${path.slice(0, 60)}`,
      `GET http://server${path.slice(0, 60)}…`,
    ]);
    expect(setup.world.messages('client', 'encoded', 'http')[1]?.split(' ')[1]).toBe(path);
  });

  it('refuses an answer that nobody asked for', () => {
    const setup = setUp();
    const one = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    pretend(setup, one + one, false);
    setup.get('/', { keepAlive: true });
    setup.world.run();
    expect(setup.world.told('client')).toEqual([
      'GET http://server/: 200, 0 octets after 0.040000 s',
      'the server answers what nobody asked: aborts the connection',
    ]);
    setup.get('/');
    setup.world.run();
    expect(setup.world.told('client')[2]).toBe('GET http://server/: 200, 0 octets after 0.040000 s');
  });
});
