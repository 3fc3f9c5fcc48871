// Node's own http: keep-alive, its time-out, a server that resets, a reader that is slow.
import assert from 'node:assert/strict';
import { hashOf, simulate } from '../../../dist/realnet/index.js';

const http = await import('node:http');
const { pipeline } = await import('node:stream/promises');
const { createGzip } = await import('node:zlib');

const net = await simulate(
  {
    nodes: { client: {}, server: {} },
    links: [{ id: 'wire', between: ['client', 'server'], delay: '25ms', rate: '10Mbit', loss: '1%' }],
  },
  { seed: 8, escapes: 'fail' },
);
const seen = { connections: 0, dates: new Set() };
net.host('server').run(() => {
  const server = http.createServer({ keepAliveTimeout: 5_000 }, async (question, answer) => {
    if (question.url === '/reset') question.socket.resetAndDestroy();
    else if (question.url === '/big') {
      answer.setHeader('content-encoding', 'gzip');
      const gzip = createGzip();
      gzip.end(Buffer.alloc(3_000_000, 'packetwalk '));
      await pipeline(gzip, answer);
    } else answer.end('x'.repeat(100_000));
  });
  server.on('connection', () => seen.connections++);
  server.listen(80);
});
function get(path, options = {}) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: 'server', path, ...options }, (answer) => {
      seen.dates.add(answer.headers.date);
      let length = 0;
      answer.on('data', (part) => {
        length += part.length;
      });
      answer.on('end', () => resolve(length));
      answer.on('error', reject);
    });
    request.on('error', reject);
  });
}
const client = net.host('client');
const fetched = (path, options) => net.complete(client.run(() => get(path, options)));
const agent = client.run(() => new http.Agent({ keepAlive: true, maxSockets: 1 }));
for (let n = 0; n < 3; n++) assert.equal(await fetched('/', { agent }), 100_000);
assert.equal(seen.connections, 1);
await net.advance('10s');
assert.equal(await fetched('/', { agent }), 100_000);
assert.equal(seen.connections, 2);
await assert.rejects(fetched('/reset'), { code: 'ECONNRESET' });
assert.ok((await fetched('/big')) > 1_000);
assert.ok(
  [...seen.dates].every((date) => String(date).startsWith('Thu, 01 Jan 2026 00:00:')),
  [...seen.dates].join(),
);
assert.ok(seen.dates.size >= 3);
process.stdout.write(`${hashOf(net)}\n`);
net.close();
