/**
 * Measures how files import each other: the longest way from import to import, and the circles.
 * Pure.
 *
 * @module
 */

/** By file: those that it imports. */
type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** The longest way from import to import; a circle is cut where it closes. */
export function longestChain(graph: ImportGraph): string[] {
  const measured = new Map<string, string[]>();
  const below = (file: string, open: ReadonlySet<string>): string[] => {
    const known = measured.get(file);
    if (known) return known;
    const next = (graph.get(file) ?? []).filter((other) => graph.has(other) && !open.has(other));
    const chain = [file, ...longest(next.map((other) => below(other, new Set([...open, file]))))];
    measured.set(file, chain);
    return chain;
  };
  return longest([...graph.keys()].map((file) => below(file, new Set())));
}

function longest(chains: readonly string[][]): string[] {
  return chains.toSorted((a, b) => b.length - a.length)[0] ?? [];
}

/** Files that import each other, in groups: each of a group is reached from each of it. */
export function circlesIn(graph: ImportGraph): string[][] {
  const reached = new Map([...graph.keys()].map((file) => [file, reachedFrom(graph, file)]));
  const circles: string[][] = [];
  for (const [file, others] of reached) {
    if (!others.has(file) || circles.some((circle) => circle.includes(file))) continue;
    circles.push([...others].filter((other) => reached.get(other)?.has(file)));
  }
  return circles;
}

/** The file itself only where a way leads back to it. */
function reachedFrom(graph: ImportGraph, file: string): Set<string> {
  const reached = new Set<string>();
  const open = [...(graph.get(file) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(graph.get(next) ?? []));
  }
  return reached;
}
