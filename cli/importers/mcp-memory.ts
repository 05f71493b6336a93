/**
 * The knowledge graph of MCP's server-memory: an entity is an episode whose verdict is its
 * observations.
 *
 * @module
 */

import { idOf, jsonLines, line, short, type Importer, type Json, wordOf } from "./importer.ts";

/** Facts have no time; a fixed one makes them the same each time. */
const NO_TIME = "1970-01-01T00:00:00.000Z";

export const mcpMemory: Importer = {
  reads: "the JSONL file of MCP's server-memory",
  files: /\.jsonl?$/,
  *read(text, _name, unmapped) {
    const entries = [...jsonLines(text, unmapped)];
    const entities = entries.filter((entry) => entry["type"] === "entity");
    const names = new Set(entities.map((entity) => String(entity["name"])));
    const relations = Map.groupBy(
      entries.filter((entry) => entry["type"] === "relation"),
      (relation) => String(relation["from"]),
    );
    for (const entry of entries) {
      if (entry["type"] !== "entity" && entry["type"] !== "relation")
        unmapped.note(`entries of the type ${String(entry["type"])}`);
      if (
        entry["type"] === "relation" &&
        !(names.has(String(entry["from"])) && names.has(String(entry["to"])))
      ) {
        unmapped.note("relations with an entity that is not in the file");
      }
    }
    // The service's relationships have kinds of their own; the word that was used is kept as the
    // reason.
    if (relations.size > 0) unmapped.note("the kinds of relations, which become related_to");
    for (const entity of entities) {
      const name = String(entity["name"]);
      const kind = wordOf(entity["entityType"], "entity");
      const observations = ((entity["observations"] ?? []) as unknown[]).map(String);
      yield {
        ...line(
          {
            id: idOf("mcp-memory", name),
            task: `${kind}: ${name.replaceAll("_", " ")}`,
            task_type: "documentation",
            context: { domain: "facts", tags: ["mcp-memory"] },
            metadata: { name, entity_type: kind },
            started_at: NO_TIME,
            ended_at: NO_TIME,
            outcome: { type: "success", verdict: short(observations.join("\n")), artifacts: [] },
          },
          unmapped,
        ),
        relationships: (relations.get(name) ?? [])
          .filter((relation) => names.has(String(relation["to"])) && relation["to"] !== name)
          .map(tie),
      };
    }
  },
};

function tie(relation: Json): { to: string; type: string; created_at: string; reason: string } {
  return {
    to: idOf("mcp-memory", String(relation["to"])),
    type: "related_to",
    created_at: NO_TIME,
    reason: short(wordOf(relation["relationType"], "")),
  };
}
