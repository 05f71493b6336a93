import {
  Client,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasChromium, openChromium } from "../../support/processes/browser.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { OAuthClient } from "../../support/service/oauth-client.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";

let database: Sqld;
let service: Service;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, {}, { hasOAuth: true });
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

/** The addresses that a service without OAuth does not have, and how they are asked. */
const ADDRESSES = [
  ["GET", "/.well-known/oauth-authorization-server"],
  ["GET", "/.well-known/oauth-protected-resource"],
  ["GET", "/.well-known/oauth-protected-resource/mcp"],
  ["GET", "/oauth/authorize"],
  ["POST", "/oauth/authorize"],
  ["POST", "/oauth/token"],
  ["PUT", "/oauth/token"],
  ["OPTIONS", "/oauth/token"],
  ["POST", "/oauth/register"],
] as const;

/** A client as the protocol's library has it, which waits for its person. */
class Connector implements OAuthClientProvider {
  readonly redirectUrl: string;
  readonly #known: { client?: unknown; tokens?: unknown; verifier?: string } = {};
  asked: URL | null = null;
  clientMetadata = {
    client_name: "Connector of tests",
    redirect_uris: [] as string[],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };

  constructor(redirectUrl: string) {
    this.redirectUrl = redirectUrl;
    this.clientMetadata.redirect_uris = [redirectUrl];
  }

  state = () => "the-state";
  clientInformation = () => this.#known.client as never;
  saveClientInformation(client: unknown): void {
    this.#known.client = client;
  }
  tokens = () => this.#known.tokens as never;
  saveTokens(tokens: unknown): void {
    this.#known.tokens = tokens;
  }
  redirectToAuthorization(url: URL): void {
    this.asked = url;
  }
  saveCodeVerifier(verifier: string): void {
    this.#known.verifier = verifier;
  }
  codeVerifier = () => this.#known.verifier ?? "";

  get access(): string {
    return (this.#known.tokens as { access_token: string }).access_token;
  }
  /** As when its hour is over. */
  spoilAccess(): void {
    Object.assign(this.#known.tokens as object, { access_token: "aaaaaaaaaaaa:spoilt:token" });
  }
}

const GRANTS_AUDIT = "/admin/audit?what=oauth_grant";

describe("a service without the KV namespace", () => {
  it("answers everything as one that knows no OAuth", async () => {
    const plain = await Service.start(database.url);
    try {
      for (const [method, path] of ADDRESSES) {
        const { status, body } = await plain.call(method, path, {
          headers: { "X-Request-Id": "same" },
        });
        expect({ method, path, status, body }).toEqual({
          method,
          path,
          status: 404,
          body: {
            type: "/problems/no_such_route",
            title: "No such route",
            status: 404,
            code: "no_such_route",
            detail: `There is no route ${path}.`,
            request_id: "same",
          },
        });
      }
      const refused = await plain.call("POST", "/mcp", {
        body: {},
        headers: { "X-Request-Id": "same" },
      });
      expect([refused.status, refused.headers.get("WWW-Authenticate")]).toEqual([401, "Bearer"]);
      expect(refused.text).toBe(
        '{"type":"/problems/unauthenticated","title":"Authentication required","status":401,"code":"unauthenticated","detail":"Send a key as Authorization: Bearer KEY.","request_id":"same"}',
      );
      // Nor does it take a token for one: it is a key that nobody knows.
      const token = await plain.call("POST", "/mcp", { key: "aaaaaaaaaaaa:b:c", body: {} });
      expect([token.status, token.headers.get("WWW-Authenticate")]).toEqual([401, "Bearer"]);
    } finally {
      await plain.remove();
    }
  });
});

describe("the metadata", () => {
  it("leads from a refused request to the authorization server", async () => {
    const refused = await service.call("POST", "/mcp", { body: {} });
    expect(refused.status).toBe(401);
    const challenge = refused.headers.get("WWW-Authenticate") ?? "";
    const [, address = ""] = /^Bearer resource_metadata="([^"]+)"$/.exec(challenge) ?? [];
    expect(address).toBe(`${service.url}/.well-known/oauth-protected-resource/mcp`);

    const { body: resource } = await service.call("GET", new URL(address).pathname);
    expect(resource).toEqual({
      resource: `${service.url}/mcp`,
      authorization_servers: [service.url],
      bearer_methods_supported: ["header"],
      resource_name: "memory-service",
    });
    const { body: server } = await service.call("GET", "/.well-known/oauth-authorization-server");
    expect(server).toMatchObject({
      issuer: service.url,
      authorization_endpoint: `${service.url}/oauth/authorize`,
      token_endpoint: `${service.url}/oauth/token`,
      registration_endpoint: `${service.url}/oauth/register`,
      revocation_endpoint: `${service.url}/oauth/token`,
      code_challenge_methods_supported: ["S256"],
      response_types_supported: ["code"],
      scopes_supported: ["read", "write"],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    });
    expect(server.grant_types_supported.sort()).toEqual(["authorization_code", "refresh_token"]);
    expect(server.token_endpoint_auth_methods_supported).not.toContain("private_key_jwt");
  });

  it("says that a token does not hold, and leaves plain keys alone", async () => {
    const spoilt = await service.call("POST", "/mcp", { key: "aaaaaaaaaaaa:b:c", body: {} });
    expect(spoilt.status).toBe(401);
    expect(spoilt.headers.get("WWW-Authenticate")).toMatch(
      /^Bearer error="invalid_token", resource_metadata="/,
    );
    const elsewhere = await service.call("GET", "/v1/stats");
    expect(elsewhere.headers.get("WWW-Authenticate")).toBe("Bearer");
    const key = await service.key("plain");
    const message = { jsonrpc: "2.0", id: 1, method: "tools/list" };
    expect((await service.call("POST", "/mcp", { key, body: message })).status).toBe(200);
  });
});

describe.runIf(hasChromium())("the protocol's own client, and a person in a browser", () => {
  let browser: Browser;
  let callback: Server;
  let redirectUrl: string;
  /** What the client's own page was asked for. */
  const called: URL[] = [];

  beforeAll(async () => {
    browser = await openChromium();
    callback = createServer((request, response) => {
      if (request.url?.startsWith("/callback") === true)
        called.push(new URL(request.url, "http://127.0.0.1"));
      response.end("connected");
    });
    await new Promise<void>((resolve) => void callback.listen(0, "127.0.0.1", resolve));
    redirectUrl = `http://127.0.0.1:${(callback.address() as AddressInfo).port}/callback`;
  });
  afterAll(async () => {
    await browser.close();
    callback.close();
  });

  it("register, consent, call a tool, refresh, and are refused when the key is revoked", async () => {
    const key = await service.key("connected", ["read", "write"]);
    const provider = new Connector(redirectUrl);
    const transport = (): StreamableHTTPClientTransport =>
      new StreamableHTTPClientTransport(new URL("/mcp", service.url), { authProvider: provider });
    const first = transport();
    const client = (): Client => new Client({ name: "test", version: "1.0.0" });
    await expect(client().connect(first)).rejects.toThrow(UnauthorizedError);

    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(String(provider.asked));
    expect(await page.locator("h1").innerText()).toBe("Connect Connector of tests to this memory");
    expect(await page.locator("main").innerText()).toContain("Access is sent to 127.0.0.1");
    // A mistake costs nothing but another try.
    await page.getByLabel("Memory key").fill(`mk_${"0".repeat(12)}_${"0".repeat(48)}`);
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").innerText()).toBe(
      "The key is unknown, expired or revoked.",
    );
    await page.getByLabel("Memory key").fill(key);
    await page.getByRole("button", { name: "Connect" }).click();
    await page.waitForURL((url) => url.pathname === "/callback");
    // The status of the first try, which was refused.
    expect(errors.filter((error) => !error.includes("400"))).toEqual([]);
    const [answer] = called;
    expect(answer?.searchParams.get("state")).toBe("the-state");
    expect(answer?.searchParams.get("iss")).toBe(service.url);
    await page.close();

    await first.finishAuth(answer?.searchParams ?? new URLSearchParams());
    const connected = client();
    await connected.connect(transport());
    const started = await connected.callTool({
      name: "memory_start",
      arguments: { task: "Connect by OAuth" },
    });
    expect(started.isError ?? false).toBe(false);
    const { body } = await service.call("GET", "/v1/episodes", { key });
    expect(body.episodes).toMatchObject([{ namespace: "connected", task: "Connect by OAuth" }]);

    const before = provider.access;
    provider.spoilAccess();
    await connected.callTool({ name: "memory_recall", arguments: { task: "Connect" } });
    expect(provider.access).not.toBe(before);
    expect(provider.access.split(":")[0]).toBe(key.split("_")[1]);

    const id = key.split("_")[1] ?? "";
    await service.call("DELETE", `/admin/keys/${id}`, { key: ADMIN_TOKEN });
    await expect(
      connected.callTool({ name: "memory_recall", arguments: { task: "Connect" } }),
    ).rejects.toThrow();
    await connected.close();
    const { body: told } = await service.call("GET", GRANTS_AUDIT, { key: ADMIN_TOKEN });
    const audited = told.audit.filter(({ to }: { to: { key: string } }) => to.key === id);
    expect(audited.map(({ by, to }: { by: string; to: object }) => ({ by, ...to }))).toMatchObject([
      { by: "oauth", key: id, state: "refused", reason: "unauthenticated" },
      { by: `key ${id}`, key: id, state: "granted", namespace: "connected" },
    ]);
    expect(JSON.stringify(audited)).not.toContain(key);
  });
});

describe("a token", () => {
  it("is refreshed by turns, is revoked by its client, and is audited", async () => {
    const client = new OAuthClient(service.url);
    const key = await service.key("turns", ["read", "write"]);
    const { access, refresh } = await client.connect({ key });
    const second = await client.refresh(refresh);
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(refresh);
    const third = await client.refresh(second.body.refresh_token);
    expect(third.status).toBe(200);
    // What was used twice back is no more.
    expect((await client.refresh(refresh)).body).toMatchObject({ error: "invalid_grant" });
    const stats = (token: string) => client.call(token, "memory_recall", { task: "any" });
    expect((await stats(access)).status).toBe(200);

    const revoked = { token: third.body.refresh_token, client_id: client.id };
    expect((await client.form("/oauth/token", revoked)).status).toBe(200);
    expect((await stats(third.body.access_token)).status).toBe(401);
    expect((await client.refresh(third.body.refresh_token)).status).toBe(400);
    const { body } = await service.call("GET", GRANTS_AUDIT, { key: ADMIN_TOKEN });
    expect(body.audit[0]).toMatchObject({
      by: "client",
      what: "oauth_grant",
      from: { state: "granted" },
      to: { state: "revoked", namespace: "turns", client: client.id },
    });
  });

  it("has the namespace and the scopes that were picked, and no more than the key", async () => {
    const client = new OAuthClient(service.url);
    const key = await service.key("*", ["read", "write"]);
    const { access, scope } = await client.connect({ key, namespace: "picked", scopes: ["read"] });
    expect(scope).toBe("read");
    const recall = (headers = {}) => client.call(access, "memory_recall", { task: "t" }, headers);
    expect((await recall()).body.result.isError ?? false).toBe(false);
    const started = await client.call(access, "memory_start", { task: "t" });
    expect(started.text).toContain('has not the scope \\"write\\"');
    expect((await recall({ "X-Memory-Namespace": "other" })).status).toBe(403);
    // It is for nothing but /mcp.
    expect((await service.call("GET", "/v1/stats", { key: access })).status).toBe(401);
    expect((await service.call("GET", "/admin/keys", { key: access })).status).toBe(403);
  });
});

describe("what was granted", () => {
  const ask = (method: string, path: string, key = ADMIN_TOKEN) =>
    service.call(method, path, { key, headers: { "X-Actor": "ana" } });

  it("is listed for operators without a token, and taken back one by one", async () => {
    const key = await service.key("granted", ["read", "write"]);
    const keyId = key.split("_")[1] ?? "";
    const [kept, ended] = [new OAuthClient(service.url), new OAuthClient(service.url)];
    const tokens = await kept.connect({ key, scopes: ["read"] });
    const others = await ended.connect({ key });
    const idOf = (token: string): string => token.split(":").slice(0, 2).join(":");

    const listed = await ask("GET", `/admin/oauth/grants?key_id=${keyId}`);
    expect(listed.status).toBe(200);
    expect(listed.body.next_cursor).toBeNull();
    const grants = listed.body.grants as { id: string; created_at: string }[];
    const of = (token: string) => grants.find(({ id }) => id === idOf(token));
    expect(grants).toHaveLength(2);
    expect(of(tokens.access)).toEqual({
      id: idOf(tokens.access),
      key_id: keyId,
      key_name: "test",
      client_id: kept.id,
      client_name: "A client of tests",
      namespace: "granted",
      scopes: ["read"],
      active: true,
      created_at: expect.any(String),
      last_token_at: expect.any(String),
      expires_at: expect.any(String),
    });
    expect(of(others.access)).toMatchObject({ client_id: ended.id, scopes: ["read", "write"] });
    for (const token of [tokens.access, tokens.refresh, others.access, key])
      expect(listed.text).not.toContain(token.split(/[:_]/).at(-1));
    const ofClient = await ask("GET", `/admin/oauth/grants?client_id=${ended.id}&limit=1`);
    expect(ofClient.body.grants.map(({ id }: { id: string }) => id)).toEqual([idOf(others.access)]);

    const path = `/admin/oauth/grants/${idOf(others.access)}`;
    expect((await ask("DELETE", path, key)).status).toBe(403);
    expect((await ask("DELETE", path)).status).toBe(204);
    const recall = (client: OAuthClient, token: string) =>
      client.call(token, "memory_recall", { task: "any" });
    expect((await recall(ended, others.access)).status).toBe(401);
    expect((await ended.refresh(others.refresh)).body).toMatchObject({ error: "invalid_grant" });
    expect((await recall(kept, tokens.access)).status).toBe(200);
    expect((await ask("DELETE", path)).status).toBe(404);

    const { body: told } = await ask("GET", GRANTS_AUDIT);
    expect(told.audit[0]).toMatchObject({
      by: "root (ana)",
      what: "oauth_grant",
      from: { state: "granted" },
      to: { key: keyId, client: ended.id, namespace: "granted", state: "revoked" },
    });
    const { body: timeline } = await ask("GET", "/admin/incidents");
    const titles = timeline.incidents.map(({ title }: { title: string }) => title);
    const [, endedId = ""] = idOf(others.access).split(":");
    expect(titles).toContain(
      `grant ${endedId} of key ${keyId} to ${ended.id} revoked: read, write in granted (root (ana))`,
    );
    // What is left ends with its key, and says so.
    await ask("DELETE", `/admin/keys/${keyId}`);
    const after = await ask("GET", `/admin/oauth/grants?key_id=${keyId}`);
    expect(after.body.grants).toMatchObject([{ id: idOf(tokens.access), active: false }]);
  });

  it("is of operators alone, and is nothing where OAuth is off, which is said", async () => {
    const key = await service.key("nosy", ["read", "write", "admin"]);
    expect((await ask("GET", "/admin/oauth/grants", key)).status).toBe(403);
    const plain = await Service.start(database.url);
    try {
      for (const [method, path] of [
        ["GET", "/admin/oauth/grants"],
        ["DELETE", "/admin/oauth/grants/0123456789ab:x"],
      ] as const) {
        const { status, body } = await plain.call(method, path, { key: ADMIN_TOKEN });
        expect([status, body.code]).toEqual([404, "not_found"]);
        expect(body.detail).toContain("OAUTH_KV");
      }
    } finally {
      await plain.remove();
    }
  });
});
