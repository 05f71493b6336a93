/**
 * What can be seen of a running service in a few seconds, before anything is concluded: readiness,
 * several times; the instances; two scrapes of the metrics; and requests of each sort.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { readiness, type CheckView } from "../checks/readiness.ts";
import { Measures } from "./measures.ts";
import { probe, type Probe } from "./probes.ts";

/** The instances as the Coordinator sees them. */
export type Instances = Answer<"listInstances">;

/** One that answered. */
export type Instance = Exclude<Instances["instances"][number], { error: string }>;

export interface Signs {
  /** Checks of readiness that were not well in one of the looks, each with all that it said. */
  sick: readonly CheckView[];
  /** null: there is no ADMIN_TOKEN, or the service does not answer it. */
  instances: Instances | null;
  answering: readonly Instance[];
  /** null: there is no ADMIN_TOKEN. */
  measures: Measures | null;
  probes: readonly Probe[];
  /** From when on the quickest of several requests is slow, ms. */
  slowMs: number;
  /** Time of the look, ms since the epoch. */
  now: number;
}

/** Readiness is found out once a second at most, ms. */
const PAUSE_MS = 1_100;

export interface Looking {
  slowMs: number;
  /** For how long to look, ms. */
  windowMs: number;
}

export async function observe(app: App, { slowMs, windowMs }: Looking): Promise<Signs> {
  const begun = performance.now();
  const looks = new Looks(app);
  const before = await metricsOf(app);
  const instances = await instancesOf(app);
  // What is answered within a second may be of before we began.
  await sleep(PAUSE_MS);
  await looks.look();
  const takesWrites = looks.isWell("storage") && looks.isWell("migrations");
  const mayWrite = takesWrites && !instances?.degraded && !instances?.maintenance;
  const probes = await probe(app, slowMs, mayWrite);
  for (;;) {
    const left = windowMs - (performance.now() - begun);
    if (left <= 0) break;
    await sleep(Math.min(PAUSE_MS, left));
    await looks.look();
  }
  const after = await metricsOf(app);
  await looks.look();
  const all = instances?.instances ?? [];
  return {
    sick: looks.sick,
    instances,
    answering: all.flatMap((one) => ("error" in one ? [] : [one])),
    measures: before === null || after === null ? null : new Measures(before, after),
    probes,
    slowMs,
    now: Date.now(),
  };
}

/** Everything that readiness named while it was asked. */
class Looks {
  readonly #app: App;
  readonly #sick = new Map<string, CheckView>();

  constructor(app: App) {
    this.#app = app;
  }

  get sick(): CheckView[] {
    return [...this.#sick.values()];
  }

  isWell(name: string): boolean {
    return !this.sick.some((check) => check.name === name);
  }

  async look(): Promise<void> {
    const { checks } = await readiness(this.#app.anyone({ retries: 0 }));
    // Numbers differ from look to look; what is said stays the same.
    for (const check of checks)
      if (!check.ok) this.#sick.set(`${check.name} ${check.message.replaceAll(/\d+/g, "")}`, check);
  }
}

async function metricsOf(app: App): Promise<string | null> {
  if (app.target.admin_token === undefined) return null;
  const admin = await app.admin();
  const asked = admin.request("GET", "/metrics", {}, { retries: 0 });
  const text = await asked.catch(() => null);
  return typeof text === "string" ? text : null;
}

/** null: there is no ADMIN_TOKEN, or the service does not answer. */
async function instancesOf(app: App): Promise<Instances | null> {
  if (app.target.admin_token === undefined) return null;
  return (await app.admin()).call("listInstances", {}, { retries: 0 }).catch(() => null);
}

export function sumOf(instances: readonly Instance[], of: (one: Instance) => number): number {
  return instances.reduce((sum, one) => sum + of(one), 0);
}
