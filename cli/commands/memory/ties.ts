/**
 * `memory-cli relationship …`, `memory-cli namespace …`
 *
 * @module
 */

import type { Body, MemoryClient } from "../../../client/index.ts";
import { distinctTies, dotOf, mermaidOf, orderOf, type Tie } from "../../graphs/graph.ts";
import { whole } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { shownList, shownFields, shownText, columns } from "../../terminal/shown.ts";

const ID = ["<id>", "the episode"] as const;
const TYPES = [
  "parent_child",
  "depends_on",
  "follows",
  "related_to",
  "blocks",
  "duplicates",
  "references",
] as const;
type Type = (typeof TYPES)[number];

export const TIES: readonly CommandSpec[] = [
  {
    name: "relationship list",
    summary: "list an episode's relationships, in both directions",
    args: [ID],
    examples: ["memory-cli relationship list ID"],
    run: async (app, [id = ""]) =>
      shownList(
        await (await app.memory()).relationships.list(id),
        "relationships",
        columns("from", "type", "to", "reason"),
      ),
  },
  {
    name: "relationship graph",
    summary: "everything that is tied to an episode, over others, too",
    args: [ID],
    options: [
      option("--as <form>", "for Graphviz, for Mermaid, or in the order of what needs what", {
        choices: ["dot", "mermaid", "order"],
        default: "mermaid",
      }),
      option("--limit <count>", "go over so many episodes at most", {
        parse: whole(1, 1_000),
        default: 100,
      }),
    ],
    examples: [
      "memory-cli relationship graph ID",
      "memory-cli relationship graph ID --as dot | dot -Tsvg",
    ],
    async run(app, [id = ""], { as: form, limit }) {
      const { ties, isWhole } = await tiesFrom(await app.memory(), id, Number(limit));
      const more = isWhole ? "" : "\nThere is more: --limit";
      const { order, circular } = orderOf(ties);
      const data = { ties, order, circular, whole: isWhole };
      if (form === "dot") return shownText(data, dotOf(ties));
      if (form === "mermaid") return shownText(data, mermaidOf(ties));
      const circle = circular.length === 0 ? "" : `\nin a circle: ${circular.join(", ")}`;
      return shownText(data, `${order.join("\n")}${circle}${more}`);
    },
  },
  {
    name: "relationship add",
    summary: "tie an episode to another",
    args: [ID, ["<type>", TYPES.join(", ")], ["<to>", "the other episode"]],
    options: [option("--reason <text>", "why")],
    examples: [
      "memory-cli relationship add ID follows OTHER",
      'memory-cli relationship add ID depends_on OTHER --reason "needs its result"',
    ],
    async run(app, [id = "", type = "", to = ""], { reason }) {
      const body = {
        type,
        to,
        ...(reason === undefined ? {} : { reason }),
      } as Body<"addRelationship">;
      return shownFields(await (await app.memory()).relationships.add(id, body));
    },
  },
  {
    name: "relationship remove",
    summary: "untie an episode from another",
    args: [ID, ["<type>", TYPES.join(", ")], ["<to>", "the other episode"]],
    examples: ["memory-cli relationship remove ID follows OTHER"],
    async run(app, [id = "", type = "", to = ""]) {
      await (await app.memory()).relationships.remove(id, type as Type, to);
      return shownText({ from: id, type, to, removed: true }, `${id} no longer ${type} ${to}`);
    },
  },
  {
    name: "namespace erase",
    summary: "erase a namespace everywhere",
    args: [["<name>", "the namespace"]],
    options: [option("-y, --yes", "do not ask")],
    examples: ["memory-cli namespace erase old-agent --yes"],
    notes: "It needs a key with the scope admin for that namespace.",
    async run(app, [name = ""], { yes }) {
      await app.confirm(
        `Erase the namespace ${name} everywhere, with all its episodes?`,
        yes === true,
      );
      const erased = await (await app.memory()).call("eraseNamespace", { params: { name } });
      return shownText(erased, `${erased.name} was erased at ${erased.erased_at}`);
    },
  },
];

/** All ties that are reached from an episode, over so many episodes at most. */
async function tiesFrom(
  memory: MemoryClient,
  id: string,
  limit: number,
): Promise<{ ties: Tie[]; isWhole: boolean }> {
  const seen = new Set([id]);
  const found: Tie[] = [];
  let visited = 0;
  for (const episode of seen) {
    if (visited >= limit) return { ties: distinctTies(found), isWhole: false };
    visited += 1;
    const { relationships } = await memory.relationships.list(episode);
    for (const { from, to, type } of relationships) {
      found.push({ from, to, type });
      seen.add(from).add(to);
    }
  }
  return { ties: distinctTies(found), isWhole: true };
}
