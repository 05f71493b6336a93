import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordedAs } from "../../../scripts/session/recorded.ts";
import { freePort } from "../../support/processes/free-port.ts";
import { until } from "../../support/processes/until.ts";

/** `npm run session` writes what docs/trying.md shows; without it the tests compare. */
const UPDATE = process.env["UPDATE_SESSION"] === "1";
const ROOT = join(import.meta.dirname, "../../..");
const PAGE = join(ROOT, "docs/trying.md");
const run = promisify(execFile);

let directory: string;
let env: NodeJS.ProcessEnv;
let start: ChildProcess;
let said = "";

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "memory-demo-"));
  env = {
    PATH: process.env["PATH"],
    HOME: directory,
    MEMORY_DATA_DIR: directory,
    MEMORY_PORT: String(await freePort()),
    MEMORY_DB_PORT: String(await freePort()),
  };
  start = spawn(process.execPath, ["scripts/start.ts"], { cwd: ROOT, env });
  for (const stream of [start.stdout, start.stderr])
    stream?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await until("npm start is ready", () => said.includes("is ready at"), 90_000);
});
afterAll(async () => {
  start.kill("SIGTERM");
  await once(start, "exit");
  rmSync(directory, { recursive: true, force: true });
});

const demo = (...args: string[]) =>
  run(process.execPath, ["scripts/demo.ts", ...args], { cwd: ROOT, env }).catch(
    (error: unknown) => error as { stdout: string; stderr: string; code: number },
  );

/** What differs from run to run is as on the machine of whoever reads it. */
const asShown = (text: string): string =>
  text
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "http://127.0.0.1:8787")
    .replaceAll(/#key=\w+/g, "#key=…")
    .replaceAll(/kill -9 \d+ */g, "kill -9 4242                   ")
    .trim();

describe("npm run demo", () => {
  it("tells its story as docs/trying.md shows it, and loses nothing when the database dies", async () => {
    const { stdout } = await demo();
    const shown = `\`\`\`console\n$ npm run demo\n${asShown(stdout)}\n\`\`\`\n`;
    const page = readFileSync(PAGE, "utf8");
    const replaced = page.replace(
      recordedAs("demo"),
      (_all, open: string, _old, close: string) => open + shown + close,
    );
    if (UPDATE) writeFileSync(PAGE, replaced);
    expect(readFileSync(PAGE, "utf8"), "npm run session").toBe(replaced);
    expect(stdout).toContain("memory: After this error `release_seat` led on in 2 of 2.");
    expect(stdout).toMatch(/✓ episodes lost +0\n/);
    expect(said).toContain("The database ended unexpectedly (SIGKILL)");
  });

  it("mixes with nothing that is there, and is cleaned by a command, then told again", async () => {
    expect(await demo()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("npm run demo -- --clean"),
    });
    expect((await demo("--clean")).stdout).toBe("The namespace demo is erased.\n");
    expect((await demo()).stdout).toMatch(/✓ episodes lost +0\n/);
  });

  it("the lines that npm start prints, and docs/trying.md shows, recall what they recorded", async () => {
    const block =
      /```sh\n(export MEMORY_URL=[\s\S]*?)```/.exec(readFileSync(PAGE, "utf8"))?.[1] ?? "";
    const [, ...lines] = block.split("\n");
    const exported = /export MEMORY_URL=\S+ MEMORY_KEY=\S+/.exec(said)?.[0] ?? "";
    const printed = /A first episode[^\n]*\n\n([\s\S]*?)\n\nThe console/.exec(said)?.[1] ?? "";
    for (const text of [lines.join("\n"), printed]) {
      const { stdout } = await run("bash", ["-c", `${exported}\n${text}`], { env });
      expect(stdout).toContain("- `Cancel a flight and refund the customer`");
    }
  });
});
