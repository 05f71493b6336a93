/**
 * InterCode SQL (MIT, princeton-nlp/intercode): questions about databases, two models. One tool,
 * whose parameter is the whole statement. A run ends at its first full reward.
 *
 * @module
 */

import { jsonLinesOf } from "./files.ts";
import { spreadSplit, type Run, type RunSet } from "./run-set.ts";

export function intercodeSql(): RunSet {
  const runs = jsonLinesOf<Run>(
    "intercode_sql_episodes.jsonl",
    "intercode/intercode_sql_sample.jsonl",
  ).filter(({ steps }) => steps.length > 0);
  return { name: "intercode_sql", ...spreadSplit(runs), hasOutcome: false };
}
