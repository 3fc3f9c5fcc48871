/**
 * Where the boxes of the screen stand, worked out in a page: what Yoga says of them, for the moment before Ink and Yoga
 * are loaded. It knows boxes of a size and boxes that grow, in rows and columns, and that is what the screen is made of.
 */

import { Children, isValidElement, type ReactElement, type ReactNode } from 'react';
import type { Rect } from './canvas.ts';
import {
  type Arrangement,
  type BoxProps,
  type Kit,
  type PlaceId,
  type PlaceProps,
  type Places,
  Screen,
} from './screen.tsx';

/** They are never drawn, only known by who they are. */
const KIT: Kit = { Box: () => null, Place: () => null };

export function sketch(arrangement: Arrangement): Places {
  const places = new Map<PlaceId, Rect>();
  const { columns: width, rows: height } = arrangement;
  const [root] = boxesOf(<Screen arrangement={arrangement} kit={KIT} />);
  if (root) put(root, { x: 0, y: 0, width, height }, places);
  return places;
}

type Box = ReactElement<BoxProps | PlaceProps>;

/** Components are called until only boxes are left. */
function boxesOf(node: ReactNode): Box[] {
  return Children.toArray(node).flatMap((child) => {
    if (!isValidElement(child)) return [];
    const { type, props } = child;
    if (type === KIT.Box || type === KIT.Place) return [child as Box];
    const component = typeof type === 'object' && 'type' in (type as object) ? (type as { type: unknown }).type : type;
    if (typeof component === 'function') return boxesOf((component as (props: unknown) => ReactNode)(props));
    return boxesOf((props as BoxProps).children);
  });
}

function put({ props }: Box, rect: Rect, places: Map<PlaceId, Rect>): void {
  if ('id' in props) {
    places.set(props.id, rect);
    return;
  }
  const isColumn = props.flexDirection === 'column';
  const [start, along] = isColumn ? (['y', 'height'] as const) : (['x', 'width'] as const);
  const boxes = boxesOf(props.children);
  const growing = boxes.filter((box) => box.props.flexGrow).length;
  const taken = boxes.reduce((sum, box) => sum + (box.props.flexGrow ? 0 : (box.props[along] ?? 0)), 0);
  const share = Math.max(0, rect[along] - taken) / Math.max(1, growing);
  let at = rect[start];
  for (const box of boxes) {
    const length = box.props.flexGrow ? share : (box.props[along] ?? 0);
    put(box, { ...rect, [start]: at, [along]: length }, places);
    at += length;
  }
}
