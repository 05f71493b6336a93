/**
 * What ties episodes together, as a graph: in the languages of Graphviz and Mermaid, and as an order
 * in which each episode comes behind what it needs. Pure; linear in the relationships, for ids of
 * bounded length.
 *
 * @module
 */

export interface Tie {
  from: string;
  to: string;
  type: string;
}

/** Types that say that the second episode comes before the first. */
const NEEDS: ReadonlySet<string> = new Set(["depends_on", "follows"]);

/** Each tie once, in an order that does not depend on how they were found. */
export function distinctTies(ties: readonly Tie[]): Tie[] {
  const byKey = new Map(ties.map((tie) => [JSON.stringify([tie.from, tie.to, tie.type]), tie]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tie]) => tie);
}

/** https://graphviz.org/doc/info/lang.html */
export function dotOf(ties: readonly Tie[]): string {
  const edges = ties.map(
    ({ from, to, type }) => `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(type)}];`,
  );
  return ["digraph episodes {", ...edges, "}"].join("\n");
}

const quoted = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** https://mermaid.js.org/syntax/flowchart.html */
export function mermaidOf(ties: readonly Tie[]): string {
  const names = new Map(episodesIn(ties).map((id, i) => [id, `e${i}`]));
  const nodes = [...names].map(([id, name]) => `  ${name}["${entities(id)}"]`);
  const edges = ties.map(
    ({ from, to, type }) => `  ${names.get(from)} -->|${entities(type)}| ${names.get(to)}`,
  );
  return ["flowchart TD", ...nodes, ...edges].join("\n");
}

/** Every character that is no letter, digit or `_`, `-`, `.`, `:` by its number. */
function entities(text: string): string {
  return text.replaceAll(/[^\w.:-]/gu, (char) => `#${char.codePointAt(0)};`);
}

function episodesIn(ties: readonly Tie[]): string[] {
  return [...new Set(ties.flatMap(({ from, to }) => [from, to]))].sort();
}

/** `from` waits for `to`; none where the tie says nothing of an order. */
function needIn({ from, to, type }: Tie): Tie[] {
  if (type === "blocks") return [{ from: to, to: from, type }];
  return NEEDS.has(type) ? [{ from, to, type }] : [];
}

/**
 * Every episode behind those that it depends on, follows, or is blocked by (A. B. Kahn, 1962); of several that may
 * come next the least id first. Those of a circle, and behind one, are left out.
 */
export function orderOf(ties: readonly Tie[]): { order: string[]; circular: string[] } {
  const ids = episodesIn(ties);
  const needs = ties.flatMap(needIn);
  const waits = new Map(ids.map((id) => [id, 0]));
  for (const { from } of needs) waits.set(from, (waits.get(from) ?? 0) + 1);
  const behind = Map.groupBy(needs, ({ to }) => to);
  const order: string[] = [];
  let free = ids.filter((id) => waits.get(id) === 0);
  while (free.length > 0) {
    order.push(...free);
    const next: string[] = [];
    for (const id of free) {
      for (const { from } of behind.get(id) ?? []) {
        const left = (waits.get(from) ?? 0) - 1;
        waits.set(from, left);
        if (left === 0) next.push(from);
      }
    }
    free = next.sort();
  }
  const done = new Set(order);
  return { order, circular: ids.filter((id) => !done.has(id)) };
}
