import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ifMatchOf } from "../../../src/api/edge/conditions.ts";
import {
  isZipped,
  JSON_TYPES,
  LINE_TYPES,
  requireType,
  unzipped,
} from "../../../src/api/edge/content.ts";
import { allowOrigin } from "../../../src/api/edge/cors.ts";
import { requireExactNumbers } from "../../../src/api/edge/exact-numbers.ts";
import { Problem } from "../../../src/api/problem.ts";

const request = (headers: Record<string, string>, method = "POST"): Request =>
  new Request("https://memory.test/", { method, headers });
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(gzipSync(text));

describe("the type of a body", () => {
  it.each([
    ["application/json", JSON_TYPES],
    ["application/json; charset=utf-8", JSON_TYPES],
    ['APPLICATION/JSON;Charset="UTF8"', JSON_TYPES],
    ["application/jsonl", LINE_TYPES],
    ["application/ndjson", LINE_TYPES],
    ["application/x-jsonlines; charset=us-ascii", LINE_TYPES],
  ])("may be %s", (type, types) => {
    expect(() => requireType(request({ "Content-Type": type }), types)).not.toThrow();
  });

  it.each([
    "text/plain",
    "application/json; charset=iso-8859-1",
    "application/json; charset=utf-16",
  ])("must not be %s", (type) => {
    expect(() => requireType(request({ "Content-Type": type }), JSON_TYPES)).toThrow(Problem);
  });

  it("may be left out of an operator's command, and of no other", () => {
    for (const type of [undefined, "application/x-www-form-urlencoded"]) {
      const typed = request(type === undefined ? {} : { "Content-Type": type });
      expect(() => requireType(typed, JSON_TYPES, true)).not.toThrow();
      expect(() => requireType(typed, JSON_TYPES)).toThrow(Problem);
    }
  });
});

describe("an encoded body", () => {
  it("is unzipped when it is gzip, and refused when it is anything else", async () => {
    expect(isZipped(request({}))).toBe(false);
    expect(isZipped(request({ "Content-Encoding": "identity" }))).toBe(false);
    expect(isZipped(request({ "Content-Encoding": "GZIP" }))).toBe(true);
    for (const encoding of ["br", "deflate", "gzip, gzip"])
      expect(() => isZipped(request({ "Content-Encoding": encoding }))).toThrow(Problem);
    expect(new TextDecoder().decode(await unzipped(bytesOf('{"a":1}')))).toBe('{"a":1}');
  });

  it("is refused when it is not whole, no gzip, or too large unzipped", async () => {
    const zipped = bytesOf("x".repeat(5_000));
    await expect(unzipped(zipped.slice(0, -9))).rejects.toMatchObject({
      code: "validation_failed",
    });
    await expect(unzipped(new Uint8Array([123, 125]))).rejects.toMatchObject({
      code: "validation_failed",
    });
    await expect(unzipped(zipped, 4_999)).rejects.toMatchObject({ code: "body_too_large" });
    expect(await unzipped(zipped, 5_000)).toHaveLength(5_000);
  });
});

describe("numbers", () => {
  it.each([
    "1234567890123456789",
    '{"a":[1,{"b":-9007199254740993}]}',
    "1e400",
    `{"text":"\\\\\\"1\\\\\\\\","n":12345678901234567891}`,
    "1".repeat(400),
  ])("that a double cannot hold are refused: %s", (json) => {
    expect(() => requireExactNumbers(json)).toThrow("cannot be kept exactly");
  });

  it.each([
    "9007199254740992",
    '{"id":"1234567890123456789","n":1}',
    '{"text":"say \\"1234567890123456789\\" \\\\"}',
    "0.1234567890123456789",
    "1e21",
    "-0",
    "100000000000000000000",
  ])("that are kept pass: %s", (json) => {
    expect(() => requireExactNumbers(json)).not.toThrow();
  });

  it("of any value that JSON itself wrote pass, in any text", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => requireExactNumbers(JSON.stringify(value))).not.toThrow();
      }),
    );
  });
});

describe("If-Match", () => {
  it.each([
    ["*", null],
    ['"3"', [3]],
    ['W/"3"', [3]],
    ['"3", W/"4" ,"x"', [3, 4]],
    ['"other"', []],
  ])("%s names %j", (header, versions) => {
    expect(ifMatchOf(new Headers({ "If-Match": header }))).toEqual(versions);
  });

  it.each(["3", '"3', "", '"1",', Array(60).fill('"1"').join(",")])("%s is refused", (header) => {
    expect(() => ifMatchOf(new Headers({ "If-Match": header }))).toThrow(Problem);
  });
});

describe("an answer to a page of another origin", () => {
  const page = "https://app.example";
  const answered = (
    origins: string[],
    headers: Record<string, string>,
    method = "POST",
  ): Record<string, string> => {
    const answer = new Headers({ Allow: "POST, OPTIONS" });
    allowOrigin(answer, request(headers, method), new Set(origins));
    return Object.fromEntries(answer);
  };

  it("may be read where the origin is allowed, and never with the browser's credentials", () => {
    const allowed = answered([page], { Origin: page });
    expect(allowed).toMatchObject({ "access-control-allow-origin": page, vary: "Origin" });
    expect(allowed["access-control-expose-headers"]).toContain("ETag");
    expect(answered(["*"], { Origin: page })["access-control-allow-origin"]).toBe("*");
    for (const answer of [allowed, answered(["*"], { Origin: page })])
      expect(answer).not.toHaveProperty("access-control-allow-credentials");
  });

  it("says nothing where it is not, or nobody is", () => {
    expect(answered([page], { Origin: "https://evil.example" })).toEqual({
      allow: "POST, OPTIONS",
      vary: "Origin",
    });
    expect(answered([], { Origin: page })).toEqual({ allow: "POST, OPTIONS" });
  });

  it("is told before what it may send", () => {
    const asked = { Origin: page, "Access-Control-Request-Method": "POST" };
    expect(answered([page], asked, "OPTIONS")).toMatchObject({
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-allow-headers": expect.stringContaining("Authorization"),
      "access-control-max-age": "7200",
    });
  });
});
