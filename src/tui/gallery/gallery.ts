/** The courses and what has been learned of them, as a screen: its state, and what keys do to it. */

import type { ThemeName } from '../theme.ts';
import { THEME_NAMES } from '../theme.ts';

export interface Course {
  readonly title: string;
  readonly scenarios: readonly { readonly name: string; readonly title: string }[];
}

/** How far somebody has come with the questions of a lesson. */
export interface Standing {
  readonly right: number;
  readonly answered: number;
  readonly all: number;
}

export interface About {
  readonly summary: string;
  readonly question: string | null;
}

export interface GalleryHost {
  readonly courses: readonly Course[];
  /** Of a bundled scenario; read when it is looked at. */
  about(name: string): About;
}

export interface Gallery {
  readonly host: GalleryHost;
  readonly standings: ReadonlyMap<string, Standing>;
  readonly course: number;
  /** The chosen scenario of each course. */
  readonly rows: readonly number[];
  readonly size: { readonly columns: number; readonly rows: number };
  readonly theme: ThemeName;
  readonly notice: { readonly text: string; readonly isError: boolean } | null;
}

export interface GalleryOptions {
  readonly standings: ReadonlyMap<string, Standing>;
  /** The scenario that was open last. */
  readonly last: string | null;
  readonly columns: number;
  readonly rows: number;
  readonly theme: ThemeName;
  readonly notice: Gallery['notice'];
}

export function openGallery(host: GalleryHost, options: GalleryOptions): Gallery {
  const { standings, last, columns, rows, theme, notice } = options;
  const found = host.courses.map(({ scenarios }) => scenarios.findIndex(({ name }) => name === last));
  const course = Math.max(
    0,
    found.findIndex((row) => row >= 0),
  );
  return {
    host,
    standings,
    course,
    rows: found.map((row, index) => (index === course ? Math.max(0, row) : 0)),
    size: { columns, rows },
    theme,
    notice,
  };
}

export function isDone(standing: Standing | undefined): boolean {
  return standing !== undefined && standing.all > 0 && standing.answered === standing.all;
}

export function chosenIn({ host, course, rows }: Gallery): Course['scenarios'][number] | null {
  return host.courses[course]?.scenarios[rows[course] ?? 0] ?? null;
}

/** What the person wants; null: to stay. */
export type Wish =
  | { readonly kind: 'walk'; readonly name: string; readonly lesson: boolean }
  | { readonly kind: 'quit' | 'suspend' | 'redraw' };

const PAGE = 10;

export function pressed(gallery: Gallery, key: string): readonly [Gallery, Wish?] {
  const next = { ...gallery, notice: null };
  const chosen = chosenIn(gallery);
  switch (key) {
    case 'up':
    case 'k':
      return [moved(next, -1)];
    case 'down':
    case 'j':
      return [moved(next, 1)];
    case 'pageup':
      return [moved(next, -PAGE)];
    case 'pagedown':
      return [moved(next, PAGE)];
    case 'home':
    case 'g':
      return [moved(next, Number.NEGATIVE_INFINITY)];
    case 'end':
    case 'G':
      return [moved(next, Number.POSITIVE_INFINITY)];
    case 'left':
    case 'h':
    case 'shift+tab':
      return [turned(next, -1)];
    case 'right':
    case 'l':
    case 'tab':
      return [turned(next, 1)];
    case 'enter':
    case 'space':
      return chosen ? [next, { kind: 'walk', name: chosen.name, lesson: true }] : [next];
    case 'w':
      return chosen ? [next, { kind: 'walk', name: chosen.name, lesson: false }] : [next];
    case 'T':
      return [{ ...next, theme: THEME_NAMES[(THEME_NAMES.indexOf(next.theme) + 1) % THEME_NAMES.length] ?? 'dark' }];
    case 'q':
    case 'esc':
      return [next, { kind: 'quit' }];
    case 'ctrl+z':
      return [next, { kind: 'suspend' }];
    case 'ctrl+l':
      return [next, { kind: 'redraw' }];
    default:
      return [gallery];
  }
}

/** A click on a scenario chooses it; on the chosen one, it begins. */
export function clicked(gallery: Gallery, row: number): readonly [Gallery, Wish?] {
  const chosen = chosenIn(gallery);
  if (row === gallery.rows[gallery.course] && chosen) {
    return [gallery, { kind: 'walk', name: chosen.name, lesson: true }];
  }
  return [withRow(gallery, row)];
}

function moved(gallery: Gallery, by: number): Gallery {
  return withRow(gallery, (gallery.rows[gallery.course] ?? 0) + by);
}

function withRow(gallery: Gallery, row: number): Gallery {
  const last = (gallery.host.courses[gallery.course]?.scenarios.length ?? 1) - 1;
  const to = Math.max(0, Math.min(last, row));
  return { ...gallery, rows: gallery.rows.map((each, index) => (index === gallery.course ? to : each)) };
}

function turned(gallery: Gallery, by: 1 | -1): Gallery {
  const { length } = gallery.host.courses;
  return { ...gallery, course: (gallery.course + by + length) % length };
}
