/**
 * What a loud tenant does to a quiet one on the same instance, in the Workers runtime: the quiet
 * one's p50 and p99 alone, beside a loud one when calls begin in the order in which they came (the
 * bundle without its turns), and when tenants take turns. `npm run bench:fairness [-- SECONDS]`;
 * with `--write` the table goes to docs/performance.md. Ends with 1 when the turns leave more than
 * twice the p99 that it has alone.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ask, reach } from "./support/client.ts";
import { withFigures } from "./support/figures.ts";
import { ADMIN_TOKEN, type RuntimeOptions } from "./support/runtime.ts";
import { World } from "./support/world.ts";

const PAGE = join(import.meta.dirname, "../docs/performance.md");
const { values, positionals } = parseArgs({
  options: { write: { type: "boolean", default: false } },
  allowPositionals: true,
});
const PART_MS = Number(positionals[0] ?? 15) * 1_000;
const RATIO_MAX = 2;
/**
 * Calls that the loud tenant has under way at once, below the connections of the client, and the
 * quiet one's pause between two, ms.
 */
const LOUD = 48;
const QUIET_EVERY_MS = 20;
const STORED = 150;
const STORED_AT_ONCE = 8;
const STEPS = 12;

interface Tenants {
  url: string;
  loud: string;
  quiet: string;
}

interface Part {
  name: string;
  p50: number;
  p99: number;
  calls: number;
  /** Calls of the loud one that were answered a second. */
  loud: number;
}

const taskOf = (n: number): string => `repair the harbour crane number ${n} of yard ${n % 17}`;

async function keyOf(url: string, tenant: string): Promise<string> {
  const body = {
    name: tenant,
    scopes: ["read", "write"],
    namespaces: [tenant],
    default_namespace: tenant,
  };
  const made = { key: ADMIN_TOKEN, body };
  return (await ask<{ key: string }>("POST", `${url}/admin/keys`, made)).key;
}

async function store(url: string, key: string): Promise<void> {
  const one = async (n: number): Promise<void> => {
    const body = { task: taskOf(n), context: { domain: "harbour" } };
    const { id } = await ask<{ id: string }>("POST", `${url}/v1/episodes`, { key, body });
    const result = { type: "success", output: "it holds" };
    const steps = Array.from({ length: STEPS }, (_, i) => ({
      tool: `tool_${(n + i) % 7}`,
      result,
    }));
    await reach("POST", `${url}/v1/episodes/${id}/steps`, { key, body: { steps } });
    const outcome = { type: "success", verdict: "repaired" };
    await reach("POST", `${url}/v1/episodes/${id}/complete`, { key, body: { outcome } });
  };
  const worker = async (first: number): Promise<void> => {
    for (let n = first; n < STORED; n += STORED_AT_ONCE) await one(n);
  };
  await Promise.all(Array.from({ length: STORED_AT_ONCE }, (_, n) => worker(n)));
}

function recall(url: string, key: string, n: number): Promise<string> {
  return reach("POST", `${url}/v1/recall`, { key, body: { task: taskOf(n) } });
}

/** Calls of the quiet tenant, each from when it was due, ms. */
async function quietly({ url, quiet }: Tenants, until: number): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0, due = performance.now(); due < until; n++, due += QUIET_EVERY_MS) {
    while (performance.now() < due) await sleep(1);
    await recall(url, quiet, n);
    took.push(performance.now() - due);
    due = Math.max(due, performance.now() - QUIET_EVERY_MS);
  }
  return took;
}

/** The loud one has so many calls under way at once; answers with how many were answered. */
async function loudly({ url, loud }: Tenants, until: number): Promise<number> {
  let answered = 0;
  const one = async (first: number): Promise<void> => {
    for (let n = first; performance.now() < until; n += LOUD) {
      await recall(url, loud, n);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: LOUD }, (_, n) => one(n)));
  return answered;
}

const percentile = (took: readonly number[], share: number): number =>
  took.toSorted((a, b) => a - b)[Math.floor((took.length - 1) * share)] ?? 0;

async function measured(tenants: Tenants, name: string, isLoud: boolean): Promise<Part> {
  const until = performance.now() + PART_MS;
  const [took, answered] = await Promise.all([
    quietly(tenants, until),
    isLoud ? loudly(tenants, until) : 0,
  ]);
  const loud = (answered * 1_000) / PART_MS;
  return {
    name,
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
    calls: took.length,
    loud,
  };
}

/** Parts that are measured in one runtime, with what both tenants stored. */
async function inRuntime(
  options: RuntimeOptions,
  parts: readonly (readonly [name: string, isLoud: boolean])[],
): Promise<Part[]> {
  const world = await World.start({}, options);
  try {
    const url = world.runtime.urls.service;
    const tenants = { url, loud: await keyOf(url, "loud"), quiet: await keyOf(url, "quiet") };
    for (const key of [tenants.loud, tenants.quiet]) await store(url, key);
    await world.drained();
    const done: Part[] = [];
    for (const [name, isLoud] of parts) done.push(await measured(tenants, name, isLoud));
    return done;
  } finally {
    await world.remove();
  }
}

/** The bundle in which nobody waits for a turn. */
function withoutTurns(code: string): string {
  const begin = code.indexOf("FairTurns = class");
  const found = /\btake\(tenant\) \{/.exec(code.slice(begin));
  if (begin < 0 || !found) throw new Error("the bundle has no FairTurns.take");
  const at = begin + found.index + found[0].length;
  return `${code.slice(0, at)} return null;${code.slice(at)}`;
}

function tableOf(parts: readonly Part[]): string {
  const rows = parts.map(
    ({ name, p50, p99, calls, loud }) =>
      `| ${name} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${calls} | ${loud.toFixed(0)} |`,
  );
  const head =
    "| a quiet tenant's recall | p50, ms | p99, ms | its calls | the loud one's, a second |";
  return [head, "|---|--:|--:|--:|--:|", ...rows].join("\n");
}

const [alone, inTurns] = await inRuntime({ edit: (code) => code }, [
  ["alone", false],
  ["beside a loud one, in turns", true],
]);
const [inOrder] = await inRuntime({ edit: withoutTurns }, [
  ["beside a loud one, in the order of arrival", true],
]);
if (!alone || !inTurns || !inOrder) throw new Error("a part is missing");
const table = tableOf([alone, inOrder, inTurns]);
console.log(table);
console.log(
  `\np99: ${(inOrder.p99 / alone.p99).toFixed(1)} × in the order of arrival, ${(inTurns.p99 / alone.p99).toFixed(1)} × in turns`,
);
if (values.write)
  writeFileSync(PAGE, withFigures(readFileSync(PAGE, "utf8"), "fairness", `${table}\n`));
process.exitCode = inTurns.p99 > RATIO_MAX * alone.p99 ? 1 : 0;
