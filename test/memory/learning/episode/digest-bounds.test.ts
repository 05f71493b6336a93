import { describe, expect, it } from "vitest";
import { makeDigest } from "../../../../src/memory/learning/index.ts";
import { LIMITS } from "../../../../src/contract/limits.ts";
import { episodeOf, stepOf } from "../../../support/episodes.ts";
import { success } from "../../../support/knowledge.ts";

const bytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

describe("the digest of a large episode", () => {
  it("stays within its bounds with a thousand distinct names of 200 characters of three bytes, and says what is left out", async () => {
    const steps = Array.from({ length: 1_000 }, (_, i) => ({
      ...stepOf(i + 1, `${"漢".repeat(196)}${String(i).padStart(4, "0")}`, {
        type: "error",
        message: "字".repeat(300),
      }),
      action: "語".repeat(200),
    }));
    const digest = await makeDigest(episodeOf("e", success, { step_count: 1_000 }), steps);
    expect(bytes(digest.path)).toBeLessThanOrEqual(LIMITS.digest_path_bytes);
    expect(bytes(digest.contributions)).toBeLessThanOrEqual(LIMITS.digest_contribution_bytes + 2);
    expect(bytes(digest)).toBeLessThan(500_000);
    expect(digest.path.length).toBeGreaterThan(50);
    expect(digest.omitted?.steps).toBe(1_000 - digest.path.length);
    expect(digest.omitted?.contributions).toBeGreaterThan(1_000);
    // What is general is kept before single runs.
    expect(
      digest.contributions.filter(({ content }) => content.kind === "context_pattern").length,
    ).toBeGreaterThan(10);
  });

  it("is whole, and says nothing, for a thousand ordinary steps", async () => {
    const tools = ["read", "search", "edit", "test"];
    const steps = Array.from({ length: 1_000 }, (_, i) => ({
      ...stepOf(i + 1, tools[i % 4] ?? ""),
      action: "open it",
    }));
    const digest = await makeDigest(episodeOf("e", success, { step_count: 1_000 }), steps);
    expect(digest.path).toHaveLength(1_000);
    expect(digest.omitted).toBeUndefined();
  });
});
