/**
 * Filters items and namespaces as LangGraph's stores do. Pure.
 *
 * @module
 */

export type Filter = Record<string, unknown>;

export interface MatchCondition {
  matchType: "prefix" | "suffix";
  /** `*` stands for any label. */
  path: readonly string[];
}

/** Whether a value has what a filter asks for: the same, or within `$gt`, `$gte`, `$lt`, `$lte`. */
export function fits(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return value === wanted;
  if (Array.isArray(wanted)) {
    const isList = Array.isArray(value) && value.length === wanted.length;
    return isList && wanted.every((one, i) => fits(value[i], one));
  }
  const entries = Object.entries(wanted as Filter);
  if (entries.some(([key]) => key.startsWith("$")))
    return entries.every(([operator, other]) => compares(value, operator, other));
  if (typeof value !== "object" || value === null) return false;
  return entries.every(([key, one]) => fits((value as Filter)[key], one));
}

function compares(value: unknown, operator: string, other: unknown): boolean {
  switch (operator) {
    case "$eq":
      return value === other;
    case "$ne":
      return value !== other;
    case "$gt":
      return Number(value) > Number(other);
    case "$gte":
      return Number(value) >= Number(other);
    case "$lt":
      return Number(value) < Number(other);
    case "$lte":
      return Number(value) <= Number(other);
    default:
      throw new TypeError(`A filter has no operator ${operator}.`);
  }
}

function matches(namespace: readonly string[], condition: MatchCondition): boolean {
  const { matchType, path } = condition;
  if (namespace.length < path.length) return false;
  const from = matchType === "prefix" ? 0 : namespace.length - path.length;
  return path.every((label, i) => label === "*" || label === namespace[from + i]);
}

/** A page of the namespaces that match, each once, in order. */
export function namespacesIn(
  all: readonly (readonly string[])[],
  { matchConditions = [], maxDepth, limit = 100, offset = 0 }: NamespacesQuery,
): string[][] {
  const found = all
    .filter((one) => matchConditions.every((condition) => matches(one, condition)))
    .map((one) => JSON.stringify(one.slice(0, maxDepth)));
  const sorted = [...new Set(found)].sort();
  return sorted.slice(offset, offset + limit).map((one) => JSON.parse(one) as string[]);
}

export interface NamespacesQuery {
  matchConditions?: readonly MatchCondition[] | undefined;
  maxDepth?: number | undefined;
  limit?: number | undefined;
  offset?: number | undefined;
}
