import { createHash, randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OAuth } from "../../src/api/oauth/oauth.ts";
import type { AuthorizationServer } from "../../src/api/oauth/provider.ts";
import { Problem } from "../../src/api/problem.ts";

const ORIGIN = "https://memory.example";
const AT = new URL(`${ORIGIN}/mcp`);
const CLIENT = "https://app.example/client.json";
const KEY_ID = "0123456789ab";
const PROPS = { key_hash: "a".repeat(64), namespace: "agents" };
const DOCUMENT = {
  client_id: CLIENT,
  client_name: "An app",
  redirect_uris: ["https://app.example/callback", "http://127.0.0.1/callback"],
  token_endpoint_auth_methods_supported: ["private_key_jwt", "none"],
};

let stored: Map<string, string>;
/** What the storage throws; null: it works. */
let broken: Error | null;
/** Why the memory refuses the key; null: it lets it in. */
let refusal: "unauthenticated" | "overloaded" | null;
let noted: unknown[];
let oauth: OAuth;

/** A KV namespace in memory, as far as it is used. */
function storage(): KVNamespace {
  const working = <T>(value: T): Promise<T> =>
    broken ? Promise.reject(broken) : Promise.resolve(value);
  const kv = {
    get: (key: string, options?: { type?: string }) => {
      const text = stored.get(key) ?? null;
      return working(text !== null && options?.type === "json" ? JSON.parse(text) : text);
    },
    put: (key: string, value: string) => working(void stored.set(key, value)),
    delete: (key: string) => working(void stored.delete(key)),
    list: ({ prefix = "" }: { prefix?: string }) => {
      const names = [...stored.keys()].filter((name) => name.startsWith(prefix));
      return working({ keys: names.map((name) => ({ name })), list_complete: true });
    },
  };
  return kv as unknown as KVNamespace;
}

beforeEach(() => {
  stored = new Map();
  broken = null;
  refusal = null;
  noted = [];
  vi.stubGlobal("fetch", async () => Response.json(DOCUMENT));
  const error = () => ({ code: refusal ?? "unauthenticated", detail: "The key is not let in." });
  const reply = () =>
    refusal === null
      ? { ok: true, value: {}, namespace: "agents", durability: "none", replayed: false }
      : { ok: false, error: error() };
  oauth = new OAuth({
    kv: storage(),
    origin: ORIGIN,
    backend: {
      instanceCount: async () => 1,
      execute: async () => ({ result: reply() }) as never,
      oauth: {
        register: async () => ({ granted: true, retry_after_s: 0 }),
        note: async (note) => noted.push(note),
      },
    },
    now: Date.now,
    randomUUID: () => crypto.randomUUID(),
    log: () => undefined,
    counted: () => undefined,
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

interface Tokens {
  access_token: string;
  refresh_token: string;
}

/** A person lets the client in. @param redirect where its person is sent back to */
async function granted(server: AuthorizationServer, redirect: string): Promise<Response> {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT,
    redirect_uri: redirect,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const asked = new Request(`${ORIGIN}/oauth/authorize?${query.toString()}`);
  const { redirectTo } = await server.helpers.completeAuthorization({
    request: await server.helpers.parseAuthRequest(asked),
    userId: KEY_ID,
    metadata: {},
    scope: ["read"],
    props: PROPS,
  });
  return token(server, {
    grant_type: "authorization_code",
    code: new URL(redirectTo).searchParams.get("code") ?? "",
    client_id: CLIENT,
    redirect_uri: redirect,
    code_verifier: verifier,
  });
}

function token(server: AuthorizationServer, fields: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams(fields);
  return server.fetch(new Request(`${ORIGIN}/oauth/token`, { method: "POST", body }));
}

const refresh = (server: AuthorizationServer, refresh_token: string): Promise<Response> =>
  token(server, { grant_type: "refresh_token", refresh_token, client_id: CLIENT });

describe("a client that describes itself at an address", () => {
  it("gets tokens for an address that it names, on this machine at any port, and is refreshed", async () => {
    const server = await oauth.server(AT);
    for (const redirect of ["https://app.example/callback", "http://127.0.0.1:54321/callback"]) {
      const answer = await granted(server, redirect);
      expect(answer.status).toBe(200);
      const tokens = await answer.json<Tokens>();
      expect(await oauth.callerOf(tokens.access_token, AT)).toEqual({
        key_hash: PROPS.key_hash,
        root: false,
        admin: null,
        grant: { namespace: "agents", scopes: ["read"] },
      });
      expect((await refresh(server, tokens.refresh_token)).status).toBe(200);
    }
    await expect(granted(server, "https://app.example/other")).rejects.toThrow("redirect");
    const held = [...stored].flat().join("\n");
    expect(held).not.toContain(PROPS.key_hash);
    expect([...stored.keys()].some((name) => name.startsWith("client:"))).toBe(false);
  });
});

describe("a refresh", () => {
  it("ends the grant when its key is no more, and tells the audit", async () => {
    const server = await oauth.server(AT);
    const first = await granted(server, "https://app.example/callback");
    const tokens = await first.json<Tokens>();
    refusal = "unauthenticated";
    const refused = await refresh(server, tokens.refresh_token);
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: "invalid_grant" }]);
    expect(noted).toMatchObject([
      { by: "oauth", from: { state: "granted" }, to: { key: KEY_ID, state: "refused" } },
    ]);
    refusal = null;
    expect((await refresh(server, tokens.refresh_token)).status).toBe(400);
    expect(await oauth.callerOf(tokens.access_token, AT)).toBeNull();
  });

  it("is to be tried again when the memory cannot judge the key now", async () => {
    const server = await oauth.server(AT);
    const first = await granted(server, "https://app.example/callback");
    const tokens = await first.json<Tokens>();
    refusal = "overloaded";
    const refused = await refresh(server, tokens.refresh_token);
    const body = await refused.json();
    expect([refused.status, body]).toMatchObject([503, { error: "temporarily_unavailable" }]);
    expect(noted).toEqual([]);
    refusal = null;
    expect((await refresh(server, tokens.refresh_token)).status).toBe(200);
  });
});

describe("a storage that does not answer", () => {
  it("is a moment's refusal, and no bug", async () => {
    const server = await oauth.server(AT);
    const first = await granted(server, "https://app.example/callback");
    const tokens = await first.json<Tokens>();
    broken = new Error("KV GET failed: 500");
    const asked = oauth.callerOf(tokens.access_token, AT);
    const problem = await asked.catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect((problem as Problem).code).toBe("not_ready");
    broken = null;
    expect(await oauth.callerOf(tokens.access_token, AT)).not.toBeNull();
  });
});
