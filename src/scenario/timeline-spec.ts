/** The timeline as the world builds it. */

import type { Nanos } from '../kernel/journal.ts';
import { actionOf } from './action.ts';
import type { ActionKind } from './action-source.ts';
import type { Checks } from './checks.ts';
import { changesOf } from './link-spec.ts';
import type { Spot } from './problem.ts';
import type { Piece } from './read-piece.ts';
import type { Action, TimelineEntry } from './scenario.ts';
import { ACTIONS, type DoFile, type TimelineFile } from './schema/timeline.ts';
import { openedBy } from './session-action.ts';
import { childOf, keySpotAt, spotAt, type Tree } from './tree.ts';
import { clipped } from './yaml-guard.ts';

/** Ids as written, also of entries that could not be read, with their places. */
export type TimelineIds = ReadonlyMap<string, Spot>;

export class TimelineReader {
  readonly #checks: Checks;
  readonly #ids: TimelineIds;
  readonly #untilNs: Nanos;
  readonly #connections = new Map<string, string[]>();
  readonly #opened = new Map<string, { readonly ws: string[]; readonly io: string[]; readonly mqtt: string[] }>();

  constructor(checks: Checks, ids: TimelineIds, untilNs: Nanos) {
    this.#checks = checks;
    this.#ids = ids;
    this.#untilNs = untilNs;
  }

  read(pieces: readonly Piece<TimelineFile>[]): TimelineEntry[] {
    for (const { value } of pieces) this.#noteOpened(value);
    for (const { value } of pieces) {
      const given = value?.do?.['tcp-connect'];
      if (value?.node === undefined || given === undefined) continue;
      const name = ('as' in given ? given.as : undefined) ?? 'tcp';
      const names = this.#connections.get(value.node);
      if (names) names.push(name);
      else this.#connections.set(value.node, [name]);
    }
    this.#refuseCircles(pieces);
    return pieces.flatMap((piece) => (piece.value ? (this.#entry(piece, piece.value) ?? []) : []));
  }

  #noteOpened(file: TimelineFile | null): void {
    if (file?.node === undefined || !file.do) return;
    const { ws, io, mqtt } = this.#opened.get(file.node) ?? { ws: [], io: [], mqtt: [] };
    this.#opened.set(file.node, {
      ws: [...ws, ...openedBy(file.do, 'ws')],
      io: [...io, ...openedBy(file.do, 'io')],
      mqtt: [...mqtt, ...openedBy(file.do, 'mqtt')],
    });
  }

  #entry(piece: Piece<TimelineFile>, file: TimelineFile): TimelineEntry | null {
    const start = this.#start(piece, file);
    const action = this.#action(piece, file);
    if (!start || !action) return null;
    if (file.for !== undefined && !UNDOABLE.has(action.kind)) {
      const spot = keySpotAt(piece.tree, ['for']);
      this.#problems.error(spot, 'PW0307', `\`for\` has nothing to undo: \`${action.kind}\` cannot be taken back`);
    }
    const place = this.#problems.placeOf(piece.tree.spot);
    return { id: file.id ?? null, start, forNs: file.for ?? null, action, place };
  }

  get #problems() {
    return this.#checks.problems;
  }

  #start(piece: Piece<TimelineFile>, file: TimelineFile): TimelineEntry['start'] | null {
    const { at, after, when, wait } = file;
    const written = (['at', 'after', 'when'] as const).filter((key) => file[key] !== undefined);
    const [first, second] = written;
    if (first === undefined) {
      this.#missing(piece, 'when does it happen? `at`, `after` or `when` is missing');
      return null;
    }
    if (second !== undefined) this.#conflict(piece.tree, second, first);
    if (wait !== undefined && first === 'at') this.#conflict(piece.tree, 'wait', 'at');
    if (at !== undefined) {
      if (at > this.#untilNs) this.#warnOfLate(spotAt(piece.tree, ['at']));
      return { kind: 'at', atNs: at };
    }
    const waitNs = wait ?? 0;
    if (when !== undefined) return { kind: 'when', match: this.#checks.filter(when, piece.tree, ['when']), waitNs };
    const id = after ?? '';
    if (this.#ids.has(id)) return { kind: 'after', id, waitNs };
    const message = `no entry has the id \`${clipped(id)}\`${this.#problems.didYouMean(id, this.#ids.keys())}`;
    this.#problems.error(spotAt(piece.tree, ['after']), 'PW0502', message);
    return null;
  }

  #warnOfLate(spot: Spot): void {
    const message = 'this is later than `until`, the end of the run, and does not happen';
    this.#problems.warn(spot, 'PW0702', message);
  }

  #action(piece: Piece<TimelineFile>, file: TimelineFile): Action | null {
    const beside = FAULTS.filter((key) => file[key] !== undefined);
    const ofLink = (['link', 'set'] as const).filter((key) => file[key] !== undefined);
    const ofNode = (['node', 'do', ...FAULTS] as const).filter((key) => file[key] !== undefined);
    if (ofLink[0] !== undefined && ofNode[0] !== undefined) {
      this.#conflict(piece.tree, ofNode[0], ofLink[0]);
      return null;
    }
    if (ofLink.length > 0) return this.#change(piece, file);
    if (ofNode.length === 0) {
      this.#missing(piece, 'what happens? write `link` and `set`, or `node` and `do`');
      return null;
    }
    if (file.node === undefined) {
      this.#missing(piece, 'the key `node` is missing');
      return null;
    }
    if (file.do && beside[0] !== undefined) this.#conflict(piece.tree, beside[0], 'do');
    if (!file.do && beside.length === 0) {
      this.#missing(piece, 'the key `do` is missing');
      return null;
    }
    return this.#act(piece, file, file.node);
  }

  #act(piece: Piece<TimelineFile>, file: TimelineFile, name: string): Action | null {
    const source: DoFile = file.do ?? file;
    const before = file.do ? ['do'] : [];
    const kinds = KINDS.filter((kind) =>
      childOf(file.do ? (childOf(piece.tree, 'do') ?? piece.tree) : piece.tree, kind),
    );
    const [kind, second] = kinds;
    if (kind === undefined) {
      if (piece.isWhole) {
        const spot = { ...spotAt(piece.tree, before), length: 1 };
        this.#problems.error(spot, 'PW0302', `there is no action; actions are: ${KINDS.join(', ')}`);
      }
      return null;
    }
    if (second !== undefined) {
      const spot = keySpotAt(piece.tree, [...before, second]);
      const hint = 'write one entry for each; entries of one time happen in file order';
      this.#problems.error(
        spot,
        'PW0307',
        `\`${second}\`: an entry does one thing, and this does \`${kind}\` already`,
        hint,
      );
      return null;
    }
    const spot = spotAt(piece.tree, ['node']);
    const isFault = kind === 'crash' || kind === 'pause' || kind === 'skew';
    const node = isFault ? this.#checks.node(name, spot) : this.#checks.host(name, spot, `cannot do \`${kind}\``);
    if (!node) return null;
    const connections = this.#connections.get(name) ?? [];
    const opened = this.#opened.get(name) ?? { ws: [], io: [], mqtt: [] };
    const path = [...before, kind];
    return actionOf({ node, file: source, kind, tree: piece.tree, path, connections, opened }, this.#checks);
  }

  #change(piece: Piece<TimelineFile>, { link, set }: TimelineFile): Action | null {
    if (link === undefined || set === undefined) {
      this.#missing(piece, `the key \`${link === undefined ? 'link' : 'set'}\` is missing`);
      return null;
    }
    if (!this.#checks.linkIds.has(link)) {
      const message = `there is no link \`${clipped(link)}\`${this.#problems.didYouMean(link, this.#checks.linkIds)}`;
      const hint = `links are called by their \`id\`, or by their two ends: ${[...this.#checks.linkIds].slice(0, 8).join(', ')}`;
      this.#problems.error(spotAt(piece.tree, ['link']), 'PW0501', message, hint);
      return null;
    }
    if (Object.keys(set).length === 0 && piece.isWhole) {
      this.#problems.error({ ...spotAt(piece.tree, ['set']), length: 1 }, 'PW0302', '`set` changes nothing');
    }
    return { kind: 'set-link', link, ...changesOf(set) };
  }

  #missing(piece: Piece<TimelineFile>, message: string): void {
    if (piece.isWhole) this.#problems.error({ ...piece.tree.spot, length: 1 }, 'PW0302', message);
  }

  #conflict(tree: Tree, key: string, other: string): void {
    const message = `\`${key}\` does not go together with \`${other}\``;
    this.#problems.error(keySpotAt(tree, [key]), 'PW0307', message);
  }

  /** Entries that wait for each other never happen. Each waits for one other at most, so that following them is enough. */
  #refuseCircles(pieces: readonly Piece<TimelineFile>[]): void {
    const byId = new Map(pieces.flatMap((piece) => (piece.value?.id === undefined ? [] : [[piece.value.id, piece]])));
    const done = new Set<Piece<TimelineFile>>();
    for (const start of pieces) {
      const trail = new Set<Piece<TimelineFile>>();
      let at: Piece<TimelineFile> | undefined = start;
      while (at && !done.has(at) && !trail.has(at)) {
        trail.add(at);
        at = at.value?.after === undefined ? undefined : byId.get(at.value.after);
      }
      if (at && trail.has(at)) {
        const ids = [...trail].slice([...trail].indexOf(at)).map(({ value }) => value?.id);
        const shown = ids.length > 8 ? [...ids.slice(0, 8), '...'] : ids;
        const message = `this never happens: it waits for itself (${[...shown, at.value?.id].join(' after ')})`;
        this.#problems.error(spotAt(at.tree, ['after']), 'PW0503', message);
      }
      for (const piece of trail) done.add(piece);
    }
  }
}

const FAULTS = ['crash', 'pause', 'skew', 'partition'] as const;
const KINDS = Object.keys(ACTIONS) as ActionKind[];
const UNDOABLE: ReadonlySet<Action['kind']> = new Set(['set-link', 'crash', 'pause', 'skew', 'partition']);
