import { describe, expect, it } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { parseEnv, type Env } from "../src/env.ts";
import { RELEASE } from "../src/release.ts";

/** An environment with the one variable that every deployment sets. */
function env(more: Readonly<Record<string, unknown>> = {}): Env {
  return { TURSO_DATABASE_URL: "libsql://memory.example", ...more } as unknown as Env;
}

describe("the release", () => {
  it("is the one that package.json names", () => {
    const { name, version } = packageJson;
    expect(RELEASE).toEqual({ name, version });
  });
});

describe("the origin by which OAuth clients know the service", () => {
  it("is over TLS, or on this machine", () => {
    expect(parseEnv(env()).oauthOrigin).toBeNull();
    for (const OAUTH_ORIGIN of ["https://memory.example", "http://127.0.0.1:8787"])
      expect(parseEnv(env({ OAUTH_ORIGIN })).oauthOrigin).toBe(OAUTH_ORIGIN);
    const refused = ["*", "http://memory.example", "https://memory.example/", "memory.example"];
    for (const OAUTH_ORIGIN of [...refused, "ftp://localhost", "http://127.0.0.1.evil.example"])
      expect(() => parseEnv(env({ OAUTH_ORIGIN }))).toThrow("OAUTH_ORIGIN must be an origin");
  });
});

describe("a deployment", () => {
  it("needs the database's address only", () => {
    expect(parseEnv(env())).toMatchObject({
      databaseUrl: "libsql://memory.example",
      databaseToken: null,
      admins: [],
      backupKeys: [],
      backupKeyProblem: null,
      instanceCount: 4,
      jurisdiction: null,
      location: null,
      version: { version: packageJson.version, id: null },
      metricsOpen: false,
      sentryDsn: null,
      deployedAt: "",
      defaults: {},
    });
  });

  it("takes over what it sets", () => {
    const set = {
      TURSO_AUTH_TOKEN: "token",
      ADMIN_TOKEN: "sixteen letters.",
      BACKUP_KEY: `0f${"00".repeat(31)}, ${"07".repeat(32)}`,
      INSTANCE_COUNT: "1024",
      JURISDICTION: "eu",
      DATABASE_LOCATION: "weur",
      METRICS_OPEN: "true",
      SENTRY_DSN: "https://key@sentry.example/7",
      CORS_ORIGINS: "https://app.example, http://localhost:5173",
      REDACTION_PATTERNS: "ACME-[0-9]{4}",
      CF_VERSION_METADATA: { id: "v-1", tag: "", timestamp: "2026-01-31T12:00:00Z" },
    };
    const { backupKeys, ...deployment } = parseEnv(env(set));
    expect(backupKeys.map((key) => [key?.length, key?.[0]])).toEqual([
      [32, 15],
      [32, 7],
    ]);
    expect(deployment).toMatchObject({
      databaseToken: "token",
      admins: [{ name: "root", token: "sixteen letters." }],
      instanceCount: 1_024,
      jurisdiction: "eu",
      location: "weur",
      version: { id: "v-1" },
      metricsOpen: true,
      sentryDsn: "https://key@sentry.example/7",
      deployedAt: "2026-01-31T12:00:00Z",
      corsOrigins: new Set(["https://app.example", "http://localhost:5173"]),
      secretPatterns: [{ prefix: "ACME-" }],
    });
  });

  it("may name an endpoint for embeddings, with its model, and no password in the address", () => {
    const EMBEDDINGS_URL = "https://models.example/v1/embeddings";
    expect(parseEnv(env()).embeddings).toBeNull();
    expect(
      parseEnv(env({ EMBEDDINGS_URL, EMBEDDING_MODEL: "small", EMBEDDINGS_KEY: "k" })),
    ).toMatchObject({ embeddings: { url: EMBEDDINGS_URL, key: "k" }, embeddingModel: "small" });
    expect(() => parseEnv(env({ EMBEDDINGS_URL }))).toThrow("needs EMBEDDING_MODEL");
    for (const url of ["models.example", "ftp://a/b", "https://a:b@models.example/v1", "https://"])
      expect(() => parseEnv(env({ EMBEDDINGS_URL: url, EMBEDDING_MODEL: "m" }))).toThrow(
        "EMBEDDINGS_URL must be",
      );
  });

  it.each([
    ["0f", /^BACKUP_KEY must be 64 hex digits/, [null]],
    [`${"0g".repeat(32)}`, /^BACKUP_KEY must be 64 hex digits/, [null]],
    [`${"ab".repeat(32)} ab`, /hex -?32.*: number 2 of 2 is not$/, [32, null]],
    [Array(9).fill("ab".repeat(32)).join(","), /at most 8 keys/, Array(9).fill(32)],
  ])("starts with the malformed BACKUP_KEY %j, and says so without it", (key, problem, lengths) => {
    const { backupKeys, backupKeyProblem } = parseEnv(env({ BACKUP_KEY: key }));
    expect(backupKeys.map((own) => own && own.length)).toEqual(lengths);
    expect(backupKeyProblem).toMatch(problem);
    expect(backupKeyProblem).not.toContain(key.slice(0, 64));
  });

  it("counts an empty variable as one that is not set", () => {
    const empty = { ADMIN_TOKEN: "", BACKUP_KEY: "", INSTANCE_COUNT: "", METRICS_OPEN: "" };
    expect(parseEnv(env({ ...empty, SENTRY_DSN: "", LOG_LEVEL: "" }))).toEqual(parseEnv(env()));
  });

  it("sets defaults of settings by their names in capitals, each as its type", () => {
    const set = { BATCH_SIZE: "7", BREAKER_FAILURE_RATE: "0.25", LOG_LEVEL: "warn", OTHER: "x" };
    expect(parseEnv(env(set)).defaults).toEqual({
      batch_size: 7,
      breaker_failure_rate: 0.25,
      log_level: "warn",
    });
  });

  it.each([
    ["TURSO_DATABASE_URL", "memory.example"],
    ["TURSO_DATABASE_URL", ""],
    ["ADMIN_TOKENS", "ana"],
    ["ADMIN_TOKENS", "ana=tooshort"],
    ["ADMIN_TOKENS", "root=a-token-of-some-length"],
    ["ADMIN_TOKENS", "ana=a-token-of-some-length,ana=another-of-some-length"],
    ["ADMIN_TOKENS", "ana=a-token-of-some-length ben=a-token-of-some-length"],
    ["ADMIN_TOKEN", "fifteen letters"],
    ["CORS_ORIGINS", "https://app.example/path"],
    ["CORS_ORIGINS", "https://a.example app.example"],
    ["REDACTION_PATTERNS", "ab[0-9]{3}"],
    ["MIGRATIONS", "later"],
    ["INSTANCE_COUNT", "0"],
    ["INSTANCE_COUNT", "1025"],
    ["INSTANCE_COUNT", "1.5"],
    ["JURISDICTION", "europe"],
    ["DATABASE_LOCATION", "frankfurt"],
    ["METRICS_OPEN", "yes"],
    ["SENTRY_DSN", "https://sentry.example/7"],
    ["BATCH_SIZE", "seven"],
    ["LOG_LEVEL", "loud"],
  ])("is refused for %s=%j, by name", (name, value) => {
    expect(() => parseEnv(env({ [name]: value }))).toThrow(`Settings at fault: ${name} must `);
  });

  it("is refused with all that is wrong with it at once", () => {
    const wrong = { ADMIN_TOKEN: "short", METRICS_OPEN: "yes", BATCH_SIZE: "seven" };
    expect(() => parseEnv(env(wrong))).toThrow(/ADMIN_TOKEN .*; METRICS_OPEN .*; BATCH_SIZE /);
  });
});
