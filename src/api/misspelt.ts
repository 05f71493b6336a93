/**
 * What was meant by a name that nobody knows: the known one that is a single edit away. And which
 * names a schema knows at a path, through what it wraps and the members of its unions.
 *
 * @module
 */

import type { z } from "zod";

type Schema = z.core.$ZodType;

/** What of a schema's definition is walked; each kind has some of it. */
interface Definition {
  type: string;
  shape?: Readonly<Record<string, Schema>>;
  element?: Schema;
  innerType?: Schema;
  in?: Schema;
  options?: readonly Schema[];
}

/** Characters of a name that is compared; a longer one is no slip of a known name. */
const COMPARED_MAX = 64;

/** The known name that one letter more, less, other or swapped makes; null: none does. */
export function nearest(name: string, known: readonly string[]): string | null {
  if (name.length > COMPARED_MAX) return null;
  return known.find((one) => isOneEdit(name, one)) ?? null;
}

function isOneEdit(a: string, b: string): boolean {
  let from = 0;
  while (from < a.length && a[from] === b[from]) from += 1;
  const rest = (text: string, skipped: number): string => text.slice(from + skipped);
  if (a.length === b.length + 1) return rest(a, 1) === rest(b, 0);
  if (b.length === a.length + 1) return rest(b, 1) === rest(a, 0);
  if (a.length !== b.length || from === a.length) return false;
  const isSwapped = a[from] === b[from + 1] && a[from + 1] === b[from];
  return rest(a, 1) === rest(b, 1) || (isSwapped && rest(a, 2) === rest(b, 2));
}

/** The names of the fields that a schema knows at a path; none where no object stands there. */
export function namesAt(schema: Schema, path: readonly PropertyKey[]): string[] {
  let reached = [schema];
  for (const key of path) reached = reached.flatMap((one) => below(one, key));
  return reached.flatMap(definitions).flatMap(({ shape }) => Object.keys(shape ?? {}));
}

function below(schema: Schema, key: PropertyKey): Schema[] {
  return definitions(schema).flatMap(({ shape, element }) => {
    if (element) return [element];
    const field = shape && Object.hasOwn(shape, key) ? shape[String(key)] : undefined;
    return field ? [field] : [];
  });
}

/** What a schema is, without what is wrapped around it; of a union each member. */
function definitions(schema: Schema): Definition[] {
  const definition = schema._zod.def as unknown as Definition;
  const { innerType, in: input, options } = definition;
  const wrapped = innerType ?? input;
  if (wrapped) return definitions(wrapped);
  return definition.type === "union" ? (options ?? []).flatMap(definitions) : [definition];
}

/** What stands at a path of a value that somebody sent. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let reached = value;
  for (const key of path) {
    if (typeof reached !== "object" || reached === null || !Object.hasOwn(reached, key))
      return null;
    reached = Reflect.get(reached, key);
  }
  return reached;
}
