import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternMismatch } from '../../../../src/layers/7-application/bulk/pattern.ts';
import { serveHttp } from '../../../../src/layers/7-application/http/http-server.ts';
import { Outbox } from '../../../../src/layers/7-application/outbox.ts';
import { type FakeOptions, type FakeStream, FakeWorld } from '../fake-transport.ts';

const PAGES = [
  { path: '/', body: { text: '<p>Grüezi</p>' } },
  { path: '/big', body: { sizeBytes: 3000 } },
];

interface Raw {
  readonly world: FakeWorld;
  /** Everything that the server sent, as latin1. */
  readonly answer: string;
  readonly closed: string[];
  /** The server's side of the connection. */
  readonly served: FakeStream | null;
}

/** Sends raw octets to the server; the client ends its side unless told otherwise. */
function talk(text: string, options: FakeOptions = {}, { keepAlive = true, ends = true } = {}): Raw {
  const world = new FakeWorld(options);
  const [client, server] = [world.host('client', 1), world.host('server', 2)];
  serveHttp(server.services, { name: 'http-server', port: 80, pages: PAGES, keepAlive });
  const listener = server.listeners.get(80);
  let served: FakeStream | null = null;
  server.listen('http-server', 80, (stream) => {
    served = stream as FakeStream;
    return listener?.accept(stream) ?? {};
  });
  const received: Uint8Array[] = [];
  const closed: string[] = [];
  let outbox: Outbox | null = null;
  const stream = client.connect(
    'c',
    { address: 2, port: 80 },
    {
      onOpen: () => {
        outbox?.up();
        outbox?.write({ bytes: Buffer.from(text, 'latin1'), carries: [] });
        if (ends) outbox?.whenEmpty(() => stream.end());
      },
      onDrain: () => outbox?.drain(),
      onReadable: () => {
        received.push(stream.read());
      },
      onEnd: () => stream.close(),
      onClose: (reason) => closed.push(reason),
    },
  );
  outbox = new Outbox(client.context, stream, false);
  world.run();
  return { world, answer: Buffer.concat(received).toString('latin1'), closed, served };
}

const GET = 'GET / HTTP/1.1\r\nHost: server\r\n\r\n';
const statuses = (answer: string) =>
  [...answer.matchAll(/HTTP\/1\.1 (\d+) [A-Z]/g)].map(([, status]) => Number(status));

describe('the HTTP server', () => {
  it('answers a GET with the page, octet for octet', () => {
    const { answer, closed, served } = talk('GET / HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n');
    expect(answer).toBe(
      'HTTP/1.1 200 OK\r\nServer: packetwalk\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 14\r\n' +
        `Connection: close\r\n\r\n${Buffer.from('<p>Grüezi</p>').toString('latin1')}`,
    );
    expect(closed).toEqual(['finished']);
    expect(served?.writes).toEqual([answer.length]);
  });

  it('serves octets of a known pattern by size', () => {
    const { answer } = talk('GET /big?x=1 HTTP/1.1\r\nHost: server\r\n\r\n');
    const [head = '', content = ''] = answer.split('\r\n\r\n', 1).concat(answer.slice(answer.indexOf('\r\n\r\n') + 4));
    expect(head).toContain('Content-Type: application/octet-stream\r\nContent-Length: 3000');
    expect(content.length).toBe(3000);
    expect(patternMismatch(Buffer.from(content, 'latin1'), 0)).toBe(-1);
  });

  it('answers HEAD with the same header and no content', () => {
    const get = talk('GET /big HTTP/1.1\r\nHost: server\r\n\r\n').answer;
    const head = talk('HEAD /big HTTP/1.1\r\nHost: server\r\n\r\n').answer;
    expect(head).toBe(get.slice(0, get.indexOf('\r\n\r\n') + 4));
  });

  it('takes a whole URL as target (RFC 9112 section 3.2.2)', () => {
    expect(statuses(talk('GET http://server HTTP/1.1\r\nHost: server\r\n\r\n').answer)).toEqual([200]);
    expect(statuses(talk('GET http://server/nowhere HTTP/1.1\r\nHost: server\r\n\r\n').answer)).toEqual([404]);
  });

  it('answers pipelined requests in their order, whatever the pieces and buffers', () => {
    const requests = `${GET}GET /big HTTP/1.1\r\nHost: server\r\n\r\nGET /none HTTP/1.1\r\nHost: server\r\n\r\n${GET}`;
    const whole = talk(requests).answer;
    expect(statuses(whole)).toEqual([200, 200, 404, 200]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 100 }),
        (sendBufferBytes, receiveBufferBytes, piece) => {
          const options = { sendBufferBytes, receiveBufferBytes, pieceBytes: () => piece, delayNs: 1 };
          const { answer, closed } = talk(requests, options);
          expect(answer).toBe(whole);
          expect(closed).toEqual(['finished']);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('answers a thousand pipelined requests', () => {
    expect(statuses(talk(GET.repeat(1000)).answer)).toEqual(new Array(1000).fill(200));
  });

  it('keeps the connection for the next request, closes it when asked to or when told not to keep any', () => {
    const close = 'GET / HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n';
    expect(talk(GET, {}, { ends: false }).closed).toEqual([]);
    expect(statuses(talk(GET + close + GET, {}).answer)).toEqual([200, 200]);
    expect(statuses(talk(GET + GET, {}, { keepAlive: false }).answer)).toEqual([200]);
    expect(talk(GET, {}, { keepAlive: false }).answer).toContain('Connection: close');
    expect(talk(GET, {}).answer).toContain('Connection: keep-alive');
  });

  it('speaks HTTP/1.0: no Host needed, and it closes unless asked to stay', () => {
    expect(talk('GET / HTTP/1.0\r\n\r\n').answer).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*Connection: close/);
    expect(talk('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n').answer).toContain('Connection: keep-alive');
  });

  it.each([
    [404, 'an unknown page', 'GET /nowhere HTTP/1.1\r\nHost: server\r\n\r\n'],
    [400, 'HTTP/1.1 without Host', 'GET / HTTP/1.1\r\n\r\n'],
    [400, 'two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    [400, 'a malformed request', 'GET /\r\n'],
    [400, 'a request cut short', 'GET / HTTP/1.1\r\nHost: serv'],
    [405, 'a PUT', 'PUT / HTTP/1.1\r\nHost: server\r\nContent-Length: 2\r\n\r\nhi'],
    [501, 'an unknown method', 'BREW / HTTP/1.1\r\nHost: server\r\n\r\n'],
    [431, 'a large header', `GET / HTTP/1.1\r\nHost: server\r\nA: ${'x'.repeat(9000)}\r\n\r\n`],
    [414, 'a long target', `GET /${'x'.repeat(9000)} HTTP/1.1\r\nHost: server\r\n\r\n`],
    [505, 'HTTP/2', 'GET / HTTP/2.0\r\nHost: server\r\n\r\n'],
  ])('answers %i to %s', (status, _, text) => {
    const { answer, closed } = talk(text);
    expect(statuses(answer)).toEqual([status]);
    expect(closed).toEqual(['finished']);
  });

  it('says what methods are allowed (RFC 9110 section 15.5.6)', () => {
    expect(talk('DELETE / HTTP/1.1\r\nHost: server\r\n\r\n').answer).toContain('\r\nAllow: GET, HEAD, POST\r\n');
  });

  it('closes after a malformed request without a reset, although more came (RFC 9112 section 9.6)', () => {
    const { world, answer, closed } = talk(`GET /\n\n${'x'.repeat(5000)}`, { pieceBytes: () => 100, delayNs: 1 });
    expect(statuses(answer)).toEqual([400]);
    expect(closed).toEqual(['finished']);
    expect(world.messages('server', 'decoded', 'http')).toEqual([]);
    expect(world.told('server')).toEqual(['answers 400 Bad Request: a line ends with LF alone']);
  });

  it('answers a POST to a page with how much it received', () => {
    const text = 'POST / HTTP/1.1\r\nHost: server\r\nContent-Length: 3\r\n\r\nabc';
    expect(talk(text).answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*received 3 octets/);
  });

  it('closes after a request that waits for 100 Continue: what follows is no request', () => {
    const text = 'POST / HTTP/1.1\r\nHost: server\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n';
    expect(talk(`${text}abc${GET}`).answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*Connection: close/);
  });

  it('journals each request and response as one message of its octets', () => {
    const { world, answer } = talk(GET + GET);
    expect(world.messages('server', 'decoded', 'http')).toEqual([GET, GET]);
    expect(world.messages('server', 'encoded', 'http').join('')).toBe(answer);
    expect(world.told('server')).toEqual(['GET /: 200 OK, 14 octets', 'GET /: 200 OK, 14 octets']);
  });

  it('journals the responses that a reset cut off', () => {
    const world = new FakeWorld({ sendBufferBytes: 100, receiveBufferBytes: 100, delayNs: 1 });
    const [client, server] = [world.host('client', 1), world.host('server', 2)];
    serveHttp(server.services, { name: 'http-server', port: 80, pages: PAGES, keepAlive: true });
    const stream = client.connect(
      'c',
      { address: 2, port: 80 },
      {
        onOpen: () => stream.write(Buffer.from('GET /big HTTP/1.1\r\nHost: server\r\n\r\nGET / HT')),
      },
    );
    world.runUntil(1000);
    stream.abort();
    world.run();
    const [cutOff, partial] = world.messages('server', 'dropped', 'http');
    expect(cutOff?.length).toBeGreaterThan(2500);
    expect(partial).toBeUndefined();
    expect(world.told('server').at(-1)).toBe('the connection was reset by the other side');
  });
});
