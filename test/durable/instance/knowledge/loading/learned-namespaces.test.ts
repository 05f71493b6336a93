import { beforeEach, describe, expect, it } from "vitest";
import { LearnedNamespaces } from "../../../../../src/durable/instance/knowledge/learned/namespaces.ts";
import {
  DATABASE_SCHEMA,
  everythingLearned,
  NOW,
  openKnowledge,
  type KnowledgeOptions,
  type OpenKnowledge,
} from "../../../../support/knowledge.ts";
import { openLocal, type NodeSql } from "../../../../support/node-sql.ts";
import { episode, ids, nameOf, recall, storeMany } from "./many-episodes.ts";

let database: NodeSql;
beforeEach(() => {
  database = openLocal(DATABASE_SCHEMA);
});

const open = (more: KnowledgeOptions = {}): OpenKnowledge => openKnowledge({ database, ...more });
const store = (namespace: string, from: number, count: number): void =>
  storeMany(database, namespace, from, count);

describe("what is learned beyond the capacity of a namespace", () => {
  it("is forgotten by the alarm, a slice each, and not by the call that learned it", async () => {
    const opened = open({ capacity: 50 });
    await recall(opened);
    for (let n = 0; n < 500; n++) opened.learn({ ...episode(n).digest, namespace: "n" });
    expect(ids(opened)).toHaveLength(500);
    const counts: number[] = [];
    while (opened.knowledge.learning.nextAt(NOW) !== null) {
      opened.knowledge.learning.onAlarm();
      counts.push(ids(opened).length);
    }
    expect(counts.slice(0, 3)).toEqual([300, 100, 50]);
    expect(counts.at(-1)).toBe(50);
  });

  it("stays where it is no longer at home, for its new home to take", () => {
    let isHome = true;
    const opened = open({ capacity: 1, isHome: () => isHome });
    for (let n = 0; n < 5; n++) opened.learn({ ...episode(n).digest, namespace: "n" });
    isHome = false;
    expect(opened.knowledge.learning.nextAt(NOW)).toBeNull();
    opened.knowledge.learning.onAlarm();
    expect(ids(opened)).toHaveLength(5);
  });
});

describe("many episodes that come before any alarm fires", () => {
  it("are stored in full from time to time: little is learned again when the object begins anew", () => {
    const opened = open();
    for (let n = 0; n < 600; n++) opened.learn(episode(n).digest);
    const [row] = opened.sql.all<{ head: string }>("SELECT head FROM learned_namespaces");
    const { digests, sealed } = JSON.parse(row?.head ?? "{}") as Record<string, number>;
    expect([digests, sealed]).toEqual([512, 512]);
    expect(everythingLearned(opened, "n")?.digests).toHaveLength(600);
  });
});

describe("a namespace that is erased", () => {
  it("leaves no row, and its number goes to no other", async () => {
    store("n", 0, 300);
    const opened = open();
    await recall(opened);
    await opened.settle();
    opened.learn({ ...episode(500).digest, namespace: "n" });
    opened.forget("n", nameOf(3));
    const number = opened.learned.of("n")?.number ?? 0;
    opened.sql.transaction(() => opened.knowledge.erase("n"));
    const tables = opened.sql
      .all<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE name LIKE 'learned\\_%' ESCAPE '\\' AND type = 'table'",
      )
      .map(({ name }) => name);
    expect(tables.length).toBeGreaterThan(8);
    for (const name of tables)
      expect([name, opened.sql.all(`SELECT * FROM ${name}`)]).toEqual([name, []]);
    opened.learn({ ...episode(1).digest, namespace: "m" });
    expect(opened.learned.of("m")?.number).toBeGreaterThan(number);
    expect((await recall(opened, "m")).episodes).toHaveLength(1);
  });

  it("takes nothing of another with it", async () => {
    for (const namespace of ["m", "n"]) store(namespace, 0, 150);
    const opened = open();
    for (const namespace of ["m", "n"]) await recall(opened, namespace);
    await opened.settle();
    const before = everythingLearned(opened, "m");
    opened.sql.transaction(() => opened.knowledge.erase("n"));
    const { relevances: _of, ...kept } = everythingLearned(opened, "m") ?? {};
    expect({ ...before, relevances: undefined }).toEqual({ ...kept, relevances: undefined });
    expect((await recall(opened, "m")).episodes).toHaveLength(3);
  });
});

describe("more namespaces than are open at once", () => {
  it("are each as they were, and none holds more memory than is given", () => {
    const opened = open({ cacheBytes: 50_000 });
    for (let n = 0; n < 230; n++) opened.learn({ ...episode(n).digest, namespace: `n${n}` });
    expect(opened.learned.opened().length).toBeLessThanOrEqual(200);
    for (let n = 0; n < 230; n++)
      expect(opened.learned.of(`n${n}`)?.digests.byEpisode(nameOf(n))).not.toBeNull();
    expect(opened.learned.cachedBytes).toBeLessThan(60_000);
    expect(opened.learned).toBeInstanceOf(LearnedNamespaces);
  });
});
