import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { parseJson, readBody, UNJUDGED_MAX_BYTES } from "../../src/api/body.ts";
import { Problem, problemResponse } from "../../src/api/problem.ts";
import { validate } from "../../src/api/validate.ts";
import { HOSTILE_TEXTS } from "../support/hostile-texts.ts";
import { leastMs } from "../support/pace.ts";

const encoder = new TextEncoder();
const BYTES = encoder.encode("twelve bytes");
const anybody = async (): Promise<void> => undefined;
const nobody = (): Promise<void> => Promise.reject(new Problem("unauthenticated", "no"));

function request(headers: Record<string, string>, body: BodyInit = BYTES): Request {
  return new Request("https://memory.test/", {
    method: "POST",
    body,
    headers,
    duplex: "half",
  } as RequestInit);
}

/** A body that comes in parts of 16 KiB, and how many of them were asked for. */
function streamed(
  size: number,
  end: "closed" | "cut" = "closed",
): { body: ReadableStream; parts: () => number } {
  let parts = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        if (parts * 16_384 < size) {
          parts += 1;
          controller.enqueue(new Uint8Array(16_384));
        } else if (end === "closed") controller.close();
        else controller.error(new Error("Network connection lost."));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, parts: () => parts };
}

function refusalOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("a body", () => {
  it("is read whole, whether its length was announced or not", async () => {
    for (const headers of [{}, { "Content-Length": "12" }]) {
      expect(new TextDecoder().decode(await readBody(request(headers), anybody))).toBe(
        "twelve bytes",
      );
    }
  });

  it("beyond the bound is refused, whatever was announced", async () => {
    for (const headers of [
      {},
      { "Content-Length": "12" },
      { "Content-Length": "3" },
      { "Content-Length": "x" },
    ]) {
      await expect(readBody(request(headers), anybody, 11)).rejects.toThrow(Problem);
    }
  });

  it("that is small is read before the key is judged, which then costs no call of its own", async () => {
    expect(await readBody(request({ "Content-Length": "12" }), nobody)).toHaveLength(12);
    expect(await readBody(request({}, streamed(UNJUDGED_MAX_BYTES).body), nobody)).toHaveLength(
      UNJUDGED_MAX_BYTES,
    );
  });

  it("that is large is not read of somebody without a valid key", async () => {
    const announced = streamed(1_000_000);
    const large = request({ "Content-Length": "1000000" }, announced.body);
    await expect(readBody(large, nobody)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(announced.parts()).toBe(0);
    const silent = streamed(1_000_000);
    await expect(readBody(request({}, silent.body), nobody)).rejects.toMatchObject({
      code: "unauthenticated",
    });
    expect(silent.parts()).toBeLessThanOrEqual(UNJUDGED_MAX_BYTES / 16_384 + 1);
  });

  it("that was cut off is the client's end of it, and no bug", async () => {
    for (const headers of [{}, { "Content-Length": "50000" }]) {
      const reading = readBody(request(headers, streamed(32_768, "cut").body), anybody);
      await expect(reading).rejects.toMatchObject({ code: "request_cut_off", status: 499 });
    }
  });

  it("that is not UTF-8 is refused, and not mended", () => {
    const bytes = Uint8Array.from([
      ...encoder.encode('{"task":"'),
      0xc3,
      0x28,
      ...encoder.encode('"}'),
    ]);
    expect(refusalOf(() => parseJson(bytes)).message).toContain("not UTF-8");
    expect(parseJson(encoder.encode('{"task":"é😀"}'))).toEqual({ task: "é😀" });
  });

  it("with the character U+0000 is taken, as U+FFFD, and counted, wherever it is", () => {
    const replaced = { characters: 0 };
    const sent = { output: "a\0b\0", list: [{ "k\0": "\0" }], clean: "c" };
    expect(parseJson(encoder.encode(JSON.stringify(sent)), replaced)).toEqual({
      output: "a\ufffdb\ufffd",
      list: [{ "k\ufffd": "\ufffd" }],
      clean: "c",
    });
    expect(replaced.characters).toBe(4);
  });

  it("with the key __proto__ is refused, wherever it is", () => {
    for (const text of [
      '{"metadata":{"__proto__":"x"}}',
      '{"a":[{"__proto__":{}}]}',
      '{"__proto__":1}',
    ]) {
      expect(refusalOf(() => parseJson(encoder.encode(text))).message).toContain("__proto__");
    }
  });
});

describe("the answer to a bad body", () => {
  const schema = z.strictObject({
    a: z.array(z.strictObject({ n: z.number().max(1, "must be at most 1") })),
  });
  const answerTo = async (
    value: unknown,
  ): Promise<{ errors: { path: string; message: string }[]; bytes: number }> => {
    const response = problemResponse(
      refusalOf(() => validate(schema, value)),
      "r",
    );
    const text = await response.text();
    return { errors: JSON.parse(text).errors, bytes: encoder.encode(text).length };
  };

  it("names 50 errors at most, however many there are and in however many places", async () => {
    const unknown = Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [`key_${i}`, 1]));
    for (const value of [
      unknown,
      { a: Array.from({ length: 1_000 }, () => ({ n: 2 })) },
      { a: Array.from({ length: 60 }, () => ({ n: 1, x: 1, y: 1 })) },
    ]) {
      const { errors, bytes } = await answerTo(value);
      expect(errors).toHaveLength(50);
      expect(bytes).toBeLessThan(32_768);
    }
  });

  it("is short whatever the names of the fields are", async () => {
    for (const { of } of HOSTILE_TEXTS) {
      const keys = Array.from({ length: 60 }, (_, i) => `${i} ${of(10_000)}`);
      const { errors, bytes } = await answerTo(Object.fromEntries(keys.map((key) => [key, 1])));
      expect(errors.length).toBeGreaterThan(10);
      expect(bytes).toBeLessThan(32_768);
    }
    const name = "k".repeat(4_000_000);
    const refused = refusalOf(() =>
      parseJson(encoder.encode(`{"${name}":{"${name}":{"__proto__":1}}}`)),
    );
    expect((await problemResponse(refused, "r").text()).length).toBeLessThan(32_768);
  });

  it("takes a time in proportion to the body", async () => {
    const value = Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [`key_${i}`, 1]));
    const ms = await leastMs(() => refusalOf(() => validate(schema, value)), 1_000);
    expect(ms).toBeLessThanOrEqual(1_000);
  });
});

describe("JSON without escapes", () => {
  const read = (text: string): unknown => parseJson(encoder.encode(text));
  const readOrRefused = (text: string): unknown => {
    try {
      return read(text);
    } catch (error) {
      return String(error);
    }
  };

  it("is what it would be with its characters looked at one by one", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.stringify(value);
        // The escape of a letter has all of it looked at.
        const looked = readOrRefused(`["\\u0061",${json}]`);
        expect(readOrRefused(`["a",${json}]`)).toEqual(looked);
      }),
    );
  });

  it.each(["[", '{"a":'])("is nested no deeper for it: %s", (open) => {
    const close = open === "[" ? "]" : "}";
    const nested = (depth: number): string => `${open.repeat(depth)}1${close.repeat(depth)}`;
    expect(JSON.stringify(read(nested(100)))).toBe(nested(100));
    expect(() => read(nested(101))).toThrow("nested deeper");
    expect(() => read(nested(5_000))).toThrow("nested deeper");
  });

  it.each(['{"__proto__":1}', '{"\\u005f_proto__":1}', '{"\\u005f\\u005fproto__":1}'])(
    "has no key __proto__: %s",
    (text) => {
      expect(() => read(text)).toThrow("must not have the key __proto__");
    },
  );
});
