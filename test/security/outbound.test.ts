import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { identify, KeyHashes } from "../../src/api/caller.ts";
import { parseEnv, type Env } from "../../src/env.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Where the service asks an address, and whose that is. */
const ASKED: Readonly<Record<string, string>> = {
  "src/storage/database/client.ts": "TURSO_DATABASE_URL",
  "src/storage/database/cursor.ts": "TURSO_DATABASE_URL",
  "src/durable/instance/knowledge/vectors/providers.ts": "EMBEDDINGS_URL",
  "src/durable/webhooks/webhooks.ts": "an operator's webhooks, at public addresses only",
  "src/api/oauth/client-documents.ts": "what an OAuth client says of itself, at its public address",
};
/** A use of the platform's `fetch`, and not of a method of that name. */
const FETCH = /(?<![.#\w"'`/]|async |typeof )fetch(?=[,)]|\((?!request\b|request,))/;

describe("the addresses that the service asks", () => {
  it("are of the deployment or its operators, each in a file of its own, and one of a client", () => {
    const files = globSync("src/**/*.ts", { cwd: ROOT }).filter((file) => {
      const code = readFileSync(join(ROOT, file), "utf8").replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, "");
      return FETCH.test(code);
    });
    expect(files.sort()).toEqual(Object.keys(ASKED).sort());
  });

  it("are refused in a scheme that is none of the database's or of an endpoint", () => {
    const problem = (more: Partial<Env>): string => {
      try {
        parseEnv({ TURSO_DATABASE_URL: "libsql://a.example.com", ...more } as Env);
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(problem({})).toBe("");
    for (const url of ["file:///etc/passwd", "ws://a", "javascript:1", "http://a b"])
      expect(problem({ TURSO_DATABASE_URL: url })).toContain("TURSO_DATABASE_URL must be");
    for (const url of ["file:///x/y", "https://u:p@a.example.com/v1", "gopher://a/b"])
      expect(problem({ EMBEDDINGS_URL: url, EMBEDDING_MODEL: "m" })).toContain("EMBEDDINGS_URL");
  });
});

const TOKEN = "an-admin-token-for-tests-only";
const ADMINS = [{ name: "root", token: TOKEN }];
const caller = (key: string) => {
  const headers = { Authorization: `Bearer ${key}` };
  const request = new Request("http://memory.test/v1/stats", { headers });
  return identify(request, new URL(request.url), ADMINS, new KeyHashes());
};

describe("the ADMIN_TOKEN", () => {
  it("is known by its whole hash: nothing of it is found out letter by letter", async () => {
    expect((await caller(TOKEN)).root).toBe(true);
    for (const near of [
      TOKEN.slice(0, -1),
      `${TOKEN}x`,
      TOKEN.toUpperCase(),
      `${TOKEN.slice(0, -1)}x`,
    ])
      expect((await caller(near)).root).toBe(false);
    // What is compared has one length, and differs everywhere for keys that differ at their end.
    const [a, b] = [await caller(`${TOKEN}x`), await caller(`${TOKEN}y`)];
    expect(a.key_hash).toHaveLength(64);
    expect(a.key_hash?.slice(0, 8)).not.toBe(b.key_hash?.slice(0, 8));
  });

  it("compares in a time that does not depend on where texts differ", () => {
    const code = readFileSync(join(ROOT, "src/api/caller.ts"), "utf8");
    const compared = /function isSameText[^]*?\n\}/.exec(code)?.[0] ?? "";
    expect(compared).toContain("difference |=");
    expect(compared).not.toMatch(/break|return false|===(?! 0)/);
    expect(code).not.toMatch(/adminToken\s*[!=]==?\s*key/);
  });
});
