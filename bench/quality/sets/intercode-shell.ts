/**
 * InterCode Bash (MIT, princeton-nlp/intercode): errands in a shell, four models. One tool, whose
 * parameter is the whole command. A run ends at its first full reward.
 *
 * @module
 */

import { jsonLinesOf } from "./files.ts";
import { spreadSplit, type Run, type RunSet } from "./run-set.ts";

export function intercodeShell(): RunSet {
  const runs = jsonLinesOf<Run>(
    "intercode_bash_episodes.jsonl",
    "intercode/intercode_bash_sample.jsonl",
  ).filter(({ steps }) => steps.length > 0);
  return { name: "intercode_shell", ...spreadSplit(runs), hasOutcome: false };
}
