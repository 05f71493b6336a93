/**
 * Clients at once under faults, for as long as `HISTORY_SECONDS` says, from a seed of the day or
 * from `HISTORY_SEED`: in a process of its own, whose timers go by a clock of its own.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const SECONDS = process.env["HISTORY_SECONDS"] ?? "20";
const SEED = process.env["HISTORY_SEED"] ?? String(Math.floor(Date.now() / 86_400_000));
const MAIN = join(import.meta.dirname, "main.ts");
const run = promisify(execFile);

describe("clients at once", { timeout: 600_000 + Number(SECONDS) * 1_000 }, () => {
  it("are answered as one after the other, and what they were told stays", async () => {
    const args = [MAIN, "--seed", SEED, "--seconds", SECONDS];
    const { stdout } = await run(process.execPath, args).catch((error: unknown) => {
      throw new Error(String(Reflect.get(error as object, "stdout")), { cause: error });
    });
    expect(stdout).toContain(" 0 objects not decided, 0 promises broken");
  });
});
