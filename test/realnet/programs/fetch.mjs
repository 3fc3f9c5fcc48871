// Node's own fetch: bodies both ways, keep-alive, hosts that share no pool, a server that is slow, errors with codes.
import assert from 'node:assert/strict';
import { hashOf, simulate } from '../../../dist/realnet/index.js';

const { createServer } = await import('node:http');

const net = await simulate(
  {
    nodes: { client: {}, other: {}, switch: { kind: 'switch' }, server: {} },
    links: ['client', 'other', 'server'].map((node) => ({ id: node, between: [node, 'switch'], delay: '10ms' })),
  },
  { seed: 6, escapes: 'fail' },
);
const connections = [];
net.host('server').run(() => {
  const server = createServer((question, answer) => {
    if (question.url === '/slow') setTimeout(() => answer.end('late'), 7_000);
    else if (question.url === '/who') answer.end(question.socket.remoteAddress);
    else {
      let length = 0;
      question.on('data', (part) => {
        length += part.length;
      });
      question.on('end', () => answer.end(JSON.stringify({ length, id: crypto.randomUUID() })));
    }
  });
  server.on('connection', (socket) => connections.push(socket.remoteAddress));
  server.listen(80);
});
const onClient = (program, options) => net.complete(net.host('client').run(program), options);
const json = await onClient(async () => {
  const answer = await fetch('http://server/upload', { method: 'POST', body: 'x'.repeat(200_000) });
  return answer.json();
});
assert.equal(json.length, 200_000);
for (let n = 0; n < 5; n++) await onClient(async () => (await fetch('http://server/')).text());
assert.equal(connections.length, 1);
const who = await net.complete(net.host('other').run(async () => (await fetch('http://server/who')).text()));
assert.equal(who, net.journal.length > 0 && connections[1]);
assert.notEqual(connections[0], connections[1]);
const before = net.nowNs;
assert.equal(await onClient(async () => (await fetch('http://server/slow')).text()), 'late');
assert.ok(net.nowNs - before >= 7e9 && net.nowNs - before < 7.2e9, String(net.nowNs - before));
await assert.rejects(
  onClient(() => fetch('http://server/slow', { signal: AbortSignal.timeout(2_000) })),
  {
    name: 'TimeoutError',
  },
);
const codeOf = (url, options) =>
  onClient(
    () =>
      fetch(url, options).then(
        () => 'fine',
        (error) => error.cause?.code ?? error.name,
      ),
    { within: '600s' },
  );
assert.equal(await codeOf('http://server:81/'), 'ECONNREFUSED');
assert.equal(await codeOf('http://nobody/'), 'ENOTFOUND');
process.stdout.write(`${hashOf(net)}\n`);
net.close();
