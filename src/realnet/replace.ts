/** Built-ins replaced so that code on a simulated host gets the host's own, and all other code what it always had. */

/**
 * Puts what `make` makes of a function in its place; properties of the old one (`util.promisify.custom`) stay. Types are
 * given up here on purpose: signatures of built-ins differ between versions of Node.
 */
export function replace<T extends object>(
  target: T,
  name: string,
  make: (original: (this: unknown, ...args: unknown[]) => unknown) => (this: unknown, ...args: unknown[]) => unknown,
): void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  // What cannot be changed gets its value from somewhere else, which is replaced there.
  if (before?.configurable === false && !before.writable) return;
  const original = Reflect.get(target, name) as ((this: unknown, ...args: unknown[]) => unknown) | undefined;
  if (typeof original !== 'function') return;
  const replacement = make(original);
  for (const key of Reflect.ownKeys(original)) {
    if (key === 'length' || key === 'prototype' || key === 'arguments' || key === 'caller') continue;
    const property = Object.getOwnPropertyDescriptor(original, key);
    if (property) Object.defineProperty(replacement, key, { ...property, configurable: true });
  }
  const enumerable = before?.enumerable ?? true;
  if (before?.configurable === false) Reflect.set(target, name, replacement);
  else Object.defineProperty(target, name, { value: replacement, writable: true, configurable: true, enumerable });
}

/** The symbol-keyed slot of one of Node's own objects, by the symbol's description. */
export function symbolOf(object: object, description: string): symbol | null {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const found = Object.getOwnPropertySymbols(at).find((symbol) => symbol.description === description);
    if (found) return found;
  }
  return null;
}
