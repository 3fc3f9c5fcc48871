// Before the libraries that are to run on it.
import { matchers, simulate } from '../../src/realnet/index.ts';
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { expect, test } from 'vitest';

expect.extend(matchers);

/** Two servers behind a load balancer of packetwalk's own. */
function topology(policy) {
  const balancer = { 'load-balancer': { port: 80, to: ['one:3000', 'two:3000'], policy } };
  const cable = (a, b) => ({ between: [a, b], delay: '5ms' });
  return {
    nodes: { phone: {}, edge: { kind: 'switch' }, balancer: { apps: balancer }, one: {}, two: {} },
    links: [cable('phone', 'edge'), cable('balancer', 'edge'), cable('one', 'edge'), cable('two', 'edge')],
  };
}

async function connectThrough(policy) {
  const net = await simulate(topology(policy));
  for (const name of ['one', 'two']) {
    net.host(name).run(() => {
      const http = createServer();
      new Server(http);
      http.listen(3000);
    });
  }
  const errors = [];
  const socket = net.host('phone').run(() => {
    const made = io('http://balancer');
    made.on('connect_error', (error) => errors.push(error.message));
    return made;
  });
  await net.advance('4s');
  net.close();
  return { net, errors, isConnected: socket.connected };
}

test('round robin sends the second request of a session to a server that does not know it', async () => {
  const { net, errors, isConnected } = await connectThrough('round-robin');
  expect(isConnected).toBe(false);
  expect(errors).toContain('xhr post error');
  expect(net).toHaveSeen('http.response.code == 400', { atLeast: 1 });
}, 30_000);

test('sticky sessions keep a client at its server', async () => {
  const { net, errors, isConnected } = await connectThrough('sticky');
  expect(isConnected).toBe(true);
  expect(errors).toEqual([]);
  expect(net).not.toHaveSeen('http.response.code == 400');
}, 30_000);
