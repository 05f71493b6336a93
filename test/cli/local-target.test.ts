import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveTarget } from "../../cli/profile.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "memory-local-"));
  for (const [name, text] of Object.entries({ "local-key": "mk", "admin-token": "root" }))
    writeFileSync(join(directory, name), text);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const target = (env: Record<string, string> = {}): object => {
  const { url, key, admin_token } = resolveTarget(
    {},
    { XDG_CONFIG_HOME: directory, MEMORY_DATA_DIR: directory, ...env },
  );
  return { url, key, admin_token };
};
const secrets = { key: "mk", admin_token: "root" };

describe("the service that npm start runs here", () => {
  it("is where it says that it listens", () => {
    writeFileSync(join(directory, "url"), "http://127.0.0.1:9001");
    expect(target()).toEqual({ url: "http://127.0.0.1:9001", ...secrets });
    expect(target({ MEMORY_PORT: "9002" })).toEqual({ url: "http://127.0.0.1:9001", ...secrets });
  });

  it("is at MEMORY_PORT where it has not said so", () => {
    expect(target({ MEMORY_PORT: "9002" })).toEqual({ url: "http://127.0.0.1:9002", ...secrets });
    expect(target()).toEqual({ url: "http://127.0.0.1:8787", ...secrets });
  });

  it("gets its keys when its own address is named, and no other service does", () => {
    writeFileSync(join(directory, "url"), "http://127.0.0.1:9001");
    expect(target({ MEMORY_URL: "http://127.0.0.1:9001/" })).toMatchObject(secrets);
    for (const url of ["http://127.0.0.1:9002", "https://memory.example"])
      expect(target({ MEMORY_URL: url })).toEqual({ url, key: undefined, admin_token: undefined });
  });
});
