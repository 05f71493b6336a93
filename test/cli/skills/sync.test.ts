import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../../../cli/exit.ts";
import { withSection } from "../../../cli/skills/agents.ts";
import { readMarked } from "../../../cli/skills/document.ts";
import { applyChange, readFolders } from "../../../cli/skills/folder.ts";
import { planSkills, type Change } from "../../../cli/skills/plan.ts";
import { skillFile, type SkillText } from "../../../src/memory/skills/index.ts";
import { Cli } from "../../support/processes/cli.ts";

const skill = (name: string, body = "- `a`: 3 of 3\n", description = "Use it."): SkillText => ({
  name,
  description,
  body,
});

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "skills-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function synced(...skills: SkillText[]): Change[] {
  const changes = planSkills(readFolders(root), skills);
  for (const change of changes) applyChange(root, change);
  return changes;
}

const pathOf = (name: string): string => join(root, name, "SKILL.md");
const read = (name: string): string => readFileSync(pathOf(name), "utf8");
const does = (changes: readonly Change[]): string[] =>
  changes.map((change) => `${change.name}: ${change.does}`);

describe("a folder of skills", () => {
  it("gets what is new, and is left alone where nothing changed", () => {
    expect(does(synced(skill("a"), skill("b")))).toEqual(["a: create", "b: create"]);
    const before = read("a");
    expect(does(synced(skill("b"), skill("a")))).toEqual(["a: leave", "b: leave"]);
    expect(read("a")).toBe(before);
    expect(before).toBe(skillFile(skill("a")));
  });

  it("gets what changed, and keeps what a person wrote around it", () => {
    synced(skill("a"), skill("b"));
    const own = "## Our own notes\n\nAsk Ida first.\n";
    writeFileSync(pathOf("a"), `${read("a").replace("# A", "# A, as we do it")}\n${own}`);
    const changes = synced(skill("a", "- `new`: 4 of 4\n"), skill("b"));
    expect(does(changes)).toEqual(["a: update", "b: leave"]);
    expect(read("a")).toContain("- `new`: 4 of 4\n");
    expect(read("a")).not.toContain("- `a`: 3 of 3");
    expect(read("a")).toContain("# A, as we do it");
    expect(read("a").endsWith(own)).toBe(true);
  });

  it("keeps a description that a person changed, and still renews the rest, twice", () => {
    synced(skill("a"));
    writeFileSync(pathOf("a"), read("a").replace('"Use it."', '"Use it on Mondays."'));
    synced(skill("a", "- `b`: 1 of 1\n", "Use it now."));
    synced(skill("a", "- `c`: 1 of 1\n", "Use it then."));
    expect(read("a")).toContain('"Use it on Mondays."');
    expect(read("a")).toContain("- `c`: 1 of 1\n");
  });

  it("keeps a generated part that a person changed, and says so", () => {
    synced(skill("a"));
    writeFileSync(pathOf("a"), read("a").replace("3 of 3", "never"));
    const before = read("a");
    const [change] = synced(skill("a", "- `b`: 1 of 1\n"));
    expect(change).toMatchObject({ does: "keep", why: "its generated part was changed" });
    expect(read("a")).toBe(before);
  });

  it("loses what the memory does not have any more, but nothing of a person's", () => {
    synced(skill("a"), skill("b"), skill("c"));
    writeFileSync(pathOf("b"), `${read("b")}\nOur own notes.\n`);
    writeFileSync(join(root, "c", "script.sh"), "true");
    expect(does(synced())).toEqual(["a: remove", "b: empty", "c: empty"]);
    expect(readdirSync(root)).toEqual(["b", "c"]);
    expect(read("b")).not.toContain("3 of 3");
    expect(read("b")).toContain("Our own notes.");
    expect(does(synced())).toEqual(["b: leave", "c: leave"]);
    expect(does(synced(skill("b")))).toContain("b: update");
    expect(read("b")).toContain("3 of 3");
  });

  it("leaves alone what is not from the memory", () => {
    mkdirSync(join(root, "a"));
    writeFileSync(pathOf("a"), "---\nname: a\n---\nMine.\n");
    mkdirSync(join(root, "mine"));
    writeFileSync(join(root, "README.md"), "Mine.");
    expect(does(synced(skill("a")))).toEqual(["a: keep", "mine: leave"]);
    expect(read("a")).toContain("Mine.");
  });

  it("is read with the ends of lines of another system", () => {
    synced(skill("a"));
    writeFileSync(pathOf("a"), read("a").replaceAll("\n", "\r\n"));
    expect(readMarked("skill", read("a"))).toMatchObject({ isBodyTouched: false });
  });

  it("is never left by a name or a link", () => {
    for (const name of ["..", "a/b", "/etc", "", "a--b", "-a", "A", "a.b", "x".repeat(65)])
      expect(() => planSkills([], [skill(name)])).toThrow("named a skill");
    const outside = mkdtempSync(join(tmpdir(), "outside-"));
    symlinkSync(outside, join(root, "a"));
    expect(() => synced(skill("a"))).toThrow("in the way");
    expect(readdirSync(outside)).toEqual([]);
    rmSync(outside, { recursive: true });
    mkdirSync(join(root, "b"));
    symlinkSync(join(root, "nowhere"), pathOf("b"));
    expect(() => readFolders(root)).toThrow("no plain file");
  });

  it("comes to the same whatever a person writes behind it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (notes) => {
        const file = `${skillFile(skill("a"))}${notes}`;
        const folder = { name: "a", text: file, isAlone: true };
        const [same] = planSkills([folder], [skill("a")]);
        expect(same?.text ?? file).toBe(file.replaceAll("\r\n", "\n"));
        const [next] = planSkills([folder], [skill("a", "- `b`: 1 of 1\n")]);
        expect(next?.text?.endsWith(notes.replaceAll("\r\n", "\n"))).toBe(true);
      }),
    );
  });
});

describe("the folder that a command writes to", () => {
  const service = createServer((_request, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ skills: [skill("mend-a-roof")] }));
  });
  let cli: Cli;
  let outside: string;

  beforeEach(async () => {
    service.listen(0, "127.0.0.1");
    await once(service, "listening");
    const { port } = service.address() as AddressInfo;
    cli = new Cli({ MEMORY_URL: `http://127.0.0.1:${port}`, MEMORY_KEY: "mk_1" });
    outside = mkdtempSync(join(tmpdir(), "memory-outside-"));
  });
  afterEach(() => {
    service.close();
    cli.remove();
    rmSync(outside, { recursive: true, force: true });
  });

  it.each<[string, string[], string]>([
    ["the folder", [".claude/skills"], ".claude/skills"],
    ["a folder above it", [".claude/skills"], ".claude"],
    ["a folder above it that nothing is in yet", [".claude/more/skills"], ".claude"],
    ["the folder of AGENTS.md", ["skills", "--agents", "docs/AGENTS.md"], "docs"],
  ])("is not gone to by a link of the project: %s", async (_name, words, link) => {
    mkdirSync(dirname(join(cli.home, link)), { recursive: true });
    symlinkSync(outside, join(cli.home, link));
    for (const command of ["export", "sync"]) {
      const { exit, err } = await cli.spawn(["skills", command, ...words]);
      expect([exit, err]).toEqual([EXIT.conflict, expect.stringContaining(`${link} is a link`)]);
    }
    expect(readdirSync(outside)).toEqual([]);
  });

  it("is made where it is not there, and may be elsewhere by whatever way", async () => {
    symlinkSync(outside, `${outside}-way`);
    for (const folder of [".claude/skills", `${outside}-way/skills`])
      expect((await cli.spawn(["skills", "export", folder])).exit).toBe(0);
    rmSync(`${outside}-way`);
    expect(readdirSync(join(outside, "skills"))).toEqual(["AGENTS.md", "mend-a-roof"]);
    expect(readdirSync(join(cli.home, ".claude/skills"))).toEqual(["AGENTS.md", "mend-a-roof"]);
  });
});

describe("the section of an AGENTS.md", () => {
  it("is added behind what is there, renewed in its place, and taken out", () => {
    const first = withSection("# Ours\n\nBe kind.\n", [skill("a")], ".claude/skills/") ?? "";
    expect(first).toContain("- [a](.claude/skills/a/SKILL.md): Use it.");
    expect(first.startsWith("# Ours\n\nBe kind.\n\n<!-- memory:skills")).toBe(true);
    const more = `${first}\n## More of ours\n`;
    const second = withSection(more, [skill("a"), skill("b")], ".claude/skills/") ?? "";
    expect(second).toContain("- [b](");
    expect(second.endsWith("## More of ours\n")).toBe(true);
    expect(withSection(second, [skill("b"), skill("a")], ".claude/skills/")).toBe(second);
    expect(withSection(second, [], "")).toBe("# Ours\n\nBe kind.\n\n## More of ours\n");
  });

  it("stays as a person changed it", () => {
    const first = withSection(null, [skill("a")], "") ?? "";
    expect(withSection(first.replace("Use it.", "Do not use it."), [skill("b")], "")).toBeNull();
  });

  it("has no markup of a description", () => {
    const text = withSection(null, [skill("a", "", "[x](http://evil) <b>`y`")], "") ?? "";
    expect(text).toContain(String.raw`\[x\](http://evil) \<b\>\`y\``);
  });
});
