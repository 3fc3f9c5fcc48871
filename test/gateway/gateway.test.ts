/** The gateway as people start it, with real clients and servers at its doors: Node's, curl, mosquitto's, a browser. */

import { execFile, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { io } from 'socket.io-client';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { folder, HEAD, has, LAUNCHER, Running, sleep, start, withGateways } from './running.ts';

const run = promisify(execFile);

withGateways();

const SERVERS = `${HEAD}nodes:
  client: {}
  server:
    apps:
      http-server: { port: 80, pages: { /: hello, /big: { size: 1MB } } }
      ws-server: { port: 81, echo: true }
      echo-server: { port: 7, transport: both }
      socketio-server: { port: 3000, on: { ask: ack, say: echo } }
      mqtt-broker: {}
links: [{ id: wire, between: [client, server], delay: 25ms }]
`;

describe('real clients and simulated servers', () => {
  it('a real WebSocket has a round trip of 50 to 54 ms over 25 ms each way, and the session replays to its hash', async () => {
    const { gateway, ports } = await start(SERVERS, '--listen', '127.0.0.1:0=server:81');
    const socket = new WebSocket(`ws://127.0.0.1:${ports[0]}/`);
    await once(socket, 'open');
    const times: number[] = [];
    for (let n = 0; n < 41; n++) {
      const before = process.hrtime.bigint();
      socket.send(`message ${n}`);
      const [answer] = await once(socket, 'message');
      times.push(Number(process.hrtime.bigint() - before) / 1e6);
      expect(String(answer)).toBe(`message ${n}`);
    }
    times.sort((one, other) => one - other);
    expect(times[0]).toBeGreaterThanOrEqual(50);
    expect(times[20]).toBeGreaterThanOrEqual(50);
    // A machine with other things to do wakes both of us late, and other tests run beside this one: the upper bound is
    // asked for by hand, on a quiet machine, GATEWAY=strict npx vitest run test/gateway.
    if (process.env.GATEWAY === 'strict') expect(times[20]).toBeLessThanOrEqual(54);
    socket.close();
    await once(socket, 'close');
    expect(await gateway.end()).toBe(130);
    const [told, replayed] = gateway.hashes;
    expect(told).toMatch(/^[0-9a-f]{64}$/);
    expect(replayed).toBe(told);
  }, 30_000);

  it('curl, datagrams and a socket.io-client', async () => {
    const doors = ['server:80', 'server:3000'].flatMap((place) => ['--listen', `127.0.0.1:0=${place}`]);
    const { gateway, ports } = await start(SERVERS, ...doors, '--listen', 'udp:127.0.0.1:0=server:7');
    const [web = 0, chat = 0, echo = 0] = ports;
    const page = await run('curl', ['-sS', '-w', ' %{time_total}', `http://127.0.0.1:${web}/`]);
    const [body, seconds] = page.stdout.split(' ');
    expect(body).toBe('hello');
    expect(Number(seconds)).toBeGreaterThan(0.1);
    const big = await run('curl', ['-sS', `http://127.0.0.1:${web}/big`], { maxBuffer: 1 << 24, encoding: 'latin1' });
    expect(big.stdout.length).toBe(1_000_000);

    const datagrams = createSocket('udp4');
    datagrams.send('ping', echo, '127.0.0.1');
    expect(String((await once(datagrams, 'message'))[0])).toBe('ping');
    datagrams.close();

    const socket = io(`http://127.0.0.1:${chat}`, { reconnection: false });
    await once(socket as never, 'connect');
    expect(await socket.timeout(5_000).emitWithAck('ask', 1)).toBeDefined();
    const said = once(socket as never, 'say');
    socket.emit('say', { text: 'hello' });
    expect(await said).toEqual([{ text: 'hello' }]);
    socket.disconnect();
    await sleep(200);
    expect(await gateway.end('SIGTERM')).toBe(143);
    expect(gateway.hashes[1]).toBe(gateway.hashes[0]);
  }, 60_000);

  it.skipIf(!has('mosquitto_pub'))(
    'mosquitto clients and the mqtt-broker',
    async () => {
      const { gateway, ports } = await start(SERVERS, '--listen', '127.0.0.1:0=server:1883');
      const place = ['-h', '127.0.0.1', '-p', String(ports[0]), '-V', '5'];
      const subscriber = run('mosquitto_sub', [...place, '-t', 'a/#', '-q', '2', '-C', '3', '-W', '20']);
      await sleep(700);
      for (const n of [1, 2, 3]) await run('mosquitto_pub', [...place, '-t', `a/${n}`, '-q', '2', '-m', `number ${n}`]);
      expect((await subscriber).stdout).toBe('number 1\nnumber 2\nnumber 3\n');
      await gateway.end();
      expect(gateway.hashes[1]).toBe(gateway.hashes[0]);
    },
    60_000,
  );

  it('resets a real connection that the simulation refuses, or resets', async () => {
    const { gateway, ports } = await start(SERVERS, '--listen', '127.0.0.1:0=server:4444');
    const socket = connect(ports[0] as number, '127.0.0.1');
    await expect(once(socket, 'close')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await gateway.end();
    expect(gateway.err).toContain('outside-1: refused');
  }, 30_000);
});

describe('real servers', () => {
  it('stand behind a simulated path', async () => {
    const seen: string[] = [];
    const server = createHttpServer((question, answer) => {
      seen.push(question.url ?? '');
      let length = 0;
      question.on('data', (part: Buffer) => {
        length += part.length;
      });
      question.on('end', () => answer.end(`had ${length}`));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const scenario = `${HEAD}nodes: { phone: {}, origin: {} }
links: [{ between: [phone, origin], delay: 20ms, loss: 3%, rate: 20Mbit }]
`;
    const doors = ['--listen', '127.0.0.1:0=origin:80', '--connect', `origin:80=127.0.0.1:${port}`];
    const { gateway, ports } = await start(scenario, ...doors);
    const body = 'x'.repeat(300_000);
    const answer = await fetch(`http://127.0.0.1:${ports[0]}/upload`, { method: 'POST', body });
    expect(await answer.text()).toBe('had 300000');
    expect(seen).toEqual(['/upload']);
    await gateway.end();
    server.close();
    server.closeAllConnections();
    expect(gateway.hashes[1]).toBe(gateway.hashes[0]);
  }, 60_000);

  it('are reached by simulated clients, over TCP and UDP', async () => {
    const server = createHttpServer((_question, answer) => answer.end('real'));
    const echo = createSocket('udp4', (bytes, { port, address }) => echo.send(`${bytes}!`, port, address));
    server.listen(0, '127.0.0.1');
    echo.bind(0, '127.0.0.1');
    await Promise.all([once(server, 'listening'), once(echo, 'listening')]);
    const scenario = `${HEAD}nodes: { phone: {}, origin: {} }
links: [{ between: [phone, origin], delay: 5ms }]
timeline:
  - { at: 10ms, node: phone, do: { get: "http://origin/" } }
  - { at: 10ms, node: phone, do: { udp-send: { to: "origin:9", data: hi } } }
expect:
  - { name: the page came, match: http.response.code == 200 && ip.src == origin, exactly: 1 }
  - { name: the datagram came back, match: "udp contains \\"hi!\\"", exactly: 1 }
`;
    const doors = [
      ...['--connect', `origin:80=127.0.0.1:${(server.address() as AddressInfo).port}`],
      ...['--connect', `udp:origin:9=127.0.0.1:${echo.address().port}`],
    ];
    const gateway = new Running(scenario, [...doors, '--until', '2s', '--speed', '0.5']);
    const before = Date.now();
    const [code] = await once(gateway.child, 'close');
    server.close();
    server.closeAllConnections();
    echo.close();
    expect([code, gateway.err]).toEqual([0, expect.stringContaining('inside-1.1: 10.0.0.1:')]);
    expect(Date.now() - before).toBeGreaterThan(3_900);
    expect(gateway.hashes[1]).toBe(gateway.hashes[0]);
  }, 60_000);
});

/** Sends a number every 200 ms and opens a new WebSocket when no echo comes for a second. */
const PAGE = `<script>
let n = 0;
function open() {
  const socket = new WebSocket('ws://' + location.hostname + ':PORT/');
  let last = Date.now();
  const beat = setInterval(() => {
    if (socket.readyState === 1) socket.send('beat ' + ++n);
    if (Date.now() - last > 1000) { clearInterval(beat); socket.close(); open(); }
  }, 200);
  socket.onmessage = () => { last = Date.now(); };
  socket.onopen = () => { last = Date.now(); };
}
open();
</script>`;

describe('a browser', () => {
  it.skipIf(!has('chromium'))(
    'reconnects when the link was cut',
    async () => {
      // A port that is free now, because the page has to name it before the gateway has chosen one.
      const probe = createServer().listen(0, '127.0.0.1');
      await once(probe, 'listening');
      const { port } = probe.address() as AddressInfo;
      probe.close();
      const page = JSON.stringify(PAGE.replace('PORT', String(port)));
      const scenario = `${HEAD}nodes:
  browser: {}
  server: { apps: { http-server: { port: 80, pages: { /: ${page} } }, ws-server: { port: 81, echo: true } } }
links: [{ id: wire, between: [browser, server], delay: 25ms }]
timeline:
  - { when: websocket.opcode == 1 && ip.src == browser, wait: 1s, link: wire, set: { down: true }, for: 3s }
expect:
  - { name: the page came, match: http.response.code == 200, at-least: 1 }
  - { name: it connected again, match: http.response.code == 101, at-least: 2 }
  - { name: beats were lost, match: pw.lost && tcp.dstport == 81, at-least: 1 }
`;
      const doors = ['--listen', '127.0.0.1:0=server:80', '--listen', `127.0.0.1:${port}=server:81`];
      const { gateway, ports } = await start(scenario, ...doors);
      const url = `http://127.0.0.1:${ports[0]}/`;
      const profile = mkdtempSync(join(tmpdir(), 'packetwalk-chromium-'));
      const words = [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        `--user-data-dir=${profile}`,
        '--remote-debugging-port=0',
      ];
      const browser = spawn('chromium', [...words, url], { stdio: 'ignore' });
      try {
        const upgrades = () => gateway.err.match(/outside-\d+: 127\.0\.0\.1:\d+ to server:81/g)?.length ?? 0;
        for (let tries = 0; tries < 300 && upgrades() < 2; tries++) await sleep(100);
        await sleep(4_500);
      } finally {
        const gone = once(browser, 'close');
        browser.kill();
        await gone;
      }
      await gateway.end();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
      expect(gateway.out).toContain('all 3 expectations held');
      expect(gateway.hashes[1]).toBe(gateway.hashes[0]);
    },
    120_000,
  );
});

describe('the screen', () => {
  it.skipIf(!has('tmux'))(
    'shows what happens while it happens, and leaves the session behind',
    async () => {
      const file = join(folder, 'screen.pw.yaml');
      const [record, log] = [join(folder, 'screen-session.pw.yaml'), join(folder, 'screen.log')];
      writeFileSync(file, SERVERS);
      const probe = createServer().listen(0, '127.0.0.1');
      await once(probe, 'listening');
      const { port } = probe.address() as AddressInfo;
      probe.close();
      const words = [
        LAUNCHER,
        'gateway',
        file,
        '--listen',
        `127.0.0.1:${port}=server:80`,
        '--walk',
        '--record',
        record,
      ];
      const socket = `packetwalk-${process.pid}`;
      const tmux = (...args: string[]) => spawnSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' }).stdout;
      const line = `${process.execPath} ${words.join(' ')}; echo left with $? > ${log}; sleep 60`;
      tmux('new-session', '-d', '-x', '120', '-y', '40', line);
      try {
        const page = await run('curl', ['-sS', '--retry', '30', '--retry-connrefused', `http://127.0.0.1:${port}/`]);
        expect(page.stdout).toBe('hello');
        let screen = '';
        for (let tries = 0; tries < 200 && !screen.includes('HTTP/1.1 200 OK'); tries++) {
          await sleep(100);
          screen = tmux('capture-pane', '-p');
        }
        expect(screen).toContain('GET / HTTP/1.1');
        tmux('send-keys', 'q');
        for (let tries = 0; tries < 1_000 && !existsSync(log); tries++) await sleep(100);
        expect(readFileSync(log, 'utf8')).toBe('left with 0\n');
        expect(readFileSync(record, 'utf8')).toContain('GET / HTTP/1.1');
      } finally {
        tmux('kill-server');
      }
    },
    120_000,
  );
});

describe('what is refused', () => {
  const call = (...words: string[]) => {
    const file = join(folder, 'refused.pw.yaml');
    writeFileSync(file, SERVERS);
    const args = [LAUNCHER, 'gateway', file, ...words];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 });
    return `${status} ${stderr}`;
  };

  it('says what to write instead, and ends with 2', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    expect(call('--listen', '127.0.0.1:0=servr:80')).toMatch(
      /^2 .*there is no host 'servr' in the scenario\n.*did you mean/,
    );
    expect(call()).toMatch(/^2 .*there is no door\n.*--listen 127\.0\.0\.1:8080=server:80/);
    expect(call('--listen', '8080')).toMatch(/^2 .*it has no =/);
    expect(call('--listen', '0.0.0.0:8080=server:80')).toMatch(/^2 .*loopback\n.*--public/);
    expect(call('--connect', 'server:80=192.0.2.1:80')).toMatch(/^2 .*loopback\n.*--public/);
    expect(call('--listen', '127.0.0.1:8080=server')).toMatch(/^2 .*has no port/);
    expect(call('--connect', 'sever:80=127.0.0.1:1')).toMatch(/^2 .*no host 'sever'.*\n.*did you mean 'server'\?/);
    expect(call('--listen', '127.0.0.1:0=server:80', '--from', 'nobody')).toMatch(/^2 .*no host 'nobody'/);
    expect(call('--listen', '127.0.0.1:0=server:80', '--speed', '0')).toMatch(/^2 .*above 0/);
    expect(call('--listen', `127.0.0.1:${port}=server:80`)).toMatch(
      /^2 .*cannot listen on 127\.0\.0\.1:\d+: .*another program has this address/,
    );
    taken.close();
  }, 60_000);
});
