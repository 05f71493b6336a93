import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { COMMANDS, GROUPS } from "../../cli/commands/index.ts";
import { CliError } from "../../cli/exit.ts";
import { exitOf } from "../../cli/failures.ts";
import { bytes, cell, duration, table } from "../../cli/terminal/output.ts";
import { pairs, repeated, share, time, whole } from "../../cli/parse.ts";
import { createProgram } from "../../cli/program.ts";
import { run } from "../../cli/run.ts";
import { processIo } from "../../cli/terminal/io.ts";
import { progressLine } from "../../cli/terminal/progress.ts";
import { MemoryError } from "../../client/index.ts";
import pc from "picocolors";

/** A command's help, as 100 columns show it. */
function help(name: string): string {
  let command = createProgram(processIo, () => undefined);
  for (const word of name.split(" ").filter(Boolean)) {
    const found = command.commands.find((one) => one.name() === word);
    if (!found) throw new Error(`no command ${name}`);
    command = found;
  }
  let text = "";
  command.configureOutput({
    writeOut: (said) => (text += said),
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}

describe("help", () => {
  it.each(["", ...GROUPS.map(([name]) => name), ...COMMANDS.map(({ name }) => name)])(
    "of memory-cli %s",
    async (name) => {
      await expect(help(name), "npx vitest run --project unit test/cli -u").toMatchFileSnapshot(
        `help/${name === "" ? "memory-cli" : name.replaceAll(" ", "-")}.txt`,
      );
    },
  );

  it("has an example for each command, which begins as it is typed", () => {
    for (const { name, examples } of COMMANDS) {
      expect(examples, name).not.toEqual([]);
      for (const example of examples) expect(example, name).toContain(`memory-cli ${name}`);
    }
  });
});

describe("what the command line says", () => {
  it("is read with its bounds", () => {
    expect([time("30s"), time("5m"), time("1.5h"), time("20")]).toEqual([
      30_000, 300_000, 5_400_000, 20_000,
    ]);
    expect(() => time("soon")).toThrow('such as "30s"');
    expect(whole(1, 5)("5")).toBe(5);
    expect(() => whole(1, 5)("6")).toThrow("1 to 5");
    expect(() => whole(1, 5)("1.5")).toThrow("whole");
    expect(() => share("1.1")).toThrow("0 to 1");
    expect(repeated("b", ["a"])).toEqual(["a", "b"]);
    expect(pairs("a=b=c", { x: "y" })).toEqual({ x: "y", a: "b=c" });
    expect(() => pairs("=b", undefined)).toThrow("NAME=VALUE");
  });
});

describe("what is shown", () => {
  it("is short for people", () => {
    expect([duration(12), duration(61_000), duration(3_700_000)]).toEqual([
      "12 ms",
      "1 min 1 s",
      "1 h 1 min",
    ]);
    expect([bytes(17), bytes(2_048)]).toEqual(["17 B", "2.0 KiB"]);
    expect(cell("a\u001b[31mb\nc")).toBe("a [31mb c");
  });

  it("fits the width", () => {
    const rows = [{ id: "1", task: "x".repeat(300) }];
    const shown = table(
      rows,
      [
        ["ID", (row) => row["id"]],
        ["TASK", (row) => row["task"]],
      ],
      pc.createColors(false),
      80,
    );
    for (const line of shown.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(shown.split("\n")).toHaveLength(2);
  });

  it("is progress with its rate and the time left", () => {
    const work = { what: "importing", unit: "lines", done: 500, elapsedMs: 1_000 };
    expect(progressLine({ ...work, total: 2_000 })).toBe(
      `importing  ${"█".repeat(6)}${"░".repeat(18)} 25 %  500/2,000 lines, 500 lines/s, 3 s left`,
    );
    expect(progressLine({ ...work, total: null })).toBe("importing  500 lines, 500 lines/s, 1 s");
  });
});

describe("a word that is no command", () => {
  it.each([
    ["episode show ID", "unknown command 'show'\n(Did you mean one of get, view?)"],
    ["episode gte ID", "unknown command 'gte'\n(Did you mean get?)"],
    ["lesson get ID", "unknown command 'get'\n(Did you mean view?)"],
    ["episode ls", "unknown command 'ls'\n(Did you mean list?)"],
    ["episode rm ID", "unknown command 'rm'\n(Did you mean delete?)"],
    ["key delete ID", "unknown command 'delete'\n(Did you mean revoke?)"],
    ["key add", "unknown command 'add'\n(Did you mean create?)"],
    ["hooks remove", "unknown command 'remove'\n(Did you mean uninstall?)"],
    ["job stop ID", "unknown command 'stop'\n(Did you mean cancel?)"],
    ["job rm ID", "unknown command 'rm'\n(It has list, run, view, cancel.)"],
    ["episodes", "unknown command 'episodes'\n(Did you mean episode?)"],
    ["search words", "unknown command 'search'\n(Did you mean episode search?)"],
    ["list", "unknown command 'list'\n(add --help for help)"],
    ["health frobnicate", "unknown command 'frobnicate'\n(It has check, watch.)"],
  ])("memory-cli %s", async (line, said) => {
    const stderr = new PassThrough();
    const exit = await run(line.split(" "), { ...processIo, stderr });
    expect([exit, stderr.read()?.toString()]).toEqual([2, expect.stringContaining(said)]);
  });
});

describe("exit codes", () => {
  it.each([
    [new CliError("x"), 2],
    [new MemoryError("x", { code: "network" }), 6],
    [new MemoryError("x", { code: "maintenance", status: 503 }), 6],
    [new MemoryError("x", { code: "rate_limited", status: 429 }), 6],
    [new MemoryError("x", { code: "unauthenticated", status: 401 }), 3],
    [new MemoryError("x", { code: "forbidden", status: 403 }), 3],
    [new MemoryError("x", { code: "not_found", status: 404 }), 4],
    [new MemoryError("x", { code: "episode_ended", status: 409 }), 5],
    [new MemoryError("x", { code: "validation_failed", status: 400 }), 2],
    [new MemoryError("x", { code: "internal", status: 500 }), 1],
    [new Error("x"), 1],
  ])("of %s is %i", (error, exit) => {
    expect(exitOf(error)).toBe(exit);
  });
});
