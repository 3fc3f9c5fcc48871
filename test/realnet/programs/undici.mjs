// The undici package: bodies both ways, keep-alive and pipelining, time-outs of its own, a path that is cut.
import assert from 'node:assert/strict';
import { hashOf, simulate } from '../../../dist/realnet/index.js';

const { createServer } = await import('node:http');
const { Agent, fetch, request } = await import('undici');

const net = await simulate(
  {
    nodes: { client: {}, server: {} },
    links: [{ id: 'wire', between: ['client', 'server'], delay: '10ms', loss: '1%' }],
  },
  { seed: 6, escapes: 'fail' },
);
let connections = 0;
net.host('server').run(() => {
  const server = createServer((question, answer) => {
    if (question.url === '/slow') setTimeout(() => answer.end('late'), 7_000);
    else {
      let length = 0;
      question.on('data', (part) => {
        length += part.length;
      });
      question.on('end', () => answer.end(JSON.stringify({ length, id: crypto.randomUUID() })));
    }
  });
  server.on('connection', () => connections++);
  server.listen(80);
});
const client = net.host('client');
const dispatcher = client.run(() => new Agent({ connections: 1, connect: { timeout: 3_000 } }));
const onClient = (program) => net.complete(client.run(program), { within: '600s' });
const { length } = await onClient(async () => {
  const answer = await fetch('http://server/upload', { method: 'POST', body: 'x'.repeat(200_000), dispatcher });
  return answer.json();
});
assert.equal(length, 200_000);
const bodyOf = async (url) => (await request(url, { dispatcher })).body.text();
for (let n = 0; n < 5; n++) assert.equal(JSON.parse(await onClient(() => bodyOf('http://server/'))).length, 0);
assert.equal(connections, 1);
const before = net.nowNs;
assert.equal(await onClient(() => bodyOf('http://server/slow')), 'late');
assert.ok(net.nowNs - before >= 7e9 && net.nowNs - before < 9e9, String(net.nowNs - before));
const codeOf = (url) =>
  onClient(() =>
    bodyOf(url).then(
      () => 'fine',
      (error) => error.code,
    ),
  );
assert.equal(await codeOf('http://server:81/'), 'ECONNREFUSED');
assert.equal(await codeOf('http://nobody/'), 'ENOTFOUND');
net.partition('client', 'server');
assert.equal(await codeOf('http://server:82/'), 'UND_ERR_CONNECT_TIMEOUT');
process.stdout.write(`${hashOf(net)}\n`);
net.close();
