/**
 * What is answered about what was learned and about a whole namespace, and what the document says
 * of these routes. The Worker imports only types from here, but for MCP, which promises these
 * answers when it is first asked.
 *
 * @module
 */

import * as z from "zod";
import { curation } from "../curation/view.ts";
import { count, flag, named, page, share, text, texts, time } from "../answer-fields.ts";
import type { KNOWLEDGE_ROUTES } from "./requests.ts";
import { PATTERN_KINDS } from "../patterns.ts";
import { PATTERN_ID, type RouteDocs } from "../route.ts";
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

export const pattern = named(
  "Pattern",
  z.object({
    id: text,
    kind: z.enum(PATTERN_KINDS),
    polarity,
    description: text.describe("Made from stored text: untrusted"),
    /** The tools it is about, in order. */
    tools: texts,
    actions: texts
      .optional()
      .describe("The same with what they were used for; absent: the tools say it"),
    /**
     * decision_point: after this tool with this result class. error_recovery: the masked error.
     * context_pattern: features.
     */
    condition: z.record(text, text).nullable(),
    confidence: share.describe("Wilson lower bound (95 %) of the decayed success rate"),
    lift: z.number().describe("Success rate over the base rate of its namespace and domain"),
    support,
    occurrences: z.number(),
    mean_latency_ms: z.number().nullable(),
    last_seen_at: time,
    episodes: texts.describe("The newest supporting episodes"),
    curation: curation.optional().describe("What a person decided about it"),
  }),
);
export type PatternView = z.infer<typeof pattern>;

export const heuristic = named(
  "Heuristic",
  z.object({
    id: text,
    pattern_id: text,
    kind: z.enum(PATTERN_KINDS),
    polarity,
    /** The tools it is about, in order. */
    tools: texts,
    actions: texts
      .optional()
      .describe("The same with what they were used for; absent: the tools say it"),
    condition: text,
    action: text,
    confidence: share,
    lift: z.number(),
    support,
    episodes: texts,
    curation: curation.optional().describe("What a person decided about it"),
  }),
);
export type HeuristicView = z.infer<typeof heuristic>;

export const patternPage = page("patterns", pattern);
const heuristicPage = page("heuristics", heuristic);

/** A rate with the bounds of its 95 % Wilson interval; null while there is nothing to judge. */
const bounds = {
  rate: share.nullable(),
  low: share.nullable().describe("Lower bound of the rate's 95 % Wilson interval"),
  high: share.nullable().describe("Upper bound of the rate's 95 % Wilson interval"),
};
export const use = named(
  "Use",
  z.object({
    shown: count,
    used: count.describe("Named as used in feedback, or by the completion of an episode"),
    helped: z.number().min(0).describe("Of these uses; a rating counts by its share"),
    ...bounds,
  }),
);
export type UseView = z.infer<typeof use>;

const rateOfSuccess = named("RateOfSuccess", z.object({ episodes: count, ...bounds }));

/** What was shown to agents beside what happened afterwards. */
export const calibration = named(
  "Calibration",
  z.object({
    forecasts: count,
    error: share
      .nullable()
      .describe("Expected calibration error: how far what was said is from what happened"),
    bins: z.array(z.object({ predicted: share, observed: share, forecasts: count })),
  }),
);

/** What one group of a hold-out came to. */
const holdoutGroup = named(
  "HoldoutGroup",
  z.object({
    episodes: count.describe("Ended and judged; the figures are about these"),
    unjudged: count.describe("Abandoned or abstained: they count in no figure"),
    success: z.object(bounds),
    error_repeated: z.object(bounds).describe("The share that met an error of a tool again"),
    mean_steps: z.number().min(0).nullable(),
  }),
);
/** The answered group less the other one. */
const holdoutDifference = named(
  "HoldoutDifference",
  z.object({
    value: z.number().nullable().describe("null while a group has too few episodes"),
    low: z.number().nullable().describe("Lower bound of the 95 % interval"),
    high: z.number().nullable().describe("Upper bound of the 95 % interval"),
  }),
);
export type HoldoutDifferenceView = z.infer<typeof holdoutDifference>;
const holdoutComparison = named(
  "HoldoutComparison",
  z.object({
    share: share.describe("The `recall_holdout` under which these episodes asked"),
    shown: holdoutGroup.describe("Episodes that the memory answered"),
    held_out: holdoutGroup.describe("Episodes that it was told to answer nothing"),
    effect: z
      .object({
        success: holdoutDifference.describe("Of the success rates, by Newcombe's interval"),
        error_repeated: holdoutDifference.describe("Of the shares, by Newcombe's interval"),
        steps: holdoutDifference.describe("Of the mean numbers of steps, by Welch's interval"),
      })
      .describe("shown less held_out"),
    verdict: z
      .enum(["helps", "harms", "undecided"])
      .describe("Whether the interval of the success rates' difference is above or below 0"),
    still_needed: count.describe(
      "Episodes that are still to be judged until a difference of success of the size seen so far, but of at least 0.05, is found with a chance of 80 %; 0: there are enough",
    ),
  }),
);
export type HoldoutComparisonView = z.infer<typeof holdoutComparison>;

const quotaUse = z.object({
  used: count.nullable().describe("null: not counted, or not known while the database is away"),
  limit: count.nullable().describe("null: any number"),
});

const stats = named(
  "Stats",
  z.object({
    namespace: text,
    episodes: z.object({
      total: count,
      in_progress: count,
      completed: count,
      failed: count,
      abandoned: count,
    }),
    outcomes: z.object({
      success: count,
      partial_success: count,
      failure: count,
      abstained: count,
    }),
    success_rate: share.nullable(),
    mean_reward: share.nullable(),
    steps: count,
    patterns: z.object({
      total: count,
      by_kind: z.record(z.enum(PATTERN_KINDS), count),
      promoted: count,
    }),
    recalls: count,
    feedback: count,
    use: z
      .object({
        episodes: use,
        patterns: use,
        heuristics: use,
        playbooks: use,
        lessons: use.optional(),
      })
      .describe(
        "What was shown in the recalls that are kept, what of it was used, and what of that helped",
      ),
    recall_effect: z
      .object({ with_recall: rateOfSuccess, without_recall: rateOfSuccess })
      .describe(
        "How the episodes ended that named a recall they had used, beside the others. Who recalls may have the harder tasks: this is no proof of a cause",
      ),
    calibration: z
      .object({ next_tools: calibration, outcome: calibration })
      .describe(
        "The probabilities of the latest advice that named its running episode, beside what these episodes then did; what is said next is corrected by it",
      ),
    holdout: z
      .object({ share, comparisons: z.array(holdoutComparison) })
      .optional()
      .describe(
        "Episodes that asked the memory and were answered, beside those that by lot were not (`recall_holdout`): a comparison for each share that was in force. An episode that asked nothing is in neither group",
      ),
    quotas: z
      .object({ episodes: quotaUse, bytes: quotaUse, lessons: quotaUse })
      .describe(
        "What the namespace holds of what it may hold. Bytes are those of its episodes with all steps, as JSON, and are counted where they have a quota",
      ),
    domains: z.array(z.object({ domain: text, episodes: count, success_rate: share.nullable() })),
    degraded: flag,
  }),
);
export type StatsView = z.infer<typeof stats>;

/** What of the counts only the namespace's home can count. */
export type Learned =
  | "patterns"
  | "recalls"
  | "feedback"
  | "use"
  | "recall_effect"
  | "calibration"
  | "holdout"
  | "quotas";

const erased = z.object({ name: text, erased_at: time });
export type ErasedView = z.infer<typeof erased>;

export const KNOWLEDGE_DOCS: RouteDocs<typeof KNOWLEDGE_ROUTES> = {
  listPatterns: {
    tag: "What was learned",
    summary: "List patterns",
    queryExample: { kind: "tool_sequence", min_support: 1, limit: 20 },
    answers: [{ status: 200, description: "A page", schema: patternPage }],
    errors: ["database_unavailable"],
  },
  getPattern: {
    tag: "What was learned",
    summary: "View a pattern with its evidence",
    params: { id: { description: "The pattern", example: PATTERN_ID } },
    answers: [{ status: 200, description: "The pattern", schema: pattern }],
    errors: ["not_found", "database_unavailable"],
  },
  listHeuristics: {
    tag: "What was learned",
    summary: "List heuristics: when CONDITION then ACTION",
    queryExample: { limit: 20 },
    answers: [{ status: 200, description: "A page", schema: heuristicPage }],
    errors: ["database_unavailable"],
  },
  getStats: {
    tag: "What was learned",
    summary: "Counts and rates of the namespace",
    answers: [{ status: 200, description: "The counts", schema: stats }],
    errors: ["database_unavailable"],
  },
  eraseNamespace: {
    tag: "Namespaces",
    summary: "Erase a namespace everywhere",
    params: { name: { description: "The namespace", example: "example" } },
    answers: [{ status: 200, description: "The erased namespace", schema: erased }],
    errors: ["database_unavailable"],
  },
};
