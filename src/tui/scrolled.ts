/** Lists scroll as far as they go: what is scrolled further would have to be scrolled back before anything moves. */

import type { Layout } from './layout.ts';
import type { Model } from './model.ts';
import { paint } from './paint.ts';

/** How far there is to scroll only the drawing knows, which knows the heights of panes. */
export function withinReach(before: Model, model: Model, layout: Layout): Model {
  if (model.scroll <= before.scroll && model.size === before.size) return model;
  if (model.scroll === 0) return model;
  const scrolled = paint(model, layout.placesOf(model)).scrolled ?? 0;
  return scrolled < model.scroll ? { ...model, scroll: scrolled } : model;
}
