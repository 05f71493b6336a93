import { describe, expect, it } from "vitest";
import * as z from "zod";
import { MANAGE_TOOL } from "../../src/api/mcp/manage.ts";
import { argumentsSchema, describedArguments } from "../../src/api/mcp/schema.ts";
import { RECALL_TOOLS, RECORD_TOOLS } from "../../src/api/mcp/tools.ts";

const TOOLS = [...RECALL_TOOLS, ...RECORD_TOOLS, MANAGE_TOOL];
/** Bytes of what the protocol says of a tool beside its texts and its arguments. */
const OVERHEAD = 100;

describe("what tools say of their arguments", () => {
  it("is less than 15 kB in all", () => {
    const bytes = TOOLS.map(({ name, title, description, input }) =>
      JSON.stringify({ name, title, description, inputSchema: describedArguments(input) }),
    ).reduce((sum, json) => sum + Buffer.byteLength(json) + OVERHEAD, 0);
    expect(bytes).toBeLessThan(15_000);
  });

  it.each(TOOLS.map((tool) => [tool.name, tool] as const))("%s: plain, and typed", (_, tool) => {
    const schema = describedArguments(tool.input);
    expect(schema.type).toBe("object");
    const visit = (one: unknown, path: string): void => {
      if (typeof one !== "object" || one === null) return;
      for (const word of ["$schema", "propertyNames", "$ref", "anyOf"])
        expect(one, path).not.toHaveProperty([word]);
      for (const [name, property] of Object.entries(
        (one as z.core.JSONSchema.Schema).properties ?? {},
      )) {
        expect(Object.keys(property), `${path}.${name}`).toContain("type");
        visit(property, `${path}.${name}`);
      }
      visit((one as { items?: unknown }).items, `${path}[]`);
    };
    visit(schema, tool.name);
  });
});

describe("arguments", () => {
  const schema = argumentsSchema(
    z.strictObject({
      steps: z.array(z.strictObject({ tool: z.string(), parameters: z.unknown() })),
      outcome: z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("success") }),
        z.strictObject({ type: z.literal("failure"), reason: z.string() }),
      ]),
      note: z.string().nullish(),
    }),
  );
  const read = async (value: unknown) => schema["~standard"].validate(value);
  const whole = { steps: [{ tool: "a", parameters: { b: [1] } }], outcome: { type: "success" } };

  it("may come as texts of JSON where lists and objects are wanted", async () => {
    expect(await read(whole)).toEqual({ value: whole });
    const texts = {
      steps: JSON.stringify([{ tool: "a", parameters: '{"b":[1]}' }]),
      outcome: JSON.stringify({ type: "success" }),
    };
    expect(await read(texts)).toEqual({ value: whole });
    expect(await read({ ...whole, steps: [JSON.stringify(whole.steps[0])] })).toEqual({
      value: whole,
    });
  });

  it("are refused with the field that was meant, in lists and unions too, within bounds", async () => {
    const { outcome, ...others } = whole;
    expect(await read({ ...others, outcom: outcome, weather: 1 })).toMatchObject({
      issues: [
        { path: ["outcome"] },
        { path: ["outcom"], message: "unknown field: did you mean outcome?" },
        { path: ["weather"], message: "unknown field" },
      ],
    });
    expect(
      await read({
        steps: '[{"toool":"a","tool":"b","parameters":1}]',
        outcome: { type: "failure", reason: "none", reson: "none" },
      }),
    ).toEqual({
      issues: [
        { path: ["steps", "0", "toool"], message: "unknown field: did you mean tool?" },
        { path: ["outcome", "reson"], message: "unknown field: did you mean reason?" },
      ],
    });
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`no${i}`, 1]));
    expect(((await read({ ...whole, ...many })).issues ?? []).length).toBe(50);
  });

  it("stay texts where a text is wanted, or where they are no JSON", async () => {
    const value = { ...whole, steps: [{ tool: "a", parameters: "{no json" }], note: '{"a":1}' };
    expect(await read(value)).toEqual({ value });
    expect(await read({ ...whole, steps: "[no" })).toHaveProperty("issues");
    expect(
      await read({ ...whole, steps: '[{"tool":"a","parameters":12345678901234567890}]' }),
    ).toHaveProperty("issues");
  });
});
