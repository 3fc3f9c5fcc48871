/** The arrangement of the screen: components that say what stands where. What stands in them is drawn by `paint.ts`. */

import { Box, type DOMElement } from 'ink';
import { memo, type ReactNode } from 'react';
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

type Register = (id: PlaceId, element: DOMElement | null) => void;

type BoxProps = Parameters<typeof Box>[0];

function Place({ id, register, ...box }: { readonly id: PlaceId; readonly register: Register } & BoxProps): ReactNode {
  return <Box {...box} ref={(element: DOMElement | null) => register(id, element)} />;
}

interface ScreenProps {
  readonly arrangement: Arrangement;
  readonly register: Register;
}

export const Screen = memo(function Screen({ arrangement, register }: ScreenProps): ReactNode {
  const { columns, rows, isRoomy, isTooSmall, alone } = arrangement;
  if (isTooSmall) return <Place id="too small" register={register} width={columns} height={rows} />;
  return (
    <Box width={columns} height={rows} flexDirection="column">
      <Place id="title" register={register} height={1} flexShrink={0} />
      {alone ? (
        <Place id={alone} register={register} flexGrow={1} />
      ) : isRoomy ? (
        <FivePanes arrangement={arrangement} register={register} />
      ) : (
        <ThreePanes arrangement={arrangement} register={register} />
      )}
      <Place id="why" register={register} height={columns >= 110 ? 1 : 2} flexShrink={0} />
      <Place id="timeline" register={register} height={1} flexShrink={0} />
      <Place id="hints" register={register} height={1} flexShrink={0} />
    </Box>
  );
});

/** From 110×34 on; at 120×40 the ladder has 31 columns, the layers 49 and the bytes 40. */
function FivePanes({ arrangement: { columns, rows, slots }, register }: ScreenProps): ReactNode {
  const below = Math.max(9, Math.round(rows * 0.275));
  return (
    <>
      <Box flexGrow={1}>
        <Place id={slots.left} register={register} width={Math.max(28, Math.round(columns * 0.26))} flexShrink={0} />
        <Place id={slots.middle} register={register} flexGrow={1} />
        <Place id={slots.right} register={register} width={Math.max(38, Math.round(columns / 3))} flexShrink={0} />
      </Box>
      <Box height={below} flexShrink={0}>
        <Place id={slots.below} register={register} flexGrow={1} />
        <Place
          id={slots.beside}
          register={register}
          width={Math.max(42, Math.round(columns * 0.3666))}
          flexShrink={0}
        />
      </Box>
    </>
  );
}

/** At 80×24 the layers have 46 columns, the bytes 34, the events two lines. */
function ThreePanes({ arrangement: { columns, rows, slots }, register }: ScreenProps): ReactNode {
  const below = Math.max(4, rows - 20);
  return (
    <>
      <Box flexGrow={1}>
        <Place id={slots.middle} register={register} flexGrow={1} />
        <Place id={slots.right} register={register} width={Math.round(columns * 0.425)} flexShrink={0} />
      </Box>
      <Place id={slots.below} register={register} height={Math.min(below, Math.floor(rows / 3))} flexShrink={0} />
    </>
  );
}
