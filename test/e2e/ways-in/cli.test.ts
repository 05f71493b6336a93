import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CliBench } from "../../cli/bench.ts";
import { HOOKS_TRIED } from "../../cli/tried-hooks.ts";
import { LESSONS_TRIED } from "../../cli/tried-lessons.ts";
import { MEMORY_TRIED } from "../../cli/tried-memory.ts";
import { Cli } from "../../support/processes/cli.ts";

let bench: CliBench;
beforeAll(async () => {
  bench = await CliBench.open();
});
afterAll(() => bench.close());

describe("memory-cli", () => {
  const tries = Object.entries({ ...MEMORY_TRIED, ...LESSONS_TRIED, ...HOOKS_TRIED });
  it.each(tries.map(([name, tried]) => ({ name, tried })))("does $name", async ({ tried }) => {
    await tried(bench);
  });

  it("suggests what was meant, and ends with 2", async () => {
    const ended = await bench.cli.spawn(["episode", "craete"]);
    expect([ended.exit, ended.err]).toEqual([2, expect.stringContaining("Did you mean create?")]);
    expect((await bench.cli.spawn(["episode", "list", "--limti", "1"])).err).toContain(
      "Did you mean --limit?",
    );
  });

  it("is quiet in a pipe, and colours a terminal's output only when it may", async () => {
    const plain = await bench.cli.spawn(["health", "check"]);
    expect(plain.out).not.toContain("\u001b[");
    const forced = await bench.cli.spawn(["health", "check"], { env: { FORCE_COLOR: "1" } });
    expect(forced.out).toContain("\u001b[");
    const never = await bench.cli.spawn(["health", "check"], {
      env: { FORCE_COLOR: "1", NO_COLOR: "1" },
    });
    expect(never.out).not.toContain("\u001b[");
  });

  it("takes no key from the command line, and says which one is missing", async () => {
    const env = { MEMORY_KEY: "", MEMORY_ADMIN_TOKEN: "" };
    const ended = await bench.cli.spawn(["stats"], { env });
    expect([ended.exit, ended.err]).toEqual([3, expect.stringContaining("MEMORY_KEY")]);
    const root = await bench.cli.spawn(["key", "list"], { env });
    expect([root.exit, root.err]).toEqual([3, expect.stringContaining("MEMORY_ADMIN_TOKEN")]);
    expect((await bench.cli.spawn(["stats", "--key", "x"], { env })).exit).toBe(2);
  });

  it("refuses a profile file that others may read", async () => {
    const open = new Cli({});
    await open.spawn(["profile", "add", "a", "--url", bench.service.url, "--no-key"]);
    chmodSync(join(open.home, "memory-cli/profiles.json"), 0o644);
    const ended = await open.spawn(["profile", "list"]);
    open.remove();
    expect([ended.exit, ended.err]).toEqual([2, expect.stringContaining("chmod 600")]);
  });

  it("tells the terminal nothing that was stored", async () => {
    const id = await bench.started("\u001b[2J\u001b]0;owned\u0007 task");
    const { out } = await bench.cli.spawn(["episode", "view", id]);
    for (const control of ["\u001b", "\u0007"]) expect(out).not.toContain(control);
  });
});

describe("completion", () => {
  it.each(["bash", "zsh", "fish"])("has a script for %s", async (shell) => {
    const ended = await bench.cli.spawn(["completion", shell]);
    expect([ended.exit, ended.out]).toEqual([0, expect.stringContaining("memory-cli")]);
  });

  it("completes commands, options and their choices", async () => {
    const complete = async (...words: string[]): Promise<string> =>
      (await bench.cli.spawn(["complete", "--", ...words])).out;
    expect(await complete("epi")).toContain("episode");
    expect(await complete("episode", "log")).toContain("log-step");
    expect(await complete("episode", "complete", "--out")).toContain("--outcome");
    expect(await complete("import", "--from", "")).toContain("claude-code");
  });
});
