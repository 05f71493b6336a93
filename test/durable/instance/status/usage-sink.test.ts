import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import {
  USAGE_COUNTS_SCHEMA,
  UsageCounter,
} from "../../../../src/durable/instance/status/usage-counts.ts";
import { UsageSink } from "../../../../src/durable/instance/status/usage-sink.ts";
import { NOTHING } from "../../../../src/durable/instance/status/usage-tally.ts";
import { openLocal } from "../../../support/node-sql.ts";
import { fencedOf } from "../../../support/documents.ts";

interface Point {
  indexes: string[];
  doubles: number[];
}

function sinkOf(refuses: (point: Point) => boolean = () => false) {
  const points: Point[] = [];
  const lost: string[] = [];
  const sink = new UsageSink({
    dataset: {
      writeDataPoint(point) {
        if (refuses(point)) throw new Error("too many points");
        points.push(point);
      },
    },
    meter: { count: (name: string) => lost.push(name) } as never,
    log: ({ event }) => lost.push(event),
  });
  return { sink, points, lost };
}

const requests = (count: number) => ({ ...NOTHING, requests: count });

describe("usage in a dataset", () => {
  it("is a point a namespace and flush, however many requests there were", () => {
    const { sink, points } = sinkOf();
    for (let i = 0; i < 1_000; i++) sink.count("a", requests(1));
    sink.count("b", { ...NOTHING, episodes: 2, bytes: 7 });
    sink.flush();
    sink.flush();
    expect(points).toEqual([
      { indexes: ["a"], doubles: [1_000, 0, 0, 0, 0] },
      { indexes: ["b"], doubles: [0, 0, 2, 0, 7] },
    ]);
  });

  it("has the busiest by name and the rest as one, within what the platform takes", () => {
    const { sink, points } = sinkOf();
    for (let i = 0; i < 3_000; i++) sink.count(`n${i}`, requests(i === 700 ? 5 : 1));
    sink.flush();
    expect(points).toHaveLength(25);
    expect(points[0]).toEqual({ indexes: ["n700"], doubles: [5, 0, 0, 0, 0] });
    expect(points.at(-1)?.indexes).toEqual([""]);
    expect(points.reduce((all, { doubles }) => all + (doubles[0] ?? 0), 0)).toBe(3_004);
  });

  it("loses a point that is not taken, counts it, and takes nothing with it", () => {
    const { sink, points, lost } = sinkOf(({ indexes }) => indexes[0] === "a");
    sink.count("a", requests(2));
    sink.count("b", requests(1));
    sink.flush();
    expect(points.map(({ indexes }) => indexes)).toEqual([["b"]]);
    expect(lost).toEqual(["memory_usage_points_lost_total", "usage_point_lost"]);
  });

  it("is written when the counts are stored, of namespaces alone", () => {
    const { sink, points } = sinkOf();
    const due: (() => void)[] = [];
    const usage = new UsageCounter({
      sql: openLocal(USAGE_COUNTS_SCHEMA),
      now: () => 0,
      log: () => undefined,
      later: (work) => due.push(work),
      saveAfterMs: () => 7,
      sink,
    });
    usage.count({ namespace: "a", key: "k" }, requests(1));
    usage.count({ namespace: null, key: "k" }, requests(1));
    expect(points).toEqual([]);
    for (const work of due) work();
    expect(points).toEqual([{ indexes: ["a"], doubles: [1, 0, 0, 0, 0] }]);
  });

  it("is summed by the query of docs/configuration.md, under the names that it gives", () => {
    const page = readFileSync(
      join(import.meta.dirname, "../../../../docs/configuration.md"),
      "utf8",
    );
    const [query] = fencedOf(page).filter(({ language }) => language === "sql");
    const { sink, points } = sinkOf();
    for (const round of [1, 2]) {
      sink.count("a", { requests: round, refusals: 2, episodes: 3, rows: 4, bytes: 5 });
      sink.flush();
    }
    const database = new DatabaseSync(":memory:");
    const doubles = [1, 2, 3, 4, 5].map((number) => `double${number} REAL`).join(", ");
    database.exec(
      `CREATE TABLE memory_service_usage (index1 TEXT, _sample_interval INTEGER, ${doubles})`,
    );
    const insert = database.prepare(
      "INSERT INTO memory_service_usage VALUES (?, 10, ?, ?, ?, ?, ?)",
    );
    for (const point of points) insert.run(...point.indexes, ...point.doubles);
    // The platform's own way to say when.
    const text = query?.text.replace(/^WHERE .*\n/m, "") ?? "";
    expect({ ...database.prepare(text).get() }).toEqual({
      namespace: "a",
      requests: 30,
      refusals: 40,
      episodes: 60,
      rows_written: 80,
      bytes_written: 100,
    });
  });
});
