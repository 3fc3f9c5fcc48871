// Unmodified MQTT.js and aedes: QoS 0, 1 and 2 over loss, a session that waits, and a will.
import assert from 'node:assert/strict';
import { hashOf, simulate } from '../../../dist/realnet/index.js';

const { createServer } = await import('node:net');
const { Aedes } = await import('aedes');
const { connect } = await import('mqtt');

const net = await simulate(
  {
    nodes: { sensor: {}, panel: {}, switch: { kind: 'switch' }, broker: {} },
    links: [
      { id: 'radio', between: ['sensor', 'switch'], delay: '15ms', loss: '5%' },
      { id: 'lan', between: ['panel', 'switch'], delay: '1ms' },
      { id: 'uplink', between: ['broker', 'switch'], delay: '5ms' },
    ],
  },
  { seed: 5, escapes: 'fail' },
);
await net.host('broker').run(async () => {
  const aedes = await Aedes.createBroker();
  createServer(aedes.handle).listen(1883);
});
const heard = [];
net.host('panel').run(() => {
  const client = connect('mqtt://broker', { clientId: 'panel', clean: false });
  client.subscribe('#', { qos: 2 });
  client.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
});
await net.advance('1s');
net.host('sensor').run(() => {
  const client = connect('mqtt://broker', {
    keepalive: 10,
    will: { topic: 'state', payload: 'gone', qos: 1, retain: false },
  });
  let n = 0;
  setInterval(() => client.publish('t', String(++n), { qos: n % 3 }), 1_000);
});
await net.advance('30s');
net.link('radio').set({ down: true });
await net.advance('40s');
assert.ok(heard.includes('state gone'), String(heard));
net.link('radio').set({ down: false });
await net.advance('60s');
const numbers = heard.filter((line) => line.startsWith('t ')).map((line) => Number(line.slice(2)));
// What was sent with QoS 1 or 2 has all arrived.
const last = Math.max(...numbers);
for (let n = 1; n < last; n++) if (n % 3 > 0) assert.ok(numbers.includes(n), `${n} is missing`);
assert.ok(last > 100, String(last));
process.stdout.write(`${hashOf(net)}\n`);
net.close();
