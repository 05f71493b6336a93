import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { Problem } from "../../src/api/problem.ts";
import { validate } from "../../src/api/validate.ts";
import { startBody, stepBody } from "../../src/contract/episodes/requests.ts";

function refused(schema: z.ZodType, value: unknown): Problem {
  try {
    validate(schema, value);
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error("It was not refused.");
}

describe("what is wrong with a body", () => {
  it("names the unknown field beside the one that is missing, and what was meant", () => {
    const { message, errors } = refused(startBody, { tsak: "cancel order 7" });
    expect(message).toMatch(/^task: .+; tsak: unknown field: did you mean task\?$/);
    expect(errors.map(({ path }) => path)).toEqual(["task", "tsak"]);
  });

  it.each([
    ["a letter too few", "tol", "tool"],
    ["a letter too many", "toool", "tool"],
    ["another letter", "toal", "tool"],
    ["two letters swapped, of a field that may be absent", "toknes", "tokens"],
  ])("knows what was meant by %s", (_slip, sent, meant) => {
    const { errors } = refused(stepBody, { [sent]: 1 });
    expect(errors).toContainEqual({ path: sent, message: `unknown field: did you mean ${meant}?` });
  });

  it("guesses nothing of a name that is like no field", () => {
    const { errors, message } = refused(stepBody, { tool: "a", weather: 1, tttool: 1 });
    expect(errors).toEqual([
      { path: "weather", message: "unknown field" },
      { path: "tttool", message: "unknown field" },
    ]);
    expect(message).toBe("weather: unknown field; tttool: unknown field");
  });

  it("names both faults of a result of no kind", () => {
    const result = { type: "succes", otput: "done" };
    const { errors, message } = refused(stepBody, { tool: "a", result });
    expect(errors).toEqual([
      { path: "result.type", message: expect.stringMatching(/success.*error.*timeout/) },
      { path: "result.otput", message: "unknown field: did you mean output?" },
    ]);
    expect(message).toContain("result.otput");
  });

  it("says no more than it may, whatever was sent", () => {
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`${"x".repeat(300)}${i}`, 1]),
    );
    const { errors, message } = refused(stepBody, { result: { type: "none", ...many }, ...many });
    expect(errors.length).toBeLessThanOrEqual(50);
    expect(message.length).toBeLessThanOrEqual(1_000);
    expect(refused(stepBody, { result: { type: "none", ["__proto__"]: 1 } }).errors).toContainEqual(
      { path: "result.__proto__", message: "unknown field" },
    );
  });
});
