import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Happened } from "../../cli/hooks/event.ts";
import { judge, RULES } from "../../cli/hooks/outcome.ts";
import { leastMs } from "../support/pace.ts";

const prompt = (text: string): Happened => ({ type: "prompt", text });
const ran = (command: string, isGood = true): Happened => ({
  type: "result",
  id: command,
  tool: "Bash",
  parameters: { command },
  result: isGood ? { type: "success", output: "" } : { type: "error", message: "" },
});
const said = (isGood: boolean): Happened => ({ type: "verdict", isGood, reason: "" });
const task = prompt("mend the cart");
const interrupted: Happened = {
  type: "result",
  id: "i",
  tool: "Bash",
  parameters: {},
  result: { type: "error", message: "" },
  isInterrupted: true,
};

describe("how a session went", () => {
  it.each<[string, Happened[], string | null]>([
    ["nothing", [task, ran("ls")], null],
    ["a test that passed", [task, ran("cd app && npm test")], "check_passed"],
    ["a test that failed last", [task, ran("npm test"), ran("pytest -q", false)], "check_failed"],
    [
      "a test that passed in the end",
      [task, ran("go test", false), ran("go test")],
      "check_passed",
    ],
    ["a commit", [task, ran("git add . && git commit -m x")], "committed"],
    ["a commit on a failed check", [task, ran("tsc", false), ran("git commit")], "check_failed"],
    ["a check before a commit", [task, ran("npm run build"), ran("git commit")], "check_passed"],
    ["a person who is content", [task, prompt("Perfect, thanks!")], "accepted"],
    ["a person who is not", [task, ran("npm test"), prompt("no, that's wrong")], "corrected"],
    ["a person who asks for more", [task, ran("npm test"), prompt("and now the list")], null],
    ["an interruption", [task, ran("npm test"), interrupted], null],
    ["a turn that was broken off", [task, ran("npm test"), { type: "stop", how: "aborted" }], null],
    ["a verdict", [task, said(true), ran("npm test", false)], "said"],
  ])("is read from %s", (_what, events, rule) => {
    expect(judge(events)?.rule ?? null).toBe(rule);
  });

  it.each([
    "works only on Linux",
    "no tests are needed, please add a page",
    "it works but is slow",
  ])("is not read into %j", (text) =>
    expect(judge([task, prompt(text)])?.isGood ?? false).toBe(false),
  );

  it("is read from long and hostile texts in no time", async () => {
    const texts = ["ok, ".repeat(30), "no ".repeat(2_000), "git ".repeat(50_000)];
    const read = () => texts.map((text) => judge([task, prompt(text), ran(text)]));
    expect(await leastMs(read, 500)).toBeLessThanOrEqual(500);
  });

  it("has a line on its page for each rule, with its confidence", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/hooks.md"), "utf8");
    for (const [rule, confidence] of Object.entries(RULES))
      expect(page).toMatch(new RegExp(`\\| \`${rule}\` .* ${confidence} \\|`));
  });
});
