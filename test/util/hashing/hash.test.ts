import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, sha256, sha256Hex, toHex, utf8 } from "../../../src/util/hashing/hash.ts";

describe("SHA-256", () => {
  it("is the one of the standard (FIPS 180-4, the example abc)", async () => {
    const digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(await sha256Hex("abc")).toBe(digits);
  });

  it("agrees with Node's for any text and any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.uint8Array(), async (text, bytes) => {
        const own = new Uint8Array(bytes);
        expect(await sha256Hex(text)).toBe(createHash("sha256").update(text).digest("hex"));
        expect(toHex(await sha256(own))).toBe(createHash("sha256").update(own).digest("hex"));
        expect(await sha256Hex(utf8(text))).toBe(await sha256Hex(text));
      }),
    );
  });
});

describe("hexadecimal", () => {
  it("comes back as the bytes that it was made of", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...fromHex(toHex(bytes))]).toEqual([...bytes]);
      }),
    );
  });

  it("has two digits a byte", () => {
    expect(toHex(new Uint8Array([0, 1, 15, 16, 255]))).toBe("00010f10ff");
  });
});
