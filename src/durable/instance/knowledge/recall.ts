/**
 * What helps with a new task: similar episodes, what worked, what failed, what to do next.
 *
 * @module
 */

import {
  baseRates,
  expectTools,
  taskCoverage,
  unvisitedIds,
  gainOf,
  isArchived,
  makePlaybook,
  maskError,
  nextToolLookups,
  predictNextTools,
  viewHeuristic,
  viewPattern,
  type LearningSettings,
  type SimilarEpisode,
  type Situation,
} from "../../../memory/learning/index.ts";
import type { PatternRow } from "../../../memory/learning/types.ts";
import type { PlaybookView, RecallInput, RecallView } from "../../../contract/operations.ts";
import { fuse, rankEpisodes, RELEVANCE_FLOOR } from "../../../memory/ranking/index.ts";
import type { Source } from "./source.ts";

/**
 * Episodes that the text search hands to ranking: what is further down no context lifts among those
 * that are shown.
 */
const CANDIDATES = 60;
/** Similar episodes that the playbook is made from, and that say what comes next. */
const SIMILAR = 30;
/** Similar episodes whose patterns are looked at. */
const TEACHERS = 10;
/** Patterns that are looked at. */
const PATTERNS = 400;
/**
 * A pattern that gains less than this share of what could be gained is what everybody does anyway.
 */
const GAIN_MIN = 0.02;
/** How relevance and confidence share a pattern's score. */
const RELEVANCE_SHARE = 0.6;

const UNTRUSTED = [
  "episodes[].task",
  "episodes[].summary",
  "episodes[].insights",
  "episodes[].tools",
  "patterns[].description",
  "patterns[].condition",
  "patterns[].tools",
  "heuristics[].condition",
  "heuristics[].action",
  "playbook.steps[].action",
  "playbook.steps[].tool",
  "playbook.steps[].pitfalls",
  "next_tools[].tool",
];

export type Answer = Omit<RecallView, "recall_id">;

export async function recallFrom(
  source: Source,
  input: RecallInput,
  now: number,
  settings: LearningSettings,
): Promise<Answer> {
  const similar = await similarEpisodes(source, input.task, Math.max(CANDIDATES, input.limit));
  const digests = new Map(similar.map(({ digest }) => [digest.episode_id, digest]));
  const wants = new Set(input.include);
  const episodes = wants.has("episodes")
    ? rankEpisodes(
        similar.map(({ candidate }) => candidate),
        digests,
        source.usage([...digests.keys()]),
        input,
        now,
        settings.half_life_days,
        input.limit,
      )
    : [];
  const teachers = preferContext(similar, input);
  const learned =
    wants.has("patterns") || wants.has("heuristics")
      ? await learnedItems(source, teachers, input, now, settings)
      : { patterns: [], heuristics: [] };
  // Where nothing is relevant nothing is said, unless the steps themselves are known.
  const known = teachers.length > 0 || input.recent_steps.length > 0;
  const next_tools = known
    ? await nextTools(source, similar.slice(0, SIMILAR), input, now, settings)
    : [];
  return {
    episodes,
    patterns: wants.has("patterns") ? learned.patterns : [],
    heuristics: wants.has("heuristics") ? learned.heuristics : [],
    playbook: wants.has("playbook")
      ? makePlaybook(input.task, teachers, input.recent_steps, now, settings)
      : null,
    next_tools,
    untrusted: UNTRUSTED,
    served_by: source.servedBy,
    degraded: source.degraded,
    truncated: 0,
  };
}

export async function playbookFrom(
  source: Source,
  input: Pick<RecallInput, "task" | "context" | "recent_steps">,
  now: number,
  settings: LearningSettings,
): Promise<PlaybookView | null> {
  const similar = await similarEpisodes(source, input.task);
  return makePlaybook(input.task, preferContext(similar, input), input.recent_steps, now, settings);
}

export async function nextToolsFrom(
  source: Source,
  input: Pick<RecallInput, "task" | "context" | "recent_steps">,
  now: number,
  settings: LearningSettings,
): Promise<RecallView["next_tools"]> {
  const similar = await similarEpisodes(source, input.task);
  return nextTools(source, similar, input, now, settings);
}

export type Similar = SimilarEpisode & {
  candidate: Awaited<ReturnType<Source["candidates"]>>[number];
};

/**
 * Everything that the text finds, best first. Advice weighs by likeness itself, so that nothing is
 * too far away.
 */
export async function similarEpisodes(
  source: Source,
  task: string,
  most = CANDIDATES,
): Promise<Similar[]> {
  const worded = await source.candidates(task, "episode", most);
  const meant = await source.nearest(task);
  const found = meant.length === 0 ? worded : fuse(worded, meant, most);
  const digests = await source.digests(found.map((candidate) => candidate.id));
  return found.flatMap((candidate) => {
    const digest = digests.get(candidate.id);
    return digest ? [{ candidate, digest, similarity: candidate.text }] : [];
  });
}

/** The most similar, those of another domain than the caller's counting half. */
function preferContext(
  similar: readonly Similar[],
  { context }: Pick<RecallInput, "context">,
): SimilarEpisode[] {
  return similar
    .filter(({ candidate }) => candidate.text >= RELEVANCE_FLOOR)
    .map(({ digest, similarity }) => {
      const foreign = context.domain && digest.context.domain !== context.domain;
      return { digest, similarity: foreign ? similarity / 2 : similarity };
    })
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, SIMILAR);
}

async function nextTools(
  source: Source,
  similar: readonly SimilarEpisode[],
  input: Pick<RecallInput, "task" | "context" | "recent_steps">,
  now: number,
  settings: LearningSettings,
): Promise<RecallView["next_tools"]> {
  const { parts } = source;
  const rows = await source.patternsAfter("tool_sequence", nextToolLookups(input.recent_steps));
  const expected = expectTools(input.task, similar, parts);
  return predictNextTools(situationOf(input), rows, similar, expected, now, settings, parts);
}

export function situationOf({
  task,
  context,
  recent_steps,
}: Pick<RecallInput, "task" | "context" | "recent_steps">): Situation {
  const answers = recent_steps.map((step) => step.message ?? null);
  const steps = recent_steps.map(({ parameters }, i) => ({
    parameters,
    answer: answers[i] ?? null,
  }));
  return {
    task,
    context,
    recent: recent_steps,
    found: taskCoverage(task, answers),
    left: unvisitedIds(steps).at(-1) ?? null,
  };
}

interface Relevance {
  similar: number;
  text: number;
  steps: number;
}

async function learnedItems(
  source: Source,
  teachers: readonly SimilarEpisode[],
  input: RecallInput,
  now: number,
  settings: LearningSettings,
): Promise<Pick<Answer, "patterns" | "heuristics">> {
  const relevance = new Map<string, Relevance>();
  const raise = (id: string, part: keyof Relevance, value: number): void => {
    const known = relevance.get(id) ?? { similar: 0, text: 0, steps: 0 };
    known[part] = Math.min(1, known[part] + value);
    relevance.set(id, known);
  };
  const top = teachers.slice(0, TEACHERS);
  const total = top.reduce((sum, { similarity }) => sum + similarity, 0);
  const contributed = await source.contributions(top.map(({ digest }) => digest.episode_id));
  for (const { digest, similarity } of top) {
    for (const id of contributed.get(digest.episode_id) ?? [])
      raise(id, "similar", similarity / total);
  }
  for (const { id, text } of await source.candidates(input.task, "pattern", 50)) {
    if (text >= RELEVANCE_FLOOR) raise(id, "text", text);
  }
  const after = await afterSteps(source, input.recent_steps);
  for (const row of after) raise(row.id, "steps", 1);
  const strongest = [...relevance]
    .sort(
      ([a, x], [b, y]) =>
        y.similar + y.text + y.steps - (x.similar + x.text + x.steps) || (a < b ? -1 : 1),
    )
    .slice(0, PATTERNS)
    .map(([id]) => id);
  const rows = await source.patterns(strongest);
  const base = baseRates(await source.domains(), now, settings);
  const items = withoutSubsumed(rows)
    .map((row) => {
      const view = viewPattern(row, base, now, settings);
      const part = relevance.get(row.id) ?? { similar: 0, text: 0, steps: 0 };
      const relevant = 0.5 * part.similar + 0.2 * part.text + 0.3 * part.steps;
      const sure = view.polarity === "avoid" ? 1 - view.confidence : view.confidence;
      // Being sure of what is usual anyway helps nobody: half of the evidence is how far it is from
      // usual.
      const worth = (sure + gainOf(view)) / 2;
      const why = {
        similar_episodes: RELEVANCE_SHARE * 0.5 * part.similar,
        text: RELEVANCE_SHARE * 0.2 * part.text,
        recent_steps: RELEVANCE_SHARE * 0.3 * part.steps,
        evidence: (1 - RELEVANCE_SHARE) * worth,
      };
      return { row, view, why, score: RELEVANCE_SHARE * relevant + why.evidence };
    })
    .filter(
      ({ view }) => view.polarity !== "neutral" && gainOf(view) >= GAIN_MIN && !isArchived(view),
    )
    .sort((a, b) => b.score - a.score || (a.row.id < b.row.id ? -1 : 1));
  return {
    patterns: items.slice(0, input.limit).map(({ view, why, score }) => ({ ...view, score, why })),
    heuristics: items
      .filter(({ row }) => row.promoted)
      .slice(0, input.limit)
      .map(({ row, view, why, score }) => ({ ...viewHeuristic(row, view), score, why })),
  };
}

/**
 * Patterns that the last step calls for: ways out of its error, and what to choose after its
 * result.
 */
async function afterSteps(
  source: Source,
  recent: RecallInput["recent_steps"],
): Promise<PatternRow[]> {
  const last = recent.at(-1);
  if (!last) return [];
  const choices = await source.patternsAfter("decision_point", [
    `${last.tool}\u001f${last.result}`,
  ]);
  const error =
    last.result === "timeout"
      ? "timeout"
      : last.message === undefined
        ? null
        : maskError(last.message);
  if (error === null || last.result === "success") return choices;
  return [
    ...choices,
    ...(await source.patternsAfter("error_recovery", [`${last.tool}\u001f${error}`])),
  ];
}

/**
 * A run that a longer one with the same support contains says nothing more; nor does a choice of
 * context that a shorter description with the same support makes.
 */
function withoutSubsumed(rows: readonly PatternRow[]): PatternRow[] {
  const runs = rows.flatMap((row) => {
    if (row.content.kind !== "tool_sequence") return [];
    const { tools } = row.content;
    return [{ row, tools, text: `\u001f${tools.join("\u001f")}\u001f` }];
  });
  const support = (row: PatternRow): number =>
    row.buckets.reduce((sum, bucket) => sum + bucket.episodes, 0);
  const covered = new Set<string>();
  for (const same of Map.groupBy(runs, ({ row }) => support(row)).values()) {
    for (const { row, tools, text } of same) {
      if (same.some((other) => other.tools.length > tools.length && other.text.includes(text)))
        covered.add(row.id);
    }
  }
  const choices = rows.flatMap((row) =>
    row.content.kind === "context_pattern" ? [{ row, ...row.content }] : [],
  );
  for (const { row, features, tool } of choices) {
    const general = choices.some(
      (other) =>
        other.tool === tool &&
        Object.keys(other.features).length < Object.keys(features).length &&
        Object.entries(other.features).every(([name, value]) => features[name] === value) &&
        support(other.row) === support(row),
    );
    if (general) covered.add(row.id);
  }
  return rows.filter((row) => !covered.has(row.id));
}
