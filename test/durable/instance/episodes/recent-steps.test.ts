import { describe, expect, it } from "vitest";
import { recentStepOf } from "../../../../src/durable/instance/episodes/recent-steps.ts";
import { LIMITS } from "../../../../src/contract/limits.ts";
import { stepOf } from "../../../support/episodes.ts";

describe("a step of the running episode, as a question names it", () => {
  it("has its result, its answer and its parameters", () => {
    const step = {
      ...stepOf(1, "read", { type: "success", output: "a page" }),
      parameters: { p: 1 },
    };
    expect(recentStepOf(step)).toEqual({
      tool: "read",
      result: "success",
      message: "a page",
      parameters: { p: 1 },
    });
    expect(recentStepOf(stepOf(1, "read", { type: "error", message: "gone" }))).toMatchObject({
      result: "error",
      message: "gone",
    });
  });

  it("has an answer that is empty where there is none, as digests take it", () => {
    expect(recentStepOf(stepOf(1, "read", null))).toMatchObject({ result: "unknown", message: "" });
  });

  it("stays within the bounds of a client's own steps: cut, never refused", () => {
    const output = `${"x".repeat(LIMITS.text_max - 1)}\u{1f600}`;
    const parameters = { text: "y".repeat(LIMITS.parameters_max_bytes) };
    const step = { ...stepOf(1, "read", { type: "success", output }), parameters };
    const recent = recentStepOf(step);
    expect(recent.message).toHaveLength(LIMITS.text_max);
    expect(recent.message?.isWellFormed()).toBe(true);
    expect(recent).not.toHaveProperty("parameters");
  });
});
