/**
 * How much a scenario may ask for. Every bound is far above what a person writes, and low enough that a hostile file
 * ends in a message rather than in an exhausted machine.
 */

import type { Nanos } from '../kernel/journal.ts';

/** The file: octets of UTF-8. */
export const MAX_FILE_BYTES = 1_048_576;
/** How deep mappings and lists may nest. */
export const MAX_DEPTH = 64;
/** Mappings, lists and values in one file. */
export const MAX_VALUES = 100_000;
/** Ten thousand hosts with their switches and routers: some 500 MB as a world. */
export const MAX_NODES = 16_384;
export const MAX_LINKS = 16_384;
/** Interfaces of hosts and routers together: both ends of every link. */
export const MAX_INTERFACES = 32_768;
/** Routers times subnets: every router may have to know a way to each. */
export const MAX_ROUTES = 2_000_000;
/** 30 days: well inside the 104 days that whole nanoseconds are exact for. */
export const MAX_TIME_NS: Nanos = 30 * 86_400 * 1_000_000_000;
/** Greatest size of one message, page, buffer or transfer: 1 GiB. */
export const MAX_SIZE_BYTES = 1_073_741_824;
/** `count` and `times`. */
export const MAX_REPETITIONS = 1_000_000;
/** 65,535 less the IPv4 header of 20 and the 8 of UDP or of an ICMP echo. */
export const MAX_DATAGRAM_BYTES = 65_507;
/** RFC 791, section 3.2: "Every internet module must be able to forward a datagram of 68 octets". */
export const MIN_MTU_BYTES = 68;
export const MAX_MTU_BYTES = 65_535;
/** 1 Tbit/s. */
export const MAX_BITS_PER_SECOND = 1_000_000_000_000;
/** Errors that are printed before `... and N more`. */
export const MAX_SHOWN_PROBLEMS = 20;
/** A run of more events than this is taken for one that never ends; `--max-events` says otherwise. */
export const MAX_EVENTS = 10_000_000;
/** IEEE 802.1Q-2018 table 9-2: VLAN 0 is none, 4095 is reserved. */
export const LAST_VLAN = 4_094;
