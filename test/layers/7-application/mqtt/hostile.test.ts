/** What the broker does with clients that break the rules (bad input, E18 to E24), on real TCP. */

import { describe, expect, it } from 'vitest';
import type { AppServices } from '../../../../src/layers/7-application/app-services.ts';
import { MqttBroker } from '../../../../src/layers/7-application/mqtt/broker.ts';
import { RawClient } from '../raw-client.ts';
import { Star } from '../star.ts';
import { SECOND } from './stage.ts';

const BROKER = 0x0a000001;

function stage() {
  let services: AppServices | null = null;
  const star = new Star({
    broker: ({ services: own, disk }) =>
      new MqttBroker(own, disk, {
        name: 'mqtt-broker',
        port: 1883,
        version: 5,
        maxQueued: 10,
        overflow: 'drop-newest',
        persistence: true,
      }),
    evil: ({ services: own }) => {
      services = own;
      return {};
    },
  });
  const connect = () => new RawClient(services as unknown as AppServices, BROKER, 1883);
  return { star, connect };
}

function talk(hex: string, untilNs = 5 * SECOND): { answer: string; ended: string | null; told: string } {
  const { star, connect } = stage();
  const client = connect().send(hex);
  star.run(untilNs);
  return { answer: client.answer, ended: client.ended, told: star.told('broker').at(-1) ?? '' };
}

const CONNECT = '100d 0004 4d515454 04 02 0000 0001 61';
const CONNECT_5 = '100e 0004 4d515454 05 02 0000 00 0001 61';
/** CONNACK of 5.0 with what the broker tells of itself. */
const CONNACK_5 = '200d00000a21006427001000002900';
const hexOf = (text: string) => Buffer.from(text).toString('hex');

describe('a client that breaks the rules of 3.1.1 is cut off without a word', () => {
  it.each([
    ['a second CONNECT (MQTT-3.1.0-2)', `${CONNECT} ${CONNECT}`, '20020000'],
    ['a SUBSCRIBE first (MQTT-3.1.0-1)', '8206 0001 0001 61 00', ''],
    ['a packet of a broker', `${CONNECT} 20020000`, '20020000'],
    ['256 MiB announced with two octets sent (E18)', `${CONNECT} 30ffffff7f 0001`, '20020000'],
    ['QoS 3 (E19)', `${CONNECT} 3605 0001 61 0001`, '20020000'],
    ['a wildcard in a topic (E19)', `${CONNECT} 3003 0001 23`, '20020000'],
    ['a SUBSCRIBE without topics (E20)', `${CONNECT} 8202 0001`, '20020000'],
    ['a/#/b (E24)', `${CONNECT} 820a 0001 0005 612f232f62 00`, '20020000'],
    ['AUTH, which 3.1.1 has not', `${CONNECT} f000`, '20020000'],
    ['HTTP', hexOf('GET / HTTP/1.1\r\n\r\n'), ''],
  ])('%s', (_, hex, answer) => {
    const result = talk(hex);
    expect([result.answer, result.ended]).toEqual([answer, 'end of file']);
    expect(result.told).toMatch(/^(closes|refuses) the connection/);
  });

  it('nothing of the same octets is heard after the mistake', () => {
    const { star, connect } = stage();
    const publish = `3005 0001 74 ${hexOf('ab')}`;
    connect().send(`${CONNECT} ${publish} c00100 ${publish}`);
    star.run(5 * SECOND);
    expect(star.told('broker').filter((text) => text.startsWith('takes'))).toHaveLength(1);
  });
});

describe('a client that breaks the rules of 5.0 is told why', () => {
  it.each([
    ['a second CONNECT', CONNECT_5, 'e00182'],
    ['properties longer than the packet (E22)', '3004 0001 61 05', 'e00181'],
    ['an unknown property (E22)', '3006 0001 61 02 7f00', 'e00181'],
    ['a property twice (E22)', '3008 0001 61 04 0100 0100', 'e00182'],
    ['a topic alias that nobody allowed (E22)', '3007 0001 61 03 230005', 'e00194'],
    ['a wildcard in a topic', '3004 0001 2b 00', 'e00190'],
    ['a topic filter that is none', '8208 0001 00 0002 2b61 00', 'e0018f'],
    ['a packet that is too large', '30ffffff7f', 'e00195'],
    ['a subscription identifier, which is not offered', '8209 0001 02 0b01 0001 61 00', 'e001a1'],
    ['a session expiry in DISCONNECT after none in CONNECT', 'e007 00 05 11 00000010', 'e00182'],
  ])('%s', (_, hex, goodbye) => {
    const result = talk(`${CONNECT_5} ${hex}`);
    expect([result.answer, result.ended]).toEqual([CONNACK_5 + goodbye, 'end of file']);
  });

  it('receive maximum: the 101st message that is not released (MQTT5-3.3.4-8)', () => {
    let hex = CONNECT_5;
    for (let id = 1; id <= 101; id++) hex += ` 3406 0001 61 ${id.toString(16).padStart(4, '0')} 00`;
    expect(talk(hex).answer).toMatch(/e00193$/);
  });

  it('PUBREL for an identifier that is not here: 0x92; in 3.1.1 a plain PUBCOMP (E23)', () => {
    expect(talk(`${CONNECT_5} 62020007`).answer).toBe(`${CONNACK_5}7003000792`);
    expect(talk(`${CONNECT} 62020007`).answer).toBe('2002000070020007');
  });
});

describe('CONNECT at the edges (E21)', () => {
  it('an identifier of 64 KiB is one', () => {
    const id = '62'.repeat(65_535);
    const { answer, told } = talk(`108b8004 0004 4d515454 04 02 0000 ffff ${id}`);
    expect(answer).toBe('20020000');
    expect(told.length).toBeLessThan(100);
  });

  it.each([
    ['no identifier and not clean: 0x02', '100c 0004 4d515454 04 00 0000 0000', '20020002'],
    ['protocol level 6: 0x01', '100c 0004 4d515454 06 02 0000 0000', '20020001'],
    ['MQTT 3.1: 0x01', '100e 0006 4d5149736470 03 02 0000 0000', '20020001'],
  ])('%s', (_, hex, answer) => {
    const result = talk(hex);
    expect([result.answer, result.ended]).toEqual([answer, 'end of file']);
  });

  it('nobody who says nothing stays', () => {
    expect(talk('10', 40 * SECOND)).toMatchObject({ answer: '', ended: 'reset', told: 'no CONNECT came in time' });
  });

  it('a keep alive of one second is kept: 1.5 s', () => {
    const { ended, told } = talk('100d 0004 4d515454 04 02 0001 0001 61', 3 * SECOND);
    expect([ended, told]).toEqual([
      'end of file',
      'closes the connection, keep alive timeout (0x8d): nothing came for 1.5 times the keep alive',
    ]);
  });
});

describe('QoS 2, step by step (E23)', () => {
  it('the same identifier once more before PUBREL is the same message, after it another', () => {
    const { star, connect } = stage();
    const publish = `3406 0001 74 0001 ${hexOf('x')}`;
    connect().send(`${CONNECT} 8206 0009 0001 74 00`);
    star.run(SECOND);
    const other = connect().send(`${CONNECT.replace(/61$/, '62')} ${publish} ${publish} 62020001 62020001 ${publish}`);
    star.run(2 * SECOND);
    expect(other.answer).toBe('20020000 50020001 50020001 70020001 70020001 50020001'.replaceAll(' ', ''));
    expect(star.told('broker').filter((text) => /for 1 subscriber/.test(text))).toHaveLength(2);
  });
});
