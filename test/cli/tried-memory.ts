/**
 * Each command about the memory, tried on the running service.
 *
 * @module
 */

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { CliBench, Tried } from "./bench.ts";
import { KNOWLEDGE_TRIED } from "./tried-knowledge.ts";

/** A memory of another system that changed there says in its lesson what it says now. */
async function triedFacts(bench: CliBench): Promise<void> {
  const created_at = "2026-01-01T00:00:00Z";
  const importing = async (memory: string, updated_at: string) => {
    const stdin = JSON.stringify([{ id: "quokka", memory, created_at, updated_at }]);
    return (await bench.cli.run(["import", "--from", "mem0", "-"], { stdin })).out;
  };
  const told = async (): Promise<string[]> => {
    const { lessons } = (await bench.ok("lesson", "list", "quokka", "--kind", "fact")).json;
    return lessons.map(({ text }: { text: string }) => text);
  };
  expect(await importing("The quokka sleeps in the shed", created_at)).toContain("1 new");
  expect(await told()).toEqual(["The quokka sleeps in the shed"]);
  const later = new Date(Date.now() + 60_000).toISOString();
  expect(await importing("The quokka sleeps under the porch", later)).toContain("1 new");
  expect(await told()).toEqual(["The quokka sleeps under the porch"]);
  expect(await importing("The quokka sleeps under the porch", later)).toContain("1 there already");
}

export const MEMORY_TRIED: Tried = {
  ...KNOWLEDGE_TRIED,
  "episode create": async (bench) => {
    const made = await bench.ok(
      "episode",
      "create",
      "--task",
      "t",
      "--type",
      "debugging",
      "--tag",
      "a",
      "--tag",
      "b",
      "--metadata",
      "trial=1",
      "--context-tag",
      "x",
      "--wait",
    );
    expect(made.json).toMatchObject({
      task_type: "debugging",
      tags: ["a", "b"],
      metadata: { trial: "1" },
      context: { tags: ["x"] },
      durability: "stored",
    });
    const refused = await bench.cli.run(["episode", "create", "--task", ""]);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("task")]);
  },
  "episode list": async (bench) => {
    const id = await bench.started("list me");
    const { episodes } = (
      await bench.ok(
        "episode",
        "list",
        "--text",
        "list me",
        "--status",
        "in_progress",
        "--since",
        "1h",
      )
    ).json;
    expect(episodes.map((one: { id: string }) => one.id)).toEqual([id]);
    const all = (await bench.ok("episode", "list", "--all")).json.episodes;
    expect(all.length).toBeGreaterThan(1);
    const people = await bench.cli.run(["episode", "list", "--limit", "1"]);
    expect(people.out).toMatch(/^ID +STATUS/);
    expect(people.out).toMatch(/More: --cursor \S+/);
  },
  "episode view": async (bench) => {
    const id = await bench.completed();
    const people = await bench.cli.run(["episode", "view", id]);
    expect(people.out).toMatch(/1 +find_booking +success +12 ms +found/);
    expect((await bench.cli.run(["episode", "view", "nobody"])).exit).toBe(4);
  },
  "episode amend": async (bench) => {
    const id = await bench.started();
    expect(
      (await bench.ok("episode", "amend", id, "--domain", "rail", "--if-version", "1")).json.context
        .domain,
    ).toBe("rail");
    expect(
      (await bench.cli.run(["episode", "amend", id, "--domain", "sea", "--if-version", "1"])).exit,
    ).toBe(5);
    expect((await bench.cli.run(["episode", "amend", id])).exit).toBe(2);
  },
  "episode log-step": async (bench) => {
    const id = await bench.started();
    expect(
      (await bench.ok("episode", "log-step", id, "--tool", "pay", "--error", "no funds")).json
        .last_number,
    ).toBe(1);
    await bench.ok(
      "episode",
      "log-step",
      id,
      "--tool",
      "wait",
      "--timed-out",
      "--parameters",
      '{"s":3}',
    );
    const piped = await bench.cli.run(["episode", "log-step", id, "--stdin", "--format", "json"], {
      stdin: '[{"tool":"a"},{"tool":"b"}]',
    });
    expect(piped.json).toMatchObject({ accepted: 2, last_number: 4 });
    const { steps } = (await bench.ok("episode", "view", id)).json;
    expect(steps.map((step: { result: unknown }) => step.result)).toEqual([
      { type: "error", message: "no funds" },
      { type: "timeout" },
      null,
      null,
    ]);
    const bad = await bench.cli.run([
      "episode",
      "log-step",
      id,
      "--tool",
      "t",
      "--parameters",
      "{",
    ]);
    expect([bad.exit, bad.err]).toEqual([2, expect.stringContaining("--parameters is not JSON")]);
  },
  "episode complete": async (bench) => {
    const id = await bench.started();
    const ended = await bench.ok(
      "episode",
      "complete",
      id,
      "--outcome",
      "partial_success",
      "--verdict",
      "half",
      "--completed",
      "a",
      "--failed",
      "b",
    );
    expect(ended.json).toMatchObject({ id, status: "completed" });
    expect(
      (await bench.cli.run(["episode", "complete", id, "--outcome", "failure", "--reason", "r"]))
        .exit,
    ).toBe(5);
  },
  "episode fail": async (bench) => {
    expect(
      (await bench.ok("episode", "fail", await bench.started(), "--reason", "crashed")).json.status,
    ).toBe("failed");
  },
  "episode delete": async (bench) => {
    const id = await bench.started();
    const asked = await bench.cli.run(["episode", "delete", id]);
    expect([asked.exit, asked.err]).toEqual([2, expect.stringContaining("--yes")]);
    await bench.ok("episode", "delete", id, "--yes");
    expect((await bench.cli.run(["episode", "view", id])).exit).toBe(4);
  },
  "episode search": async (bench) => {
    const id = await bench.completed("rebook the zeppelin");
    expect((await bench.ok("episode", "search", "zeppelin", "rebook")).json.results[0].id).toBe(id);
  },
  "episode checkpoint": async (bench) => {
    expect(
      (
        await bench.ok(
          "episode",
          "checkpoint",
          await bench.started(),
          "--reason",
          "r",
          "--note",
          "n",
          "--state",
          '{"left":2}',
        )
      ).json,
    ).toMatchObject({ state: { left: 2 }, note: "n" });
  },
  "episode handoff": async (bench) => {
    const id = await bench.started();
    const { json } = await bench.ok("episode", "checkpoint", id, "--reason", "r");
    expect(
      (await bench.ok("episode", "handoff", id, "--checkpoint", json.id)).json.checkpoint.reason,
    ).toBe("r");
    expect((await bench.cli.run(["episode", "handoff", id])).out).toContain("## Checkpoint after");
  },
  "episode import": async (bench) => {
    const file = join(bench.cli.home, "runs.jsonl");
    writeFileSync(file, '{"type":"episode","task":"from a file"}\n{"type":"episode"}\n');
    const taken = await bench.cli.run(["episode", "import", file, "--format", "json"]);
    expect([taken.exit, taken.json]).toMatchObject([
      1,
      { created: 1, error: 1, refused: [{ line: 2, code: "validation_failed" }] },
    ]);
    const again = await bench.cli.run(["episode", "import", "-"], {
      stdin: '{"type":"episode","task":"from a file"}\n',
    });
    expect(again.out).toContain("1 there already");
  },
  "episode export": async (bench) => {
    await bench.completed();
    const file = join(bench.cli.home, "memory.jsonl");
    await bench.ok("episode", "export", "-o", file);
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines.length).toBeGreaterThan(0);
    expect(statSync(file).mode & 0o077).toBe(0);
    const env = { MEMORY_KEY: await bench.service.key("copy"), MEMORY_NAMESPACE: "copy" };
    const copied = await bench.cli.run(["episode", "import", file, "--format", "json"], { env });
    await bench.cli.run(["namespace", "erase", "copy", "--yes"], { env });
    expect(copied.json).toMatchObject({ created: lines.length, error: 0 });
    expect(
      (await bench.cli.run(["episode", "export"])).out.trim().split("\n").length,
    ).toBeGreaterThanOrEqual(lines.length);

    const folder = join(bench.cli.home, "everything");
    const everywhere = await bench.service.key("*");
    await bench.cli.run(["episode", "export", "--all", "-o", folder], {
      env: { MEMORY_KEY: everywhere },
    });
    const own = readFileSync(join(folder, "cli.jsonl"), "utf8").trim().split("\n");
    expect(own.length).toBeGreaterThanOrEqual(lines.length);
  },
  "tag list": async (bench) =>
    expect((await bench.ok("tag", "list", await bench.started())).json.tags).toEqual([]),
  "tag add": async (bench) =>
    expect((await bench.ok("tag", "add", await bench.started(), "a", "b")).json.tags).toEqual([
      "a",
      "b",
    ]),
  "tag remove": async (bench) => {
    const id = await bench.started();
    await bench.ok("tag", "add", id, "a", "b");
    expect((await bench.ok("tag", "remove", id, "a")).json.tags).toEqual(["b"]);
  },
  "relationship list": async (bench) => {
    const [a, b] = [await bench.started(), await bench.started()];
    await bench.ok("relationship", "add", a, "follows", b);
    expect((await bench.cli.run(["relationship", "list", b])).out).toContain(`${a}  follows  ${b}`);
  },
  "relationship graph": async (bench) => {
    const [a, b, c] = [await bench.started(), await bench.started(), await bench.started()];
    await bench.ok("relationship", "add", a, "depends_on", b);
    await bench.ok("relationship", "add", b, "follows", c);
    const { json } = await bench.ok("relationship", "graph", c);
    expect(json).toMatchObject({ order: [c, b, a], circular: [], whole: true });
    const dot = await bench.cli.run(["relationship", "graph", a, "--as", "dot"]);
    expect(dot.out).toContain(`"${a}" -> "${b}" [label="depends_on"];`);
    const part = await bench.ok("relationship", "graph", a, "--as", "order", "--limit", "1");
    expect(part.json.whole).toBe(false);
  },
  "relationship add": async (bench) => {
    const [a, b] = [await bench.started(), await bench.started()];
    expect(
      (await bench.ok("relationship", "add", a, "depends_on", b, "--reason", "r")).json,
    ).toMatchObject({
      type: "depends_on",
      reason: "r",
    });
    expect((await bench.cli.run(["relationship", "add", b, "depends_on", a])).exit).toBe(5);
    expect((await bench.cli.run(["relationship", "add", b, "hates", a])).exit).toBe(2);
  },
  "relationship remove": async (bench) => {
    const [a, b] = [await bench.started(), await bench.started()];
    await bench.ok("relationship", "add", a, "blocks", b);
    await bench.ok("relationship", "remove", a, "blocks", b);
    expect((await bench.ok("relationship", "list", a)).json.relationships).toEqual([]);
  },
  "namespace erase": async (bench) => {
    const env = { MEMORY_KEY: await bench.service.key("gone"), MEMORY_NAMESPACE: "gone" };
    await bench.cli.run(["episode", "create", "--task", "t"], { env });
    expect((await bench.cli.run(["namespace", "erase", "gone"], { env })).exit).toBe(2);
    expect((await bench.cli.run(["namespace", "erase", "gone", "--yes"], { env })).exit).toBe(0);
    expect(
      (await bench.cli.run(["episode", "list", "--format", "json"], { env })).json.episodes,
    ).toEqual([]);
  },
  "namespace list": async (bench) => {
    const { namespaces } = (await bench.ok("namespace", "list")).json;
    expect(namespaces).toContainEqual({ name: "cli", empty: false });
    const all = (await bench.ok("namespace", "list", "--all")).json;
    expect(all).toMatchObject({ degraded: false });
    expect(all.namespaces.map((one: { name: string }) => one.name)).toContain("cli");
  },
  "namespace settings": async (bench) => {
    const { json } = await bench.ok("namespace", "settings");
    const none = { quota_episodes: null, quota_bytes: null, quota_lessons: null };
    expect(json.settings).toEqual({ recall_holdout: 0, redaction: "as_deployment", ...none });
  },
  "namespace set": async (bench) => {
    const set = async (option: string, value: string) =>
      (await bench.ok("namespace", "set", option, value)).json.settings;
    expect(await set("--recall-holdout", "0.25")).toMatchObject({ recall_holdout: 0.25 });
    expect(await set("--recall-holdout", "0")).toMatchObject({ recall_holdout: 0 });
    expect(await set("--redaction", "redact")).toMatchObject({ redaction: "redact" });
    expect(await set("--quota-episodes", "9000000")).toMatchObject({ quota_episodes: 9_000_000 });
    expect(await set("--quota-episodes", "default")).toMatchObject({ quota_episodes: null });
    const refused = await bench.cli.run(["namespace", "set", "--recall-holdout", "0.6"]);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("0 to 0.5")]);
    expect((await bench.cli.run(["namespace", "set"])).exit).toBe(2);
  },
  import: async (bench) => {
    const sample = join(import.meta.dirname, "../importers/samples/mem0.json");
    const taken = await bench.cli.run(["import", "--from", "mem0", sample, "--tag", "old"]);
    expect([taken.exit, taken.out]).toEqual([
      0,
      expect.stringMatching(/^3 new, 0 updated, 0 there already, 0 refused/),
    ]);
    expect(taken.out).toContain("not taken over:");
    expect(
      (await bench.cli.run(["import", "--from", "mem0", sample, "--tag", "old"])).out,
    ).toContain("3 there already");
    expect(
      (await bench.cli.run(["import", "--from", "mem0", sample, "--dry-run"])).out
        .trim()
        .split("\n"),
    ).toHaveLength(3);
    expect((await bench.cli.run(["import", "--from", "nobody", sample])).exit).toBe(2);
    await triedFacts(bench);
    // A session that grew, and was judged.
    const line = (type: string, content: unknown): string =>
      `${JSON.stringify({ type, sessionId: "tried", message: { role: type, content } })}\n`;
    const call = [{ type: "tool_use", id: "t", name: "Bash", input: { command: "ls" } }];
    const day1 = line("user", "tried by the CLI");
    const importing = async (stdin: string, ...more: string[]) =>
      (await bench.cli.run(["import", "--from", "claude-code", "-", ...more], { stdin })).out;
    expect(await importing(day1)).toContain("1 new, 0 updated");
    expect(await importing(day1 + line("assistant", call))).toContain("0 new, 1 updated");
    expect(await importing(day1, "--outcome", "success")).toContain("0 new, 1 updated");
    expect(await importing(day1, "--outcome", "success")).toContain("1 there already");
  },
};
