/**
 * Each command for keys, profiles and MCP, tried on the running service.
 *
 * @module
 */

import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { OAuthClient } from "../support/service/oauth-client.ts";
import { ADMIN_TOKEN } from "../support/service/service.ts";
import type { Tried } from "./bench.ts";

export const ACCESS_TRIED: Tried = {
  "key create": async (bench) => {
    const made = (
      await bench.ok(
        "key",
        "create",
        "--name",
        "agent",
        "--scope",
        "read",
        "--allow",
        "cli",
        "--expires-in",
        "1d",
      )
    ).json;
    expect(made).toMatchObject({
      name: "agent",
      scopes: ["read"],
      namespaces: ["cli"],
      expires_at: expect.any(String),
    });
    const env = { MEMORY_KEY: made.key as string };
    expect((await bench.cli.run(["stats"], { env })).exit).toBe(0);
    expect((await bench.cli.run(["episode", "create", "--task", "t"], { env })).exit).toBe(3);
  },
  "key list": async (bench) =>
    expect((await bench.cli.run(["key", "list"])).out).toMatch(/ID +NAME +SCOPES/),
  "key rotate": async (bench) => {
    const old = (await bench.ok("key", "create", "--name", "turned", "--allow", "cli")).json;
    const made = (await bench.ok("key", "rotate", old.id, "--overlap", "1h", "--yes")).json;
    expect(made).toMatchObject({ name: "turned", scopes: old.scopes, namespaces: ["cli"] });
    for (const { key } of [old, made])
      expect((await bench.cli.run(["stats"], { env: { MEMORY_KEY: key } })).exit).toBe(0);
    const last = (await bench.ok("key", "rotate", made.id, "--overlap", "0", "--yes")).json;
    const ended = await bench.cli.run(["stats"], { env: { MEMORY_KEY: made.key } });
    expect(ended.exit).toBe(3);
    const { keys } = (await bench.ok("key", "list")).json;
    const known = (id: string) => keys.find((key: { id: string }) => key.id === id);
    expect(known(old.id).last_used_at).not.toBeNull();
    expect(known(last.id).last_used_at).toBeNull();
  },
  "key revoke": async (bench) => {
    const made = (await bench.ok("key", "create", "--name", "gone")).json;
    expect((await bench.ok("key", "revoke", made.id, "--yes")).json.revoked_at).not.toBeNull();
    expect((await bench.cli.run(["stats"], { env: { MEMORY_KEY: made.key as string } })).exit).toBe(
      3,
    );
  },
  "oauth list": async (bench) => {
    const key = await bench.service.key("cli", ["read"]);
    const client = new OAuthClient(bench.service.url);
    await client.connect({ key, scopes: ["read"] });
    const id = key.split("_")[1] ?? "";
    const { grants } = (await bench.ok("oauth", "list", "--key", id)).json;
    expect(grants).toMatchObject([{ key_id: id, client_id: client.id, namespace: "cli" }]);
    const of = await bench.cli.run(["oauth", "list", "--client", client.id]);
    expect(of.out).toMatch(/ID +KEY +APP +NAMESPACE[^]*A client of tests +cli +read/);
    expect((await bench.ok("oauth", "list", "--client", "nobody")).json.grants).toEqual([]);
  },
  "oauth revoke": async (bench) => {
    const client = new OAuthClient(bench.service.url);
    const key = await bench.service.key("cli", ["read"]);
    const { access } = await client.connect({ key, scopes: ["read"] });
    const id = access.split(":").slice(0, 2).join(":");
    const call = () => client.call(access, "memory_recall", { task: "any" });
    expect((await call()).status).toBe(200);
    expect((await bench.ok("oauth", "revoke", id, "--yes")).json).toEqual({ id, revoked: true });
    expect((await call()).status).toBe(401);
    expect((await bench.cli.run(["oauth", "revoke", id, "--yes"])).exit).toBe(4);
  },
  "webhook add": async (bench) => {
    const url = "https://hooks.example.invalid/memory";
    const made = (await bench.ok("webhook", "add", url, "--type", "backup")).json;
    expect(made).toMatchObject({ url, types: ["backup"], namespaces: ["*"] });
    expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    await bench.ok("webhook", "remove", made.id);
    const own = await bench.cli.run(["webhook", "add", "https://127.0.0.1/"]);
    expect([own.exit, own.err]).toEqual([2, expect.stringContaining("public address")]);
  },
  "webhook list": async (bench) => {
    const url = "https://hooks.example.invalid/listed";
    const made = (await bench.ok("webhook", "add", url, "--type", "backup")).json;
    const listed = await bench.cli.run(["webhook", "list"]);
    expect(listed.out).toContain(url);
    expect(listed.out).not.toContain(made.secret);
    await bench.ok("webhook", "remove", made.id);
  },
  "webhook remove": async (bench) => {
    expect((await bench.cli.run(["webhook", "remove", "wh-nobody"])).exit).toBe(4);
  },
  "webhook test": async (bench) => {
    const url = "https://hooks.example.invalid/tested";
    const made = (await bench.ok("webhook", "add", url, "--type", "backup")).json;
    const tested = await bench.cli.run(["webhook", "test", made.id]);
    expect(tested.exit).toBe(1);
    await bench.ok("webhook", "remove", made.id);
  },
  "webhook undelivered": async (bench) => {
    expect((await bench.ok("webhook", "undelivered")).json).toEqual({ undelivered: [] });
    expect((await bench.ok("webhook", "undelivered", "--retry")).json).toEqual({ retried: 0 });
  },
  "profile add": async (bench) => {
    const key = await bench.service.key("profiled");
    const bare = { MEMORY_URL: "", MEMORY_KEY: "", MEMORY_ADMIN_TOKEN: "", MEMORY_NAMESPACE: "" };
    const refused = await bench.cli.run(["profile", "add", "staging", "--url", bench.service.url], {
      env: bare,
    });
    expect([refused.exit, refused.err]).toEqual([3, expect.stringContaining("--stdin")]);
    await bench.cli.run(
      ["profile", "add", "staging", "--url", bench.service.url, "-n", "profiled", "--stdin"],
      {
        env: bare,
        stdin: `${key}\n`,
      },
    );
    const file = join(bench.cli.home, "memory-cli/profiles.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const used = await bench.cli.run(["stats", "--format", "json"], { env: bare });
    expect([used.exit, used.json.namespace]).toEqual([0, "profiled"]);
    const secret = join(bench.cli.home, "root");
    writeFileSync(secret, ADMIN_TOKEN);
    await bench.cli.run(["profile", "add", "staging", "--admin", "--key-file", secret], {
      env: bare,
    });
    expect((await bench.cli.run(["key", "list"], { env: bare })).exit).toBe(0);
  },
  "profile list": async (bench) => {
    const { out } = await bench.cli.run(["profile", "list"]);
    expect(out).toMatch(/\* +staging/);
    expect(out).not.toContain("mk_");
  },
  "profile use": async (bench) => {
    await bench.cli.run(["profile", "add", "other", "--url", bench.service.url, "--no-key"]);
    expect((await bench.cli.run(["profile", "use", "other"])).exit).toBe(0);
    expect((await bench.cli.run(["profile", "use", "nobody"])).exit).toBe(2);
    await bench.cli.run(["profile", "use", "staging"]);
  },
  "profile show": async (bench) => {
    const shown = (
      await bench.cli.run(["profile", "show", "--profile", "staging", "--format", "json"])
    ).json;
    expect(shown).toMatchObject({ name: "staging", key: "yes", admin_token: "yes" });
  },
  "profile remove": async (bench) => {
    expect((await bench.cli.run(["profile", "remove", "other", "--yes"])).exit).toBe(0);
    expect((await bench.cli.run(["profile", "show", "--profile", "other"])).exit).toBe(2);
  },
  mcp: async (bench) => {
    const list = `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" })}\n`;
    const away = await bench.cli.run(["mcp", "--url", "http://127.0.0.1:9"], { stdin: list });
    expect([away.exit, away.json]).toMatchObject([
      0,
      { id: 1, error: { message: expect.stringContaining("127.0.0.1:9") } },
    ]);
    const heard = await bench.cli.run(["mcp"], { stdin: list });
    expect([heard.exit, heard.json]).toMatchObject([
      0,
      { id: 1, result: { tools: expect.any(Array) } },
    ]);
    expect((await bench.cli.run(["mcp"], { stdin: list, env: { MEMORY_KEY: "" } })).exit).toBe(3);
  },
};
