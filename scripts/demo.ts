/**
 * `npm run demo`: what the memory is for, told in a minute against the running service, in the
 * namespace `demo`. An agent fails, another finds the way out, the next one is told it; a lesson is
 * pinned; real runs come in; the database dies and nothing is lost. It plays in an empty namespace
 * only; `-- --clean` erases it.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tauEpisodeLine, type TauEpisode } from "../bench/quality/tau.ts";
import { MemoryError } from "../client/errors.ts";
import { Run } from "./demo/agent.ts";
import { outage } from "./demo/outage.ts";
import { Stage } from "./demo/stage.ts";
import { NAMESPACE, type Where, whereOf } from "./demo/where.ts";

const ROOT = join(import.meta.dirname, "..");
/** Runs that come in at a time. */
const BATCH = 20;
const LESSON = "Call release_seat before cancel_reservation when the seat is assigned.";
const NEW_TASK =
  "The customer wants to exchange the keyboard and the thermostat of a delivered order for other variants";

/** What a person types for it: in a checkout, or where the package is. */
const isSource = import.meta.filename.endsWith(".ts");
const [START, CLEAN] = isSource
  ? ["npm start", "npm run demo -- --clean"]
  : ["npx memory-service start", "npx memory-service demo --clean"];

const where = here();
const { memory } = where;
const stage = new Stage(process.stdout.isTTY, process.env, console.log);

function here(): Where {
  try {
    return whereOf(ROOT, process.env);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

async function clean(): Promise<void> {
  await memory.call("eraseNamespace", { params: { name: NAMESPACE } });
  console.log(`The namespace ${NAMESPACE} is erased.`);
}

async function agents(): Promise<void> {
  await stage.scene("An agent meets something that it does not know");
  await new Run(where, stage, "4WQ150").cancel(null);
  await stage.scene("Two others are helped by a person");
  const helper = (): string[] => ["release_seat"];
  await new Run(where, stage, "7KD221").cancel(helper);
  const isDone = await new Run(where, stage.silent(), "5KM112").cancel(helper);
  await stage.act("the same for 5KM112", isDone ? "cancelled" : "failed", isDone);
  await stage.scene("The next one is told at the moment of action");
  await new Run(where, stage, "9PL043").cancel(null);
  await stage.scene("A person pins a lesson, and nobody stumbles again");
  const lesson = await memory.lessons.add({
    text: LESSON,
    kind: "do",
    applies_to: { tools: ["cancel_reservation"] },
    source: "demo",
  });
  await memory.call("curate", { body: { kind: "lesson", id: lesson.id, action: "pin" } });
  await new Run(where, stage, "2HX777").cancel(null);
}

async function realRuns(): Promise<void> {
  await stage.scene("Real runs of retail agents (τ-bench) come in");
  const lines = readFileSync(join(ROOT, "test/fixtures/tau_retail_sample.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => tauEpisodeLine(JSON.parse(line) as TauEpisode));
  for (let from = 0; from < lines.length; from += BATCH) {
    const batch = lines.slice(from, from + BATCH);
    for await (const answer of memory.import(batch))
      if (answer.status === "error") throw new Error(JSON.stringify(answer));
    const { patterns } = await memory.stats();
    await stage.act(`${from + batch.length} runs`, `${patterns.total} patterns`, true);
  }
  const recall = await memory.recall({
    task: NEW_TASK,
    context: { domain: "customer-service/retail" },
    recent_steps: [{ tool: "find_user_id_by_name_zip", result: "success" }],
  });
  const [next] = recall.next_tools;
  const percent = `${Math.round((next?.probability ?? 0) * 100)} %`;
  await stage.says(`for a new task: next ${next?.tool ?? "?"} (${percent})`);
  const steps = recall.playbook?.steps ?? [];
  const based = recall.playbook?.based_on.length ?? 0;
  await stage.says(`a playbook of ${steps.length} steps, from ${based} runs that succeeded`);
}

async function play(): Promise<void> {
  const { namespaces } = await memory.namespaces.list({ limit: 200 });
  const isThere = namespaces.some(({ name, empty }) => name === NAMESPACE && !empty);
  if (isThere) {
    console.log(`The namespace ${NAMESPACE} is in use. To tell it again: ${CLEAN}`);
    process.exitCode = 1;
    return;
  }
  await stage.line(`${where.url}, namespace ${NAMESPACE}`);
  await agents();
  await realRuns();
  if (where.databasePid) {
    await stage.scene("The database is killed");
    if (!(await outage(where, stage, where.databasePid))) process.exitCode = 1;
  }
  const { episodes, patterns } = await memory.stats();
  console.log(`
${episodes.total} episodes and ${patterns.total} patterns are in the namespace ${NAMESPACE}:

  ${where.url}/console#key=${where.secret}&namespace=${NAMESPACE}
  npx memory-cli recall "cancel a flight" -n ${NAMESPACE}
  ${CLEAN}
`);
}

const job = process.argv.includes("--clean") ? clean : play;
await job().catch((error: unknown) => {
  const isAway = error instanceof MemoryError && error.status === 0;
  console.error(isAway ? `Nothing answers at ${where.url}. Run ${START} first.` : error);
  process.exit(1);
});
