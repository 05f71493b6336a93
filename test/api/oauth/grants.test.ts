import { describe, expect, it } from "vitest";
import { pageOf, viewOf } from "../../../src/api/oauth/grants.ts";
import { ClientDocuments } from "../../../src/api/oauth/client-documents.ts";
import { GRANT_S } from "../../../src/api/oauth/judge.ts";
import { storageOf } from "../../../src/api/oauth/storage.ts";
import { Problem } from "../../../src/api/problem.ts";

const APP = "https://app.example/client.json";

interface Stored {
  text: string;
  metadata: { clientId: string } | null;
}

/** A KV namespace that lists its names in parts, as far as it is used. */
function kvOf(stored: ReadonlyMap<string, Stored>, asked: { reads: number; lists: number }) {
  const names = [...stored.keys()].sort();
  const kv = {
    get: async (name: string) => {
      asked.reads += 1;
      return JSON.parse(stored.get(name)?.text ?? "null") as unknown;
    },
    list: async ({ prefix, limit = 1_000, cursor }: KVNamespaceListOptions) => {
      asked.lists += 1;
      if (typeof cursor === "string" && !names.includes(cursor))
        throw new Error("KV LIST failed: 400 Invalid cursor");
      const behind = names.filter((name) => name.startsWith(prefix ?? "") && name > (cursor ?? ""));
      const part = behind.slice(0, limit);
      const keys = part.map((name) => ({
        name,
        metadata: stored.get(name)?.metadata ?? undefined,
      }));
      return part.length === behind.length
        ? { keys, list_complete: true }
        : { keys, list_complete: false, cursor: part.at(-1) };
    },
  };
  return storageOf(kv as unknown as KVNamespace, new ClientDocuments(() => 0));
}

/** `grant` behind `key`, to a client. */
function grantOf(key: string, id: string, clientId: string, isNoted = true): [string, Stored] {
  const grant = {
    id,
    userId: key,
    clientId,
    scope: ["read"],
    metadata: { name: "An app", namespace: "agents" },
    createdAt: 1_000,
    encryptedProps: "sealed",
    refreshTokenId: "a hash",
  };
  const metadata = isNoted ? { clientId } : null;
  return [`grant:${key}:${id}`, { text: JSON.stringify(grant), metadata }];
}

/** All pages. */
async function all(
  stored: ReadonlyMap<string, Stored>,
  query: { key_id?: string; client_id?: string; limit: number },
) {
  const asked = { reads: 0, lists: 0 };
  const storage = kvOf(stored, asked);
  const ids: string[] = [];
  let pages = 0;
  let most = 0;
  for (let cursor: string | null = null; ; pages++) {
    const page = await pageOf(storage, { ...query, ...(cursor === null ? {} : { cursor }) });
    ids.push(...page.grants.map(({ id }) => id));
    most = Math.max(most, page.grants.length);
    cursor = page.next_cursor;
    if (cursor === null) return { ids, pages: pages + 1, most, asked };
  }
}

const A = "0123456789ab";
const B = "ba9876543210";

describe("a page of grants", () => {
  const stored = new Map([
    ...Array.from({ length: 30 }, (_, i) =>
      grantOf(A, `a${100 + i}`, i % 10 === 3 ? APP : "other"),
    ),
    ...Array.from({ length: 5 }, (_, i) => grantOf(B, `b${i}`, APP)),
    // As an earlier release of the library left them: the list says nothing of them.
    grantOf(B, "old", APP, false),
    grantOf(B, "older", "other", false),
    [`token:${A}:a100:hash`, { text: "{}", metadata: null }] as [string, Stored],
    ["client:other", { text: "{}", metadata: null }] as [string, Stored],
  ]);

  it("has at most as many as were asked for; all pages have each once, and nothing else", async () => {
    const { ids, most } = await all(stored, { limit: 4 });
    expect(most).toBe(4);
    expect(ids).toHaveLength(37);
    expect(new Set(ids).size).toBe(37);
  });

  it("has those of a key, or of a client, alone", async () => {
    const ofKey = await all(stored, { limit: 200, key_id: B });
    expect(ofKey.ids).toEqual(["b0", "b1", "b2", "b3", "b4", "old", "older"]);
    for (const limit of [1, 3, 200]) {
      const { ids } = await all(stored, { limit, client_id: APP });
      expect(ids).toEqual(["a103", "a113", "a123", "b0", "b1", "b2", "b3", "b4", "old"]);
    }
    const both = await all(stored, { limit: 200, client_id: "other", key_id: B });
    expect(both.ids).toEqual(["older"]);
    expect((await all(stored, { limit: 200, key_id: A.slice(0, 6) })).ids).toEqual([]);
  });

  it("takes a bounded number of looks, however rare what is looked for is", async () => {
    const rare = new Map([
      ...Array.from({ length: 300 }, (_, i) => grantOf(A, `a${1_000 + i}`, "other")),
      grantOf(B, "b0", APP),
    ]);
    const asked = { reads: 0, lists: 0 };
    const page = await pageOf(kvOf(rare, asked), { limit: 5, client_id: APP });
    expect(page.grants).toEqual([]);
    expect(page.next_cursor).not.toBeNull();
    expect(asked).toEqual({ reads: 0, lists: 20 });
    expect((await all(rare, { limit: 5, client_id: APP })).ids).toEqual(["b0"]);
  });

  it("is refused where the cursor is no earlier page's, by the field's name", async () => {
    const storage = kvOf(stored, { reads: 0, lists: 0 });
    const problem = await pageOf(storage, { limit: 5, cursor: "made-up" }).catch((e: unknown) => e);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ code: "validation_failed", errors: [{ path: "cursor" }] });
  });
});

describe("a grant, as it is shown", () => {
  const key = {
    id: A,
    name: "ana",
    scopes: ["read" as const],
    namespaces: ["agents"],
    default_namespace: "agents",
    created_at: "2026-01-01T00:00:00.000Z",
    expires_at: null,
    revoked_at: null,
    last_used_at: null,
  };
  const grant = {
    id: "g",
    userId: A,
    clientId: APP,
    scope: ["read" as const],
    metadata: { name: "An app", namespace: "agents" },
    createdAt: 1_767_225_600,
    encryptedProps: "sealed",
    refreshTokenId: "a hash",
  };
  const NOW = Date.parse("2026-03-01T00:00:00Z");

  it("says whose it is, and nothing that is secret", () => {
    const view = viewOf({ ...grant, expiresAt: 1_767_232_800 + GRANT_S }, key, NOW);
    expect(view).toEqual({
      id: `${A}:g`,
      key_id: A,
      key_name: "ana",
      client_id: APP,
      client_name: "An app",
      namespace: "agents",
      scopes: ["read"],
      active: true,
      created_at: "2026-01-01T00:00:00.000Z",
      last_token_at: "2026-01-01T02:00:00.000Z",
      expires_at: "2026-01-31T02:00:00.000Z",
    });
  });

  it("is active for as long as its key works", () => {
    const isActive = (change: object | null): boolean =>
      viewOf(grant, change && { ...key, ...change }, NOW).active;
    expect(isActive({})).toBe(true);
    expect(isActive({ expires_at: "2026-03-01T00:00:01Z" })).toBe(true);
    expect(isActive({ expires_at: "2026-03-01T00:00:00Z" })).toBe(false);
    expect(isActive({ revoked_at: "2026-02-01T00:00:00Z" })).toBe(false);
    expect(isActive(null)).toBe(false);
  });

  it("has no time of a token where its client has got none", () => {
    const view = viewOf({ ...grant, metadata: null }, null, NOW);
    expect(view).toMatchObject({ last_token_at: null, expires_at: null, key_name: null });
    expect(view).toMatchObject({ client_name: "", namespace: "" });
  });
});
