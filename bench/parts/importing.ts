/**
 * Imports episodes into the service, and gives their texts to the plain full-text index that it is
 * compared with.
 *
 * @module
 */

import { ask } from "../support/client.ts";
import { lineOf, taskOf } from "../support/episodes.ts";
import { connect, heldBy } from "../support/inspector.ts";
import type { World } from "../support/world.ts";

/** Lines of one import. */
const IMPORT_LINES = 500;

export interface Imported {
  /** Until the last line was answered. */
  answeredSeconds: number;
  /** Until the database had them, too. */
  storedSeconds: number;
  /** Bytes that the runtime's process held after each request. */
  resident: number[];
  /** Bytes that the service's isolate held after each request. */
  held: number[];
}

/** Imports the episodes from one number up to another, a part of them in each request. */
export async function importUpTo(world: World, from: number, to: number): Promise<Imported> {
  const resident: number[] = [];
  const held: number[] = [];
  const isolate = await connect(world.runtime.inspector, "service");
  let answeredMs = 0;
  for (let n = from; n < to; n += IMPORT_LINES) {
    const numbers = Array.from({ length: Math.min(IMPORT_LINES, to - n) }, (_, i) => n + i);
    answeredMs += await importLines(world, numbers);
    resident.push(world.runtime.residentBytes());
    held.push(await heldBy(isolate));
  }
  isolate.close();

  const begun = performance.now();
  await world.drained();
  const storedMs = answeredMs + performance.now() - begun;
  return { answeredSeconds: answeredMs / 1_000, storedSeconds: storedMs / 1_000, resident, held };
}

/** How long the service took, ms. Throws unless each line is a new episode. */
async function importLines(world: World, numbers: readonly number[]): Promise<number> {
  const body = numbers.map((n) => JSON.stringify(lineOf(n))).join("\n");
  const headers = { Authorization: `Bearer ${world.key}`, "Content-Type": "application/x-ndjson" };
  const begun = performance.now();
  const url = `${world.runtime.urls.service}/v1/import`;
  const answer = await fetch(url, { method: "POST", headers, body });
  const text = await answer.text();
  const ms = performance.now() - begun;

  const created = text.split('"created"').length - 1;
  if (created === numbers.length) return ms;
  const first = text.split("\n").find((line) => !line.includes('"created"'));
  throw new Error(
    `${created} of ${numbers.length} lines were imported; the first other one: ${first}`,
  );
}

/** Gives the tasks of these episodes to the floor's plain full-text index. */
export async function indexPlainly(world: World, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += IMPORT_LINES) {
    const count = Math.min(IMPORT_LINES, to - n);
    const body = Array.from({ length: count }, (_, i) => [`run-${n + i}`, taskOf(n + i)]);
    await ask("POST", `${world.runtime.urls.floor}/index`, { body });
  }
}
