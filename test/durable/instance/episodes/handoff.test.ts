import { beforeEach, describe, expect, it } from "vitest";
import { NodeInstances } from "../../../support/instances.ts";

let cluster: NodeInstances;
beforeEach(() => {
  cluster = new NodeInstances(2);
});

const STEPS = [
  ["find_order", { email: "ann@example.com" }, '{"order":{"id":"o-77"}}'],
  ["refund", { order_id: "o-77" }, "refunded"],
] as const;

/** Logs the first steps of a run of the same kind; answers with its id. */
async function begun(steps: number): Promise<string> {
  const id = await cluster.start("refund the order of ann@example.com");
  for (const [tool, parameters, output] of STEPS.slice(0, steps)) {
    const result = { type: "success", output } as const;
    const measures = { latency_ms: null, tokens: null, metadata: {} };
    const step = { tool, action: "", parameters, result, ...measures };
    await cluster.do("episode.steps", { id, steps: [step] });
  }
  return id;
}

const handOff = (id: string) => cluster.do("episode.handoff", { id, checkpoint_id: null });

describe("an episode that is handed over", () => {
  it("says what comes next, and where its parameters come from", async () => {
    for (let n = 0; n < 4; n++) await cluster.complete(await begun(2));
    const { next_tools, next_actions } = await handOff(await begun(1));
    expect(next_tools[0]).toMatchObject({ tool: "refund" });
    expect(next_actions?.[0]).toMatchObject({ tool: "refund" });
    expect(next_actions?.[0]?.parameters[0]).toMatchObject({
      name: "order_id",
      source: "find_order.order.id",
      found: ["o-77"],
    });
  });

  it("lacks only that while the namespace's home is out of reach", async () => {
    const home = cluster.homeOf("ns:n");
    let id = await begun(1);
    while (cluster.homeOf(id) === home) id = await begun(1);
    cluster.beforeCall = (to, _name, _input, from) => {
      if (to === home && from !== "outside") throw new Error("out of reach");
    };
    const { episode, recent_steps, next_tools, next_actions } = await handOff(id);
    expect(episode).toMatchObject({ id, status: "in_progress" });
    expect(recent_steps).toHaveLength(1);
    expect([next_tools, next_actions]).toEqual([[], []]);
  });
});
