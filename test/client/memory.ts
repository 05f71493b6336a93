/**
 * A memory in this process, which takes everything, for what a client sends to it.
 *
 * @module
 */

import { MemoryClient, type Recording, type StepToLog } from "../../client/index.ts";

/** What is compared of a step: not when it was, nor how long it took. */
export type Seen = Pick<StepToLog, "tool" | "parameters" | "result">;

/** Runs an agent that is recorded, and returns the steps that the memory was given. */
export async function stepsIn(agent: (run: Recording) => unknown): Promise<Seen[]> {
  const steps: StepToLog[] = [];
  const memory = new MemoryClient({
    url: "http://memory.test",
    fetch: async (request) => {
      const sent = (await request.json()) as { steps?: StepToLog[] };
      steps.push(...(sent.steps ?? []));
      return Response.json({ id: "e1" });
    },
  });
  await memory.record("a task", async (run) => {
    await agent(run);
  });
  return steps.map(({ tool, parameters, result }) => ({
    tool,
    parameters,
    result: result ?? null,
  }));
}

export const success = (output: string): StepToLog["result"] => ({ type: "success", output });
export const failure = (message: string): StepToLog["result"] => ({ type: "error", message });
