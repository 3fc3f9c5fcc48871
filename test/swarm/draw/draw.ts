import { Dice } from './dice.ts';
import { drawFaults, STORM_MS } from './faults.ts';
import { drawJobs } from './jobs.ts';
import type { Piece, Plan, Terrain } from './plan.ts';
import { drawTerrain } from './terrain.ts';

/** The longest that something may take after the healing: TCP's greatest timeouts, and whatever waits for them. */
const PATIENCE_MS = 200_000;

const LEAST_BUFFER_BYTES = 256;

/** All that a seed stands for. The same seed draws the same, on every machine. */
export function draw(seed: string): Plan {
  const terrain = tuned(new Dice(seed, 'tcp'), drawTerrain(new Dice(seed, 'terrain')));
  const jobs = drawJobs(new Dice(seed, 'jobs'), terrain);
  return {
    seed,
    profile: new Dice(seed, 'profile').one(['rfc', 'linux']),
    terrain,
    jobs,
    faults: drawFaults(new Dice(seed, 'faults'), terrain, jobs),
    healMs: STORM_MS,
    untilMs: STORM_MS + PATIENCE_MS,
  };
}

/** Half of the hosts have a TCP of their own. */
function tuned(dice: Dice, terrain: Terrain): Terrain {
  const nodes: Record<string, Piece> = { ...terrain.nodes };
  for (const name of [...terrain.clients, ...terrain.servers]) {
    if (dice.percent(50)) nodes[name] = { ...nodes[name], tcp: drawTcp(dice) };
  }
  return { ...terrain, nodes };
}

function drawTcp(dice: Dice): Piece {
  const choices: Readonly<Record<string, () => unknown>> = {
    congestion: () => dice.one(['reno', 'newreno', 'cubic']),
    sack: () => dice.percent(70),
    timestamps: () => dice.percent(50),
    'window-scale': () => dice.percent(50),
    ecn: () => dice.percent(60),
    nagle: () => dice.percent(50),
    'delayed-ack': () => dice.percent(50),
    mss: () => `${dice.between(88, 1460)}B`,
    // Less than a unit of the scaled window (2^7 octets in the linux profile) can never be offered.
    'recv-buffer': () => `${Math.max(LEAST_BUFFER_BYTES, dice.between(1, 60_000))}B`,
    'send-buffer': () => `${dice.between(500, 60_000)}B`,
    'initial-window': () => dice.between(1, 12),
    keepalive: () => dice.percent(50),
  };
  return Object.fromEntries(dice.some(Object.entries(choices), 4).map(([key, make]) => [key, make()]));
}
