/**
 * What learning is worth: trained on the runs of some tasks, asked about the runs of others.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  addEvidence,
  DEFAULT_LEARNING,
  makeDigest,
  makePlaybook,
  nextToolLookups,
  predictNextTools,
  similarityOfRuns,
} from "../src/memory/learning/index.ts";
import type { Digest, PatternRow } from "../src/memory/learning/types.ts";
import { episodeDocument, namespaceTag } from "../src/memory/text/index.ts";
import { findCandidates, localReader, SCHEMA, TABLES, upsert } from "../src/storage/index.ts";
import type { Episode, Outcome, Step } from "../src/memory/model.ts";
import { openLocal } from "../test/support/node-sql.ts";
import type { TauEpisode } from "./tau.ts";

/** Every fifth task is held back, with all its runs. */
const FOLDS = 5;
const AFTER = 2;

const file = process.argv[2] ?? join(import.meta.dirname, "../test/fixtures/tau_retail_sample.jsonl");
const rows = readFileSync(file, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as TauEpisode)
  .filter((row) => row.steps.length > 0);

const now = Date.UTC(2026, 0, 2);
const at = new Date(Date.UTC(2026, 0, 1)).toISOString();

function episodeOf(row: TauEpisode): { episode: Episode; steps: Step[] } {
  const success = row.outcome.success === true;
  const outcome: Outcome = success
    ? { type: "success", verdict: "", artifacts: [] }
    : { type: "failure", reason: "", details: null };
  const context = { domain: row.domain, language: null, framework: null, complexity: "moderate" as const, tags: [] };
  const steps = row.steps.map((step): Step => {
    const text = step.result ?? "";
    const result =
      step.ok === false ? { type: "error" as const, message: text } : { type: "success" as const, output: text };
    return {
      number: step.n,
      at,
      tool: step.tool,
      action: "",
      parameters: {},
      result,
      latency_ms: null,
      tokens: null,
      metadata: {},
    };
  });
  const known = { id: row.id, namespace: "bench", task: row.task, task_type: "other" as const, context, outcome };
  const unknown = { reward: null, reflection: null, pattern_ids: [], tags: [], checkpoints: [], metadata: {} };
  const times = { status: "completed" as const, started_at: at, ended_at: at, updated_at: at };
  return { episode: { ...known, ...unknown, ...times, step_count: steps.length, version: 1 }, steps };
}

interface Score {
  right: number;
  asked: number;
}
const rate = ({ right, asked }: Score): string => (asked === 0 ? "–" : `${((100 * right) / asked).toFixed(1)} %`);
const score = (): Score => ({ right: 0, asked: 0 });
const names = ["most frequent tool", "bigram", "memory"] as const;
const early = Object.fromEntries(names.map((name) => [name, score()])) as Record<(typeof names)[number], Score>;
const everywhere = Object.fromEntries(names.map((name) => [name, score()])) as Record<(typeof names)[number], Score>;
const agreement = { memory: 0, frequent: 0, runs: 0 };
const support = { patterns: 0, two: 0, ten: 0, most: 0 };

for (let fold = 0; fold < FOLDS; fold++) {
  const sql = openLocal(SCHEMA);
  const tag = await namespaceTag("bench");
  const digests = new Map<string, Digest>();
  const patterns = new Map<string, PatternRow>();
  const counts = new Map<string, number>();
  const pairs = new Map<string, Map<string, number>>();
  const raise = (map: Map<string, number>, tool: string): void => void map.set(tool, (map.get(tool) ?? 0) + 1);
  const best = (map: Map<string, number> | undefined): string | undefined =>
    [...(map ?? [])].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0];
  for (const row of rows.filter((other) => other.task_id % FOLDS !== fold)) {
    const { episode, steps } = episodeOf(row);
    const digest = await makeDigest(episode, steps);
    digests.set(episode.id, digest);
    for (const contribution of digest.contributions) {
      patterns.set(
        contribution.pattern_id,
        addEvidence(patterns.get(contribution.pattern_id) ?? null, digest, contribution),
      );
    }
    const document = episodeDocument(digest, tag);
    const { sql: text, args } = upsert("search_docs", [TABLES.search_docs.columns.map((column) => document[column])]);
    sql.run(text, ...args);
    for (const [i, step] of steps.entries()) {
      raise(counts, step.tool);
      const next = steps[i + 1];
      if (!next) continue;
      const after = pairs.get(step.tool) ?? new Map<string, number>();
      raise(after, next.tool);
      pairs.set(step.tool, after);
    }
  }
  const byPrefix = Map.groupBy(
    [...patterns.values()].filter((row) => row.content.kind === "tool_sequence"),
    (row) => (row.content.kind === "tool_sequence" ? row.content.tools.slice(0, -1).join("\u001f") : ""),
  );
  for (const row of patterns.values()) {
    const episodes = row.buckets.reduce((sum, bucket) => sum + bucket.episodes, 0);
    support.patterns += 1;
    if (episodes >= 2) support.two += 1;
    if (episodes >= 10) support.ten += 1;
    support.most = Math.max(support.most, episodes);
  }
  for (const row of rows.filter((other) => other.task_id % FOLDS === fold)) {
    const { steps } = episodeOf(row);
    const candidates = await findCandidates(localReader(sql), tag, "bench", row.task, { kind: "episode", limit: 30 });
    const similar = candidates.flatMap(({ id, text }) => {
      const digest = digests.get(id);
      return digest ? [{ digest, similarity: text }] : [];
    });
    for (let done = 1; done < steps.length; done++) {
      const recent = steps
        .slice(Math.max(0, done - 10), done)
        .map((step) => ({ tool: step.tool, result: step.result?.type ?? ("unknown" as const) }));
      const known = nextToolLookups(recent).flatMap((prefix) => byPrefix.get(prefix) ?? []);
      const guesses = {
        "most frequent tool": best(counts),
        bigram: best(pairs.get(steps[done - 1]?.tool ?? "")) ?? best(counts),
        memory: predictNextTools(recent, known, similar, now, DEFAULT_LEARNING)[0]?.tool,
      };
      for (const name of names) {
        const hit = guesses[name] === steps[done]?.tool ? 1 : 0;
        for (const tally of done === AFTER ? [early, everywhere] : [everywhere]) {
          tally[name].asked += 1;
          tally[name].right += hit;
        }
      }
    }
    if (row.outcome.success !== true) continue;
    const taken = steps.map((step) => step.tool);
    const playbook = makePlaybook(row.task, similar, [], now, DEFAULT_LEARNING)?.steps.map((step) => step.tool) ?? [];
    agreement.memory += similarityOfRuns(playbook, taken);
    agreement.frequent += similarityOfRuns(
      taken.map(() => best(counts) ?? ""),
      taken,
    );
    agreement.runs += 1;
  }
}

console.log(`${rows.length} runs of ${new Set(rows.map((row) => row.task_id)).size} tasks, ${FOLDS}-fold by task\n`);
console.log(
  `next tool is right           after ${AFTER} steps (${early.memory.asked})   at every step (${everywhere.memory.asked})`,
);
for (const name of names)
  console.log(`  ${name.padEnd(26)} ${rate(early[name]).padStart(16)} ${rate(everywhere[name]).padStart(24)}`);
console.log(`\nagreement with ${agreement.runs} successful runs (LCS over the longer)`);
console.log(`  most frequent tool, repeated  ${(agreement.frequent / agreement.runs).toFixed(3)}`);
console.log(`  playbook                      ${(agreement.memory / agreement.runs).toFixed(3)}`);
console.log(
  `\npatterns of a fold: ${Math.round(support.patterns / FOLDS)}, of these ${Math.round(support.two / FOLDS)} with evidence of 2 episodes or more, ${Math.round(support.ten / FOLDS)} of 10 or more; the most: ${support.most}`,
);
