import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { explain } from "../../cli/failures.ts";
import { localService, type LocalService } from "../../cli/local-service.ts";
import { resolveTarget, startedUrl } from "../../cli/profile.ts";
import { MemoryError } from "../../client/index.ts";
import { ClaudeSession, type Payload } from "../hooks/played.ts";
import { Cli } from "../support/processes/cli.ts";
import { until } from "../support/processes/until.ts";

/** A service that notes what it is asked, and with which key. */
class Heard {
  keys: string[] = [];
  #server!: Server;

  get port(): string {
    return String((this.#server.address() as AddressInfo).port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.keys = [];
    this.#server = createServer((request, response) => {
      this.keys.push(`${request.url} ${request.headers.authorization}`);
      // The sender ends where its line was taken.
      response.end('{"line":1,"status":"created","id":"e"}\n');
    }).listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

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

  /** As `npm start` leaves it. */
  function made(more: Record<string, string>): string {
    const folder = join(directory, ".data");
    mkdirSync(folder, { mode: 0o700 });
    const files = { "local-key": "theirs", "admin-token": "x", ...more };
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folder, name), text, { mode: name === "url" ? 0o644 : 0o600 });
    return folder;
  }

  /** What memory-cli works with in a folder that says where the service is. */
  function targetIn(url: string, env: object, user = process.getuid?.()): unknown {
    made({ url });
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

  /** What is found there where nothing else names a service. */
  function found(): LocalService {
    const before = process.cwd();
    process.chdir(directory);
    try {
      return localService({});
    } finally {
      process.chdir(before);
    }
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

  it("gets no key of the environment by saying that the service is at a port of this machine", () => {
    expect(targetIn("http://127.0.0.1:9001", own)).toEqual({
      ...here,
      key: "mine",
      admin_token: "my root",
    });
  });

  it.each<[string, (folder: string) => void, LocalService]>([
    ["a folder that others may look into", (folder) => chmodSync(folder, 0o755), {}],
    [
      "a link in place of the folder",
      (folder) => {
        renameSync(folder, `${folder}-moved`);
        symlinkSync(`${folder}-moved`, folder);
      },
      {},
    ],
    [
      "an address that never ends, by a link",
      (folder) => linked(join(folder, "url"), "/dev/zero"),
      { key: "theirs", adminToken: "x" },
    ],
    [
      "a pipe that nobody writes to",
      (folder) => {
        rmSync(join(folder, "url"));
        spawnSync("mkfifo", ["-m", "600", join(folder, "url")]);
      },
      { key: "theirs", adminToken: "x" },
    ],
    [
      "a secret of this user's, by a link",
      (folder) => linked(join(folder, "local-key"), join(directory, "local-key")),
      { url: "http://127.0.0.1:9001", adminToken: "x" },
    ],
    [
      "a secret that others may read",
      (folder) => chmodSync(join(folder, "local-key"), 0o644),
      { url: "http://127.0.0.1:9001", adminToken: "x" },
    ],
    [
      "a secret of more than 1 kB",
      (folder) => writeFileSync(join(folder, "local-key"), "x".repeat(1_025)),
      { url: "http://127.0.0.1:9001", adminToken: "x" },
    ],
  ])("decides nothing by %s", (_name, change, left) => {
    const folder = made({ url: "http://127.0.0.1:9001" });
    expect(found()).toEqual({ url: "http://127.0.0.1:9001", key: "theirs", adminToken: "x" });
    change(folder);
    expect(found()).toEqual(left);
  });

  it("is no hindrance to the service of one's own folder", () => {
    const url = "http://127.0.0.1:9001";
    expect(targetIn(url, {})).toEqual({ url, key: "theirs", admin_token: "x" });
  });
});

function linked(path: string, to: string): void {
  rmSync(path);
  symlinkSync(to, path);
}

describe("an agent's hooks in a project that somebody else made", () => {
  /** What two services hear: that of the user, and whoever the project names. */
  const [mine, theirs] = [new Heard(), new Heard()];
  beforeEach(async () => {
    await Promise.all([mine.start(), theirs.start()]);
    mkdirSync(join(directory, ".data"), { mode: 0o700 });
    for (const [name, text] of Object.entries({ url: theirs.url, "local-key": "theirs" }))
      writeFileSync(join(directory, ".data", name), text, { mode: 0o600 });
  });
  afterEach(() => {
    mine.stop();
    theirs.stop();
  });

  const session = new ClaudeSession("project");
  const told = (cli: Cli, payload: Payload, env: Record<string, string>) => {
    const args = ["hook", payload.hook_event_name, "--agent", "claude-code"];
    const options = { stdin: JSON.stringify(payload), cwd: directory };
    return cli.spawn(args, { ...options, env: { MEMORY_HOOK_BUDGET_MS: "60000", ...env } });
  };

  it("tell it nothing, and send nothing where it says, with and without a key", async () => {
    const cli = new Cli({ MEMORY_PORT: mine.port });
    await told(cli, session.prompt("a confidential plan"), {});
    await told(cli, session.prompt("a confidential plan"), { MEMORY_KEY: "mine" });
    await told(cli, session.stop(), { MEMORY_KEY: "mine" });
    // The process that sends outlives the hook.
    await until("the session is sent", () =>
      mine.keys.some((line) => line.startsWith("/v1/import")),
    );
    expect(new Set(mine.keys.map((line) => line.split(" ")[2]))).toEqual(new Set(["mine"]));
    expect(theirs.keys).toEqual([]);
    cli.remove();
  });

  it("go to the profile that was added from the key of npm start, wherever they are called", async () => {
    const checkout = mkdtempSync(join(tmpdir(), "memory-checkout-"));
    mkdirSync(join(checkout, ".data"), { mode: 0o700 });
    writeFileSync(join(checkout, ".data/local-key"), "of-npm-start", { mode: 0o600 });
    const cli = new Cli({});
    const add = ["profile", "add", "local", "--url", mine.url, "--key-file", ".data/local-key"];
    expect((await cli.spawn(add, { cwd: checkout })).exit).toBe(0);
    await told(cli, session.prompt("a plan"), {});
    expect(mine.keys[0]).toBe("/v1/recall?format=text Bearer of-npm-start");
    expect(theirs.keys).toEqual([]);
    cli.remove();
    rmSync(checkout, { recursive: true, force: true });
  });
});
