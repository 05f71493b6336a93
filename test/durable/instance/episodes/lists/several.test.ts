import { beforeEach, expect, it } from "vitest";
import { LIMITS } from "../../../../../src/contract/limits.ts";
import { NodeInstances } from "../../../../support/instances.ts";

let cluster: NodeInstances;
let ids: string[];

beforeEach(async () => {
  cluster = new NodeInstances(3);
  ids = [];
  for (let number = 0; number < 6; number++) {
    cluster.now += 1_000;
    const id = await cluster.start(`task ${number}`);
    await cluster.step(id, `tool_${number}`);
    ids.push(id);
  }
});

const idsOf = (episodes: readonly { id: string }[]): string[] => episodes.map(({ id }) => id);

it("several episodes come with their steps, in the order of the ids, and each once", async () => {
  await cluster.flush();
  for (const index of [0, 1, 2]) cluster.lose(index);
  const asked = [ids[3], "nobody", ids[0], ids[3], ids[5]].map(String);
  const found = await cluster.do("episodes.get", { ids: asked });
  expect(idsOf(found.episodes)).toEqual([ids[3], ids[0], ids[5]]);
  expect(found.episodes[0]?.steps.map(({ tool }) => tool)).toEqual(["tool_3"]);
  expect([found.missing, found.remaining]).toEqual([["nobody"], []]);
});

it("what is another tenant's, or deleted, is missing like what never was", async () => {
  const other = await cluster.start("another's", { namespace: "another" });
  await cluster.do("episode.delete", { id: String(ids[1]), if_match: null });
  const asked = [ids[0], other, ids[1]].map(String);
  const { episodes, missing } = await cluster.do("episodes.get", { ids: asked });
  expect(idsOf(episodes)).toEqual([ids[0]]);
  expect(missing).toEqual([other, ids[1]]);
});

it("an answer is bounded in bytes, and names what is left to be asked for", async () => {
  const result = { type: "success", output: "o".repeat(60_000) } as const;
  const measures = { latency_ms: null, tokens: null, metadata: {} };
  const step = { tool: "look", action: "", parameters: {}, result, ...measures };
  for (const id of ids.slice(0, 3))
    await cluster.do("episode.steps", { id, steps: Array.from({ length: 40 }, () => step) });

  const seen: string[] = [];
  let rest: string[] = [...ids, "nobody"];
  let requests = 0;
  while (rest.length > 0) {
    requests += 1;
    const { episodes, missing, remaining } = await cluster.do("episodes.get", { ids: rest });
    expect(JSON.stringify(episodes).length).toBeLessThan(LIMITS.page_bytes + 100_000);
    expect(episodes.length).toBeGreaterThan(0);
    if (requests === 1) expect(missing).toEqual(["nobody"]);
    seen.push(...idsOf(episodes));
    rest = remaining;
  }
  expect(seen).toEqual(ids);
  expect(requests).toBe(3);
});

it("what only the database knows of is not called missing while it is away", async () => {
  await cluster.flush();
  for (const index of [0, 1, 2]) cluster.lose(index);
  cluster.beforeDatabase = () => {
    throw new Error("connect ECONNREFUSED");
  };
  await expect(cluster.do("episodes.get", { ids })).rejects.toThrow("database_unavailable");
});
