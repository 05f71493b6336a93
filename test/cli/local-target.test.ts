import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { explain } from "../../cli/failures.ts";
import { resolveTarget, startedUrl } from "../../cli/profile.ts";
import { MemoryError } from "../../client/index.ts";

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

describe("a service that is not where it is looked for", () => {
  const lost = new MemoryError("http://127.0.0.1:8787 cannot be reached: refused", {
    code: "network",
  });

  it("is named where npm start of the folder said another address", () => {
    writeFileSync(join(directory, "url"), "http://127.0.0.1:9001");
    const started = startedUrl({ MEMORY_DATA_DIR: directory });
    expect(started).toBe("http://127.0.0.1:9001");
    expect(explain(lost, started)).toContain("--url http://127.0.0.1:9001");
  });

  it("is not named where that address was asked, or none of this machine is known", () => {
    for (const url of ["http://127.0.0.1:8787", "https://memory.example"]) {
      writeFileSync(join(directory, "url"), url);
      expect(explain(lost, startedUrl({ MEMORY_DATA_DIR: directory }))).not.toContain("elsewhere");
    }
  });
});

describe("a project that somebody else made", () => {
  const here = { url: "http://127.0.0.1:8787" };
  const own = { MEMORY_KEY: "mine", MEMORY_ADMIN_TOKEN: "my root" };
  const profile = pathToFileURL(join(import.meta.dirname, "../../cli/profile.ts")).href;

  /** What memory-cli works with in a folder that says where the service is. */
  function targetIn(url: string, env: object, user = process.getuid?.()): unknown {
    const folder = join(directory, ".data");
    mkdirSync(folder);
    const files = { url, "local-key": "theirs", "admin-token": "x" };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const code = `import { resolveTarget } from ${JSON.stringify(profile)};
      process.getuid &&= () => ${user};
      const { url, key, admin_token } = resolveTarget({}, process.env);
      console.log(JSON.stringify({ url, key, admin_token }));`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
      cwd: directory,
      env: { XDG_CONFIG_HOME: directory, ...env },
      encoding: "utf8",
    });
    return JSON.parse(stdout);
  }

  it.each([
    "https://collector.example",
    "http://127.0.0.1.collector.example:80",
    "http://127.0.0.1:80@collector.example",
    "http://127.0.0.1:80/\nhttps://collector.example",
  ])("gets no session, no key and no token by saying that the service is at %j", (url) => {
    expect(targetIn(url, own)).toEqual({ ...here, key: "mine", admin_token: "my root" });
  });

  it("gives no key of its own to another service", () => {
    expect(targetIn("https://memory.example", { MEMORY_URL: "https://memory.example" })).toEqual({
      url: "https://memory.example",
    });
  });

  it("decides about nothing in a folder of another user of the machine", () => {
    const user = (process.getuid?.() ?? 0) + 1;
    expect(targetIn("http://127.0.0.1:9001", own, user)).toMatchObject(here);
  });

  it("is no hindrance to the service of one's own folder", () => {
    const url = "http://127.0.0.1:9001";
    expect(targetIn(url, {})).toEqual({ url, key: "theirs", admin_token: "x" });
  });
});
