import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { execute } from "../../scripts/runbooks/execute.ts";
import { parsePage, type Block } from "../../scripts/runbooks/page.ts";
import { Shell } from "../../scripts/runbooks/shell.ts";

let shell: Shell;
beforeEach(() => {
  shell = new Shell({ PATH: process.env["PATH"] ?? "" }, "/");
});
afterEach(() => shell.remove());

function block(annotation: string, text: string): Block {
  const [only] = parsePage(
    `# RB-001: t\n\`\`\`bash {id=a where=local ${annotation}}\n${text}\n\`\`\``,
  ).blocks;
  if (!only) throw new Error("no block");
  return only;
}

describe("the shell of a page", () => {
  it("keeps what a block exports, and its functions", async () => {
    await shell.run('A=1; say() { echo "A is $A"; }', 5_000);
    expect(await shell.run("say", 5_000)).toMatchObject({ exit: 0, output: "A is 1" });
  });

  it("ends a block at the first command that fails, in functions and pipes too, and goes on with the next", async () => {
    expect(await shell.run("echo a\nfalse\necho b", 5_000)).toMatchObject({ exit: 1, output: "a" });
    expect(await shell.run("f() { false; echo b; }\nf", 5_000)).toMatchObject({
      exit: 1,
      output: "",
    });
    expect(await shell.run("false | cat\necho b", 5_000)).toMatchObject({ exit: 1, output: "" });
    expect(await shell.run("! false\necho c", 5_000)).toMatchObject({ exit: 0, output: "c" });
  });

  it("ends what does not end in time", async () => {
    expect(await shell.run("sleep 60", 200)).toMatchObject({ exit: null });
  });

  it("gives a block nothing to read", async () => {
    expect(await shell.run("cat; echo end", 5_000)).toMatchObject({ exit: 0, output: "end" });
  });
});

describe("a block", () => {
  it("passes only with the output and the exit that it says", async () => {
    expect(await execute(shell, block('expect="^b$"', "echo a; echo b"))).toMatchObject({
      ok: true,
    });
    expect(await execute(shell, block('expect="^c$"', "echo a"))).toMatchObject({
      ok: false,
      why: expect.stringContaining("does not match"),
    });
    expect(await execute(shell, block("exit=7", "(exit 7)"))).toMatchObject({ ok: true });
    expect(await execute(shell, block("exit=7", "true"))).toMatchObject({
      ok: false,
      why: expect.stringContaining("ended with 0 and not 7"),
    });
  });

  it("is run again until it passes, as long as it says", async () => {
    await shell.run("N=0", 5_000);
    expect(await execute(shell, block("retry=30s", "N=$((N + 1)); [ $N -ge 3 ]"))).toMatchObject({
      ok: true,
    });
    expect(await execute(shell, block("", "N=$((N + 1)); [ $N -ge 30 ]"))).toMatchObject({
      ok: false,
    });
  });
});
