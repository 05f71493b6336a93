import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RotatingLog } from "../../scripts/start/rotating-log.ts";
import { Supervisor } from "../../scripts/start/supervisor.ts";
import { until } from "../support/processes/until.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "memory-supervisor-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("a log file", () => {
  it("stays within its bound, with the newest lines, however much is written", () => {
    const log = new RotatingLog(join(directory, "log"), 1_000);
    for (let i = 0; i < 500; i++) log.write(Buffer.from(`line ${i}\n`));
    expect(statSync(log.file).size).toBeLessThanOrEqual(1_000);
    expect(statSync(`${log.file}.1`).size).toBeLessThanOrEqual(1_000);
    expect(readFileSync(log.file, "utf8")).toMatch(/line 499\n$/);
  });

  it("goes on where the last process left it", () => {
    new RotatingLog(join(directory, "log"), 1_000).write(Buffer.alloc(900, "a"));
    new RotatingLog(join(directory, "log"), 1_000).write(Buffer.alloc(200, "b"));
    expect([
      statSync(join(directory, "log.1")).size,
      statSync(join(directory, "log")).size,
    ]).toEqual([900, 200]);
  });

  it("loses lines where the disk takes none, and says so once it does", () => {
    const log = new RotatingLog(join(directory, "none", "log"), 1_000);
    log.write(Buffer.from("lost"));
    log.write(Buffer.from("too"));
    mkdirSync(join(directory, "none"));
    log.write(Buffer.from("kept"));
    expect(readFileSync(log.file, "utf8")).toBe(
      '{"level":"warn","event":"log_bytes_lost","bytes":7,"reason":"the disk did not take them"}\nkept',
    );
  });
});

describe("a process that is looked after", () => {
  const started = (): number =>
    existsSync(join(directory, "starts")) ? statSync(join(directory, "starts")).size : 0;
  /** Notes each start, then does what it is told. */
  const program = (then: string): string[] => [
    "-e",
    `require("fs").appendFileSync(${JSON.stringify(join(directory, "starts"))}, "."); ${then}`,
  ];

  it("is started again when it ends, again and again", async () => {
    const said: string[] = [];
    const supervisor = new Supervisor({
      directory,
      cwd: directory,
      say: (line) => said.push(line),
      silentMs: 60_000,
    });
    supervisor.ready();
    supervisor.run({ name: "one", command: process.execPath, args: program("process.exit(3)") });
    await until("it was started three times", () => started() >= 3);
    await supervisor.stop();
    expect(said[0]).toMatch(
      /^The one ended unexpectedly \(exit code 3\); it is started again in 0\.5 s; see .*one\.log\.$/,
    );
    expect(said[1]).toContain("again in 1 s");
  });

  it("is started again when it runs but answers nothing", async () => {
    const said: string[] = [];
    const supervisor = new Supervisor({
      directory,
      cwd: directory,
      say: (line) => said.push(line),
      silentMs: 300,
    });
    supervisor.ready();
    const answers = (): Promise<boolean> => Promise.reject(new Error("refused"));
    const hangs = program("setInterval(() => undefined, 1000)");
    supervisor.run({ name: "one", command: process.execPath, args: hangs, answers });
    await until("it was started again", () => said.length > 0);
    await supervisor.stop();
    expect(said[0]).toMatch(/^The one has not answered for 0\.3 s; it is started again/);
  });

  it("is started again when it holds more memory than it may, what it started counted too", async () => {
    const said: string[] = [];
    const supervisor = new Supervisor({
      directory,
      cwd: directory,
      say: (line) => said.push(line),
      silentMs: 1_500,
    });
    supervisor.ready();
    const child = `const held = Buffer.alloc(300_000_000, 1); setInterval(() => held, 1000)`;
    const then = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}]); setInterval(() => undefined, 1000)`;
    supervisor.run({
      name: "one",
      command: process.execPath,
      args: program(then),
      memoryMax: 250_000_000,
    });
    await until("it was started again", () => said.length > 0);
    await supervisor.stop();
    expect(said[0]).toMatch(/^The one held \d{3} MB, more than 250; it is started again/);
  });

  it("is left alone while it answers", async () => {
    const said: string[] = [];
    const supervisor = new Supervisor({
      directory,
      cwd: directory,
      say: (line) => said.push(line),
      silentMs: 30,
    });
    supervisor.ready();
    let asked = 0;
    const answers = async (): Promise<boolean> => ++asked % 3 === 0;
    supervisor.run({
      name: "one",
      command: process.execPath,
      args: ["-e", "setInterval(() => 0, 1000)"],
      answers,
    });
    await until("it was asked often", () => asked > 100);
    await supervisor.stop();
    expect(said).toEqual([]);
  });

  it("fails with one line when it ends before all were ready", async () => {
    const supervisor = new Supervisor({
      directory,
      cwd: directory,
      say: () => undefined,
      silentMs: 60_000,
    });
    supervisor.run({ name: "one", command: "/nowhere/at/all", args: [] });
    expect(await supervisor.failed).toMatch(
      /^The one could not be started: .*ENOENT; see .*one\.log\.$/,
    );
    await supervisor.stop();
  });
});
