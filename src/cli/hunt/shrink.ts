/**
 * Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002): the fewest things of
 * a list with which something still happens, in the sense that without any one of them it does not.
 */

/** `still` says whether it happens with these things only; it does with all. `mayGoOn` false ends the search early. */
export async function shrunk<T>(
  all: readonly T[],
  still: (kept: readonly T[]) => boolean,
  mayGoOn: () => Promise<boolean>,
): Promise<T[]> {
  if (still([])) return [];
  let kept = [...all];
  let parts = 2;
  while (kept.length > 1 && (await mayGoOn())) {
    const size = Math.ceil(kept.length / parts);
    const pieces = Array.from({ length: Math.ceil(kept.length / size) }, (_, at) =>
      kept.slice(at * size, (at + 1) * size),
    );
    const piece = pieces.length > 2 ? pieces.find((each) => still(each)) : undefined;
    const rest = piece ? undefined : pieces.map((each) => without(kept, each)).find((each) => still(each));
    if (piece) [kept, parts] = [piece, 2];
    else if (rest) [kept, parts] = [rest, Math.max(2, parts - 1)];
    else if (size === 1) break;
    else parts = Math.min(kept.length, 2 * parts);
  }
  return kept;
}

function without<T>(all: readonly T[], gone: readonly T[]): T[] {
  return all.filter((each) => !gone.includes(each));
}
