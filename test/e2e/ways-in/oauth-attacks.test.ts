import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/contract/limits.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import {
  codeOf,
  consentOf,
  OAuthClient,
  onwardOf,
  REDIRECT,
  type Said,
} from "../../support/service/oauth-client.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";

let databases: Sqld[];
let service: Service;
/** Another deployment. */
let other: Service;
let key: string;

beforeAll(async () => {
  databases = await Promise.all([Sqld.start(), Sqld.start()]);
  const [first = "", second = ""] = databases.map(({ url }) => url);
  service = await Service.start(first, {}, { hasOAuth: true });
  other = await Service.start(second, {}, { hasOAuth: true });
  key = await service.key("mine", ["read", "write"]);
});
afterAll(async () => {
  for (const running of [service, other, ...databases]) await running.remove();
});

async function registered(more: Record<string, unknown> = {}): Promise<OAuthClient> {
  const client = new OAuthClient(service.url);
  const { status, text } = await client.register(more);
  if (status !== 201) throw new Error(`not registered: ${text}`);
  return client;
}

/** Nobody is sent anywhere, and nothing was granted. */
function expectRefused({ status, headers, text }: Said, reason: string): void {
  expect({ status, reason: text.includes(reason) ? reason : text }).toEqual({
    status: 400,
    reason,
  });
  expect(headers.get("Location")).toBeNull();
  expect(onwardOf({ status, headers, text, body: null })).toBeNull();
}

const recall = (client: OAuthClient, token: string): Promise<Said> =>
  client.call(token, "memory_recall", { task: "any" });

describe("a code", () => {
  it("is worth tokens once; used again it takes back those that it was worth", async () => {
    const client = await registered();
    const code = await client.code({ key });
    const { body: tokens } = await client.exchange(code);
    expect((await recall(client, tokens.access_token)).status).toBe(200);
    expect(await client.exchange(code)).toMatchObject({
      status: 400,
      body: { error: "invalid_grant" },
    });
    expect((await recall(client, tokens.access_token)).status).toBe(401);
    expect((await client.refresh(tokens.refresh_token)).status).toBe(400);
  });

  it.each([
    ["another verifier", { code_verifier: "a".repeat(43) }],
    ["no verifier", { code_verifier: null }],
    ["another redirect_uri", { redirect_uri: "http://127.0.0.1:9/other" }],
    ["another resource", { resource: "https://other.example/mcp" }],
    ["no client", { client_id: null }],
  ])("is worth nothing with %s", async (_what, changes) => {
    const client = await registered();
    const { status, body } = await client.exchange(await client.code({ key }), changes);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(body).not.toHaveProperty("access_token");
  });

  it("is worth nothing to another client", async () => {
    const [client, thief] = [await registered(), await registered()];
    const code = await client.code({ key });
    const stolen = await thief.exchange(code, { code_verifier: client.verifier });
    expect(stolen).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });
});

describe("PKCE", () => {
  it.each([
    ["plain", { code_challenge_method: "plain" }],
    ["no method", { code_challenge_method: null }],
    ["no challenge", { code_challenge: null, code_challenge_method: null }],
  ])("with %s is refused, of clients with a secret too", async (_what, changes) => {
    for (const method of ["none", "client_secret_basic"]) {
      const client = await registered({ token_endpoint_auth_method: method });
      const answer = await client.authorize(changes);
      expect(answer.status).toBe(400);
      expect(answer.headers.get("Location")).toBeNull();
      expect(answer.text).toMatch(/PKCE|code_challenge|S256/);
    }
  });
});

describe("an address to go back to", () => {
  it.each([
    ["that was not registered", "https://evil.example/callback"],
    ["with another path", "http://127.0.0.1:9/callback/../evil"],
    ["that is a script", "javascript:alert(1)"],
    ["that is none", ""],
  ])("%s is refused on a page of ours, which does not lead there", async (_what, redirect) => {
    const answer = await (await registered()).authorize({ redirect_uri: redirect });
    expectRefused(answer, "redirect");
    expect(answer.text).not.toContain("<a ");
  });

  it("that was registered is not gone to by an error: the way back is a link", async () => {
    const evil = "https://evil.example/phish";
    const client = await registered({ redirect_uris: [evil] });
    const answer = await client.authorize({ redirect_uri: evil, response_type: "token" });
    expectRefused(answer, "Back to evil.example");
  });

  it("cannot be registered as a script, or over HTTP elsewhere", async () => {
    for (const uri of ["javascript:alert(1)", "data:text/html,x", "http://evil.example/"])
      expect((await new OAuthClient(service.url).register({ redirect_uris: [uri] })).status).toBe(
        400,
      );
  });
});

describe("the page of consent", () => {
  it("is in no frame, runs no script, and shows a client's words as words", async () => {
    const name = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;
    const client = await registered({ client_name: name });
    const { text, headers } = await client.consent();
    expect(text).not.toMatch(/<script|<img/);
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(headers.get("X-Frame-Options")).toBe("DENY");
    expect(headers.get("Cache-Control")).toBe("no-store");
    const policy = headers.get("Content-Security-Policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).not.toMatch(/unsafe|script-src/);
    expect(headers.getSetCookie()[0]).toMatch(/^__Host-.*HttpOnly/);
    expect(headers.getSetCookie()[0]).toMatch(/Secure/);
    expect(headers.getSetCookie()[0]).toMatch(/SameSite=(Lax|Strict)/);
  });

  it("is decided on only in the browser that was shown it, and once", async () => {
    const client = await registered();
    const [mine, other] = [await client.consent(), await client.consent()];
    expectRefused(await client.decide({ ...mine, cookie: "" }, { key }), "start again");
    expectRefused(await client.decide({ ...mine, cookie: other.cookie }, { key }), "start again");
    expectRefused(await client.decide({ ...mine, handle: "guessed" }, { key }), "start again");
    expectRefused(
      await client.decide({ ...mine, handle: "" }, { key, decision: "deny" }),
      "handle",
    );
    codeOf(await client.decide(mine, { key }));
    expectRefused(await client.decide(mine, { key }), "start again");
  });

  it.each([
    ["Origin", { Origin: "https://evil.example" }],
    ["Origin", { Origin: "null" }],
    ["Sec-Fetch-Site", { "Sec-Fetch-Site": "cross-site" }],
    ["Sec-Fetch-Site", { "Sec-Fetch-Site": "same-site" }],
  ])("is decided on by no other site: %s", async (_what, headers) => {
    const client = await registered();
    const answer = await client.decide(await client.consent(), { key, headers });
    expect(answer).toMatchObject({ status: 403, body: { code: "forbidden" } });
  });

  it("takes a form alone, within bounds", async () => {
    const client = await registered();
    const json = await client.post("/oauth/authorize", "{}", "application/json");
    expect(json.status).toBe(415);
    const large = "x".repeat(LIMITS.oauth_body_max_bytes + 1);
    expect((await client.post("/oauth/authorize", large)).status).toBe(413);
    expect((await client.post("/oauth/token", large)).status).toBe(413);
  });

  it("tells the client when the person declines, and grants nothing", async () => {
    const client = await registered();
    const page = await client.decide(await client.consent(), { key: "", decision: "deny" });
    const to = onwardOf(page);
    expect(to?.href.startsWith(REDIRECT)).toBe(true);
    expect(Object.fromEntries(to?.searchParams ?? [])).toMatchObject({
      error: "access_denied",
      state: "a-state",
      iss: service.url,
    });
  });
});

describe("a key that a person enters", () => {
  const entered = async (text: string, more = {}): Promise<Said> => {
    const client = await registered();
    return client.decide(await client.consent(), { key: text, ...more });
  };

  it("is refused when it is the ADMIN_TOKEN, a guess, or none", async () => {
    for (const text of [ADMIN_TOKEN, "", "a key", `mk_${"a".repeat(12)}_${"b".repeat(48)}`])
      expectRefused(await entered(text), "unknown, expired or revoked");
  });

  it("is refused when it was revoked, or is not for that namespace", async () => {
    const revoked = await service.key("mine", ["read"]);
    await service.call("DELETE", `/admin/keys/${revoked.split("_")[1]}`, { key: ADMIN_TOKEN });
    expectRefused(await entered(revoked), "unknown, expired or revoked");
    expectRefused(await entered(key, { namespace: "foreign" }), "no access to the namespace");
    expectRefused(await entered(key, { namespace: "no namespace!" }), "A namespace has");
  });

  it("grants no scope that it has not; one that nobody can grant is left out", async () => {
    const reader = await service.key("mine", ["read"]);
    expectRefused(await entered(reader), "scope");
    const client = await registered();
    const powers = ["read", "write", "admin", "metrics", "root"];
    const all = await service.key("mine", ["read", "write", "admin", "metrics"]);
    expect((await client.connect({ key: all, scopes: powers })).scope).toBe("read write");
  });

  it("is the last try of its form: what was wrong comes with a new one", async () => {
    const client = await registered();
    const first = await client.consent();
    const again = consentOf(await client.decide(first, { key: "wrong" }));
    expect(again.handle).not.toBe(first.handle);
    expectRefused(await client.decide(first, { key }), "start again");
    codeOf(await client.decide(again, { key }));
  });
});

describe("a token", () => {
  it("gets no more by a refresh than was granted, and nobody else can refresh it", async () => {
    const [client, thief] = [await registered(), await registered()];
    const { refresh } = await client.connect({ key, scopes: ["read"] });
    const widened = await client.refresh(refresh, { scope: "read write admin" });
    if (widened.status === 200) expect(widened.body.scope).toBe("read");
    else expect(widened.body).toMatchObject({ error: "invalid_scope" });
    const stolen = await thief.refresh(refresh);
    expect(stolen).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });

  it("of another deployment, or another address of this one, is none", async () => {
    const client = await registered();
    const { access } = await client.connect({ key });
    expect((await recall(client, access)).status).toBe(200);
    expect((await recall(new OAuthClient(other.url), access)).status).toBe(401);
    const renamed = service.url.replace("127.0.0.1", "localhost");
    expect((await recall(new OAuthClient(renamed), access)).status).toBe(401);
  });

  it("ends with its key: when that is revoked, and when it expires", async () => {
    const client = await registered();
    const soon = new Date(Date.now() + 3_000).toISOString();
    const body = { name: "soon", scopes: ["read"], namespaces: ["mine"], expires_at: soon };
    const made = await service.call("POST", "/admin/keys", { key: ADMIN_TOKEN, body });
    const { access, refresh } = await client.connect({ key: made.body.key, scopes: [] });
    await expect.poll(async () => (await recall(client, access)).status).toBe(200);
    const until = { timeout: 10_000 };
    await expect.poll(async () => (await recall(client, access)).status, until).toBe(401);
    expect((await client.refresh(refresh)).body).toMatchObject({ error: "invalid_grant" });

    const doomed = await service.key("mine", ["read"]);
    const tokens = await client.connect({ key: doomed, scopes: [] });
    await service.call("DELETE", `/admin/keys/${doomed.split("_")[1]}`, { key: ADMIN_TOKEN });
    const refused = await recall(client, tokens.access);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("WWW-Authenticate")).toContain('error="invalid_token"');
  });

  it("is asked for by no signed assertion, by which this service would fetch an address", async () => {
    const client = await registered();
    const assertion = {
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: "a.b.c",
    };
    const { status } = await client.exchange(await client.code({ key }), assertion);
    expect(status).toBe(401);
  });
});

describe("a client that describes itself at an address", () => {
  it.each([
    "https://127.0.0.1/client",
    "https://[::1]/client",
    "https://169.254.169.254/latest/meta-data",
    "https://metadata.google.internal/client",
    "https://user:secret@example.com/client",
    "https://2130706433/client",
  ])("is not asked for at %s", async (client_id) => {
    const client = new OAuthClient(service.url);
    expectRefused(await client.authorize({ client_id }), "The app is not known: the client");
    const refreshed = await client.refresh("aaaaaaaaaaaa:b:c", { client_id });
    expect(refreshed).toMatchObject({ status: 401, body: { error: "invalid_client" } });
  });
});

describe("what anybody may send", () => {
  it("is bounded: a registration, its words, an id, a token", async () => {
    const client = new OAuthClient(service.url);
    const huge = await client.register({ client_name: "x".repeat(LIMITS.oauth_body_max_bytes) });
    expect(huge.status).toBe(413);
    const wordy = await client.register({ client_name: "x".repeat(LIMITS.oauth_client_max_bytes) });
    expect(wordy).toMatchObject({ status: 413, body: { error: "invalid_client_metadata" } });
    expectRefused(await client.authorize({ client_id: "x".repeat(5_000) }), "Invalid client_id");
    const token = `aaaaaaaaaaaa:${"b".repeat(60)}:${"c".repeat(120)}`;
    expect((await recall(client, token)).status).toBe(401);
    const long = await client.exchange(`${"a".repeat(3_000)}:b:c`, { client_id: "none" });
    expect(long.status).toBe(401);
  });

  it("is limited by where it comes from, by the day for all, and counted", async () => {
    const client = new OAuthClient(other.url);
    const answers: Said[] = [];
    for (let i = 0; i < 12; i++) answers.push(await client.register());
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    const last = answers.at(-1);
    expect(last).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(Number(last?.headers.get("Retry-After"))).toBeGreaterThan(0);

    const burst = LIMITS.oauth_registrations_burst;
    let taken = 10;
    for (; taken < burst + 5; taken++)
      if ((await new OAuthClient(other.url).register()).status !== 201) break;
    expect(taken).toBe(burst);
    const refused = await new OAuthClient(other.url).register();
    expect(refused).toMatchObject({ status: 429, body: { error: "temporarily_unavailable" } });

    const counted = async (event: string): Promise<number> => {
      const { text } = await other.call("GET", "/metrics", { key: ADMIN_TOKEN });
      const lines = text.split("\n").filter((line) => line.startsWith("memory_oauth_total{"));
      const own = lines.filter((line) => line.includes(`event="${event}"`));
      return own.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    };
    const until = { timeout: 5_000 };
    await expect.poll(() => counted("registered"), until).toBe(burst);
    expect(await counted("registration_refused")).toBe(2);
    expect(await counted("limited")).toBe(2);
  });
});
