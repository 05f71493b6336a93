import { describe, expect, it } from "vitest";
import { readBody } from "../../src/api/body.ts";
import { Problem } from "../../src/api/problem.ts";

const BYTES = new TextEncoder().encode("twelve bytes");

function request(headers: Record<string, string>): Request {
  return new Request("https://memory.test/", { method: "POST", body: BYTES, headers });
}

describe("a body", () => {
  it("is read whole, whether its length was announced or not", async () => {
    for (const headers of [{}, { "Content-Length": "12" }]) {
      expect(new TextDecoder().decode(await readBody(request(headers)))).toBe("twelve bytes");
    }
  });

  it("beyond the bound is refused, whatever was announced", async () => {
    for (const headers of [{}, { "Content-Length": "12" }, { "Content-Length": "3" }, { "Content-Length": "x" }]) {
      await expect(readBody(request(headers), 11)).rejects.toThrow(Problem);
    }
  });
});
