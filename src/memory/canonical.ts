/**
 * JSON that is the same text for the same value, whatever the order of its keys.
 *
 * @module
 */

export function canonicalJson(value: unknown): string {
  const ordered = inOrder(value);
  return ordered === BY_ITSELF ? JSON.stringify(value, sorted) : JSON.stringify(ordered);
}

/** Something of the value writes itself. */
const BY_ITSELF = Symbol("by itself");

/**
 * The value with the keys of its objects in order, itself where they are: to write that is several
 * times as fast as with a replacer, which is called for each key.
 */
function inOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("toJSON" in value) return BY_ITSELF;
  return Array.isArray(value) ? itemsInOrder(value) : fieldsInOrder(value);
}

function itemsInOrder(items: readonly unknown[]): unknown {
  let made: unknown[] | null = null;
  for (const [i, item] of items.entries()) {
    const own = inOrder(item);
    if (own === BY_ITSELF) return BY_ITSELF;
    if (own === item && made === null) continue;
    made ??= [...items];
    made[i] = own;
  }
  return made ?? items;
}

function fieldsInOrder(value: object): unknown {
  let isSame = true;
  let last = "";
  const entries: [string, unknown][] = [];
  for (const key of Object.keys(value)) {
    const field: unknown = Reflect.get(value, key);
    const own = inOrder(field);
    if (own === BY_ITSELF) return BY_ITSELF;
    isSame &&= own === field && key >= last;
    last = key;
    entries.push([key, own]);
  }
  return isSame ? value : Object.fromEntries(entries.sort(byKey));
}

/** A replacer: objects with their keys in order. */
function sorted(_key: string, inner: unknown): unknown {
  return typeof inner === "object" && inner !== null && !Array.isArray(inner)
    ? Object.fromEntries(Object.entries(inner).sort(byKey))
    : inner;
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
