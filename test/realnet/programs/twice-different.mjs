// For runTwice: a program that sends what the real clock says.
import { simulate } from '../../../dist/realnet/index.js';

const { connect, createServer } = await import('node:net');

export default async function run() {
  const net = await simulate(
    { nodes: { client: {}, server: {} }, links: [{ between: ['client', 'server'] }] },
    { seed: 1 },
  );
  const real = String(process.pid) + String(process.hrtime.bigint());
  net.host('server').run(() => createServer(() => {}).listen(7));
  net.host('client').run(() => connect(7, 'server').write(real));
  await net.advance('1s');
  return net;
}
