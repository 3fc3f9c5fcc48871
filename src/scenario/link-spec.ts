/** A link as the world builds it: link profile, then the link's keys, then those of one direction. */

import type { Checks } from './checks.ts';
import { LINK_PROFILES, PLAIN_LINK } from './link-profile.ts';
import { defined } from './node-spec.ts';
import type { LinkPlan } from './plan.ts';
import type { DirectedMtu, ImpairmentSpec, LinkChange, LinkSpec, LossSpec, ScriptedFault } from './scenario.ts';
import type {
  ChangeFile,
  DirectionChangeFile,
  DirectionFile,
  FaultFile,
  LinkFile,
  LinkProfileName,
} from './schema/link.ts';
import { keySpotAt, type Path } from './tree.ts';
import { vlansOf } from './vlan.ts';

const DEFAULT_MTU_BYTES = 1_500;

/** null when one of its ends does not exist. */
export function linkSpecOf(link: LinkPlan, checks: Checks): LinkSpec | null {
  const { file, tree } = link;
  const [a, b] = link.ends;
  // One rule of the link is one object in both directions: it counts the frames of both.
  const scripted = faultsOf(link, file, [], checks);
  const direction = (key: Direction): ImpairmentSpec => {
    const own = file[key];
    const impairment: ImpairmentSpec = {
      ...PLAIN_LINK,
      ...profileOf(file, key),
      ...changeOf(file),
      ...(own ? directedOf(own, key) : {}),
      scripted: [...scripted, ...(own ? faultsOf(link, own, [key], checks) : [])],
    };
    warnOfNoEffect(link, impairment, own?.reorder === undefined ? ['reorder'] : [key, 'reorder'], checks);
    return impairment;
  };
  const aToB = direction('a-to-b');
  const bToA = direction('b-to-a');
  if (!a.port || !b.port) return null;
  const vlans = vlansOf(link);
  return {
    id: link.id,
    a: { node: a.port.node.name, interface: a.port.name },
    b: { node: b.port.node.name, interface: b.port.name },
    mtuBytes: file.mtu ?? DEFAULT_MTU_BYTES,
    ...mtuOf(file),
    ...(vlans ? { vlans } : {}),
    aToB,
    bToA,
    place: checks.problems.placeOf(tree.spot),
  };
}

/** Frames that skip the delay overtake nobody where there is none (netem refuses it). */
function warnOfNoEffect(
  link: LinkPlan,
  { reorderPerMillion, delayNs }: ImpairmentSpec,
  path: Path,
  checks: Checks,
): void {
  if (reorderPerMillion === 0 || delayNs > 0) return;
  const spot = keySpotAt(link.tree, path);
  const message = 'reordered frames skip the delay; without `delay` nothing is reordered';
  checks.problems.warn(spot, 'PW0705', message);
}

export interface LinkChanges {
  readonly aToB: LinkChange;
  readonly bToA: LinkChange;
  readonly mtuBytes?: number;
  readonly mtuBytesOf?: DirectedMtu;
}

/** The changes of `set` for both directions. */
export function changesOf(file: ChangeFile): LinkChanges {
  const both = changeOf(file);
  const change = (key: Direction) => ({ ...profileOf(file, key), ...both, ...directedOf(file[key] ?? {}, key) });
  const mtu = file.mtu === undefined ? {} : { mtuBytes: file.mtu };
  return { aToB: change('a-to-b'), bToA: change('b-to-a'), ...mtu, ...mtuOf(file) };
}

type Direction = 'a-to-b' | 'b-to-a';

/** Only what is written: no key stands for undefined. */
type Numbers = Partial<Omit<ImpairmentSpec, 'scripted'>>;

/** What is written for one direction: its profile, then its keys. */
function directedOf(file: DirectionFile | DirectionChangeFile, key: Direction): Numbers {
  return { ...profileOf(file, key), ...changeOf(file) };
}

/** All numbers of a profile, also those that it leaves as they are on a plain cable: nothing of another one remains. */
function profileOf({ profile }: { readonly profile?: LinkProfileName | undefined }, key: Direction): Numbers {
  if (profile === undefined) return {};
  const [there, back] = LINK_PROFILES[profile];
  const { scripted: _scripted, down: _down, ...plain } = PLAIN_LINK;
  return { ...plain, ...(key === 'a-to-b' ? there : back) };
}

function mtuOf(file: Pick<LinkFile, Direction> | Pick<ChangeFile, Direction>): { readonly mtuBytesOf?: DirectedMtu } {
  const of = defined({ aToB: file['a-to-b']?.mtu, bToA: file['b-to-a']?.mtu });
  return Object.keys(of).length > 0 ? { mtuBytesOf: of } : {};
}

type Written = Partial<DirectionFile & DirectionChangeFile & Pick<LinkFile, 'delay'>>;

function changeOf(file: Written): Numbers {
  return defined({
    delayNs: file.delay,
    jitterNs: file.jitter,
    bitsPerSecond: file.rate,
    loss: file.loss === undefined ? undefined : lossOf(file.loss),
    duplicatePerMillion: file.duplicate,
    reorderPerMillion: file.reorder,
    corruptPerMillion: file.corrupt,
    queue: file.queue,
    aqm: file.aqm,
    down: file.down,
  });
}

function lossOf(loss: NonNullable<DirectionFile['loss']>): LossSpec {
  if (typeof loss === 'number') return { kind: 'uniform', perMillion: loss };
  const { enter, leave, good = 0, bad = 1_000_000 } = loss.gilbert;
  return { kind: 'gilbert', enterPerMillion: enter, leavePerMillion: leave, goodPerMillion: good, badPerMillion: bad };
}

const FAULTS = [
  ['drop', 'drop'],
  ['delay-frame', 'delay'],
  ['duplicate-frame', 'duplicate'],
  ['corrupt-frame', 'corrupt'],
] as const;

type FaultKeys = Partial<Pick<LinkFile, 'drop' | 'delay-frame' | 'duplicate-frame' | 'corrupt-frame'>>;

function faultsOf(link: LinkPlan, file: FaultKeys, before: Path, checks: Checks): ScriptedFault[] {
  return FAULTS.flatMap(([key, fault]) =>
    (file[key] ?? []).map((rule: FaultFile, index: number) => {
      const path = [...before, key, index];
      return {
        fault,
        match: checks.filter(rule.match, link.tree, [...path, 'match']),
        select: selectionOf(link, rule, path, checks),
        delayNs: 'by' in rule ? rule.by : 0,
      };
    }),
  );
}

function selectionOf(link: LinkPlan, rule: FaultFile, path: Path, checks: Checks): ScriptedFault['select'] {
  const written = (['nth', 'count', 'every'] as const).filter((key) => rule[key] !== undefined);
  if (written.length > 1) {
    const [first, second] = written;
    const spot = keySpotAt(link.tree, [...path, second ?? '']);
    checks.problems.error(spot, 'PW0307', `\`${second}\` does not go together with \`${first}\``, 'choose one');
  }
  if (rule.nth !== undefined) return { nth: rule.nth };
  if (rule.count !== undefined) return { count: rule.count };
  return rule.every === undefined ? 'all' : { every: rule.every };
}
