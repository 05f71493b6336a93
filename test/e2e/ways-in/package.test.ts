import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };
import { freePort } from "../../support/processes/free-port.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";
import { ClaudeSession, installedCommand, play } from "../../hooks/played.ts";
import { until } from "../../support/processes/until.ts";
import { Sqld } from "../../support/processes/sqld.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../../..");
const BIN = join(ROOT, "node_modules/.bin");

let database: Sqld;
let service: Service;
let project: string;
let tarball: string;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), "memory-package-"));
  await run(process.execPath, ["scripts/pack.ts", project], { cwd: ROOT });
  tarball = join(project, readdirSync(project).find((name) => name.endsWith(".tgz")) ?? "");
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "empty", private: true, type: "module" }),
  );
  // It depends on nothing, so nothing has to be reached.
  await run("npm", ["install", tarball, "--offline", "--no-audit", "--no-fund"], { cwd: project });
  database = await Sqld.start();
  service = await Service.start(database.url);
});
afterAll(async () => {
  await service.remove();
  await database.remove();
  rmSync(project, { recursive: true, force: true });
});

/** A program that a page shows, the first if nothing else is said. */
function example(page = "docs/client.md", n = 0): string {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)][n]?.[1] ?? "";
}

describe("what is published", () => {
  /** Bytes. What grows beyond is looked at before it is allowed. */
  it.each([
    [".tgz", 2_000_000],
    [".mcpb", 1_000_000],
  ])("is small: %s, at most %i bytes", (ending, most) => {
    const file = readdirSync(project).find((one) => one.endsWith(ending)) ?? "";
    expect(statSync(join(project, file)).size).toBeLessThan(most);
  });

  it("has a client of its own size, whatever else is in the package", () => {
    const folder = join(project, "node_modules/memory-service/client");
    const scripts = globSync("**/*.js", { cwd: folder }).map((one) => join(folder, one));
    const bytes = scripts.reduce((sum, one) => sum + statSync(one).size, 0);
    expect(bytes).toBeLessThan(250_000);
  });

  it("starts the service where there is no checkout, and tells the demo there", async () => {
    const cache = join(project, "cache/memory-service", packageJson.version);
    mkdirSync(cache, { recursive: true });
    // As `memory-service start` has got it from npm.
    symlinkSync(join(ROOT, "node_modules"), join(cache, "node_modules"));
    writeFileSync(join(cache, "package.json"), "{}");
    writeFileSync(join(cache, "complete"), "");
    const env = {
      PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(":"),
      HOME: project,
      XDG_CACHE_HOME: join(project, "cache"),
      MEMORY_PORT: String(await freePort()),
      MEMORY_DB_PORT: String(await freePort()),
    };
    const bin = join(project, "node_modules/.bin/memory-service");
    const start = spawn(process.execPath, [bin, "start"], { cwd: project, env });
    let said = "";
    for (const stream of [start.stdout, start.stderr])
      stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    try {
      await until("it is ready", () => said.includes("is ready at"), 90_000);
      const { stdout } = await run(process.execPath, [bin, "demo"], { cwd: project, env });
      expect(stdout).toMatch(/✓ episodes lost +0\n/);
    } finally {
      start.kill("SIGTERM");
      await once(start, "exit");
    }
    expect(said).toContain("npx memory-service demo");
  });
});

describe("the package in an empty project", () => {
  it("brings nothing else", () => {
    expect(
      readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith(".")),
    ).toEqual(["memory-service"]);
  });

  it("records a session by its hooks", async () => {
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: project,
      MEMORY_URL: service.url,
      MEMORY_KEY: await service.key("packed-hooks"),
    };
    await run(join(project, "node_modules/.bin/memory-cli"), ["hooks", "install", "codex"], {
      env,
    });
    const file = join(project, ".codex/hooks.json");
    const base = { session_id: "packed", cwd: project };
    const prompt = { ...base, hook_event_name: "UserPromptSubmit", prompt: "pack the bag" };
    for (const payload of [prompt, { ...base, hook_event_name: "Stop" }]) {
      const played = await play(installedCommand(file, payload.hook_event_name), payload, env);
      expect(played).toMatchObject({ exit: 0, out: "" });
    }
    await until("the session is there", async () => {
      const { body } = await service.call("GET", "/v1/episodes", { key: env.MEMORY_KEY });
      return (body.episodes as { task: string }[]).some(({ task }) => task === "pack the bag");
    });
  });

  it("is what the plugin for Claude Code calls", async () => {
    const plugin = join(import.meta.dirname, "../../../integrations/claude-code/hooks/hooks.json");
    const home = join(project, "plugin-home");
    mkdirSync(home);
    const bins = [join(project, "node_modules/.bin"), dirname(process.execPath)];
    const env = {
      PATH: [...bins, process.env["PATH"] ?? ""].join(":"),
      HOME: home,
      MEMORY_URL: service.url,
      MEMORY_KEY: await service.key("packed-plugin"),
    };
    const session = new ClaudeSession("plugged");
    const payloads = [
      session.start(),
      session.prompt("plug the leak"),
      ...session.bash("make test", "passed"),
      session.stop(),
      session.end(),
    ];
    for (const payload of payloads) {
      const played = await play(installedCommand(plugin, payload.hook_event_name), payload, env);
      expect(played).toMatchObject({ exit: 0, out: "" });
    }
    await until("the session is there", async () => {
      const { body } = await service.call("GET", "/v1/episodes", { key: env.MEMORY_KEY });
      const [episode] = body.episodes as { task: string; status: string }[];
      return episode?.task === "plug the leak" && episode.status === "completed";
    });
  });

  it("runs the example of its page against the service", async () => {
    writeFileSync(join(project, "example.ts"), example());
    const env = {
      ...process.env,
      MEMORY_URL: service.url,
      MEMORY_KEY: await service.key("packed"),
    };
    const { stdout } = await run(process.execPath, ["example.ts"], { cwd: project, env });
    const [report, fare, episode] = stdout.trim().split("\n");
    expect(report).toMatch(/^[0-9a-f-]{36}: 2 steps, 0 given up$/);
    expect(fare).toBe("flexible");
    expect(episode).toMatch(/^[0-9a-f-]{36} success 0\.\d+$/);
  });

  it("runs the example of what is asked at a failure, whose way out is told to later runs", async () => {
    writeFileSync(join(project, "moment.ts"), example("docs/client.md", 1));
    const key = await service.key("moment");
    const env = { ...process.env, MEMORY_URL: service.url, MEMORY_KEY: key };
    const said: string[] = [];
    for (let n = 0; n < 4; n++)
      said.push((await run(process.execPath, ["moment.ts"], { cwd: project, env })).stdout);
    expect(said[0]).toBe("SEAT_LOCKED: check-in holds seat 12C null\n");
    const [, line] = /``(After this error .*)``/.exec(
      readFileSync(join(ROOT, "docs/client.md"), "utf8"),
    )!;
    expect(said[3]).toBe(`SEAT_LOCKED: check-in holds seat 12C ${line}\n`);
  });

  it("runs the agent of the README, which finds at its second run what its first did", async () => {
    // As npm makes a project by itself: no module, unless the file says so.
    const fresh = join(project, "fresh");
    mkdirSync(fresh);
    writeFileSync(
      join(fresh, "package.json"),
      JSON.stringify({ name: "fresh", private: true, type: "commonjs" }),
    );
    const file = /node (agent\.\w+)/.exec(readFileSync(join(ROOT, "README.md"), "utf8"))?.[1] ?? "";
    writeFileSync(join(fresh, file), example("README.md"));
    const key = await service.key("readme");
    const env = { ...process.env, MEMORY_URL: service.url, MEMORY_KEY: key };
    const agent = () => run(process.execPath, [file], { cwd: fresh, env });
    expect((await agent()).stdout).not.toContain("`get_order`");
    expect((await agent()).stdout).toContain("- `get_order`");
    const { body } = await service.call("GET", "/v1/episodes", { key });
    expect(body.episodes).toMatchObject([
      { task: "Cancel order 7", status: "completed", step_count: 2 },
      { task: "Cancel order 7", status: "completed", step_count: 2 },
    ]);
  });

  it.each(["node16", "nodenext", "bundler"])(
    "has types that resolve under %s",
    async (moduleResolution) => {
      const directory = join(project, moduleResolution);
      mkdirSync(directory);
      writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
      writeFileSync(
        join(directory, "example.ts"),
        `${example()}\n{\n${example("docs/client.md", 1).replace(/^import .*\n/, "")}}\n// @ts-expect-error a task is text\nawait memory.episodes.start({ task: 1 });\n`,
      );
      const module = moduleResolution === "bundler" ? "esnext" : moduleResolution;
      const compilerOptions = {
        module,
        moduleResolution,
        target: "es2022",
        lib: ["es2022", "dom", "dom.asynciterable"],
        strict: true,
        noEmit: true,
        types: ["node"],
        typeRoots: [join(ROOT, "node_modules/@types")],
      };
      writeFileSync(
        join(directory, "tsconfig.json"),
        JSON.stringify({ compilerOptions, files: ["example.ts"] }),
      );
      const { stdout } = await run(join(BIN, "tsc"), ["-p", directory]).catch(
        (error: unknown) => error as { stdout: string },
      );
      expect(stdout).toBe("");
    },
  );

  it("has what publint and Are The Types Wrong ask for", async () => {
    const linted = await run(join(BIN, "publint"), [
      join(project, "node_modules/memory-service"),
      "--strict",
    ]).catch((error: unknown) => error as { stdout: string });
    expect(linted.stdout).toContain("All good!");
    const { stdout } = await run(join(BIN, "attw"), [
      tarball,
      "--profile",
      "esm-only",
      "--format",
      "json",
      "--entrypoints",
      "client",
    ]).catch((error: unknown) => error as { stdout: string });
    const { analysis } = JSON.parse(stdout) as {
      analysis: { problems: { kind: string; resolutionKind?: string }[] };
    };
    // Who requires instead of importing gets a module, which Node.js has allowed since 22.12.
    const wrong = analysis.problems.filter(
      ({ resolutionKind }) => resolutionKind !== "node10" && resolutionKind !== "node16-cjs",
    );
    expect(wrong).toEqual([]);
  });

  it("has a memory-cli that works", async () => {
    const env = {
      ...process.env,
      MEMORY_URL: service.url,
      MEMORY_KEY: await service.key("packed"),
      MEMORY_ADMIN_TOKEN: ADMIN_TOKEN,
    };
    const { stdout } = await run("npx", ["memory-cli", "smoke", "--no-color"], {
      cwd: project,
      env,
    });
    expect(stdout).toContain("9 checks, 0 failed");
    const licences = readFileSync(
      join(project, "node_modules/memory-service/THIRD-PARTY-LICENSES.txt"),
      "utf8",
    );
    for (const name of ["commander", "yaml", "cli-table3", "@modelcontextprotocol/client"])
      expect(licences).toContain(`${name} `);
  });
});
