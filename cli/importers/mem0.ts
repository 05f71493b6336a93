/**
 * mem0's memories: each is an episode without steps, whose verdict is what was remembered.
 *
 * @module
 */

import {
  idOf,
  jsonFile,
  line,
  object,
  objects,
  short,
  timeOf,
  type Importer,
  wordOf,
} from "./importer.ts";
import { omitUndefined } from "../omit-undefined.ts";

const TITLE_MAX = 200;

export const mem0: Importer = {
  reads: "memories exported from mem0, as JSON",
  files: /\.json$/,
  *read(text, name, unmapped) {
    const file = jsonFile(text, name);
    const { results, memories } = object(file);
    for (const item of objects(Array.isArray(file) ? file : (results ?? memories))) {
      const memory = item["memory"] ?? item["text"] ?? item["content"];
      if (typeof memory !== "string" || memory.trim() === "") {
        unmapped.note("items without a memory");
        continue;
      }
      const metadata = Object.entries({
        ...object(item["metadata"]),
        ...omitUndefined({
          user_id: item["user_id"],
          agent_id: item["agent_id"],
          run_id: item["run_id"],
          app_id: item["app_id"],
        }),
      });
      const plain = metadata.filter(([, value]) =>
        ["string", "number", "boolean"].includes(typeof value),
      );
      if (plain.length < metadata.length) unmapped.note("metadata that is not text");
      for (const field of ["expiration_date", "immutable", "embedding", "relations", "score"])
        if (item[field]) unmapped.note(`the field ${field}`);
      const created = timeOf(item["created_at"]);
      yield line(
        {
          id: idOf("mem0", wordOf(item["id"], memory)),
          task: memory.slice(0, TITLE_MAX),
          task_type: "documentation",
          context: { domain: "facts", tags: ["mem0"] },
          tags: ((item["categories"] ?? []) as unknown[]).map(String).slice(0, 50),
          metadata: Object.fromEntries(
            plain.slice(0, 50).map(([key, value]) => [key, String(value)]),
          ),
          outcome: { type: "success", verdict: short(memory), artifacts: [] },
          ...omitUndefined({
            started_at: created,
            ended_at: timeOf(item["updated_at"]) ?? created,
          }),
        },
        unmapped,
      );
    }
  },
};
