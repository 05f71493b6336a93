/**
 * What a loud tenant does to a quiet one on the same instance: the quiet one's p99 alone, beside a
 * loud one when calls begin in the order in which they came, and when tenants take turns, in one
 * run and one process, without a runtime. `npm run bench:fairness [-- SECONDS]`. Ends with 1 when the
 * turns leave more than twice the p99 that it has alone.
 *
 * @module
 */

import type { Input } from "../src/contract/operations.ts";
import { FairTurns } from "../src/durable/instance/requests/fair-turns.ts";
import { NodeInstances } from "../test/support/instances.ts";

const PART_MS = Number(process.argv[2] ?? 10) * 1_000;
const RATIO_MAX = 2;
/** Calls that the loud tenant has under way at once, and the quiet one's pause between two, ms. */
const LOUD = 64;
const QUIET_EVERY_MS = 20;
const STORED = 300;
const STEPS = 12;

const cluster = new NodeInstances(1, {
  rate_limit_per_second: 1_000_000,
  rate_limit_burst: 1_000_000,
});
const hashOf = (id: string): string => id.padEnd(64, "0");
cluster.keys = ["loud", "quiet"].map((id) => ({
  id,
  hash: hashOf(id),
  name: id,
  scopes: ["read", "write"],
  namespaces: [id],
  default_namespace: id,
  created_at: "2026-01-01T00:00:00.000Z",
  expires_at: null,
  revoked_at: null,
}));
const callOf = (id: string) => ({ root: false, key_hash: hashOf(id), namespace: id });
const heard = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const taskOf = (n: number): string => `repair the harbour crane number ${n} of yard ${n % 17}`;

async function store(tenant: string): Promise<void> {
  for (let n = 0; n < STORED; n++) {
    const id = await cluster.start(taskOf(n), callOf(tenant));
    for (let step = 0; step < STEPS; step++)
      await cluster.step(id, `tool ${(n + step) % 7}`, callOf(tenant));
    await cluster.complete(id, callOf(tenant));
  }
}

async function recall(tenant: string, n: number): Promise<void> {
  const input: Input<"recall"> = {
    task: taskOf(n),
    context: {},
    limit: 5,
    include: ["episodes", "patterns"],
    recent_steps: [],
    max_tokens: null,
  };
  const reply = await cluster.call("recall", input, callOf(tenant));
  if (!reply.result.ok) throw new Error(`${tenant}: ${reply.result.error.detail}`);
}

/** Calls of the quiet tenant, each from when it was due, ms. */
async function quietly(until: number): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0, due = performance.now(); due < until; n++, due += QUIET_EVERY_MS) {
    while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1));
    await recall("quiet", n);
    took.push(performance.now() - due);
    due = Math.max(due, performance.now() - QUIET_EVERY_MS);
  }
  return took;
}

/** The loud one has so many calls under way at once; answers with how many were answered. */
async function loudly(until: number): Promise<number> {
  let answered = 0;
  const one = async (first: number): Promise<void> => {
    for (let n = first; performance.now() < until; n += LOUD) {
      await heard();
      await recall("loud", n);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: LOUD }, (_, n) => one(n)));
  return answered;
}

const percentile = (took: readonly number[], share: number): number =>
  took.toSorted((a, b) => a - b)[Math.floor((took.length - 1) * share)] ?? 0;

async function part(name: string, isLoud: boolean): Promise<number> {
  const until = performance.now() + PART_MS;
  const [took, loud] = await Promise.all([quietly(until), isLoud ? loudly(until) : 0]);
  const [p50, p99] = [percentile(took, 0.5), percentile(took, 0.99)];
  const rate = ((loud * 1_000) / PART_MS).toFixed(0);
  console.log(
    `${name.padEnd(40)} p50 ${p50.toFixed(1).padStart(6)} ms   p99 ${p99.toFixed(1).padStart(6)} ms   ${String(took.length).padStart(5)} calls; loud: ${rate}/s`,
  );
  return p99;
}

for (const tenant of ["loud", "quiet"]) await store(tenant);
const alone = await part("alone", false);
const inTurns = Object.getOwnPropertyDescriptor(FairTurns.prototype, "take") ?? {};
FairTurns.prototype.take = () => null;
const unfair = await part("beside a loud one, in order of arrival", true);
Object.defineProperty(FairTurns.prototype, "take", inTurns);
const fair = await part("beside a loud one, in turns", true);
console.log(
  `${(unfair / alone).toFixed(1)} × in order of arrival, ${(fair / alone).toFixed(1)} × in turns`,
);
process.exitCode = fair > RATIO_MAX * alone ? 1 : 0;
process.exit();
