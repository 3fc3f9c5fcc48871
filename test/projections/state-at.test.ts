import { describe, expect, it } from 'vitest';
import { stateAt, valueAt } from '../../src/projections/state-at.ts';
import { frameOf, HandMade, PAIR } from './hand-made.ts';

describe('stateAt', () => {
  const run = new HandMade(PAIR);
  run.state(0, 'client', 'tcp.http', 'CLOSED', 'SYN-SENT');
  run.metric(0, 'client', 'tcp.http', 'cwnd', 10);
  run.row(5, 'client', 'arp', '10.0.0.2', { mac: '02:00:00:00:00:02', age: 0 });
  const lost = run.departed(5, 'wire', 'client', frameOf(0));
  run.lost(5, lost);
  const flying = run.departed(6, 'wire', 'client', frameOf(0));
  const established = run.state(9, 'client', 'tcp.http', 'SYN-SENT', 'ESTABLISHED');
  run.arrived(10, flying);
  run.row(10, 'client', 'arp', '10.0.0.2', null);
  run.droppedIn(11, 'server', 4, 'checksum', 'wrong', null);
  run.metric(12, 'server', 'app.received', 'bytes', 7);

  it('knows the last value of everything at the end', () => {
    const view = stateAt(run.entries, PAIR, 'end');
    expect(Object.fromEntries(view)).toEqual({
      'client.dropped': 0,
      'server.dropped': 1,
      'server.dropped.checksum': 1,
      'link.wire.sent': 2,
      'link.wire.delivered': 1,
      'link.wire.dropped': 1,
      'link.wire.dropped.lost': 1,
      'link.wire.in-flight': 0,
      'client.tcp.http.state': 'ESTABLISHED',
      'client.tcp.http.cwnd': 10,
      'client.arp.rows': 0,
      'server.app.received.bytes': 7,
    });
  });

  it('knows nothing of what comes later, by time and by entry', () => {
    const then = stateAt(run.entries, PAIR, { atNs: 8 });
    expect(then.get('client.tcp.http.state')).toBe('SYN-SENT');
    expect(then.get('client.arp.10.0.0.2.mac')).toBe('02:00:00:00:00:02');
    expect(then.get('client.arp.rows')).toBe(1);
    expect(then.get('link.wire.in-flight')).toBe(1);
    expect(stateAt(run.entries, PAIR, { seq: established - 1 }).get('client.tcp.http.state')).toBe('SYN-SENT');
    expect(stateAt(run.entries, PAIR, { seq: established }).get('client.tcp.http.state')).toBe('ESTABLISHED');
  });

  it('replaces a row whole', () => {
    const rows = new HandMade(PAIR);
    rows.row(0, 'client', 'mac', 'a', { port: 'p1', static: true });
    rows.row(1, 'client', 'mac', 'a', { port: 'p2' });
    const view = stateAt(rows.entries, PAIR, 'end');
    expect(view.get('client.mac.a.port')).toBe('p2');
    expect(view.has('client.mac.a.static')).toBe(false);
    expect(view.get('client.mac.rows')).toBe(1);
  });
});

describe('valueAt', () => {
  const view = stateAt([], PAIR, 'end');

  it('counts from zero what is counted when it happens', () => {
    expect(valueAt(view, 'link.wire.dropped.queue-full')).toBe(0);
    expect(valueAt(view, 'client.dropped.checksum')).toBe(0);
    expect(valueAt(view, 'client.app.received.say')).toBe(0);
  });

  it('has no value for what does not exist', () => {
    expect(valueAt(view, 'link.wire.dropped.bad-luck')).toBeUndefined();
    expect(valueAt(view, 'link.wyre.dropped.lost')).toBeUndefined();
    expect(valueAt(view, 'nobody.app.received.say')).toBeUndefined();
    expect(valueAt(view, 'client.tcp.http.state')).toBeUndefined();
  });
});
