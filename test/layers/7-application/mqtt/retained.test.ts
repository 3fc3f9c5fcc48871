import { describe, expect, it } from 'vitest';
import { Context } from '../../../../src/kernel/context.ts';
import { Journal } from '../../../../src/kernel/journal.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import { Disk } from '../../../../src/layers/7-application/disk.ts';
import type { Message } from '../../../../src/layers/7-application/mqtt/message.ts';
import { Retained } from '../../../../src/layers/7-application/mqtt/retained.ts';
import { MAX_MQTT_RETAINED_TOPICS } from '../../../../src/layers/limits.ts';

describe('retained messages', () => {
  it('of as many topics as can be are kept: another gets no room until one goes, and each may be replaced', () => {
    const retained = new Retained(new Context(new Kernel('1', new Journal(false)), 'broker'), new Disk());
    const message = (topic: string, text: string): Message => ({
      topic,
      payload: new TextEncoder().encode(text),
      qos: 0,
      retain: true,
      properties: {},
      carries: [],
      expiresNs: null,
    });
    for (let topic = 0; topic < MAX_MQTT_RETAINED_TOPICS; topic++) {
      expect(retained.keep(message(`t/${topic}`, 'x'))).toBe(true);
    }
    expect([retained.keep(message('one-more', 'x')), retained.matching('one-more')]).toEqual([false, []]);
    expect(retained.keep(message('t/0', 'later'))).toBe(true);
    expect(retained.matching('t/0').map(({ payload }) => new TextDecoder().decode(payload))).toEqual(['later']);
    expect(retained.keep(message('t/1', ''))).toBe(true);
    expect(retained.keep(message('one-more', 'x'))).toBe(true);
    expect(retained.matching('+').map(({ topic }) => topic)).toEqual(['one-more']);
    expect(retained.matching('t/+').length).toBe(MAX_MQTT_RETAINED_TOPICS - 1);
  });
});
