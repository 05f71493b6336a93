/**
 * The parts that recall and advice are made of beyond plain BM25 and plain counting. A bench leaves
 * out one at a time to show what it is worth; the service uses all of them, always.
 *
 * @module
 */

export const ABLATIONS = [
  /** For a short query, the first line of a task of several lines says what it is about. */
  "recall_lead",
  /** Words of the same beginning (diabetes, diabetic) count in part. */
  "recall_variants",
  /** Terms of a short query that stand close together count more. */
  "recall_proximity",
  /** A long query repeats what matters: repetition counts, rarity counts less. */
  "recall_query_length",
  /** The next tool from the steps of similar episodes; without: from counts of tool runs alone. */
  "advise_similar",
  /** How much of what the task names the results have held. */
  "advise_task_coverage",
  /** Whether identifiers that results named are left to visit. */
  "advise_unvisited_ids",
  /** Episodes of the same context (domain, language, framework, tags) count more. */
  "advise_context",
  /** The tools that tasks of these words lead to. */
  "advise_task",
  /** A tool whose name has words of the task is likelier. */
  "advise_names",
] as const;

export type AblationName = (typeof ABLATIONS)[number];

/** The parts that are left out. */
export type Ablations = ReadonlySet<AblationName>;

export const NO_ABLATIONS: Ablations = new Set();
