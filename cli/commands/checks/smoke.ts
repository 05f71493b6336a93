/**
 * `memory-cli smoke`: one episode from its start to its deletion. What it makes it deletes.
 *
 * @module
 */

import type { MemoryClient } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { CliError } from "../../exit.ts";
import type { CommandSpec } from "../../spec.ts";
import type { Shown } from "../../terminal/output.ts";
import { Checklist } from "./checklist.ts";
import { problemsOf, readiness } from "./readiness.ts";

/** Runs the checks one after another; what it makes it deletes. */
export async function smoke(app: App): Promise<Shown> {
  const list = new Checklist(app);
  const client = app.anyone({ retries: 0 });
  await list.check("alive", async () => {
    await client.request("GET", "/health/live");
    return app.target.url;
  });
  await list.check("ready", async () => {
    const view = await readiness(client);
    if (view.status === "unhealthy" || view.status === "unreachable")
      throw new CliError(problemsOf(view).join("; "));
    return view.status === "healthy" ? view.status : { verdict: "warn", message: view.status };
  });

  const memory = await app.memory();
  // A word that no other episode has, by which this one is found again.
  const word = `smoke${Date.now().toString(36)}`;
  let id = "";
  const isStarted = await list.check("start an episode", async () => {
    const made = await memory.episodes.start({
      task: `smoke test ${word}`,
      context: { domain: "smoke" },
      tags: ["smoke"],
    });
    id = made.id;
    return `${id}, ${made.durability}`;
  });
  if (isStarted) await checkEpisode(list, memory, id, word);
  return list.shown();
}

async function checkEpisode(
  list: Checklist,
  memory: MemoryClient,
  id: string,
  word: string,
): Promise<void> {
  await list.check("log a step", async () => {
    const result = { type: "success", output: word } as const;
    const { last_number } = await memory.episodes.log(id, { tool: "smoke", result });
    return `step ${last_number}`;
  });
  await list.check("read it back", async () => {
    const { steps } = await memory.episodes.get(id);
    if (steps.length !== 1) throw new CliError(`${steps.length} steps and not 1`);
    return "with its step";
  });
  await list.check("list it", async () => {
    const { episodes } = await memory.episodes.list({ text: word });
    if (!episodes.some((one) => one.id === id)) throw new CliError("it is not in the list");
    return "it is in the list";
  });
  await list.check("complete it", async () => {
    const outcome = { type: "success", verdict: "smoke" } as const;
    const { reward, learning } = await memory.episodes.complete(id, { outcome });
    return `reward ${reward?.total.toFixed(2) ?? "-"}, learning ${learning}`;
  });
  await list.check("recall it", async () => {
    const { episodes, served_by } = await memory.recall({ task: `smoke test ${word}` });
    if (!episodes.some((one) => one.id === id)) throw new CliError("it is not recalled");
    return `served by the ${served_by}`;
  });
  await list.check("delete it", async () => {
    await memory.episodes.delete(id);
    const isThere = await memory.episodes.get(id).then(
      () => true,
      () => false,
    );
    if (isThere) throw new CliError("it is still there");
    return "nothing is left of it";
  });
}

export const SMOKE: readonly CommandSpec[] = [
  {
    name: "smoke",
    summary: "record, learn, recall and delete one episode",
    examples: ["memory-cli smoke", "memory-cli smoke --profile production --format json"],
    notes: "What it makes it deletes, and what was learned from it is taken back.",
    run: smoke,
  },
];
