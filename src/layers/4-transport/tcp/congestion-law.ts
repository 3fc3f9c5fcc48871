/** The congestion control that a profile asks for. */

import type { Context } from '../../../kernel/context.ts';
import { Congestion, type GrowthLaw } from './congestion.ts';
import { Cubic } from './cubic.ts';
import type { TcpProfile } from './profile.ts';
import { Reno } from './reno.ts';
import type { RoundTrip } from './rto.ts';

export function congestionOf(
  profile: TcpProfile,
  context: Context,
  roundTrip: RoundTrip,
  mssBytes: number,
  iss: number,
): Congestion {
  const { congestion, initialWindowSegments, slowStartSegments } = profile;
  const law: GrowthLaw = congestion === 'cubic' ? new Cubic(context, roundTrip) : new Reno();
  return new Congestion(law, congestion !== 'reno', mssBytes, initialWindowSegments, slowStartSegments, iss);
}
