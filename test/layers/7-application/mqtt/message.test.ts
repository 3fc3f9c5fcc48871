import { describe, expect, it } from 'vitest';
import { messageOf, propertiesLeft } from '../../../../src/layers/7-application/mqtt/message.ts';
import type { Publish } from '../../../../src/layers/7-application/mqtt/packet.ts';

const SECOND = 1_000_000_000;
const PUBLISH: Publish = {
  type: 'publish',
  topic: 't',
  payload: Uint8Array.of(1),
  qos: 1,
  retain: true,
  dup: false,
  id: 7,
  properties: { messageExpiryInterval: 10, topicAlias: 3, subscriptionIdentifier: 4, contentType: 'text' },
};

describe('the interval after which a message expires (MQTT 5.0 section 3.3.2.3.3)', () => {
  it('counts from when it came; what is of one connection alone is left out', () => {
    const message = messageOf(PUBLISH, 5 * SECOND, 9);
    expect(message).toMatchObject({ expiresNs: 15 * SECOND, carries: [9] });
    expect(message.properties).toEqual({ contentType: 'text' });
  });

  it.each([
    [5, 10],
    [6.5, 9],
    [15, 0],
    [20, 0],
  ])('after %f s there are %i s left, in whole seconds', (atSeconds, left) => {
    const message = messageOf(PUBLISH, 5 * SECOND, null);
    expect(propertiesLeft(message, atSeconds * SECOND)).toEqual({ contentType: 'text', messageExpiryInterval: left });
  });

  it('is not said of a message that never expires', () => {
    const message = messageOf({ ...PUBLISH, properties: { contentType: 'text' } }, 0, null);
    expect([message.expiresNs, message.carries]).toEqual([null, []]);
    expect(propertiesLeft(message, SECOND)).toEqual({ contentType: 'text' });
  });
});
