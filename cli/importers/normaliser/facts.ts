/**
 * What is known, as the service keeps it. The one place that decides it: an episode without steps
 * whose verdict is the fact.
 *
 * @module
 */

import { omitUndefined } from "../../omit-undefined.ts";
import type { FactEvent, Line } from "../importer.ts";
import { idOf, plainOf } from "../reading/values.ts";
import type { Notes } from "./notes.ts";
import { NO_TIME } from "./run.ts";

export function factLine(source: string, fact: FactEvent, notes: Notes): Omit<Line, "type"> {
  const { plain, others } = plainOf(fact.metadata);
  if (others > 0) notes.note("metadata that is not text", others);
  const created = fact.created_at;
  return {
    id: idOf(source, fact.fact),
    task: fact.title,
    task_type: "documentation",
    context: { domain: "facts", tags: [source] },
    tags: fact.tags,
    metadata: plain,
    steps: [],
    outcome: { type: "success", verdict: fact.text, artifacts: [] },
    ...omitUndefined({ started_at: created, ended_at: fact.updated_at ?? created }),
    ...(fact.related.length > 0
      ? {
          relationships: fact.related.map(({ fact: to, reason }) => ({
            to: idOf(source, to),
            type: "related_to",
            created_at: created ?? NO_TIME,
            reason,
          })),
        }
      : {}),
  };
}
