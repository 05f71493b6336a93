/**
 * A pattern and a heuristic as they are shown, wherever they are: in lists, and scored in a recall.
 *
 * @module
 */

import * as z from "zod";
import { count, named, share, time } from "../answer-fields.ts";
import { PATTERN_KINDS } from "../patterns.ts";
import { POLARITIES } from "../vocabulary.ts";

export const polarity = z
  .enum(POLARITIES)
  .describe("do: recommended; avoid: significantly worse than the base rate; neutral: neither");

/** The evidence, as a client reads it. */
export const support = z.object({
  success: z.number().describe("Decayed to now"),
  failure: z.number().describe("Decayed to now"),
  episodes: count.describe("Ever counted, not decayed"),
});
export type Support = z.infer<typeof support>;

export const pattern = named(
  "Pattern",
  z.object({
    id: z.string(),
    kind: z.enum(PATTERN_KINDS),
    polarity,
    description: z.string().describe("Made from stored text: untrusted"),
    /** The tools it is about, in order. */
    tools: z.array(z.string()),
    /**
     * decision_point: after this tool with this result class. error_recovery: the masked error.
     * context_pattern: features.
     */
    condition: z.record(z.string(), z.string()).nullable(),
    confidence: share.describe("Wilson lower bound (95 %) of the decayed success rate"),
    lift: z.number().describe("Success rate over the base rate of its namespace and domain"),
    support,
    occurrences: z.number(),
    mean_latency_ms: z.number().nullable(),
    last_seen_at: time,
    episodes: z.array(z.string()).describe("The newest supporting episodes"),
  }),
);
export type PatternView = z.infer<typeof pattern>;

export const heuristic = named(
  "Heuristic",
  z.object({
    id: z.string(),
    pattern_id: z.string(),
    polarity,
    condition: z.string(),
    action: z.string(),
    confidence: share,
    lift: z.number(),
    support,
    episodes: z.array(z.string()),
  }),
);
export type HeuristicView = z.infer<typeof heuristic>;
