/**
 * From the text of a scenario file to a scenario that the world can build, or to everything that is wrong with it.
 *
 *   bytes ─▶ text ─▶ tree ─▶ parameters put in ─▶ parts read by the schema ─▶ topology, addresses, routes ─▶ scenario
 *
 * Whatever is wrong at one stage is reported and then counts as left out, so that the stages behind it can go on and one
 * run tells all problems of a file.
 */

import type { Nanos } from '../kernel/journal.ts';
import { assignAddresses, assignMacs, foreseeAddresses } from './addresses.ts';
import { type CheckFilter, Checks } from './checks.ts';
import { checkAsking, poolsOf, warnOfLending } from './dhcp-spec.ts';
import { readDocument } from './document.ts';
import { ExpectationReader } from './expectation.ts';
import { LessonReader } from './lesson-spec.ts';
import { MAX_LINKS, MAX_NODES } from './limits.ts';
import { linkSpecOf } from './link-spec.ts';
import { whyNoNodeName } from './names.ts';
import { checkNode, nodeSpecOf } from './node-spec.ts';
import { type Settings, substitute } from './parameters.ts';
import { hasAddresses, type LinkPlan, type NodePlan } from './plan.ts';
import { type Problem, Problems, type Spot } from './problem.ts';
import { readDuration } from './quantity.ts';
import { type Piece, readPiece } from './read-piece.ts';
import { Routing } from './routes.ts';
import type { Profile, Scenario } from './scenario.ts';
import { expectSchema } from './schema/expect.ts';
import { FORMAT_VERSION, type HeadFile, headSchema } from './schema/file.ts';
import { type LinkFile, linkSchema } from './schema/link.ts';
import { nodeSchema } from './schema/node.ts';
import { timelineSchema } from './schema/timeline.ts';
import { readSource, UnreadableSource } from './source.ts';
import { TimelineReader } from './timeline-spec.ts';
import { declarePorts, plugLinks, segmentsOf } from './topology.ts';
import { childOf, type ListTree, type MapTree, spotAt, type Tree } from './tree.ts';
import { variantOf } from './variants.ts';
import { checkVlanNames, checkVlans, VlanPlan } from './vlan.ts';
import { clipped } from './yaml-guard.ts';

export interface LoadOptions {
  /** Parses filters, so that their mistakes are told with the file's. */
  readonly checkFilter: CheckFilter;
  /** `--set name=value`, in order; the last of a name wins. */
  readonly set?: Settings;
  /** `--seed`: decimal text, goes before the file's. */
  readonly seed?: string;
  /** `--until`: a duration with its unit, goes before the file's. */
  readonly until?: string;
  /** `--profile`, goes before the file's. */
  readonly profile?: Profile;
  /** `--variant`: a word that chooses of `lesson.variants`, and a seed where none is given. */
  readonly variant?: string;
}

export type Loaded =
  | { readonly scenario: Scenario; readonly warnings: readonly Problem[] }
  /** At least one of the problems is an error; the others are warnings. In file order. */
  | { readonly scenario: null; readonly problems: readonly Problem[] };

/** `file` is what messages call it: a path, `-`, or a bundled name. Throws nothing for any input. */
export function loadScenarioText(input: Uint8Array | string, file: string, options: LoadOptions): Loaded {
  try {
    const source = readSource(input, file);
    const problems = new Problems(file, source);
    const tree = readDocument(source, problems);
    return loadTree(tree, problems, options);
  } catch (error) {
    if (!(error instanceof UnreadableSource)) throw error;
    const problems = new Problems(file, error.source);
    problems.error({ at: error.at, length: 1, path: '' }, error.code, error.message, error.hint);
    return { scenario: null, problems: problems.all() };
  }
}

/** The rest of the way, the same for files and objects. */
export function loadTree(tree: MapTree | null, problems: Problems, options: LoadOptions): Loaded {
  const scenario = tree && isOurVersion(tree, problems) ? new Loader(problems, options).load(tree) : null;
  const found = problems.all().filter(({ code }) => !problems.hasErrors || !CONSEQUENCES.has(code));
  return scenario === null || problems.hasErrors ? { scenario: null, problems: found } : { scenario, warnings: found };
}

/** Warnings that an error elsewhere may be the reason for: a link that could not be read leads nowhere. */
const CONSEQUENCES: ReadonlySet<string> = new Set(['PW0703', 'PW0706']);

/** Of another version nothing else is judged: its rules are not known here. */
function isOurVersion(tree: MapTree, problems: Problems): boolean {
  const version = childOf(tree, 'packetwalk');
  if (version?.kind !== 'value' || typeof version.value !== 'number' || version.value === FORMAT_VERSION) return true;
  const isNewer = version.value > FORMAT_VERSION;
  const message = `the file has format version ${version.written}; this packetwalk reads version ${FORMAT_VERSION}`;
  problems.error(version.spot, 'PW0308', message, isNewer ? 'it needs a newer packetwalk' : null);
  return false;
}

const DEFAULT_UNTIL_NS: Nanos = 60_000_000_000;
const DEFAULT_SEED = '1';

class Loader {
  readonly #problems: Problems;
  readonly #options: LoadOptions;

  constructor(problems: Problems, options: LoadOptions) {
    this.#problems = problems;
    this.#options = options;
  }

  load(written: MapTree): Scenario | null {
    const { set = [], variant: word } = this.#options;
    const variant = word === undefined ? null : variantOf(written, word, this.#problems);
    const settings = [...(variant?.settings ?? []), ...set];
    const { tree, params } = substitute(written, settings, this.#problems);
    const head = readPiece(headSchema, tree, this.#problems);
    if (!this.#isWithinLimits(tree)) return null;
    const untilNs = this.#until(head.value);
    if (!hasSections(tree)) {
      this.#readGrammar(tree);
      return null;
    }
    const nodes = this.#readNodes(mapAt(tree, 'nodes'));
    const linkPieces = itemsAt(tree, 'links').map((item) => readPiece(linkSchema, item, this.#problems));
    const links = this.#planLinks(linkPieces);
    plugLinks(nodes, links, this.#problems);
    const vlans = new VlanPlan([...nodes.values()], links);
    checkVlans(links, vlans, this.#problems);
    const segments = segmentsOf([...nodes.values()], links, vlans, this.#problems);
    assignAddresses(segments, [...nodes.values()].flatMap(poolsOf), this.#problems);
    assignMacs([...nodes.values()], segments, this.#problems);
    foreseeAddresses(segments);
    const byId = new Map(links.map((link) => [link.id, link]));
    const ids = idsOfLinks(linkPieces, links);
    const checks = new Checks(this.#problems, nodes, byId, ids, this.#options.checkFilter);
    const routing = new Routing(nodes, segments, this.#problems);
    const scenario = {
      ...this.#headOf(head.value, untilNs, variant?.seed),
      params,
      file: this.#problems.file,
      nodes: [...nodes.values()].map((node) => nodeSpecOf(node, routing, checks)),
      links: links.flatMap((link) => linkSpecOf(link, checks) ?? []),
      ...this.#happenings(tree, untilNs, checks),
    };
    if (!this.#problems.hasErrors) {
      this.#warnOfLonely(nodes);
      warnOfLending(segments, scenario.nodes, this.#problems);
    }
    return scenario;
  }

  /** Reads the parts without asking what they name, where the names are not to be had. */
  #readGrammar(tree: MapTree): void {
    for (const { value } of mapAt(tree, 'nodes')?.entries.values() ?? []) readPiece(nodeSchema, value, this.#problems);
    for (const item of itemsAt(tree, 'links')) readPiece(linkSchema, item, this.#problems);
    for (const item of itemsAt(tree, 'timeline')) readPiece(timelineSchema, item, this.#problems);
    for (const item of itemsAt(tree, 'expect')) readPiece(expectSchema, item, this.#problems);
  }

  /** Beyond the limits nothing further is looked at. */
  #isWithinLimits(tree: MapTree): boolean {
    const nodes = childOf(tree, 'nodes');
    const links = childOf(tree, 'links');
    const errors = this.#problems.errors;
    if (nodes?.kind === 'map' && nodes.entries.size === 0) {
      this.#problems.error(
        { ...nodes.spot, length: 1 },
        'PW0413',
        'there are no nodes',
        'at least one: `nodes: { a: {} }`',
      );
    }
    if (nodes?.kind === 'map' && nodes.entries.size > MAX_NODES) {
      const { key } = [...nodes.entries.values()][MAX_NODES] ?? { key: nodes.spot };
      this.#problems.error(key, 'PW0413', `there are ${nodes.entries.size} nodes; at most ${MAX_NODES} are allowed`);
    }
    if (links?.kind === 'list' && links.items.length > MAX_LINKS) {
      const { spot } = links.items[MAX_LINKS] ?? links;
      const message = `there are ${links.items.length} links; at most ${MAX_LINKS} are allowed`;
      this.#problems.error({ ...spot, length: 1 }, 'PW0413', message);
    }
    return this.#problems.errors === errors;
  }

  #until(head: HeadFile | null): Nanos {
    const { until } = this.#options;
    const written = head?.until ?? DEFAULT_UNTIL_NS;
    if (until === undefined) return written;
    const given = readDuration(until);
    if ('value' in given && given.value > 0) return given.value;
    const [message, hint] = 'value' in given ? ['a run lasts longer than 0', null] : [given.complaint, given.hint];
    this.#problems.usage(`--until ${clipped(until)}`, 'code' in given ? given.code : 'PW0306', message, hint);
    return written;
  }

  #headOf(head: HeadFile | null, untilNs: Nanos, variantSeed: string | undefined) {
    const { title = '', summary = '', tags = [], seed, profile } = head ?? {};
    return {
      title,
      summary,
      tags: typeof tags === 'string' ? [tags] : tags,
      seed: this.#options.seed ?? variantSeed ?? seed ?? DEFAULT_SEED,
      untilNs,
      profile: this.#options.profile ?? profile ?? 'rfc',
    };
  }

  #readNodes(tree: MapTree | null): Map<string, NodePlan> {
    const nodes = new Map<string, NodePlan>();
    for (const [name, { key, value }] of tree?.entries ?? []) {
      const bad = whyNoNodeName(name);
      if (bad !== null) this.#problems.error(key, 'PW0401', bad);
      const piece = readPiece(nodeSchema, value, this.#problems);
      const file = piece.value ?? {};
      const kind = file.kind ?? 'host';
      const hasDeclaredPorts = file.interfaces !== undefined && hasAddresses(kind);
      const node = { name, kind, index: nodes.size, key, tree: piece.tree, file, ports: [], hasDeclaredPorts };
      checkNode(node, this.#problems);
      declarePorts(node);
      checkAsking(node, this.#problems);
      checkVlanNames(node, this.#problems);
      nodes.set(name, node);
    }
    return nodes;
  }

  #planLinks(pieces: readonly Piece<LinkFile>[]): LinkPlan[] {
    const taken = new Map<string, Spot>();
    const numbers = new Map<string, number>();
    for (const { value, tree } of pieces) {
      if (value?.id === undefined) continue;
      const spot = spotAt(tree, ['id']);
      if (taken.has(value.id)) this.#refuseSecond(spot, value.id, taken.get(value.id));
      else taken.set(value.id, spot);
    }
    return pieces.flatMap(({ value: file, tree }): LinkPlan[] => {
      if (!file) return [];
      const end = (index: 0 | 1) => ({ file: file.between[index], spot: spotAt(tree, ['between', index]), port: null });
      const id = file.id ?? freeId(`${file.between[0].node}-${file.between[1].node}`, taken, numbers);
      taken.set(id, tree.spot);
      return [{ id, file, tree, ends: [end(0), end(1)] }];
    });
  }

  #refuseSecond(spot: Spot, id: string, first: Spot | undefined): void {
    const place = first && first.at >= 0 ? this.#problems.placeOf(first) : null;
    const where = place ? `; the first is at line ${place.line}, column ${place.column}` : '';
    this.#problems.error(spot, 'PW0411', `the id \`${id}\` is given a second time${where}`);
  }

  #happenings(tree: MapTree, untilNs: Nanos, checks: Checks): Pick<Scenario, 'timeline' | 'expect' | 'lesson'> {
    const items = itemsAt(tree, 'timeline');
    const ids = new Map<string, Spot>();
    for (const item of items) {
      const id = childOf(item, 'id');
      if (id?.kind !== 'value' || typeof id.value !== 'string') continue;
      if (ids.has(id.value)) this.#refuseSecond(id.spot, id.value, ids.get(id.value));
      else ids.set(id.value, id.spot);
      if (id.value === 'end')
        this.#problems.error(id.spot, 'PW0401', '`end` means the end of the run and cannot be an id');
    }
    const entries = items.map((item) => readPiece(timelineSchema, item, this.#problems));
    const timeline = new TimelineReader(checks, ids, untilNs).read(entries);
    const expected = itemsAt(tree, 'expect').map((item) => readPiece(expectSchema, item, this.#problems));
    const expect = new ExpectationReader(checks, ids, untilNs).read(expected);
    const lesson = childOf(tree, 'lesson');
    return { timeline, expect, lesson: lesson ? new LessonReader(checks, ids, untilNs).read(lesson) : null };
  }

  #warnOfLonely(nodes: ReadonlyMap<string, NodePlan>): void {
    for (const { name, kind, key, ports } of nodes.values()) {
      if (kind !== 'host' || ports.some(({ link }) => link)) continue;
      this.#problems.warn(key, 'PW0701', `the host \`${name}\` has no link`);
    }
  }
}

/** Whether everything that has names is there and has its form. */
function hasSections(tree: MapTree): boolean {
  const isList = (key: string) => (childOf(tree, key)?.kind ?? 'list') === 'list';
  return mapAt(tree, 'nodes') !== null && isList('links') && isList('timeline');
}

function mapAt(tree: MapTree, key: string): MapTree | null {
  const child = childOf(tree, key);
  return child?.kind === 'map' ? child : null;
}

function itemsAt(tree: MapTree, key: string): readonly Tree[] {
  const child: ListTree | Tree | undefined = childOf(tree, key);
  return child?.kind === 'list' ? child.items : [];
}

/** Two links between the same nodes: `a-b`, `a-b-2`, `a-b-3`. `numbers`: the last of each; none before it is free. */
function freeId(id: string, taken: ReadonlyMap<string, Spot>, numbers: Map<string, number>): string {
  if (!taken.has(id)) return id;
  let number = (numbers.get(id) ?? 1) + 1;
  while (taken.has(`${id}-${number}`)) number++;
  numbers.set(id, number);
  return `${id}-${number}`;
}

/** All ids, also of links that could not be read: what names them is not to blame. */
function idsOfLinks(pieces: readonly Piece<LinkFile>[], links: readonly LinkPlan[]): Set<string> {
  const ids = new Set(links.map(({ id }) => id));
  for (const { tree } of pieces) {
    const id = childOf(tree, 'id');
    if (id) {
      if (id.kind === 'value' && typeof id.value === 'string') ids.add(id.value);
      continue;
    }
    const between = childOf(tree, 'between');
    const names =
      between?.kind === 'list' ? between.items.map((item) => (item.kind === 'value' ? String(item.value) : '')) : [];
    if (names.length === 2) ids.add(names.map((name) => name.split(':')[0]).join('-'));
  }
  return ids;
}
