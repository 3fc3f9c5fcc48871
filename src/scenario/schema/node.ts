import * as z from 'zod';
import { isDnsName, readDestination, readHost, readInterfaceAddress, readMac } from '../address-text.ts';
import { MAX_SIZE_BYTES } from '../limits.ts';
import { complaint, type Reading, readRate } from '../quantity.ts';
import { MQTT_BROKER, QUEUE_BROKER } from './broker.ts';
import { DHCP_SERVER } from './dhcp.ts';
import { firewallSchema, interfaceName, natSchema } from './gate.ts';
import {
  codings,
  count,
  flag,
  leaf,
  oneOrMany,
  packets,
  pattern,
  port,
  positiveDuration,
  size,
  sizeWithin,
  text,
  wholeSeconds,
} from './leaf.ts';
import { LOAD_BALANCER, PROXY } from './relay.ts';
import { SOCKETIO_SERVER, WS_SERVER } from './session.ts';
import { SERVER_TLS } from './tls.ts';

const IPV4 = '\\d{1,3}(\\.\\d{1,3}){3}/\\d{1,2}';
const IPV6 = '[0-9a-fA-F:]*:[0-9a-fA-F:.]*/\\d{1,3}';

const interfaceAddress = leaf(readInterfaceAddress, {
  description: 'Address and prefix length, 10.0.0.1/24 or 2001:db8::1/64; dhcp: a server lends one.',
  pattern: pattern(`(${IPV4}|${IPV6}|dhcp)`),
});

/** A node's name stands for its address, so that nobody has to know the automatic ones. */
const host = (description: string) =>
  leaf(readHost, { description: `${description} The name of a node or an address.` });

const transport = z.enum(['tcp', 'udp', 'both']).describe('Over which transport it listens. Default: both.');

const page = z.union([
  text('The body of the page.'),
  z.strictObject({ size: size('So many octets of a known pattern.') }).describe('A page of that size.'),
]);

/** Octets a second, from a rate in bits. */
function readReadRate(input: unknown): Reading<number> {
  const rate = readRate(input);
  if (!('value' in rate)) return rate;
  const octets = rate.value / 8;
  return Number.isInteger(octets)
    ? { value: octets }
    : complaint('a read rate is a multiple of 8bit, one octet a second');
}

const PATH = /^\/[\x21-\x7e]*$/;
const path = z.string().regex(PATH, { error: 'a path begins with `/` and has no blanks' });
const dnsName = z.string().refine(isDnsName, { error: 'this is not a DNS name' });

/** The applications and their options. */
const APP_OPTIONS = {
  'echo-server': z.strictObject({
    kind: z.literal('echo-server').optional(),
    port: port('Default: 7 (RFC 862).').optional(),
    transport: transport.optional(),
    tls: SERVER_TLS.optional(),
  }),
  sink: z.strictObject({
    kind: z.literal('sink').optional(),
    port: port('Default: 9 (RFC 863).').optional(),
    transport: transport.optional(),
    'read-rate': leaf(readReadRate, {
      description: 'A slow reader: how fast it takes from its TCP socket. With its unit: 80kbit. Default: at once.',
    }).optional(),
    tls: SERVER_TLS.optional(),
  }),
  'iperf3-server': z.strictObject({
    kind: z.literal('iperf3-server').optional(),
    port: port('Default: 5201.').optional(),
  }),
  'http-server': z.strictObject({
    kind: z.literal('http-server').optional(),
    port: port('Default: 80, with TLS 443.').optional(),
    pages: z.record(path, page).describe('Body by path, as text or { size }. Default: one small page at /.').optional(),
    'keep-alive': flag('Whether connections stay open after a response. Default: true.').optional(),
    compress: codings(
      'How it may code pages for clients that welcome it, the best liked first. Default: not.',
    ).optional(),
    tls: SERVER_TLS.optional(),
  }),
  'ws-server': WS_SERVER,
  'socketio-server': SOCKETIO_SERVER,
  'mqtt-broker': MQTT_BROKER,
  'queue-broker': QUEUE_BROKER,
  proxy: PROXY,
  'load-balancer': LOAD_BALANCER,
  'dns-server': z.strictObject({
    kind: z.literal('dns-server').optional(),
    zone: z
      .record(dnsName, oneOrMany(host('Whom the name stands for.')))
      .describe('Addresses by name (A and AAAA records).')
      .optional(),
  }),
  'dhcp-server': DHCP_SERVER,
} as const;

/** An application under a name of its own: `{ api: { kind: http-server, port: 8080 } }`. */
const namedApp = z.discriminatedUnion('kind', [
  APP_OPTIONS['echo-server'].extend({ kind: z.literal('echo-server') }),
  APP_OPTIONS.sink.extend({ kind: z.literal('sink') }),
  APP_OPTIONS['iperf3-server'].extend({ kind: z.literal('iperf3-server') }),
  APP_OPTIONS['http-server'].extend({ kind: z.literal('http-server') }),
  APP_OPTIONS['dns-server'].extend({ kind: z.literal('dns-server') }),
  DHCP_SERVER.extend({ kind: z.literal('dhcp-server') }),
  WS_SERVER.extend({ kind: z.literal('ws-server') }),
  SOCKETIO_SERVER.extend({ kind: z.literal('socketio-server') }),
  MQTT_BROKER.extend({ kind: z.literal('mqtt-broker') }),
  QUEUE_BROKER.extend({ kind: z.literal('queue-broker') }),
  PROXY.extend({ kind: z.literal('proxy') }),
  LOAD_BALANCER.extend({ kind: z.literal('load-balancer') }),
]);

const everyApp = z
  .object({
    'echo-server': APP_OPTIONS['echo-server'].nullable().optional(),
    sink: APP_OPTIONS.sink.nullable().optional(),
    'iperf3-server': APP_OPTIONS['iperf3-server'].nullable().optional(),
    'http-server': APP_OPTIONS['http-server'].nullable().optional(),
    'dns-server': APP_OPTIONS['dns-server'].nullable().optional(),
    'dhcp-server': DHCP_SERVER.nullable().optional(),
    'ws-server': WS_SERVER.nullable().optional(),
    'socketio-server': SOCKETIO_SERVER.nullable().optional(),
    'mqtt-broker': MQTT_BROKER.nullable().optional(),
    'queue-broker': QUEUE_BROKER.nullable().optional(),
    proxy: PROXY.optional(),
    'load-balancer': LOAD_BALANCER.optional(),
  })
  .catchall(namedApp)
  .describe('{ KIND: options }, or { NAME: { kind: KIND, ... } } for two of a kind.');

/**
 * For TypeScript every key takes the options of any kind, and `kind` may be left out; a type that asks keys which are no
 * kinds for a `kind` would ask all of them.
 */
const apps = everyApp as unknown as z.ZodType<
  z.output<typeof everyApp>,
  { readonly [name: string]: z.input<(typeof APP_OPTIONS)[keyof typeof APP_OPTIONS]> | null }
>;

const tcp = z
  .strictObject({
    congestion: z
      .enum(['reno', 'newreno', 'cubic'])
      .describe('Congestion control (RFC 5681, RFC 6582, RFC 9438).')
      .optional(),
    sack: flag('Selective acknowledgment (RFC 2018).').optional(),
    timestamps: flag('Timestamps (RFC 7323).').optional(),
    'window-scale': flag('Window scaling (RFC 7323).').optional(),
    ecn: flag('Explicit Congestion Notification (RFC 3168).').optional(),
    nagle: flag("Nagle's algorithm: small segments wait for an ACK (RFC 9293, 3.7.4).").optional(),
    'delayed-ack': flag('Delayed acknowledgments (RFC 9293, 3.8.6.3).').optional(),
    'min-rto': positiveDuration('The least retransmission timeout (RFC 6298).').optional(),
    mss: sizeWithin(1, 65_495)('The greatest segment it offers and sends.').optional(),
    'recv-buffer': sizeWithin(1, MAX_SIZE_BYTES)('Receive buffer: the greatest window.').optional(),
    'send-buffer': sizeWithin(1, MAX_SIZE_BYTES)('Send buffer.').optional(),
    keepalive: flag('Keep-alive probes after two hours of silence (RFC 9293, 3.8.4).').optional(),
    'initial-window': z
      .union([count('Segments.', 1, 1_000), packets('Segments, with the unit.')])
      .describe('The initial congestion window in segments: 10 or 10pkt (RFC 6928).')
      .optional(),
  })
  .describe("What differs from the profile's TCP.");

const route = z.strictObject({
  to: leaf(readDestination, { description: 'A network, 10.0.2.0/24 or 2001:db8:2::/64, or default.' }),
  via: host('The next hop.'),
});

/** 30 days, what a prefix is usually valid (RFC 4861 section 6.2.1). */
const MAX_LIFETIME_SECONDS = 2_592_000;

const advertise = z
  .strictObject({
    preference: z
      .enum(['low', 'medium', 'high'])
      .describe('Against other routers (RFC 4191). Default: medium.')
      .optional(),
    lifetime: wholeSeconds('As a default router; 0s: it is none. Default: three times `every`.', 0, 9000).optional(),
    valid: wholeSeconds(
      'How long addresses of its prefixes are valid. Default: 30 days.',
      1,
      MAX_LIFETIME_SECONDS,
    ).optional(),
    preferred: wholeSeconds('How long they are preferred. Default: 7 days.', 0, MAX_LIFETIME_SECONDS).optional(),
    every: wholeSeconds('The longest time between advertisements. Default: 600s.', 4, 1800).optional(),
  })
  .describe('What a router advertises to hosts that configure themselves (RFC 4861).');

/** A node; nothing at all is a host with everything automatic. */
export const nodeSchema = z
  .strictObject({
    kind: z.enum(['host', 'switch', 'hub', 'router', 'nat', 'firewall']).describe('Default: host.').optional(),
    ip: oneOrMany(interfaceAddress)
      .describe('Address and prefix of eth0, one or a list; dhcp: a server lends it. Left out: automatic, 10.0.N.M/24.')
      .optional(),
    mac: leaf(readMac, { description: 'Of eth0. Left out: 02:00:00:00:00:01 and so on.' }).optional(),
    gateway: host('The default route; left out: the first router on the segment.').optional(),
    interfaces: z
      .record(interfaceName, z.union([interfaceAddress, z.array(interfaceAddress).min(1), z.null()]))
      .describe(
        'Interfaces by name with their addresses; an interface without one gets an automatic one. `lan.10` is VLAN 10 on `lan`.',
      )
      .optional(),
    advertise: advertise.optional(),
    routes: z.array(route).describe('Static routes, before automatic ones.').optional(),
    dns: oneOrMany(host('A name server.')).describe("The resolver's name servers.").optional(),
    tcp: tcp.optional(),
    nat: natSchema.optional(),
    firewall: firewallSchema.optional(),
    apps: apps.optional(),
  })
  .nullable();

export type NodeFile = NonNullable<z.output<typeof nodeSchema>>;
export type TcpFile = z.output<typeof tcp>;
export type AppsFile = z.output<typeof everyApp>;
export type AppFile = z.output<typeof namedApp>;
