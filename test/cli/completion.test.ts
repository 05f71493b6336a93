import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const BIN = join(ROOT, "cli/bin.js");

let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "memory-completion-"));
  const program = join(folder, "memory-cli");
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
  chmodSync(program, 0o755);
  env = { PATH: `${folder}:${process.env["PATH"] ?? ""}`, HOME: folder };
  execFileSync(program, ["profile", "add", "staging", "--url", "http://a.example", "--no-key"], {
    env,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What bash offers for a line, without the package bash-completion, the script read twice. */
function offered(line: string): string[] {
  const lines = [
    'script="$(memory-cli completion bash)"',
    'eval "$script"; eval "$script"',
    `COMP_LINE="$1"; COMP_POINT=\${#COMP_LINE}; _memory_cli; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ];
  const out = execFileSync("bash", ["--norc", "-c", lines.join("\n"), "bash", line], {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return out.trim().split("\n");
}

describe("completion in bash", () => {
  it.each([
    ["memory-cli ep", ["episode"]],
    ["memory-cli config set log_l", ["log_level"]],
    ["memory-cli profile use ", ["staging"]],
    ["memory-cli --profile s", ["staging"]],
    ["memory-cli episode craete", [""]],
  ])("of %s", (line, words) => {
    expect(offered(line)).toEqual(words);
  });
});
