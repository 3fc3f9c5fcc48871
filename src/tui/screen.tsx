/** The arrangement of the screen: components that say what stands where. What stands in them is drawn by `paint.ts`. */

import { memo, type ReactNode } from 'react';
import type { Rect } from './canvas.ts';
import type { NumberedPane, Slots } from './model.ts';

/** Where something is drawn. */
export type PlaceId = 'title' | 'why' | 'timeline' | 'hints' | 'whole' | 'too small' | NumberedPane;

/** What the arrangement depends on, and nothing else: a step in time changes none of it. */
export interface Arrangement {
  readonly columns: number;
  readonly rows: number;
  readonly slots: Slots;
  readonly isRoomy: boolean;
  readonly isTooSmall: boolean;
  /** One pane, or a leaf, has the place of all. */
  readonly alone: NumberedPane | 'whole' | null;
}

export type Places = ReadonlyMap<PlaceId, Rect>;

/** What boxes of this screen are told, in Ink's words; in the direction of its parent one either has a size or grows. */
export interface BoxProps {
  readonly width?: number;
  readonly height?: number;
  readonly flexDirection?: 'column';
  readonly flexGrow?: 1;
  readonly flexShrink?: 0;
  readonly children?: ReactNode;
}

export interface PlaceProps extends Omit<BoxProps, 'children'> {
  readonly id: PlaceId;
}

/** What the screen is built of: boxes, and boxes whose places are asked for. */
export interface Kit {
  readonly Box: (props: BoxProps) => ReactNode;
  readonly Place: (props: PlaceProps) => ReactNode;
}

interface ScreenProps {
  readonly arrangement: Arrangement;
  readonly kit: Kit;
}

export const Screen = memo(function Screen({ arrangement, kit }: ScreenProps): ReactNode {
  const { columns, rows, isRoomy, isTooSmall, alone } = arrangement;
  const { Box, Place } = kit;
  if (isTooSmall) return <Place id="too small" width={columns} height={rows} />;
  return (
    <Box width={columns} height={rows} flexDirection="column">
      <Place id="title" height={1} flexShrink={0} />
      {alone ? (
        <Place id={alone} flexGrow={1} />
      ) : isRoomy ? (
        <FivePanes arrangement={arrangement} kit={kit} />
      ) : (
        <ThreePanes arrangement={arrangement} kit={kit} />
      )}
      <Place id="why" height={columns >= 110 ? 1 : 2} flexShrink={0} />
      <Place id="timeline" height={1} flexShrink={0} />
      <Place id="hints" height={1} flexShrink={0} />
    </Box>
  );
});

/** From 110×34 on; at 120×40 the ladder has 31 columns, the layers 49 and the bytes 40. */
function FivePanes({ arrangement: { columns, rows, slots }, kit: { Box, Place } }: ScreenProps): ReactNode {
  const below = Math.max(9, Math.round(rows * 0.275));
  return (
    <>
      <Box flexGrow={1}>
        <Place id={slots.left} width={Math.max(28, Math.round(columns * 0.26))} flexShrink={0} />
        <Place id={slots.middle} flexGrow={1} />
        <Place id={slots.right} width={Math.max(38, Math.round(columns / 3))} flexShrink={0} />
      </Box>
      <Box height={below} flexShrink={0}>
        <Place id={slots.below} flexGrow={1} />
        <Place id={slots.beside} width={Math.max(42, Math.round(columns * 0.3666))} flexShrink={0} />
      </Box>
    </>
  );
}

/** At 80×24 the layers have 46 columns, the bytes 34, the events two lines. */
function ThreePanes({ arrangement: { columns, rows, slots }, kit: { Box, Place } }: ScreenProps): ReactNode {
  const below = Math.max(4, rows - 20);
  return (
    <>
      <Box flexGrow={1}>
        <Place id={slots.middle} flexGrow={1} />
        <Place id={slots.right} width={Math.round(columns * 0.425)} flexShrink={0} />
      </Box>
      <Place id={slots.below} height={Math.min(below, Math.floor(rows / 3))} flexShrink={0} />
    </>
  );
}
