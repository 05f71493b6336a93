/**
 * The Claude Agent SDK's hooks, called as the SDK calls them. It brings the program of Claude Code,
 * so the package itself is tried by hand.
 */

import { expect, it } from "vitest";
import { recordHooks, type ToolHooks } from "../../../client/index.ts";
import { failure, stepsIn, success } from "../memory.ts";

const call = (tool_use_id: string, command: string): object => ({
  tool_name: "Bash",
  tool_input: { command },
  tool_use_id,
});
const player =
  (hooks: ToolHooks) =>
  async (event: keyof ToolHooks, input: object): Promise<void> => {
    for (const { hooks: all } of hooks[event])
      for (const hook of all) expect(await hook(input)).toEqual({});
  };

it("logs the tools that the agent calls, in their order, and those that failed", async () => {
  const ls = { stdout: "a", stderr: "b", interrupted: false };
  const steps = await stepsIn(async (run) => {
    const play = player(recordHooks(run));
    await play("PreToolUse", call("1", "ls"));
    await play("PreToolUse", call("2", "npm test"));
    await play("PostToolUseFailure", { ...call("2", "npm test"), error: "Exit code 1" });
    await play("PostToolUse", { ...call("1", "ls"), tool_response: ls });
    await play("PreToolUse", call("3", "rm -r /"));
    await play("PermissionDenied", { ...call("3", "rm -r /"), reason: "no" });
    await play("PreToolUse", call("4", "sleep 9"));
    const interrupted = { stdout: "", stderr: "", interrupted: true };
    await play("PostToolUse", { ...call("4", "sleep 9"), tool_response: interrupted });
    const content = [{ type: "text", text: "two issues" }];
    const listed = { tool_name: "mcp__gh__list", tool_input: {}, tool_use_id: "5" };
    await play("PostToolUse", { ...listed, tool_response: { content } });
    await play("PreToolUse", call("6", "still running"));
  });
  const told = steps.map(({ parameters, ...step }) => [
    Object.values(parameters as Record<string, string>)[0] ?? step.tool,
    step.result,
  ]);
  expect(told).toEqual([
    ["npm test", failure("Exit code 1")],
    ["ls", success("a\nb")],
    ["rm -r /", failure("no")],
    ["sleep 9", failure("")],
    ["mcp__gh__list", success("two issues")],
    ["still running", null],
  ]);
});

it("throws nothing into the agent", async () => {
  const odd = {
    get tool_name(): string {
      throw new Error("no");
    },
  };
  const steps = await stepsIn((run) => player(recordHooks(run))("PostToolUse", odd));
  expect(steps).toEqual([]);
});
