import { describe, expect, it } from "vitest";
import {
  contributionsOf,
  definitionOf,
  makeDigest,
} from "../../../../src/memory/learning/index.ts";
import { LIMITS } from "../../../../src/contract/limits.ts";
import { episodeOf, stepOf } from "../../../support/episodes.ts";
import { success } from "../../../support/knowledge.ts";

const bytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

describe("the digest of a large episode", () => {
  it("stays within its bounds with a thousand distinct names of 200 characters of three bytes, and says what is left out", () => {
    const steps = Array.from({ length: 1_000 }, (_, i) => ({
      ...stepOf(i + 1, `${"漢".repeat(196)}${String(i).padStart(4, "0")}`, {
        type: "error",
        message: "字".repeat(300),
      }),
      action: "語".repeat(200),
    }));
    const digest = makeDigest(episodeOf("e", success, { step_count: 1_000 }), steps);
    expect(bytes(digest.path)).toBeLessThanOrEqual(LIMITS.digest_path_bytes);
    expect(bytes(digest)).toBeLessThan(500_000);
    expect(digest.path.length).toBeGreaterThan(50);
    expect(digest.omitted?.steps).toBe(1_000 - digest.path.length);
    const contributions = contributionsOf(digest);
    expect(contributions.length).toBeGreaterThan(digest.path.length);
    // All that is kept of the path is learned from.
    const last = digest.path.at(-1)?.tool ?? "";
    const used = contributions.flatMap(({ content }) => definitionOf(content).tools(content));
    expect(used).toContain(last);
  });

  it("contributes to a bounded number of patterns, however much its steps differ", () => {
    const path = Array.from({ length: 5_000 }, (_, i) => ({
      number: i + 1,
      tool: `tool ${i}`,
      action: "",
      result: "success" as const,
      error: null,
      latency_ms: null,
    }));
    const digest = makeDigest(episodeOf("e", success), []);
    expect(contributionsOf({ ...digest, path })).toHaveLength(6_000);
    expect(contributionsOf({ ...digest, path: path.slice(0, 100) }).length).toBeLessThan(6_000);
    expect(contributionsOf({ ...digest, path, success: 0, failure: 0 })).toEqual([]);
  });

  it("is whole, and says nothing, for a thousand ordinary steps", () => {
    const tools = ["read", "search", "edit", "test"];
    const steps = Array.from({ length: 1_000 }, (_, i) => ({
      ...stepOf(i + 1, tools[i % 4] ?? ""),
      action: "open it",
    }));
    const digest = makeDigest(episodeOf("e", success, { step_count: 1_000 }), steps);
    expect(digest.path).toHaveLength(1_000);
    expect(digest.omitted).toBeUndefined();
  });
});
