/**
 * Finds what a person rewound in a session of Claude Code: the messages form a tree, and of
 * branches that begin at the same place the last one is what happened. Pure.
 *
 * @module
 */

import { object, objects, wordOf, type Json } from "../../../client/calls/values.ts";

/**
 * The messages of branches that were given up. A branch competes with another where one answer, or
 * one prompt, stands in the place of another; lines of one answer, and results of calls that ran
 * side by side, do not.
 *
 * @param entries of a file, in their order
 */
export function rewound(entries: readonly Json[]): ReadonlySet<Json> {
  const tree = new Tree(entries);
  const lost = new Set<Json>();
  for (const branches of tree.competing()) {
    const last = Math.max(...branches.map((branch) => tree.lastOf(branch)));
    for (const branch of branches)
      if (tree.lastOf(branch) < last) for (const entry of tree.below(branch)) lost.add(entry);
  }
  return lost;
}

/**
 * The sub-agent that each message of one belongs to. Newer files name it; in older ones it is told
 * by the first message of its conversation.
 */
export function subAgents(entries: readonly Json[]): ReadonlyMap<Json, string> {
  const side = entries.filter((entry) => entry["isSidechain"] === true);
  const byId = new Map(side.map((entry) => [entry["uuid"], entry]));
  const named = new Set(side.map(({ agentId }) => agentId).filter((id) => typeof id === "string"));
  const [only] = named;
  const roots = new Map<Json, string>();
  const rootOf = (entry: Json): string => {
    const path: Json[] = [];
    let at: Json | undefined = entry;
    while (at && !roots.has(at) && !path.includes(at) && path.length < DEPTH_MAX) {
      path.push(at);
      at = byId.get(at["parentUuid"]);
    }
    const root = (at && roots.get(at)) ?? wordOf(path.at(-1)?.["uuid"], "side");
    for (const one of path) roots.set(one, root);
    return root;
  };
  const names = new Map<string, string>();
  for (const entry of side) {
    const root = rootOf(entry);
    if (typeof entry["agentId"] === "string") names.set(root, entry["agentId"]);
  }
  const instead = named.size === 1 ? only : undefined;
  return new Map(
    side.map((entry) => {
      const own = typeof entry["agentId"] === "string" ? entry["agentId"] : undefined;
      const root = rootOf(entry);
      return [entry, own ?? names.get(root) ?? instead ?? root];
    }),
  );
}

/** Messages above one that are looked at: they are written from the first on, so mostly one is. */
const DEPTH_MAX = 10_000;

/** Messages that stand in one place: the lines of one answer, or a prompt. */
type Branch = readonly Json[];

class Tree {
  readonly #children = new Map<string, Json[]>();
  readonly #last = new Map<Json, number>();
  readonly #order: ReadonlyMap<Json, number>;

  constructor(entries: readonly Json[]) {
    this.#order = new Map(entries.map((entry, i) => [entry, i]));
    for (const entry of entries) {
      const { parentUuid } = entry;
      if (typeof parentUuid !== "string" || parentUuid === entry["uuid"]) continue;
      const siblings = this.#children.get(parentUuid);
      if (siblings) siblings.push(entry);
      else this.#children.set(parentUuid, [entry]);
    }
    this.#measure(entries);
  }

  *competing(): Generator<Branch[]> {
    for (const siblings of this.#children.values()) {
      const main = siblings.filter((entry) => placeOf(entry) !== null);
      if (main.length < 2) continue;
      const branches = [...Map.groupBy(main, placeOf).values()];
      if (branches.length > 1) yield branches;
    }
  }

  /** The place of the last message of a branch in the file. */
  lastOf(branch: Branch): number {
    return Math.max(...branch.map((entry) => this.#last.get(entry) ?? 0));
  }

  below(branch: Branch): Json[] {
    const found: Json[] = [];
    const seen = new Set<Json>();
    for (const open = [...branch]; open.length > 0;) {
      const entry = open.pop();
      if (!entry || seen.has(entry)) continue;
      seen.add(entry);
      found.push(entry);
      open.push(...this.#childrenOf(entry));
    }
    return found;
  }

  #childrenOf({ uuid }: Json): readonly Json[] {
    return typeof uuid === "string" ? (this.#children.get(uuid) ?? []) : [];
  }

  /** From the end: a parent is written before its children, and where it is not, it does not count. */
  #measure(entries: readonly Json[]): void {
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i];
      if (!entry) continue;
      const below = this.#childrenOf(entry).map((child) => this.#last.get(child) ?? 0);
      this.#last.set(
        entry,
        below.reduce((a, b) => Math.max(a, b), this.#order.get(entry) ?? i),
      );
    }
  }
}

/** What two messages that compete differ in; null: it competes with nothing. */
function placeOf(entry: Json): string | null {
  if (entry["isSidechain"] === true) return null;
  const message = object(entry["message"]);
  if (entry["type"] === "assistant")
    return `answer ${String(message["id"] ?? entry["requestId"] ?? entry["uuid"])}`;
  if (entry["type"] !== "user" || entry["isMeta"] === true) return null;
  const isResult = objects(message["content"]).some(({ type }) => type === "tool_result");
  return isResult ? null : `prompt ${String(entry["uuid"])}`;
}
