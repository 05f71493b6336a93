import { describe, expect, it } from "vitest";
import { moduleOf } from "./modules.ts";

const { flowOf } = await moduleOf("parts/flow.js");
const { sourcesOf } = await moduleOf("parts/graph.js");

const step = (number: number, parameters: unknown, output: unknown) => ({
  number,
  parameters,
  result: { type: "success", output: typeof output === "string" ? output : JSON.stringify(output) },
});

describe("where the values of a step come from", () => {
  it("is the task, a field of an earlier answer, or an answer's text; else it is not known", () => {
    const flow = flowOf("Exchange order #W2378156 of Yusuf Rossi", [
      step(1, { name: "Yusuf Rossi", zip: "19122" }, "yusuf_rossi_9620"),
      step(2, { user_id: "yusuf_rossi_9620" }, { payments: [{ id: "card_77" }], ok: true }),
      step(
        3,
        { order: { id: "#W2378156" }, payment: "card_77", sure: true },
        "refunded 120.50 EUR",
      ),
      step(4, { amount: "120.50" }, ""),
    ]);
    expect(flow.map((all) => all.map(({ name, source }) => [name, source]))).toEqual([
      [
        ["name", { step: 0, path: "" }],
        ["zip", null],
      ],
      [["user_id", { step: 1, path: "" }]],
      [
        ["order.id", { step: 0, path: "" }],
        ["payment", { step: 2, path: "payments[].id" }],
        ["sure", null],
      ],
      [["amount", { step: 3, path: "" }]],
    ]);
  });

  it("is the latest answer that has the value, at its shortest path", () => {
    const flow = flowOf("", [
      step(1, {}, { a: { b: "value-1" } }),
      step(2, {}, { deep: { er: "value-1" }, top: "value-1" }),
      step(3, { x: "value-1" }, ""),
    ]);
    expect(flow[2]).toEqual([{ name: "x", value: "value-1", source: { step: 2, path: "top" } }]);
  });

  it("is found in bounded work, whatever stands there", () => {
    const large = Array.from({ length: 50_000 }, (_, i) => `item-${i}`);
    let nested: unknown = "deep";
    for (let i = 0; i < 1_000; i++) nested = [nested];
    const steps = Array.from({ length: 20 }, (_, i) =>
      step(i + 1, { list: large, nested, __proto__: null, toString: "x" }, large),
    );
    const begun = performance.now();
    const flow = flowOf("item-1 ".repeat(1_000), steps);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(flow.every((all) => all.length <= 40)).toBe(true);
    expect(flowOf("", [{ number: 1, parameters: null, result: null }])).toEqual([[]]);
  });
});

describe("where the values of a playbook's step come from", () => {
  it("is the task, or the last step before whose tool the source names", () => {
    const steps = [
      { tool: "get_user", parameters: [] },
      { tool: "get_user_orders", parameters: [] },
      {
        tool: "cancel",
        for_each: "get_user_orders.orders[].id",
        parameters: [
          { name: "reason", source: "task" },
          { name: "user", source: "get_user.id", or: ["ask"] },
          { name: "other", source: "nobody.id" },
        ],
      },
    ];
    expect(sourcesOf(steps, 2)).toEqual([
      { index: -1, name: "task" },
      { index: 0, name: "get_user.id" },
      { index: 1, name: "get_user_orders.orders[].id" },
    ]);
    expect(sourcesOf(steps, 0)).toEqual([]);
  });
});
