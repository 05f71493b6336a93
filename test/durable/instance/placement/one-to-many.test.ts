/** From one instance to sixty-four, and to three, with writes all the time: nothing is lost. */
import { expect, it } from "vitest";
import { NodeInstances } from "../../../support/instances.ts";

it(
  "loses nothing from 1 to 64 to 3 instances, while clients write",
  { timeout: 120_000 },
  async () => {
    const nodes = new NodeInstances(1);
    const tools = new Map<string, string[]>();
    const write = async (): Promise<void> => {
      const fresh = await nodes.start("mend the lamp");
      tools.set(fresh, []);
      for (const [id, before] of tools) {
        if (before.length > 4) continue;
        await nodes.step(id, `tool-${before.length}`);
        before.push(`tool-${before.length}`);
      }
    };
    for (let n = 0; n < 6; n++) await write();
    for (const count of [64, 3]) {
      await nodes.resize(count);
      await write();
      await nodes.settle();
      await write();
      for (const id of [...tools.keys()].slice(0, 2)) await nodes.complete(id);
    }
    await nodes.heal();

    for (const [id, expected] of tools) {
      const { json } = await nodes.do("episode.get", { id });
      const { steps } = JSON.parse(json) as { steps: { tool: string }[] };
      expect(steps.map(({ tool }) => tool)).toEqual(expected);
    }
    const stored = nodes.stored.all("SELECT 1 AS n FROM episodes");
    expect(stored).toHaveLength(tools.size);
    const { items } = await nodes.do("search", { q: "lamp", limit: 50, cursor: null });
    expect(items.filter(({ kind }) => kind === "episode")).toHaveLength(2);
  },
);
