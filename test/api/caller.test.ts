import { describe, expect, it } from "vitest";
import { identify, KeyHashes } from "../../src/api/caller.ts";
import { sha256Hex } from "../../src/util/hashing/hash.ts";

const ADMINS = [
  { name: "root", token: "the-first-of-all-tokens" },
  { name: "ana", token: "a-token-that-is-anas" },
];
const asked = (key: string) => {
  const url = new URL("https://memory.example/admin/keys");
  const request = new Request(url, { headers: { Authorization: `Bearer ${key}` } });
  return identify(request, url, ADMINS, new KeyHashes());
};

describe("who a request comes from", () => {
  it.each(ADMINS)("is $name by their token", async ({ name, token }) => {
    expect(await asked(token)).toEqual({
      key_hash: await sha256Hex(token),
      root: true,
      admin: name,
    });
  });

  it("is no operator by the key of an agent, nor by a part of a token", async () => {
    for (const key of ["mk_0_1", "a-token-that-is-ana", "a-token-that-is-anasx", "ana"])
      expect(await asked(key)).toMatchObject({ root: false, admin: null });
  });
});
