import { describe, expect, it } from "vitest";
import { tracedBy, tracedDatabase } from "../../src/observability/index.ts";

/** Tracing as the platform has it: each span's name, what was set on it, and when it ended. */
function tracing(): { enterSpan: unknown; spans: unknown[] } {
  const spans: unknown[] = [];
  return {
    spans,
    enterSpan(name: string, work: (span: object) => unknown) {
      const set: Record<string, unknown> = {};
      spans.push([name, set]);
      // The platform's own is called on its object.
      expect(this.spans).toBe(spans);
      return work({ setAttribute: (key: string, value: unknown) => (set[key] = value) });
    },
  };
}

const database = {
  all: async (sql: string, ...args: unknown[]) => [{ sql, args }],
  write: async () => undefined,
};

describe("spans", () => {
  it("are the platform's where it has tracing, and give back what the work gives", async () => {
    const platform = tracing();
    const traced = tracedBy(platform);
    const answer = traced("request", (span) => {
      span.setAttribute("http.route", "/v1/recall");
      return 7;
    });
    expect([answer, platform.spans]).toEqual([7, [["request", { "http.route": "/v1/recall" }]]]);
    await expect(traced("fails", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });

  it.each([undefined, null, {}, { enterSpan: 1 }])("are nothing where it has none: %j", (given) => {
    expect(tracedBy(given)("x", (span) => span.setAttribute("a", 1) ?? "done")).toBe("done");
  });

  it("of the database say how much was asked, and no word of a statement", async () => {
    const platform = tracing();
    const asked = tracedDatabase(database, tracedBy(platform));
    expect(await asked.all("SELECT ?", "secret")).toEqual([{ sql: "SELECT ?", args: ["secret"] }]);
    await (asked.write as (statements: object[]) => Promise<void>)([{ sql: "a" }, { sql: "b" }]);
    expect(platform.spans).toEqual([
      ["database read", {}],
      ["database write", { "db.operation.batch.size": 2 }],
    ]);
  });
});
