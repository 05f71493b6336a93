/**
 * `npm run demo`: loads real trajectories into the running service and shows what is recalled for a
 * new task.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tauEpisodeLine, type TauEpisode } from "../bench/quality/tau.ts";
import type { RecallView } from "../src/contract/recall/answers.ts";

const ROOT = join(import.meta.dirname, "..");
const DATA = process.env["MEMORY_DATA_DIR"] ?? join(ROOT, ".data");
const NAMESPACE = "demo";
/** What `npm start` noted there. */
function noted(name: string): string | null {
  const file = join(DATA, name);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : null;
}
const URL =
  process.env["MEMORY_URL"] ??
  noted("url") ??
  `http://127.0.0.1:${process.env["MEMORY_PORT"] ?? 8787}`;
const key = process.env["KEY"] ?? noted("local-key") ?? "";

async function call(path: string, body: string, type: string): Promise<string> {
  const headers = {
    Authorization: `Bearer ${key}`,
    "X-Memory-Namespace": NAMESPACE,
    "Content-Type": type,
  };
  const answer = await fetch(URL + path, { method: "POST", headers, body }).catch(() => null);
  const text = await answer?.text();
  if (answer?.ok && text !== undefined) return text;
  console.error(
    answer
      ? `${path} answered ${answer.status}: ${text}`
      : `Nothing answers at ${URL}. Run npm start first.`,
  );
  process.exit(1);
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const title = (text: string): void => console.log(`\n\u001b[1m${text}\u001b[0m`);

const rows = readFileSync(join(ROOT, "test/fixtures/tau_retail_sample.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as TauEpisode);
const lines = rows.map((row) => JSON.stringify(tauEpisodeLine(row))).join("\n");
const imported = (await call("/v1/import", lines, "application/x-ndjson")).trim().split("\n");
const created = imported.filter((line) => line.includes('"created"')).length;
console.log(
  `${imported.length} runs of retail agents from τ-bench: ${created} new, ${imported.length - created} there already.`,
);

const task =
  "The customer wants to exchange the keyboard and the thermostat of a delivered order for other variants";
const recent_steps = [{ tool: "find_user_id_by_name_zip", result: "success" }];
const body = { task, context: { domain: "customer-service/retail" }, limit: 5, recent_steps };
const recall = JSON.parse(
  await call("/v1/recall", JSON.stringify(body), "application/json"),
) as RecallView;

title("New task");
console.log(`  ${task}\n  so far: ${recent_steps.map((step) => step.tool).join(" → ")}`);
title("What to do next");
for (const next of recall.next_tools)
  console.log(`  ${percent(next.probability).padStart(5)}  ${next.tool}   (${next.why})`);
title("Similar episodes");
for (const episode of recall.episodes) {
  const mark = episode.warning ? "⚠ failed " : episode.outcome === null ? "· open   " : "✓ success";
  console.log(`  ${mark}  score ${episode.score.toFixed(2)}  ${episode.task.slice(0, 90)}…`);
  console.log(
    `             matched: ${episode.matched_terms.join(", ")}; ${episode.tools.length} steps`,
  );
}
if (recall.playbook) {
  title(
    `Playbook (confidence ${percent(recall.playbook.confidence)}, from ${recall.playbook.based_on.length} successful runs)`,
  );
  for (const step of recall.playbook.steps) {
    console.log(`  ${step.order}. ${step.tool}   taken by ${percent(step.support)} of the runs`);
    for (const pitfall of step.pitfalls)
      console.log(`       pitfall: ${pitfall.description} (${pitfall.episodes.length} episodes)`);
  }
  for (const caution of recall.playbook.when_not_to_apply) console.log(`  caution: ${caution}`);
}
title("What was learned over all runs");
for (const pattern of recall.patterns) {
  const { success, failure } = pattern.support;
  console.log(`  ${pattern.polarity.padEnd(5)}  ${pattern.description}`);
  console.log(
    `         ${success.toFixed(0)} successes, ${failure.toFixed(0)} failures; lift ${pattern.lift.toFixed(2)}`,
  );
}
for (const heuristic of recall.heuristics)
  console.log(`  rule:  ${heuristic.condition} → ${heuristic.action}`);
console.log(`
The console shows it, in the namespace "${NAMESPACE}":

  ${URL}/console#key=${noted("admin-token") ?? key}&namespace=${NAMESPACE}
`);
