import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leavesOf, normalised, parametersOf, Told } from "../../../src/memory/actions/index.ts";

describe("the values of an answer", () => {
  it("stand at paths, whether it is JSON, what Python prints, or cut off", () => {
    const order = { order_id: "#W1", items: [{ item_id: "17", price: 2.5 }], paid: true };
    const leaves = [
      { path: "order_id", value: "#W1" },
      { path: "items[].item_id", value: "17" },
      { path: "items[].price", value: "2.5" },
      { path: "paid", value: "true" },
    ];
    expect(leavesOf(order)).toEqual(leaves);
    expect(leavesOf(JSON.stringify(order))).toEqual(leaves);
    expect(
      leavesOf("{'order_id': '#W1', 'items': [{'item_id': '17', 'price': 2.5}], 'paid': True}"),
    ).toEqual(leaves);
    expect(leavesOf(JSON.stringify(order).slice(0, 46))).toEqual(leaves.slice(0, 2));
  });

  it("stand at a path for all names of fields that differ", () => {
    expect(leavesOf({ methods: { paypal_123: { id: "paypal_123" } } })).toEqual([
      { path: "methods.{key}", value: "paypal_123" },
      { path: "methods.*.id", value: "paypal_123" },
    ]);
    expect(leavesOf({ address: { address1: "1 Main" } })[0]?.path).toBe("address.address1");
  });

  it("are the text, and its words", () => {
    expect(leavesOf("saved src/a.ts: done.").map(({ value }) => value)).toEqual([
      "saved src/a.ts: done.",
      "saved",
      "src/a.ts",
      "done",
    ]);
  });

  it("are bounded, and read in a time in proportion to the text, whatever it holds", () => {
    for (const text of ["[", "{'a':", '"', "[1,", "{'x1234':{", "\\", "a ", "('"]) {
      const long = text.repeat(40_000);
      const began = performance.now();
      expect(leavesOf(long).length).toBeLessThanOrEqual(1_500);
      expect(performance.now() - began).toBeLessThan(1_000);
    }
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        for (const { value } of leavesOf(text)) expect(value).not.toBe("");
      }),
    );
  });
});

describe("the sources of a parameter", () => {
  it("are the task, and the fields of earlier answers that hold all its values", () => {
    const told = new Told("You are Yusuf Rossi, zip 19122. Exchange both items.");
    expect(sources(told, { zip: "19122", name: "yusuf", other: "rossini" })).toEqual([
      ["zip", ["task"]],
      ["name", ["task"]],
      ["other", []],
    ]);
    told.add("find_user", leavesOf("yusuf_rossi_9620"));
    told.add("get_user", leavesOf({ id: "yusuf_rossi_9620", orders: ["#W1", "#W2"] }));
    expect(
      sources(told, { user: "yusuf_rossi_9620", order: "W2", orders: "['#W1', '#W2']" }),
    ).toEqual([
      ["user", ["find_user", "get_user.id"]],
      ["order", ["get_user.orders[]"]],
      ["orders[]", ["get_user.orders[]"]],
    ]);
  });

  it("are none for what is found anywhere", () => {
    const told = new Told("Give me 1 of them, or 2.");
    told.add("look", leavesOf({ count: 1, open: true, state: "PA" }));
    expect(sources(told, { n: 1, open: true, x: "of", state: "PA" })).toEqual([
      ["n", []],
      ["open", []],
      ["x", []],
      ["state", ["look.state"]],
    ]);
  });

  it("are the same for numbers and texts that mean the same", () => {
    expect(["#W1", " w1 ", "2.50", "2.5", "007"].map(normalised)).toEqual([
      "w1",
      "w1",
      "2.5",
      "2.5",
      "007",
    ]);
  });
});

function sources(told: Told, parameters: unknown): [string, string[]][] {
  return parametersOf(parameters).map((one) => [one.name, told.sourcesOf(one)]);
}
