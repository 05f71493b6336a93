/** LangGraph's real package on the service: what an agent keeps in its store, others recall. */

import { END, MessagesAnnotation, START, StateGraph, type BaseStore } from "@langchain/langgraph";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MemoryClient, MemoryStore } from "../../../client/index.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { Service } from "../../support/service/service.ts";

let database: Sqld;
let service: Service;
let memory: MemoryClient;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url);
  memory = new MemoryClient({ url: service.url, key: await service.key("*"), namespace: "store" });
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

const fresh = async (namespace: string): Promise<BaseStore> =>
  new MemoryStore(
    new MemoryClient({ url: service.url, key: await service.key(namespace), namespace }),
  );

it("keeps what a graph puts into its store, for another graph and for a recall", async () => {
  const store: BaseStore = new MemoryStore(memory);
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("keep", async (_state, { store: given }) => {
      await given?.put(["users", "ada"], "drinks", { text: "Ada drinks her tea without milk." });
      return { messages: [] };
    })
    .addNode("find", async (_state, { store: given }) => {
      const [item] = (await given?.search(["users"], { query: "milk in tea" })) ?? [];
      return { messages: [{ role: "assistant", content: String(item?.value["text"]) }] };
    })
    .addEdge(START, "keep")
    .addEdge("keep", "find")
    .addEdge("find", END)
    .compile({ store });
  const { messages } = await graph.invoke({ messages: [] });
  expect(messages.at(-1)?.content).toBe("Ada drinks her tea without milk.");

  const recalled = await memory.recall({
    task: "make tea for Ada, milk or not",
    context: { domain: "users/ada" },
  });
  expect(recalled.lessons?.map(({ text }) => text)).toEqual(["Ada drinks her tea without milk."]);
});

it("is a store: items are replaced, told apart, filtered, listed and deleted", async () => {
  const store = await fresh("items");
  await store.put(["docs", "a"], "one", { title: "One", size: 1, tags: ["x"] });
  await store.put(["docs", "b"], "two", { title: "Two", size: 2 });
  await store.put(["docs", "b"], "same", { text: "Water the plants on Monday." });
  await store.put(["docs", "b"], "again", { text: "Water the plants on Monday." });
  await store.put(["other"], "same", { text: "Water the plants on Monday." });
  const first = await store.get(["docs", "a"], "one");
  expect(first).toMatchObject({
    key: "one",
    namespace: ["docs", "a"],
    value: { title: "One", size: 1, tags: ["x"] },
    createdAt: expect.any(Date),
  });
  expect((await store.get(["docs", "b"], "again"))?.value).toEqual({
    text: "Water the plants on Monday.",
  });

  const keys = async (options: Parameters<BaseStore["search"]>[1]): Promise<string[]> =>
    (await store.search(["docs"], options)).map(({ key }) => key).sort();
  expect(await keys({})).toEqual(["again", "one", "same", "two"]);
  expect(await keys({ filter: { size: { $gte: 2 } } })).toEqual(["two"]);
  expect(await keys({ filter: { tags: ["x"], title: { $ne: "Two" } } })).toEqual(["one"]);
  expect(await keys({ limit: 2, offset: 3 })).toHaveLength(1);
  expect(await keys({ query: "plants to water" })).toEqual(["again", "same"]);
  expect(await store.listNamespaces({ prefix: ["docs"] })).toEqual([
    ["docs", "a"],
    ["docs", "b"],
  ]);
  expect(await store.listNamespaces({ maxDepth: 1 })).toEqual([["docs"], ["other"]]);
  expect(await store.listNamespaces({ suffix: ["*", "b"] })).toEqual([["docs", "b"]]);

  await store.put(["docs", "a"], "one", { title: "Uno", size: 1 });
  await store.put(["docs", "b"], "two", { text: "now a text" });
  const [one, gone, two] = await store.batch([
    { namespace: ["docs", "a"], key: "one" },
    { namespace: ["docs", "b"], key: "same", value: null },
    { namespace: ["docs", "b"], key: "two" },
  ]);
  expect([one?.value, gone, two?.value]).toEqual([
    { title: "Uno", size: 1 },
    undefined,
    { text: "now a text" },
  ]);
  expect(await keys({})).toEqual(["again", "one", "two"]);
  expect(await store.get(["docs", "b"], "same")).toBeNull();
  await store.put(["docs", "b"], "same", { text: "Water the plants on Monday." });
  expect(await keys({})).toEqual(["again", "one", "same", "two"]);
});

it("refuses what is too large, and says so", async () => {
  const store = await fresh("large");
  const put = store.put(["docs"], "one", { text: "x".repeat(1_001) });
  await expect(put).rejects.toMatchObject({
    code: "validation_failed",
    errors: [{ path: "text" }],
  });
});
