/**
 * Coding sessions as a labelled retrieval set: the query is what a held-back session's error says;
 * relevant are the learned sessions that met an error of the same kind.
 *
 * @module
 */

import type { RetrievalSet } from "../data.ts";
import { codingSessions } from "./coding.ts";
import { lineOf } from "./run-set.ts";

export function sameErrors(): RetrievalSet {
  const { learned, asked } = codingSessions();
  const queries = asked
    .filter(({ part }) => part === "seen")
    .flatMap(({ id, steps, errors }) =>
      errors.map(({ kind, step }) => ({ id, kind, text: steps[step - 1]?.result ?? "" })),
    );
  const errorsOf = (steps: (typeof learned)[number]["steps"]): string =>
    steps.flatMap(({ ok, result }) => (ok ? [] : result)).join("\n");
  return {
    name: "coding_same_error",
    documents: learned.map(({ id, task, steps }) => ({ id, text: `${task}\n${errorsOf(steps)}` })),
    queries: queries.map(({ id, text }) => ({ id, text })),
    relevant: new Map(
      queries.map(({ id, kind }) => [
        id,
        new Map(
          learned
            .filter(({ errors }) => errors.some((error) => error.kind === kind))
            .map((session) => [session.id, 1]),
        ),
      ]),
    ),
    lines: new Map(learned.map((session) => [session.id, lineOf(session)])),
  };
}
