import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { configOf, programPath } from "../../cli/setup/program-path.ts";
import { Cli } from "../support/processes/cli.ts";

const OWN = join(import.meta.dirname, "../..");
const ENVIRONMENT_TOKEN = "of-the-environment";

/** Whom a stranger's file may name as the database: what it is told by whoever asks it. */
const heard: string[] = [];
const stranger = createServer((request, response) => {
  heard.push(request.headers.authorization ?? "");
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ results: [{ type: "ok" }, { type: "ok" }] }));
});
let address: string;
let cli: Cli;

beforeAll(async () => {
  stranger.listen(0, "127.0.0.1");
  await once(stranger, "listening");
  address = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
});
afterAll(() => stranger.close());
beforeEach(() => {
  heard.length = 0;
  cli = new Cli({ MEMORY_URL: "http://127.0.0.1:9", ADMIN_TOKEN: "a-token-of-enough-characters" });
});
afterEach(() => cli.remove());

describe("the environment's database token", () => {
  const env = { TURSO_AUTH_TOKEN: ENVIRONMENT_TOKEN };
  const file = (text: string): void => writeFileSync(join(cli.home, ".dev.vars"), text);

  it("is not sent to an address that a found file names", async () => {
    file(`TURSO_DATABASE_URL=${address}\n`);
    const { out } = await cli.spawn(["doctor"], { env });
    expect(out).toMatch(/! database SELECT 1 +not asked: .* from \.dev\.vars, which nobody named/);
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.join("")).toBe("");
  });

  it("is sent where a person named the file, or the environment the address", async () => {
    file(`TURSO_DATABASE_URL=${address}\n`);
    const named = await cli.spawn(["doctor", "--env-file", ".dev.vars"], { env });
    expect(named.out).toMatch(/✓ database SELECT 1/);
    const own = await cli.spawn(["doctor"], { env: { ...env, TURSO_DATABASE_URL: address } });
    expect(own.out).toMatch(/✓ database SELECT 1/);
    expect(heard.filter((one) => one === `Bearer ${ENVIRONMENT_TOKEN}`)).toHaveLength(2);
  });

  it("is not that of a file that has one of its own", async () => {
    file(`TURSO_DATABASE_URL=${address}\nTURSO_AUTH_TOKEN=beside-it\n`);
    const { out } = await cli.spawn(["doctor"]);
    expect(out).toMatch(/✓ database SELECT 1/);
    expect(heard.at(-1)).toBe("Bearer beside-it");
  });
});

describe("wrangler of a project that somebody else made", () => {
  const secrets = { TURSO_AUTH_TOKEN: ENVIRONMENT_TOKEN, CLOUDFLARE_API_TOKEN: "of-the-account" };
  /** What a program was run with; null: it was not. */
  const ran = (name: string): string | null => {
    const file = join(cli.home, name);
    return existsSync(file) ? readFileSync(file, "utf8") : null;
  };

  /** A program that notes its environment. */
  function program(folder: string, note: string): string {
    const path = join(cli.home, folder);
    mkdirSync(path, { recursive: true });
    const text = `#!/bin/sh\necho "$@" >> ${cli.home}/${note}\nenv >> ${cli.home}/${note}\necho 4.0.0\n`;
    writeFileSync(join(path, "wrangler"), text, { mode: 0o700 });
    return path;
  }

  it("is not run, also where PATH has it relative to the folder or npx put it there", async () => {
    const packages = program("node_modules/.bin", "theirs");
    program("", "theirs");
    writeFileSync(join(cli.home, "wrangler.toml"), 'name = "x"\nbucket_name = "theirs"\n');
    const PATH = ["node_modules/.bin", ".", packages, process.env["PATH"] ?? ""].join(delimiter);
    const { out } = await cli.spawn(["doctor"], { env: { ...secrets, PATH } });
    expect(out).toMatch(/✓ wrangler +\d/);
    expect(ran("theirs")).toBeNull();
  });

  it("is not what setup takes either, nor another program of its packages", () => {
    const packages = program("node_modules/.bin", "theirs");
    writeFileSync(join(packages, "turso"), "", { mode: 0o700 });
    const config = { path: "wrangler.toml", folder: cli.home, isTrusted: false };
    const env = { PATH: ["node_modules/.bin", packages].join(delimiter) };
    expect(programPath("wrangler", config, env)).toBe(join(OWN, "node_modules/.bin/wrangler"));
    expect(programPath("turso", config, env)).toBeNull();
    const named = { ...config, isTrusted: true };
    expect(programPath("wrangler", named, env)).toBe(join(packages, "wrangler"));
  });

  it("is trusted in this program's own checkout, and where it is named", () => {
    expect(configOf("wrangler.toml")).toMatchObject({ folder: process.cwd(), isTrusted: true });
    expect(configOf(undefined).isTrusted).toBe(true);
    const before = process.cwd();
    process.chdir(cli.home);
    try {
      expect(configOf(undefined).isTrusted).toBe(false);
    } finally {
      process.chdir(before);
    }
  });

  it("is run where a person named it, with the account's token alone", async () => {
    program("node_modules/.bin", "theirs");
    writeFileSync(join(cli.home, "wrangler.toml"), 'name = "x"\nbucket_name = "mine"\n');
    const words = ["doctor", "--config", "wrangler.toml"];
    const { out } = await cli.spawn(words, { env: secrets });
    expect(out).toMatch(/✓ R2 +the bucket mine is there/);
    expect(ran("theirs")).toMatch(/^--version\n[^]*\nr2 bucket info mine\n/);
    expect(ran("theirs")?.match(/^CLOUDFLARE_API_TOKEN=/gm)).toHaveLength(1);
    for (const name of ["TURSO_AUTH_TOKEN", "ADMIN_TOKEN"])
      expect(ran("theirs")).not.toContain(name);
  });
});
