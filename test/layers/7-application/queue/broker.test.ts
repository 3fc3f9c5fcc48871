import { describe, expect, it } from 'vitest';
import { MS, SECOND, Stage } from './stage.ts';

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `j${index + 1}`);

describe('work queues (RabbitMQ)', () => {
  it('hand each message to one of the competing consumers, in turn', () => {
    const stage = new Stage(['app', 'w1', 'w2'], { jobs: {} });
    stage.consume(0, 'w1', 'jobs');
    stage.consume(0, 'w2', 'jobs');
    stage.enqueue(SECOND, 'app', 'jobs', 'j{n}', { times: 6 });
    stage.run(5 * SECOND);
    expect(stage.received('w1')).toEqual(['j1', 'j3', 'j5']);
    expect(stage.received('w2')).toEqual(['j2', 'j4', 'j6']);
    expect(stage.confirmed('app')).toEqual(numbered(6));
    expect(stage.state().get('broker.queue.jobs.depth')).toBe(0);
    expect(stage.state().get('broker.queue.jobs.unacked')).toBe(0);
    expect(stage.state().get('w1.app.processed.jobs')).toBe(3);
  });

  it('hold what waits, as paths of the state show', () => {
    const stage = new Stage(['app', 'w1'], { jobs: {} });
    stage.enqueue(0, 'app', 'jobs', 'j{n}', { times: 5 });
    stage.consume(2 * SECOND, 'w1', 'jobs', { prefetch: 2, workNs: 100 * MS });
    stage.run(10 * SECOND);
    expect(stage.state(SECOND).get('broker.queue.jobs.depth')).toBe(5);
    const during = stage.state(2_300 * MS);
    expect([during.get('broker.queue.jobs.depth'), during.get('broker.queue.jobs.unacked')]).toEqual([2, 2]);
    expect(during.get('broker.queue.jobs.messages.5.state')).toBe('ready');
    expect(stage.done('w1')).toEqual(numbered(5));
    expect(stage.state().get('broker.queue.jobs.messages.rows')).toBe(0);
  });

  it('prefetch 1 gives the next job to whoever is free', () => {
    const stage = new Stage(['app', 'slow', 'fast'], { jobs: {} });
    stage.consume(0, 'slow', 'jobs', { prefetch: 1, workNs: SECOND });
    stage.consume(0, 'fast', 'jobs', { prefetch: 1, workNs: 100 * MS });
    stage.enqueue(SECOND, 'app', 'jobs', 'j{n}', { times: 8 });
    stage.run(10 * SECOND);
    expect(stage.done('slow')).toEqual(['j1']);
    expect(stage.done('fast')).toEqual(['j2', 'j3', 'j4', 'j5', 'j6', 'j7', 'j8']);
  });

  it('put back what a consumer did not acknowledge, in its place and marked as redelivered (E25)', () => {
    const stage = new Stage(['app', 'w1', 'w2'], { jobs: {} });
    stage.enqueue(0, 'app', 'jobs', 'j{n}', { times: 4 });
    stage.consume(SECOND, 'w1', 'jobs', { prefetch: 2, workNs: 100 * MS, crashAfter: 1 });
    stage.consume(3 * SECOND, 'w2', 'jobs', { prefetch: 1 });
    stage.run(10 * SECOND);
    expect(stage.received('w1')).toEqual(['j1', 'j2']);
    expect(stage.received('w2')).toEqual(['j1!', 'j2!', 'j3', 'j4']);
    expect(stage.done('w2')).toEqual(numbered(4));
  });

  it('without acknowledgments lose what a dead consumer had (AQ-06)', () => {
    const stage = new Stage(['app', 'w1', 'w2'], { jobs: {} });
    stage.enqueue(0, 'app', 'jobs', 'j{n}', { times: 3 });
    stage.consume(SECOND, 'w1', 'jobs', { ack: 'auto', workNs: 100 * MS, crashAfter: 1 });
    stage.consume(3 * SECOND, 'w2', 'jobs');
    stage.run(10 * SECOND);
    expect(stage.received('w2')).toEqual([]);
    expect(stage.dropped().filter((text) => text.startsWith('w1 crashed'))).toHaveLength(3);
  });

  it('that are never acknowledged fill the prefetch and come back at the end', () => {
    const stage = new Stage(['app', 'w1'], { jobs: {} });
    stage.enqueue(0, 'app', 'jobs', 'j{n}', { times: 3 });
    stage.consume(SECOND, 'w1', 'jobs', { ack: 'never', prefetch: 2 });
    // RabbitMQ's consumer timeout: 30 minutes after the delivery the channel is closed.
    stage.run(1_900 * SECOND);
    expect(stage.received('w1')).toEqual(['j1', 'j2']);
    expect(stage.star.told('w1')).toContain(
      'the broker closes the channel: 406 PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out',
    );
    expect(stage.state().get('broker.queue.jobs.depth')).toBe(3);
  });
});

describe('publisher confirms', () => {
  it('a message to a queue that is not there comes back, and is not called confirmed (AQ-07)', () => {
    const stage = new Stage(['app'], { jobs: {} });
    stage.enqueue(0, 'app', 'nowhere', 'x');
    stage.enqueue(0, 'app', 'jobs', 'y');
    stage.run(5 * SECOND);
    expect(stage.dropped()).toEqual(['app no-listener: a message to nowhere: the broker returns it: NO_ROUTE']);
    expect(stage.confirmed('app')).toEqual(['y']);
    expect(stage.state().get('app.queue.producer.unconfirmed')).toBe(0);
  });

  it('wait over an outage, and a lost confirm doubles the message', () => {
    const stage = new Stage(['app', 'w1'], { jobs: {} });
    stage.enqueue(0, 'app', 'jobs', 'j1');
    stage.enqueue(SECOND, 'app', 'jobs', 'j2');
    // The message is there, its confirm is not: the broker's node crashes when the confirm has just left the queue.
    stage.star.at(SECOND + 12 * MS, 'app', () => {
      const { bToA } = stage.star.cableOf('app');
      bToA.impairments = { ...bToA.impairments, down: true };
    });
    stage.star.at(2 * SECOND, 'broker', () => stage.star.restartIn('broker', SECOND));
    stage.star.at(2 * SECOND, 'app', () => {
      const { bToA } = stage.star.cableOf('app');
      bToA.impairments = { ...bToA.impairments, down: false };
    });
    stage.consume(60 * SECOND, 'w1', 'jobs');
    stage.run(80 * SECOND);
    expect(stage.confirmed('app')).toEqual(['j1', 'j2']);
    expect(stage.done('w1')).toEqual(['j1', 'j2', 'j2']);
  });
});

describe('messages that die (AQ-08 to AQ-11)', () => {
  it('expire after the time to live and go to the dead-letter queue, with x-death', () => {
    const stage = new Stage(['app', 'w1'], { jobs: { ttlNs: 500 * MS, deadLetter: 'dead' }, dead: {} });
    stage.enqueue(SECOND, 'app', 'jobs', 'x');
    stage.run(1_400 * MS);
    expect(stage.state().get('broker.queue.jobs.depth')).toBe(1);
    stage.run(3 * SECOND);
    expect(stage.state().get('broker.queue.jobs.depth')).toBe(0);
    expect(stage.state().get('broker.queue.dead.depth')).toBe(1);
    expect(stage.star.told('broker')).toContain('1 octet: "x" goes to dead: its time to live has passed');
    const headers = stage.broker?.find('dead')?.get(true)?.properties.headers;
    expect(headers?.get('x-first-death-reason')).toBe('expired');
    const deaths = (headers?.get('x-death') ?? []) as readonly ReadonlyMap<string, unknown>[];
    expect(deaths.map((death) => Object.fromEntries(death))).toEqual([
      {
        count: 1,
        exchange: '',
        queue: 'jobs',
        reason: 'expired',
        'routing-keys': ['jobs'],
        time: { timestamp: 946_684_801 },
      },
    ]);
  });

  it('TTL 0 lives only where somebody takes it at once', () => {
    const stage = new Stage(['app', 'w1'], { jobs: { ttlNs: 0 } });
    stage.enqueue(SECOND, 'app', 'jobs', 'j1');
    stage.consume(2 * SECOND, 'w1', 'jobs');
    stage.enqueue(3 * SECOND, 'app', 'jobs', 'j2');
    stage.run(5 * SECOND);
    expect(stage.done('w1')).toEqual(['j2']);
    expect(stage.dropped()).toEqual(['broker expired: a message in jobs: its time to live has passed']);
  });

  it('leave a full queue at its head, and only what is ready counts', () => {
    const stage = new Stage(['app', 'w1'], { jobs: { maxLength: 2, deadLetter: 'dead' }, dead: {} });
    stage.consume(0, 'w1', 'jobs', { prefetch: 1, workNs: 5 * SECOND });
    stage.enqueue(SECOND, 'app', 'jobs', 'j{n}', { times: 5 });
    stage.consume(4 * SECOND, 'w1', 'dead');
    stage.run(30 * SECOND);
    expect(stage.done('w1').sort()).toEqual(numbered(5));
    expect(stage.star.told('broker').filter((text) => /goes to dead/.test(text))).toEqual([
      '2 octets: "j2" goes to dead: the queue is full',
      '2 octets: "j3" goes to dead: the queue is full',
    ]);
  });

  it('or are refused: reject-publish answers with a nack', () => {
    const stage = new Stage(['app'], { jobs: { maxLength: 2, overflow: 'reject-publish' } });
    stage.enqueue(SECOND, 'app', 'jobs', 'j{n}', { times: 4 });
    stage.run(5 * SECOND);
    expect(stage.confirmed('app')).toEqual(['j1', 'j2']);
    expect(stage.dropped().filter((text) => text.startsWith('app'))).toEqual(
      Array(2).fill('app not-acceptable: a message to jobs: the broker refuses it (basic.nack)'),
    );
  });

  it('length 0 takes only what somebody takes at once (E25)', () => {
    const stage = new Stage(['app', 'w1'], { jobs: { maxLength: 0 } });
    stage.enqueue(SECOND, 'app', 'jobs', 'j1');
    stage.consume(2 * SECOND, 'w1', 'jobs');
    stage.enqueue(3 * SECOND, 'app', 'jobs', 'j2');
    stage.run(5 * SECOND);
    expect(stage.done('w1')).toEqual(['j2']);
  });

  it('a poison message goes to the dead-letter queue after so many deliveries; without a limit it turns for ever', () => {
    const stage = new Stage(['app', 'w1'], { jobs: { maxDeliveries: 3, deadLetter: 'dead' }, dead: {} });
    stage.consume(0, 'w1', 'jobs', { failsOn: 'poison', prefetch: 1 });
    stage.enqueue(SECOND, 'app', 'jobs', 'good');
    stage.enqueue(SECOND, 'app', 'jobs', 'poison');
    stage.enqueue(SECOND, 'app', 'jobs', 'better');
    stage.run(5 * SECOND);
    expect(stage.received('w1')).toEqual(['good', 'poison', 'poison!', 'poison!', 'better']);
    expect(stage.state().get('broker.queue.dead.depth')).toBe(1);

    const endless = new Stage(['app', 'w1'], { jobs: {} });
    endless.consume(0, 'w1', 'jobs', { failsOn: 'poison', workNs: 10 * MS });
    endless.enqueue(SECOND, 'app', 'jobs', 'poison');
    endless.run(10 * SECOND);
    expect(endless.received('w1').length).toBeGreaterThan(100);
  });

  it('a dead-letter cycle without a rejection ends (E25)', () => {
    const stage = new Stage(['app'], {
      jobs: { ttlNs: 100 * MS, deadLetter: 'retry' },
      retry: { ttlNs: 100 * MS, deadLetter: 'jobs' },
      self: { ttlNs: 100 * MS, deadLetter: 'self' },
    });
    stage.enqueue(SECOND, 'app', 'jobs', 'x');
    stage.enqueue(SECOND, 'app', 'self', 'y');
    stage.run(5 * SECOND);
    expect(stage.dropped()).toEqual([
      'broker expired: a message in self: its time to live has passed, and it has been in self before',
      'broker expired: a message in retry: its time to live has passed, and it has been in jobs before',
    ]);
  });

  it('a dead-letter queue that is not there drops them', () => {
    const stage = new Stage(['app'], { jobs: { ttlNs: 100 * MS, deadLetter: 'nowhere' } });
    stage.enqueue(SECOND, 'app', 'jobs', 'x');
    stage.run(5 * SECOND);
    expect(stage.dropped()).toEqual([
      'broker expired: a message in jobs: its time to live has passed, and nowhere does not take it',
    ]);
  });
});

describe('durability', () => {
  it.each([true, false])('a crash of the broker: durable %s', (durable) => {
    const stage = new Stage(['app', 'w1'], { jobs: { durable } });
    stage.enqueue(0, 'app', 'jobs', 'j{n}', { times: 5 });
    stage.star.at(SECOND, 'broker', () => stage.star.restartIn('broker', SECOND));
    stage.consume(10 * SECOND, 'w1', 'jobs');
    stage.run(20 * SECOND);
    expect(stage.confirmed('app')).toEqual(numbered(5));
    expect(stage.done('w1')).toEqual(durable ? numbered(5) : []);
    const lost = stage.dropped().filter((text) => text.startsWith('broker crashed'));
    expect(lost).toHaveLength(durable ? 0 : 5);
  });
});

describe('heartbeats (AQ-13)', () => {
  it('keep an idle connection, and find out a dead one within 60 s', () => {
    const stage = new Stage(['w1'], { jobs: {} });
    stage.consume(0, 'w1', 'jobs');
    stage.run(300 * SECOND);
    expect(stage.state().get('w1.queue.worker.state')).toBe('open');
    const { aToB, bToA } = stage.star.cableOf('w1');
    for (const channel of [aToB, bToA]) channel.impairments = { ...channel.impairments, down: true };
    stage.run(365 * SECOND);
    expect(stage.star.told('w1')).toContain('two heartbeats have not come: the connection is taken for dead');
    expect(stage.star.told('broker')).toContain('two heartbeats have not come: the connection is taken for dead');
  });
});
