/** How much a capture file may ask for. */

/** Octets of one frame: Wireshark's own bound, four times what fits an IP packet. */
export const MAX_FRAME_BYTES = 262_144;
/** Octets of one block of pcapng that has to be read as a whole. Others are skipped, whatever their length. */
export const MAX_BLOCK_BYTES = 16_777_216;
/** In one file. */
export const MAX_CAPTURED_INTERFACES = 1_024;
/** What a walk through a capture keeps in memory; `events` keeps nothing. */
export const MOST_WALKED_FRAMES = 100_000;
export const MOST_WALKED_BYTES = 134_217_728;
