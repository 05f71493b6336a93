/**
 * The parts that recall and advice are made of beyond plain BM25 and plain counting. Each can be
 * switched off at run time by the setting of its name, and the benches print what each is worth.
 *
 * @module
 */

export const ABLATIONS = {
  recall_lead:
    "For a short query, the first line of a task of several lines says what it is about and counts more.",
  recall_variants: "Words of the same beginning (diabetes, diabetic) count in part.",
  recall_proximity: "Terms of a short query that stand close together count more.",
  recall_verbose: "A long query repeats what matters: repetition counts, rarity counts less.",
  advise_similar:
    "The next tool from the steps of similar episodes; off: from counts of tool runs alone.",
  advise_found: "Whether a result held what the task names.",
  advise_untried: "Whether identifiers that results named are left to try.",
  advise_context: "Episodes of the same context (domain, language, framework, tags) count more.",
  advise_task: "The tools that tasks of these words lead to.",
  advise_names: "A tool whose name has words of the task is likelier.",
} as const satisfies Record<string, string>;

export type AblationName = keyof typeof ABLATIONS;
/** Which parts are on. */
export type Ablations = Readonly<Record<AblationName, boolean>>;

export const NO_ABLATION: Ablations = Object.fromEntries(
  Object.keys(ABLATIONS).map((name) => [name, true]),
) as Record<AblationName, boolean>;
