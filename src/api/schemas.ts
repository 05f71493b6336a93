/**
 * What a client may send: one set of schemas for validation and for types. Unknown fields are
 * refused.
 *
 * @module
 */

import * as z from "zod";
import { ID_PATTERN } from "../memory/id.ts";
import { LIMITS, NAMESPACE_PATTERN } from "../contract/limits.ts";
import {
  COMPLEXITIES,
  PATTERN_KINDS,
  RELATIONSHIP_TYPES,
  STATUSES,
  TASK_TYPES,
} from "../contract/model.ts";
import { byteLength } from "../memory/bytes.ts";

const text = (max: number, min = 0) =>
  z
    .string()
    .min(min, `must have at least ${min} character${min === 1 ? "" : "s"}`)
    .max(max, `must have at most ${max} characters`);
const name = text(LIMITS.name_max, 1);
const list = <T extends z.ZodType>(item: T, max: number) =>
  z.array(item).max(max, `must have at most ${max} entries`);
const tags = list(name, LIMITS.tags_max);
const json = (max: number) =>
  z
    .unknown()
    .refine(
      (value) => byteLength(JSON.stringify(value ?? null)) <= max,
      `must have at most ${max} bytes as JSON`,
    );
const time = z.iso
  .datetime({ offset: true, error: "must be a time such as 2026-01-31T12:00:00Z" })
  .transform((value) => new Date(value).toISOString());
const id = z
  .string()
  .regex(
    ID_PATTERN,
    "must be an id: 1 to 128 letters, digits, dots, hyphens, colons or underscores",
  );
const metadata = z
  .record(name, text(LIMITS.metadata_value_max))
  .refine(
    (map) => Object.keys(map).length <= LIMITS.metadata_entries_max,
    `must have at most ${LIMITS.metadata_entries_max} entries`,
  );
const count = z.number().int().min(0, "must not be negative").max(Number.MAX_SAFE_INTEGER);
const share = z.number().min(0, "must be 0 to 1").max(1, "must be 0 to 1");

const task = text(LIMITS.task_max, 1);
const taskType = z.enum(TASK_TYPES);
const context = z.strictObject({
  domain: text(LIMITS.name_max)
    .nullish()
    .transform((value) => value ?? ""),
  language: text(LIMITS.name_max)
    .nullish()
    .transform((value) => value || null),
  framework: text(LIMITS.name_max)
    .nullish()
    .transform((value) => value || null),
  complexity: z.enum(COMPLEXITIES).default("moderate"),
  tags: tags.default([]),
});
const wholeContext = context.prefault({});
const partialContext = z
  .strictObject({
    domain: text(LIMITS.name_max),
    language: text(LIMITS.name_max).nullable(),
    framework: text(LIMITS.name_max).nullable(),
    complexity: z.enum(COMPLEXITIES),
    tags,
  })
  .partial();

const output = z
  .string()
  .refine(
    (value) => byteLength(value) <= LIMITS.step_output_ceiling_bytes,
    `must have at most ${LIMITS.step_output_ceiling_bytes} bytes, whatever step_output_max_bytes says; it is refused, not cut`,
  );
const stepResult = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("success"), output: output.default("") }),
  z.strictObject({ type: z.literal("error"), message: output }),
  z.strictObject({ type: z.literal("timeout") }),
]);
const stepNumber = z
  .number()
  .int()
  .min(1, `must be 1 to ${LIMITS.steps_max}`)
  .max(LIMITS.steps_max, `must be 1 to ${LIMITS.steps_max}`);
export const step = z.strictObject({
  number: stepNumber.optional(),
  at: time.optional(),
  tool: name,
  action: text(LIMITS.text_max).default(""),
  parameters: json(LIMITS.parameters_max_bytes).default({}),
  result: stepResult.nullish().transform((value) => value ?? null),
  latency_ms: z
    .number()
    .min(0, "must not be negative")
    .nullish()
    .transform((value) => value ?? null),
  tokens: count.nullish().transform((value) => value ?? null),
  metadata: metadata.default({}),
});
const outcomeList = list(text(LIMITS.text_max), LIMITS.outcome_list_max).default([]);
const outcome = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("success"),
    verdict: text(LIMITS.text_max).default(""),
    artifacts: outcomeList,
  }),
  z.strictObject({
    type: z.literal("partial_success"),
    verdict: text(LIMITS.text_max).default(""),
    completed: outcomeList,
    failed: outcomeList,
  }),
  z.strictObject({
    type: z.literal("failure"),
    reason: text(LIMITS.text_max).default(""),
    details: text(LIMITS.text_max)
      .nullish()
      .transform((value) => value ?? null),
  }),
  z.strictObject({
    type: z.literal("abstained"),
    reason: text(LIMITS.text_max).default(""),
    signals: outcomeList,
  }),
]);

export const startBody = z.strictObject({
  task,
  task_type: taskType.default("other"),
  context: wholeContext,
  metadata: metadata.default({}),
  tags: tags.default([]),
});
export const patchBody = z
  .strictObject({ task, task_type: taskType, context: partialContext, metadata, tags })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, "must change something")
  .meta({ minProperties: 1 });
export const severalSteps = z.strictObject({
  steps: list(step, LIMITS.steps_per_request_max).min(1, "must have at least 1 entry"),
});
export const completeBody = z.strictObject({
  outcome,
  recall_id: id.nullish().transform((value) => value ?? null),
});
export const failBody = z.strictObject({
  reason: text(LIMITS.text_max, 1),
  details: text(LIMITS.text_max)
    .nullish()
    .transform((value) => value ?? null),
});
export const checkpointBody = z.strictObject({
  reason: text(LIMITS.text_max, 1),
  note: text(LIMITS.text_max)
    .nullish()
    .transform((value) => value ?? null),
  state: json(LIMITS.checkpoint_state_max_bytes).default(null),
});
export const tagsBody = z.strictObject({ tags: tags.min(1, "must have at least 1 entry") });
export const relationshipBody = z.strictObject({
  type: z.enum(RELATIONSHIP_TYPES),
  to: id,
  reason: text(LIMITS.text_max)
    .nullish()
    .transform((value) => value ?? null),
});

const recentSteps = list(
  z
    .strictObject({
      tool: name,
      result: z.enum(["success", "error", "timeout", "unknown"]).default("unknown"),
      message: text(LIMITS.text_max).optional(),
      parameters: json(LIMITS.parameters_max_bytes).optional(),
    })
    .transform(({ message, parameters, ...rest }) => ({
      ...rest,
      ...(message === undefined ? {} : { message }),
      ...(parameters === undefined ? {} : { parameters }),
    })),
  LIMITS.recent_steps_max,
)
  .refine(
    (steps) => byteLength(JSON.stringify(steps)) <= LIMITS.recent_steps_max_bytes,
    `must have at most ${LIMITS.recent_steps_max_bytes} bytes as JSON, all steps together`,
  )
  .meta({
    description: `Oldest first. A message has at most ${LIMITS.text_max} characters, the parameters of a step at most ${LIMITS.parameters_max_bytes} bytes as JSON, all steps together at most ${LIMITS.recent_steps_max_bytes}.`,
  })
  .default([]);
const RECALL_KINDS = ["episodes", "patterns", "heuristics", "playbook"] as const;
export const recallBody = z.strictObject({
  task,
  context: partialContext.default({}),
  task_type: taskType.optional(),
  limit: z
    .number()
    .int()
    .min(1)
    .max(LIMITS.recall_max, `must be at most ${LIMITS.recall_max}`)
    .default(LIMITS.recall_default),
  include: z.array(z.enum(RECALL_KINDS)).default([...RECALL_KINDS]),
  recent_steps: recentSteps,
  max_tokens: z
    .number()
    .int()
    .min(100, "must be at least 100")
    .nullish()
    .transform((value) => value ?? null),
});
export const adviseBody = z.strictObject({
  task,
  context: partialContext.default({}),
  recent_steps: recentSteps,
  next_tool: name.nullish().transform((value) => value ?? null),
  error: text(LIMITS.text_max)
    .nullish()
    .transform((value) => value ?? null),
});
export const playbookBody = z.strictObject({
  task,
  context: partialContext.default({}),
  recent_steps: recentSteps,
});
export const feedbackBody = z.strictObject({
  recall_id: id,
  used: list(text(200, 1), LIMITS.feedback_used_max),
  helpful: z.boolean(),
  rating: share.nullish().transform((value) => value ?? null),
});

export const namespaceName = z
  .string()
  .regex(NAMESPACE_PATTERN, "must be 1 to 64 letters, digits, dots, hyphens or underscores");
export const keyBody = z
  .strictObject({
    name: text(LIMITS.name_max, 1),
    scopes: z
      .array(z.enum(["read", "write", "admin", "metrics"]))
      .min(1, "must name at least one scope"),
    namespaces: list(z.union([z.literal("*"), namespaceName]), LIMITS.namespaces_per_key_max).min(
      1,
      "must name at least one",
    ),
    default_namespace: namespaceName.optional(),
    expires_at: time.nullish().transform((value) => value ?? null),
  })
  .transform((key) => ({
    ...key,
    default_namespace:
      key.default_namespace ?? key.namespaces.find((other) => other !== "*") ?? "default",
  }));

/** Query parameters are strings. */
const limit = z.coerce
  .number({ error: "must be a number" })
  .int()
  .min(1, "must be at least 1")
  .max(LIMITS.page_max, `must be at most ${LIMITS.page_max}`)
  .default(LIMITS.page_default);
const cursor = z
  .string()
  .regex(/^[A-Za-z0-9+/_-]{1,500}$/, "must be the next_cursor of an earlier page")
  .optional();
export const page = z.strictObject({ limit, cursor });
export const listQuery = page.extend({
  status: z.enum(STATUSES).optional(),
  outcome: z.enum(["success", "partial_success", "failure", "abstained"]).optional(),
  domain: text(LIMITS.name_max).optional(),
  language: text(LIMITS.name_max).optional(),
  framework: text(LIMITS.name_max).optional(),
  tag: text(LIMITS.name_max).optional(),
  task_type: taskType.optional(),
  started_after: time.optional(),
  started_before: time.optional(),
  text: text(LIMITS.url_text_max).optional(),
});
export const searchQuery = page.extend({ q: text(LIMITS.url_text_max, 1) });
/** Where it is not in an address. */
export const searchText = text(LIMITS.query_max, 1);
export const patternsQuery = page.extend({
  kind: z.enum(PATTERN_KINDS).optional(),
  polarity: z.enum(["do", "avoid", "neutral"]).optional(),
  tool: name.optional(),
  min_support: z.coerce.number().int().min(0).max(1_000_000).default(1),
});
export const handoffQuery = z.strictObject({ checkpoint_id: id.optional() });
export const nothing = z.strictObject({});
export const idParameter = id;

const imported = {
  id: id.optional(),
  task_type: taskType.default("other"),
  context: wholeContext,
  metadata: metadata.default({}),
  tags: tags.default([]),
  started_at: time.nullish().transform((value) => value ?? null),
  ended_at: time.nullish().transform((value) => value ?? null),
  outcome: outcome.nullish().transform((value) => value ?? null),
  status: z
    .enum(STATUSES)
    .nullish()
    .transform((value) => value ?? null),
};
const reward = z.strictObject({
  total: share,
  base: share,
  efficiency: share,
  quality: share,
  learning: share,
  weights: z.strictObject({ base: share, efficiency: share, quality: share, learning: share }),
});
const sentences = list(text(LIMITS.text_max), 100);
export const episodeLine = z.strictObject({
  type: z.literal("episode"),
  ...imported,
  task,
  steps: list(step, LIMITS.steps_max).default([]),
  reward: reward.nullish().transform((value) => value ?? null),
  reflection: z
    .strictObject({ successes: sentences, improvements: sentences, insights: sentences })
    .nullish()
    .transform((value) => value ?? null),
  checkpoints: list(
    z.strictObject({
      id,
      at: time,
      step_number: z.number().int().min(0).max(LIMITS.steps_max),
      reason: text(LIMITS.text_max),
      note: text(LIMITS.text_max).nullable(),
      state: json(LIMITS.checkpoint_state_max_bytes),
    }),
    LIMITS.checkpoints_max,
  ).default([]),
  relationships: list(
    z.strictObject({
      to: id,
      type: z.enum(RELATIONSHIP_TYPES),
      created_at: time,
      reason: text(LIMITS.text_max).nullable(),
    }),
    LIMITS.relationships_max,
  ).default([]),
  version: z.number().int().min(1).max(1_000_000_000).default(1),
});
export const transcriptLine = z.strictObject({
  type: z.literal("transcript"),
  ...imported,
  task: task.optional(),
  messages: z
    .array(z.looseObject({ role: z.string() }))
    .max(10_000, "must have at most 10000 entries"),
});

const toolNames = list(name, 20);
const patternContent = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("tool_sequence"), tools: toolNames }),
  z.strictObject({
    kind: z.literal("decision_point"),
    after_tool: name,
    after_result: z.enum(["success", "error", "timeout", "unknown"]),
    next_tool: name,
  }),
  z.strictObject({
    kind: z.literal("error_recovery"),
    tool: name,
    error: text(LIMITS.text_max),
    path: toolNames,
  }),
  z.strictObject({
    kind: z.literal("context_pattern"),
    features: z.record(text(LIMITS.name_max), text(LIMITS.name_max)),
    tool: name,
  }),
]);
const thousandths = z
  .number()
  .int()
  .min(0, "must be at least 0")
  .max(1_000, "must be at most 1000");
export const feedbackLine = z.strictObject({
  type: z.literal("feedback"),
  recall_id: id,
  at: time,
  helpful: thousandths,
  unhelpful: thousandths,
  episodes: list(id, LIMITS.feedback_used_max * 2),
  patterns: list(patternContent, LIMITS.feedback_used_max),
});
