import { beforeEach, describe, expect, it } from "vitest";
import { TERMS_VERSION } from "../../../../../src/memory/text/index.ts";
import { isoTime } from "../../../../../src/util/time.ts";
import { episodeOf, stepOf } from "../../../../support/episodes.ts";
import {
  DATABASE_SCHEMA,
  everythingLearned,
  NOW,
  openKnowledge,
  storeEpisode,
  success,
  type OpenKnowledge,
} from "../../../../support/knowledge.ts";
import { openLocal, type NodeSql } from "../../../../support/node-sql.ts";

const MINUTE = 60_000;

let database: NodeSql;
let now: number;
let opened: OpenKnowledge;

function store(namespace: string, tasks: readonly string[]): void {
  for (const [n, task] of tasks.entries()) {
    const ended = { started_at: isoTime(NOW - 5_000 + n), ended_at: isoTime(NOW - 4_000 + n) };
    const record = episodeOf(`${namespace}-${n}`, success, { task, step_count: 1, ...ended });
    storeEpisode(database, { ...record, namespace }, [stepOf(1, "find")]);
  }
}

const search = async (namespace: string, q: string): Promise<string[]> => {
  const found = await opened.knowledge.questions.search(
    namespace,
    { q, limit: 10, cursor: null },
    now,
  );
  return found.items.map(({ id }) => id);
};
const versions = (): unknown[] =>
  opened.sql
    .all(
      "SELECT namespace, json_extract(cursor, '$.terms') AS v FROM learned_namespaces ORDER BY 1",
    )
    .map(({ namespace, v }) => [namespace, v]);

/** As an earlier release left it. */
function makeOld(): void {
  opened.sql.run("UPDATE learned_namespaces SET cursor = json_remove(cursor, '$.terms')");
}

beforeEach(async () => {
  database = openLocal(DATABASE_SCHEMA);
  now = NOW;
  store("latin", ["cancel a flight", "book a hotel"]);
  store("mixed", ["docker部署失败", "cancel a flight"]);
  opened = openKnowledge({ database, now: () => now });
  for (const namespace of ["latin", "mixed"]) await search(namespace, "flight");
  await opened.settle();
});

describe("a namespace that was indexed by an earlier version", () => {
  it("is learned again where its texts ask for it, and marked where they do not", async () => {
    expect(versions()).toEqual([
      ["latin", TERMS_VERSION],
      ["mixed", TERMS_VERSION],
    ]);
    const whole = everythingLearned(opened, "mixed");
    makeOld();
    const numbers = () =>
      opened.sql.all("SELECT number FROM learned_namespaces ORDER BY namespace");
    const before = numbers();
    opened = openKnowledge({ database, sql: opened.sql, now: () => now });
    expect(opened.knowledge.loading.nextAt()).toBe(NOW + MINUTE);
    await opened.settle();
    expect(versions()).toEqual([
      ["latin", null],
      ["mixed", null],
    ]);

    now += MINUTE;
    await opened.settle();
    expect(versions()).toEqual([
      ["latin", TERMS_VERSION],
      ["mixed", TERMS_VERSION],
    ]);
    expect(numbers()[0]).toEqual(before[0]);
    expect(numbers()[1]).not.toEqual(before[1]);
    expect(everythingLearned(opened, "mixed")).toEqual(whole);
    expect(await search("mixed", "docker")).toEqual(["mixed-0"]);
    expect(await search("mixed", "署")).toEqual(["mixed-0"]);
    expect(opened.knowledge.loading.nextAt()).toBeNull();
  });
});
