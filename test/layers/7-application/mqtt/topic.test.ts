import { describe, expect, it } from 'vitest';
import {
  filterProblem,
  matchesTopic,
  sharedOf,
  topicProblem,
} from '../../../../src/layers/7-application/mqtt/topic.ts';

describe('topic filters (MQTT 3.1.1 section 4.7)', () => {
  it.each([
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/#', 'sport', true],
    ['#', 'a/b/c', true],
    ['sport/tennis/+', 'sport/tennis/player1', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+/+', '/finance', true],
    ['/+', '/finance', true],
    ['+', '/finance', false],
    ['#', '$SYS/uptime', false],
    ['+/monitor/Clients', '$SYS/monitor/Clients', false],
    ['$SYS/#', '$SYS/uptime', true],
    ['$SYS/monitor/+', '$SYS/monitor/Clients', true],
    ['a', 'a/', false],
    ['a/', 'a', false],
    ['A', 'a', false],
  ])('%s and %s: %s', (filter, topic, expected) => expect(matchesTopic(filter, topic)).toBe(expected));

  it.each(['#', '+', 'a/#', '+/b/#', '/', '$share/g/a/#', 'sport/+/player1'])('%s is sound', (filter) =>
    expect(filterProblem(filter)).toBeNull(),
  );

  it.each(['', 'a#', 'a/#/b', '+a', 'a+/b', '##', '$share', '$share//a', '$share/g', '$share/g/', '$share/+/a'])(
    '%s is not',
    (filter) => expect(filterProblem(filter)).not.toBeNull(),
  );

  it('bounds the levels (E24)', () => {
    expect(topicProblem('a/'.repeat(127))).toBeNull();
    expect(topicProblem('a/'.repeat(128))).toBe('the topic has 129 levels, more than 128');
    expect(filterProblem('/'.repeat(10_000))).toBe('the topic filter has 10001 levels, more than 128');
  });

  it('takes shared subscriptions apart', () => {
    expect(sharedOf('$share/g/a/#')).toEqual({ group: 'g', filter: 'a/#' });
    expect(sharedOf('a/#')).toEqual({ group: null, filter: 'a/#' });
  });
});
