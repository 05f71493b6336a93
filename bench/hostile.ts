/**
 * What hostile texts of one tenant do to another: the other's p99 alone, beside a neighbour who
 * asks the same of ordinary texts, and beside one who asks it of hostile ones, in one run and one
 * thread. `npm run bench:hostile [-- SECONDS]`. Ends with 1 when the hostile neighbour costs more
 * than twice what the ordinary one does.
 *
 * @module
 */

import { HOSTILE_TEXTS } from "../test/support/hostile-texts.ts";
import { ask } from "./support/client.ts";
import { ADMIN_TOKEN } from "./support/runtime.ts";
import { World } from "./support/world.ts";

/** How long each part lasts, ms. */
const PART_MS = Number(process.argv[2] ?? 25) * 1_000;
const RATIO_MAX = 2;
/** Characters of a task, of a message, of the steps that a neighbour's run has. */
const TASK = 5_000;
const MESSAGE = 5_000;
const RECENT = 20;
const STEPS = 20;
const STORED = 60;

const ORDINARY = [
  "please cancel the order of the customer and refund the payment to the card that was used ",
  "update src/app/main.ts so that the tests pass, then open a pull request for review ",
  "error: order 48123 not found in region eu-west-1, try again with another id ",
];
const HOSTILE = HOSTILE_TEXTS.map(({ of }) => of);
const ordinary = ORDINARY.map(
  (text) =>
    (length: number): string =>
      text.repeat(Math.ceil(length / text.length)).slice(0, length),
);

type Texts = readonly ((length: number) => string)[];

const world = await World.start({ INSTANCE_COUNT: "1", RATE_LIMIT_PER_SECOND: "10000" });
const url = world.runtime.urls.service;

async function tenant(namespace: string): Promise<string> {
  const body = {
    name: namespace,
    scopes: ["read", "write"],
    namespaces: [namespace],
    default_namespace: namespace,
  };
  return (await ask<{ key: string }>("POST", `${url}/admin/keys`, { key: ADMIN_TOKEN, body })).key;
}

/**
 * One run of a neighbour: an episode that is logged and completed, and what is asked before and
 * while it goes on.
 */
async function runOf(key: string, of: (length: number) => string, asks = true): Promise<number> {
  const post = <T>(path: string, body: unknown): Promise<T> =>
    ask<T>("POST", url + path, { key, body });
  const task = of(TASK);
  const { id } = await post<{ id: string }>("/v1/episodes", { task });
  const steps = Array.from({ length: STEPS }, (_, i) => ({
    tool: `tool_${i % 7}`,
    parameters: { query: of(MESSAGE) },
    result:
      i % 2 === 0
        ? { type: "success", output: of(MESSAGE) }
        : { type: "error", message: of(MESSAGE) },
  }));
  await post(`/v1/episodes/${id}/steps`, { steps });
  const recent_steps = steps.slice(0, RECENT).map(({ tool, parameters }) => ({
    tool,
    parameters,
    result: "error",
    message: of(MESSAGE),
  }));
  if (asks) {
    await post("/v1/recall", { task, recent_steps, limit: 20 });
    await post("/v1/advise", { task, recent_steps, error: of(MESSAGE) });
  }
  await post(`/v1/episodes/${id}/complete`, { outcome: { type: "success" } });
  return asks ? 5 : 3;
}

/**
 * The other tenant's times, ms, sorted, while the neighbour is at work.
 *
 * @param texts none: it is alone
 */
async function beside(
  key: string,
  neighbour: string,
  texts: Texts,
): Promise<{ times: number[]; requests: number }> {
  const end = Date.now() + PART_MS;
  let requests = 0;
  const work = async (): Promise<void> => {
    for (let i = 0; texts.length > 0 && Date.now() < end; i++) {
      const of = texts[i % texts.length];
      if (of) requests += await runOf(neighbour, of);
    }
  };
  const times: number[] = [];
  const measure = async (): Promise<void> => {
    const { id } = await ask<{ id: string }>("POST", `${url}/v1/episodes`, {
      key,
      body: { task: "a small task" },
    });
    for (let i = 0; Date.now() < end; i++) {
      const begun = performance.now();
      const step = {
        number: (i % 1_000) + 1,
        tool: "t",
        result: { type: "success", output: "ok" },
      };
      if (i % 2 === 0) await ask("POST", `${url}/v1/episodes/${id}/steps`, { key, body: step });
      else await ask("POST", `${url}/v1/recall`, { key, body: { task: "a small task" } });
      times.push(performance.now() - begun);
    }
  };
  await Promise.all([work(), measure()]);
  return { times: times.sort((a, b) => a - b), requests };
}

const at = (times: readonly number[], share: number): number =>
  times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;

try {
  const victim = await tenant("victim");
  const parts: [name: string, texts: Texts][] = [
    ["alone", []],
    ["beside an ordinary neighbour", ordinary],
    ["beside a hostile neighbour", HOSTILE],
  ];
  const worst: number[] = [];
  for (const [i, [name, texts]] of parts.entries()) {
    const neighbour = await tenant(`neighbour-${i}`);
    for (let stored = 0; texts.length > 0 && stored < STORED; stored++) {
      const of = texts[stored % texts.length];
      if (of) await runOf(neighbour, of, false);
    }
    const { times, requests } = await beside(victim, neighbour, texts);
    worst.push(at(times, 0.99));
    const figures = [0.5, 0.99, 1].map((share) => at(times, share).toFixed(1).padStart(8)).join("");
    console.log(
      `${name.padEnd(32)} p50, p99, max:${figures} ms; ${times.length} requests, the neighbour's ${requests}`,
    );
  }
  const [, usual = 1, hostile = 0] = worst;
  const ratio = hostile / usual;
  const good = ratio <= RATIO_MAX;
  console.log(
    `${good ? "good" : "MISSED"}: a hostile neighbour costs ${ratio.toFixed(2)} times what an ordinary one does, at most ${RATIO_MAX}`,
  );
  process.exitCode = good ? 0 : 1;
} finally {
  await world.remove();
}
