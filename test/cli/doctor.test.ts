import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Cli } from "../support/processes/cli.ts";

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
