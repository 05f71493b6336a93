import { beforeEach, expect, it } from "vitest";
import type { Call } from "../../../../../src/contract/call.ts";
import type { NamespaceView } from "../../../../../src/contract/namespaces/answers.ts";
import type { Page } from "../../../../../src/contract/operation.ts";
import type { KeyRecord } from "../../../../../src/durable/shared/control.ts";
import { DatabaseError } from "../../../../../src/storage/index.ts";
import { NodeInstances } from "../../../../support/instances.ts";

const KEY: KeyRecord = {
  id: "k",
  hash: "a".repeat(64),
  name: "test",
  scopes: ["read"],
  namespaces: ["b", "nothing", "d"],
  default_namespace: "b",
  created_at: "2026-01-01T00:00:00.000Z",
  expires_at: null,
  revoked_at: null,
};
const BY_KEY: Partial<Call> = { root: false, key_hash: KEY.hash, namespace: "b" };
const FIRST = { limit: 50, cursor: null };

let cluster: NodeInstances;

beforeEach(async () => {
  cluster = new NodeInstances(2);
  cluster.keys = [KEY];
  for (const namespace of ["d", "a", "c", "b"])
    for (const task of ["one", "two", "three"]) await cluster.start(task, { namespace });
});

const namesOf = (page: { items: { name: string; empty: boolean }[] }): string[] =>
  page.items.map(({ name, empty }) => (empty ? `${name} (empty)` : name));

it("whoever may see all gets those in which something is, by name, page by page", async () => {
  await cluster.flush();
  for (const index of [0, 1]) cluster.lose(index);
  const first = await cluster.do("namespaces.list", { limit: 3, cursor: null });
  expect(namesOf(first)).toEqual(["a", "b", "c"]);
  const second = await cluster.do("namespaces.list", { limit: 3, cursor: first.next_cursor });
  expect([namesOf(second), second.next_cursor]).toEqual([["d"], null]);
});

it("what the database does not have yet is among them; without it, what instances hold", async () => {
  await cluster.flush();
  cluster.beforeDatabase = () => {
    throw new DatabaseError("unreachable", "ECONNREFUSED", null);
  };
  await cluster.start("late", { namespace: "aa" });
  const page = await cluster.do("namespaces.list", FIRST);
  expect([namesOf(page), page.degraded]).toEqual([["a", "aa", "b", "c", "d"], true]);
});

it("a key that names its namespaces sees those, and no other", async () => {
  const page = await cluster.do("namespaces.list", FIRST, BY_KEY);
  expect(namesOf(page)).toEqual(["b", "d", "nothing (empty)"]);
  const parts = [];
  for (let cursor: string | null = null, n = 0; n < 5; n++) {
    const part: Page<NamespaceView> = await cluster.do(
      "namespaces.list",
      { limit: 1, cursor },
      BY_KEY,
    );
    parts.push(...namesOf(part));
    cursor = part.next_cursor;
    if (cursor === null) break;
  }
  expect(parts).toEqual(["b", "d", "nothing (empty)"]);
});

it("a cursor that is none is refused", async () => {
  await expect(cluster.do("namespaces.list", { limit: 1, cursor: "!" })).rejects.toThrow("cursor");
});
