/** Hosts in virtual time inside a process that stays real. */

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type SimulateOptions, type Simulation, simulate } from '../../src/realnet/index.ts';

const net = await import('node:net');
const dns = await import('node:dns/promises');
const timers = await import('node:timers/promises');
const { randomBytes, randomUUID } = await import('node:crypto');

const PAIR = {
  nodes: { client: {}, server: {} },
  links: [{ id: 'wire', between: ['client', 'server'], delay: '20ms' }],
};
const open: Simulation[] = [];

async function pair(options: SimulateOptions = { seed: 1, escapes: 'fail' }): Promise<Simulation> {
  const made = await simulate(PAIR as never, options);
  open.push(made);
  return made;
}

afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

describe('a host', () => {
  it('has its own clock and timers, and nobody else does', async () => {
    const world = await pair();
    const log: unknown[] = [];
    world.host('client').run(async () => {
      const [t0, p0] = [Date.now(), performance.now()];
      const interval = setInterval(() => log.push(['tick', Date.now() - t0]), 1_000);
      setTimeout(() => clearInterval(interval), 3_500);
      await timers.setTimeout(10_000);
      log.push([new Date().toISOString(), Date.now() - t0, performance.now() - p0, process.hrtime.bigint()]);
      setTimeout(() => log.push('never'), 1_000_000);
    });
    const before = Date.now();
    await world.advance('1m');
    expect(Date.now() - before).toBeLessThan(5_000);
    expect(Date.now()).toBeGreaterThan(Date.parse('2026-01-01'));
    expect(log).toEqual([
      ['tick', 1_000],
      ['tick', 2_000],
      ['tick', 3_000],
      ['2026-01-01T00:00:10.000Z', 10_000, 10_000, 10_000_000_000n],
    ]);
  });

  it('goes on with a timer that a library keeps for the whole process, and leaves the others as they are', async () => {
    const log: string[] = [];
    const first = await pair();
    const kept = first.host('client').run(() => setTimeout(() => log.push('kept'), 10_000));
    await first.advance('1s');
    first.close();
    const second = await pair();
    second.host('client').run(() => {
      setTimeout(() => log.push('own'), 3_000);
      kept.refresh();
    });
    await second.advance('9s');
    expect(log).toEqual(['own']);
    await second.advance('2s');
    expect(log).toEqual(['own', 'kept']);
  });

  it('leaves real timers real', async () => {
    const world = await pair();
    world.host('client').run(() => setInterval(() => {}, 1));
    const before = process.hrtime.bigint();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(Number(process.hrtime.bigint() - before)).toBeGreaterThan(28e6);
    expect(world.nowNs).toBe(0);
  });

  it('has chance of its own, the same for the same seed', async () => {
    const draw = (world: Simulation, host: string) =>
      world.host(host).run(() => [Math.random(), randomUUID(), randomBytes(4).toString('hex')]);
    const [one, same, other] = [await pair({ seed: 1 }), await pair({ seed: 1 }), await pair({ seed: 2 })];
    const drawn = draw(one, 'client');
    expect(draw(same, 'client')).toEqual(drawn);
    expect(draw(one, 'server')).not.toEqual(drawn);
    expect(draw(other, 'client')).not.toEqual(drawn);
    expect(draw(one, 'client')).not.toEqual(drawn);
    expect(Math.random()).not.toBe(Math.random());
  });

  it('knows the names of the scenario and no others', async () => {
    const world = await pair();
    const lookUp = (name: string) => world.complete(world.host('client').run(() => dns.lookup(name)));
    expect(await lookUp('server')).toEqual({ address: '10.0.0.2', family: 4 });
    await expect(lookUp('example.org')).rejects.toMatchObject({ code: 'ENOTFOUND', syscall: 'getaddrinfo' });
  });
});

describe('a socket', () => {
  async function connected() {
    const world = await pair();
    const accepted: InstanceType<typeof net.Socket>[] = [];
    const heard: string[] = [];
    world.host('server').run(() => {
      const server = net.createServer({ allowHalfOpen: true }, (socket) => {
        accepted.push(socket);
        socket.on('error', (error: NodeJS.ErrnoException) => heard.push(`server ${error.code}`));
        socket.on('end', () => heard.push('server end'));
        socket.on('data', (data) => heard.push(`server ${data}`));
      });
      server.listen(7);
    });
    const socket = world.host('client').run(() => {
      const made = net.connect(7, 'server');
      made.on('error', (error: NodeJS.ErrnoException) => heard.push(`client ${error.code} ${error.syscall}`));
      made.on('close', (hadError) => heard.push(`client close ${hadError}`));
      made.on('timeout', () => heard.push('client timeout'));
      made.on('data', (data) => heard.push(`client ${data}`));
      return made;
    });
    await world.advance('1s');
    return { world, socket, server: accepted[0] as InstanceType<typeof net.Socket>, heard };
  }

  it('is a net.Socket that knows its ends', async () => {
    const { socket, server, world } = await connected();
    expect(socket).toBeInstanceOf(net.Socket);
    expect([socket.remoteAddress, socket.remotePort, socket.localAddress]).toEqual(['10.0.0.2', 7, '10.0.0.1']);
    expect([server.remoteAddress, server.remotePort]).toEqual([socket.localAddress, socket.localPort]);
    expect(world.seen('tcp.flags.syn == 1 && tcp.flags.ack == 0')).toBe(1);
  });

  it('closes halfway', async () => {
    const { world, socket, server, heard } = await connected();
    socket.end('bye');
    await world.advance('1s');
    server.end('later');
    await world.advance('1s');
    expect(heard).toEqual(['server bye', 'server end', 'client later', 'client close false']);
  });

  it('is reset, with ECONNRESET', async () => {
    const { world, server, heard } = await connected();
    server.resetAndDestroy();
    await world.advance('1s');
    expect(heard).toEqual(['client ECONNRESET read', 'client close true']);
    expect(world.seen('tcp.flags.reset == 1')).toBe(1);
  });

  it('is refused, with ECONNREFUSED', async () => {
    const { world } = await connected();
    const failed = world.host('client').run(() => once(net.connect(8, 'server'), 'connect'));
    await expect(world.complete(failed)).rejects.toMatchObject({
      message: 'connect ECONNREFUSED 10.0.0.2:8',
      code: 'ECONNREFUSED',
      errno: -111,
      syscall: 'connect',
      address: '10.0.0.2',
      port: 8,
    });
  });

  it('times out when nobody answers, with ETIMEDOUT', async () => {
    const { world, socket, heard } = await connected();
    world.partition('client', 'server');
    const failed = world.host('client').run(() => once(net.connect(7, 'server'), 'connect'));
    socket.write('into the void');
    await expect(world.complete(failed, { within: '1h' })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      syscall: 'connect',
    });
    await world.advance('1h');
    expect(heard).toEqual(['client ETIMEDOUT read', 'client close true']);
  });

  it('stays half-open when the other side vanishes without a word', async () => {
    const { world, socket, server, heard } = await connected();
    world.partition('client', 'server');
    server.destroy();
    await world.advance('1h');
    expect([socket.destroyed, heard]).toEqual([false, []]);
  });

  it('tells of silence', async () => {
    const { world, socket, server, heard } = await connected();
    world.host('client').run(() => socket.setTimeout(5_000));
    await world.advance('4s');
    server.write('!');
    await world.advance('4s');
    expect(heard).toEqual(['client !']);
    await world.advance('2s');
    expect(heard).toEqual(['client !', 'client timeout']);
  });

  it('holds a fast writer back when nobody reads', async () => {
    const { world, socket, server } = await connected();
    server.pause();
    let isDrained = false;
    socket.on('drain', () => {
      isDrained = true;
    });
    expect(socket.write(Buffer.alloc(1_000_000))).toBe(false);
    await world.advance('30s');
    expect([isDrained, world.seen('tcp.analysis.zero_window') > 0]).toEqual([false, true]);
    server.resume();
    await world.advance('5m');
    expect([isDrained, server.bytesRead, socket.bytesWritten]).toEqual([true, 1_000_000, 1_000_000]);
  });

  it('is refused a port that is taken, with EADDRINUSE', async () => {
    const { world } = await connected();
    const failed = world.host('server').run(() => once(net.createServer().listen(7), 'listening'));
    await expect(world.complete(failed)).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'listen', port: 7 });
  });

  it('gets a free port for 0, and a way to itself', async () => {
    const { world } = await connected();
    const port = world.host('server').run(() => {
      const server = net.createServer((socket) => socket.end('self'));
      server.listen(0);
      return (server.address() as { port: number }).port;
    });
    const heard = await world.complete(
      world.host('server').run(async () => String((await once(net.connect(port, 'localhost'), 'data'))[0])),
    );
    expect(heard).toBe('self');
  });
});

describe('a simulation', () => {
  it('waits for a frame, and says when none came', async () => {
    const world = await pair();
    world.host('client').run(() => net.connect(9, 'server').on('error', () => {}));
    await world.until('tcp.flags.reset == 1');
    expect(world.nowNs).toBe(80_000_000);
    await expect(world.until('udp', { within: '3s' })).rejects.toThrow('no frame matched udp within 3s (seed 1)');
    await expect(world.until('udq')).rejects.toThrow(SyntaxError);
  });

  it('changes links in the words of a scenario file', async () => {
    const world = await pair();
    world.link('wire').set({ loss: '100%' });
    world.host('client').run(() => net.connect(9, 'server').on('error', () => {}));
    await world.advance('2s');
    expect(world.seen('pw.lost')).toBe(world.seen('frame'));
    expect(() => world.link('wire').set({ loss: 30 })).toThrow('loss: ');
    expect(() => world.link('radio')).toThrow('there is no link radio; there are: wire');
    expect(() => world.host('chat')).toThrow('there is no host chat; there are: client, server');
  });

  it('ends with what a program throws, and says where and when', async () => {
    const world = await pair();
    world.host('client').run(() =>
      setTimeout(() => {
        throw new Error('oops');
      }, 1_500),
    );
    await expect(world.advance('10s')).rejects.toThrow('oops (on host client at 1.500000 s, seed 1)');
  });

  it('tells what leaves it by a way that is not simulated', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'packetwalk-'));
    try {
      const world = await pair({ seed: 1, escapes: 'fail' });
      const fs = await import('node:fs/promises');
      world.host('client').run(() => setTimeout(() => fs.readFile(folder).catch(() => {}), 1_000));
      await expect(world.advance('10s')).rejects.toThrow(
        /a program on client uses the file system[\s\S]*simulate\.test\.ts/,
      );
      expect(world.escapes[0]).toMatchObject({ host: 'client', atNs: 1_000_000_000 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('runs no program after it was closed', async () => {
    const world = await pair();
    let ticks = 0;
    world.host('client').run(() => setInterval(() => ticks++, 1_000));
    await world.advance('3500ms');
    world.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ticks).toBe(3);
    await expect(async () => world.advance('1s')).rejects.toThrow('was closed');
  });

  it('forgets the programs of a node that crashes', async () => {
    const world = await simulate({
      ...PAIR,
      timeline: [{ at: '5s', node: 'server', crash: true, for: '5s' }],
    } as never);
    open.push(world);
    const ticks: number[] = [];
    const serve = () => {
      setInterval(() => ticks.push(Date.now() % 1e6), 1_000);
      net.createServer((socket) => socket.end('hello')).listen(7);
    };
    world.host('server').run(serve);
    await world.advance('11s');
    expect(ticks.length).toBe(4);
    world.host('server').run(serve);
    const heard = await world.complete(
      world.host('client').run(async () => String((await once(net.connect(7, 'server'), 'data'))[0])),
    );
    expect(heard).toBe('hello');
  });

  it('runs TLS over simulated connections', async () => {
    const world = await pair({ seed: 1, escapes: 'report' });
    const { createServer, get } = await import('node:https');
    const pem = (name: string) => readFileSync(new URL(`certificate/${name}.pem`, import.meta.url));
    world.host('server').run(() => {
      createServer({ key: pem('key'), cert: pem('cert') }, (_question, answer) => answer.end('secret')).listen(443);
    });
    const body = await world.complete(
      world.host('client').run(async () => {
        const request = get({ host: 'server', ca: pem('cert'), checkServerIdentity: () => undefined });
        const [answer] = await once(request, 'response');
        return String((await once(answer, 'data'))[0]);
      }),
    );
    expect(body).toBe('secret');
    expect(world.seen('tcp.dstport == 443 && tcp.len > 0')).toBeGreaterThan(1);
  });
});
