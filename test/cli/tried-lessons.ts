/**
 * Each command about lessons and about what people decide, tried on the running service.
 *
 * @module
 */

import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { CliBench, Tried } from "./bench.ts";

/** The id of a new lesson. */
async function added(bench: CliBench, ...words: string[]): Promise<string> {
  return String((await bench.ok("lesson", "add", ...words)).json.id);
}

/** The texts of a folder, by their paths. */
function filesIn(folder: string): Record<string, string> {
  const paths = globSync("**", { cwd: folder })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** A namespace of its own would be cleaner, but a few runs of one kind are enough. */
async function learnedSkill(bench: CliBench): Promise<void> {
  for (let run = 0; run < 3; run++) await bench.completed("weigh the anchor of the ferry");
}

export const LESSONS_TRIED: Tried = {
  "skills list": async (bench) => {
    await learnedSkill(bench);
    const { skills } = (await bench.ok("skills", "list")).json;
    expect(skills[0]).toMatchObject({ name: expect.stringMatching(/^[a-z0-9-]+$/) });
    expect((await bench.cli.run(["skills", "list"])).out).toMatch(/^NAME +DOMAIN +RUNS/);
  },
  "skills export": async (bench) => {
    await learnedSkill(bench);
    const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), "skills-")));
    for (const folder of folders) {
      const { json } = await bench.ok("skills", "export", folder);
      expect(json.created.length).toBeGreaterThan(0);
    }
    const [one, other] = folders.map((folder) => filesIn(folder));
    expect(one).toEqual(other);
    expect(Object.keys(one ?? {})).toContain("AGENTS.md");

    const [folder = ""] = folders;
    const [first = ""] = Object.keys(one ?? {}).filter((path) => path.endsWith("SKILL.md"));
    const path = join(folder, first);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(" of ", " by "));
    const refused = await bench.cli.run(["skills", "export", folder]);
    expect(refused.exit).toBe(5);
    expect(refused.err).toContain("skills sync");
    for (const each of folders) rmSync(each, { recursive: true });
  },
  "skills sync": async (bench) => {
    await learnedSkill(bench);
    const folder = mkdtempSync(join(tmpdir(), "skills-"));
    const dry = await bench.ok("skills", "sync", folder, "--dry-run");
    expect([dry.json.dry_run, filesIn(folder)]).toEqual([true, {}]);
    const agents = join(folder, "elsewhere.md");
    await bench.ok("skills", "sync", join(folder, "skills"), "--agents", agents);
    expect(readFileSync(agents, "utf8")).toMatch(/\]\(skills\/[a-z0-9-]+\/SKILL\.md\)/);
    const again = await bench.ok("skills", "sync", join(folder, "skills"), "--agents", agents);
    expect(again.json).toMatchObject({ created: [], removed: [], kept: [] });
    rmSync(folder, { recursive: true });
  },

  "lesson add": async (bench) => {
    const target = ["--tool", "find_booking", "--domain", "airline"];
    const text = ["Look", "for", "the", "booking", "by", "its", "code"];
    const first = await bench.ok("lesson", "add", ...text, "--kind", "avoid", ...target);
    expect(first.json).toMatchObject({
      text: "Look for the booking by its code",
      kind: "avoid",
      applies_to: { tools: ["find_booking"], domain: "airline" },
      is_new: true,
    });
    const again = await bench.ok("lesson", "add", ...text, "--kind", "avoid", ...target);
    expect(again.json).toMatchObject({ id: first.json.id, is_new: false });
    const words = ["lesson", "add", ...text, "--kind", "avoid", ...target];
    expect((await bench.cli.run([...words, "--format", "table"])).out).toMatch(
      /^Shown with tasks that share its words, before find_booking, .* in the domain airline alone\.$/m,
    );
    const lost = await bench.cli.run(["lesson", "add", "new words", "--supersedes", "nobody"]);
    expect(lost.exit).toBe(4);
  },
  "lesson list": async (bench) => {
    const id = await added(bench, "Umbrellas are folded twice", "--kind", "fact");
    const found = (await bench.ok("lesson", "list", "fold", "an", "umbrella")).json.lessons;
    expect(found.map((one: { id: string }) => one.id)).toContain(id);
    const all = await bench.cli.run(["lesson", "list", "--state", "all", "--kind", "fact"]);
    expect(all.out).toMatch(/^ID +KIND +STATE +SAID/);
  },
  "lesson view": async (bench) => {
    const id = await added(bench, "Parrots are fed at noon");
    expect((await bench.ok("lesson", "view", id)).json).toMatchObject({
      id,
      state: "active",
      evidence: { said: 1, used: 0 },
    });
    expect((await bench.cli.run(["lesson", "view", "nobody"])).exit).toBe(4);
  },
  "lesson amend": async (bench) => {
    const id = await added(bench, "Candles are lit at dusk");
    const amended = await bench.ok("lesson", "amend", id, "--text", "Candles are lit at eight");
    expect(amended.json).toMatchObject({ id, text: "Candles are lit at eight" });
  },
  "lesson delete": async (bench) => {
    const id = await added(bench, "Windows are closed at night");
    expect((await bench.ok("lesson", "delete", id, "--yes")).json).toEqual({ id, deleted: true });
    expect((await bench.cli.run(["lesson", "view", id])).exit).toBe(4);
  },
  "curation decide": async (bench) => {
    const id = await added(bench, "Ladders are carried by two");
    const args = ["curation", "decide", "lesson", id, "edit", "--text", "Two carry a ladder"];
    expect((await bench.ok(...args)).json).toMatchObject({ id, text: "Two carry a ladder" });
    await bench.ok("curation", "decide", "lesson", id, "ban", "--reason", "no ladders here");
    expect((await bench.ok("lesson", "view", id)).json.state).toBe("banned");
    expect((await bench.cli.run(["curation", "decide", "pattern", "nobody", "ban"])).exit).toBe(4);
  },
  "curation list": async (bench) => {
    const id = await added(bench, "Boats are tied by the bow");
    await bench.ok("curation", "decide", "lesson", id, "pin");
    const { items } = (await bench.ok("curation", "list", "--state", "pinned")).json;
    expect(items).toMatchObject([{ id, kind: "lesson", pinned: true }]);
    expect((await bench.cli.run(["curation", "list"])).out).toMatch(/^KIND +ID +PINNED/);
  },
  "curation review": async (bench) => {
    const set = await bench.ok("curation", "review", "required");
    expect(set.json).toMatchObject({ learning_review: "required" });
    await bench.ok("curation", "review", "off");
    expect((await bench.ok("curation", "review")).json).toEqual({ learning_review: "off" });
  },
};
