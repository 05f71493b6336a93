/**
 * `npm run drill SCENARIO|all [--write] [--diagnose N]`: a fault for real, under load, announced by a real
 * Prometheus with the project's own rules, mended by the runbook's own commands, and a ledger of
 * what was acknowledged. Meanwhile `memory-cli diagnose` is asked N times, which must name the page
 * each time. --write puts the table of all into docs/runbooks/README.md. Needs bash, curl, jq and
 * Prometheus. `npm run drill disaster [EPISODES]` is `npm run drill:disaster`.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hasPrometheus } from "../test/support/processes/prometheus.ts";
import { Alerts, deliveryMs, FASTER, waitOf } from "./runbooks/drill/alerts.ts";
import { cardTable, insert, SCENARIOS, type Scenario } from "./runbooks/card.ts";
import { Diagnosis } from "./runbooks/drill/diagnosis.ts";
import { execute } from "./runbooks/execute.ts";
import { scenariosOf } from "./runbooks/page.ts";
import { runScenario, type Outcome } from "./runbooks/scenario.ts";
import { Shell } from "./runbooks/shell.ts";
import { isPreparation, pages } from "./runbooks/walk.ts";
import { ROOT, World } from "./runbooks/world.ts";

process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

const README = join(ROOT, "docs/runbooks/README.md");
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

interface Row {
  scenario: Scenario;
  /** null: it could not be carried out at all. */
  outcome: Outcome | null;
  failures: string[];
  /**
   * Held against the target, ms: to the alert with the whole wait of its rule, the page's commands,
   * and the person.
   */
  budget_ms: number;
}

async function drill(scenario: Scenario, tries: number): Promise<Row> {
  const page = pages().get(scenario.page);
  const blocks = page && scenariosOf(page).get(scenario.name);
  if (!blocks) throw new Error(`${scenario.page} has no blocks of ${scenario.name}`);
  const world = await World.make();
  const shell = new Shell(world.env, ROOT);
  const diagnosis = new Diagnosis(scenario, shell, tries);
  let alerts: Alerts | null = null;
  try {
    await world.startService();
    for (const block of page.blocks.filter(isPreparation)) {
      const { ok, why } = await execute(shell, block);
      if (!ok) throw new Error(`${block.id}: ${why}`);
    }
    const raised = (alerts = await Alerts.start(world));
    const outcome = await runScenario(scenario.name, blocks, world, shell, {
      report: ({ block, ok, ms }, role) =>
        console.log(`  ${ok ? "pass" : "FAIL"}  ${seconds(ms).padStart(8)}  ${role}: ${block.id}`),
      quiet: () => raised.quiet(scenario.alert),
      alert: () => raised.fires(scenario.alert),
      diagnose: (isBroken) => diagnosis.ask(isBroken),
    });
    if (tries > 0) console.log(`  diagnose is right in ${diagnosis.score}`);
    const announced_ms = outcome.detect_ms + waitOf(scenario.alert) + deliveryMs();
    const budget_ms = announced_ms + outcome.recover_ms + outcome.human_ms;
    const failures = [...outcome.failures];
    if (budget_ms > scenario.target_min * 60_000)
      failures.push(`${seconds(budget_ms)} are more than the target`);
    return { scenario, outcome, failures, budget_ms };
  } catch (error) {
    return {
      scenario,
      outcome: null,
      failures: [error instanceof Error ? error.message : String(error)],
      budget_ms: 0,
    };
  } finally {
    shell.remove();
    await alerts?.remove();
    await world.remove();
  }
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ scenario, outcome, failures, budget_ms }) => {
    if (!outcome) return `| ${scenario.title} | not carried out |  |  |  |  |  |  |  |`;
    const minutes = (ms: number): string => `${(ms / 60_000).toFixed(1)} min`;
    const target = scenario.target_min * 60_000;
    const cells = [
      scenario.title,
      seconds(outcome.detect_ms),
      minutes(waitOf(scenario.alert)),
      seconds(deliveryMs()),
      seconds(outcome.recover_ms),
      seconds(outcome.human_ms),
      `${minutes(budget_ms)} of ${scenario.target_min} min`,
      minutes(target - budget_ms),
      failures.length === 0 ? `0 of ${outcome.acknowledged}` : "failed",
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    `| scenario | alert after (times ÷ ${FASTER}) | the rule waits in production | scrape, evaluation, group wait | machine recovers in | a person needs | in all, of target | margin | lost of acknowledged writes |`,
    "|---|---|---|---|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}

const { values, positionals } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    diagnose: { type: "string", default: "0" },
  },
  allowPositionals: true,
});
const [wanted] = positionals;
const chosen = SCENARIOS.filter(({ name }) => wanted === "all" || wanted === name);
if (wanted === "disaster") {
  const { disasterDrill, DRILL_EPISODES } = await import("../bench/drills/disaster/drill.ts");
  process.exit((await disasterDrill(Number(positionals[1] ?? DRILL_EPISODES))) ? 0 : 1);
}
if (chosen.length === 0) {
  console.error(`npm run drill ${SCENARIOS.map(({ name }) => name).join("|")}|all`);
  process.exit(2);
}
if (!hasPrometheus()) process.exit(2);
const begun = performance.now();
const rows: Row[] = [];
for (const scenario of chosen) {
  console.log(
    `\n${scenario.title} (${scenario.priority}, target ${scenario.target_min} min): ${scenario.page}`,
  );
  const row = await drill(scenario, Number(values.diagnose));
  rows.push(row);
  for (const failure of row.failures) console.log(`  FAIL  ${failure}`);
}
const made = table(rows);
console.log(`\n${made}\n\n${rows.length} drills in ${seconds(performance.now() - begun)}`);
const failed = rows.some(({ failures }) => failures.length > 0);
if (values.write && wanted === "all" && !failed) {
  const page = insert(readFileSync(README, "utf8"), "card", cardTable());
  writeFileSync(README, insert(page, "drills", made));
}
process.exit(failed ? 1 : 0);
