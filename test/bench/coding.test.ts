import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codingFiles, codingSessions } from "../../bench/quality/coding/files.ts";
import { readFiles } from "../importers/reading.ts";

const FOLDER = join(import.meta.dirname, "../fixtures/coding");
const sessions = codingSessions();

describe("the coding sessions", () => {
  it("are what `npm run coding:make` makes", () => {
    const made = [...codingFiles()];
    for (const [name, text] of made)
      expect(readFileSync(join(FOLDER, name), "utf8"), name).toBe(text);
    expect(readdirSync(join(FOLDER, "sessions"))).toHaveLength(made.length - 1);
  });

  it("hold a third back, and of that a part whose kind is never learned", () => {
    const kindsOf = (part: string): Set<string> =>
      new Set(
        sessions
          .filter((session) => session.part === part)
          .flatMap(({ errors }) => errors.map(({ kind }) => kind)),
      );
    const [learned, seen, unseen] = [kindsOf("learned"), kindsOf("seen"), kindsOf("unseen")];
    expect(learned.size).toBeGreaterThanOrEqual(25);
    expect([...seen].filter((kind) => !learned.has(kind))).toEqual([]);
    expect([...unseen].filter((kind) => learned.has(kind))).toEqual([]);
    const held = sessions.filter(({ part }) => part !== "learned").length;
    expect(held / sessions.length).toBeGreaterThan(0.3);
    expect(held / sessions.length).toBeLessThan(0.4);
  });

  it("fail where they say, and are mended by what they say", () => {
    for (const { id, steps, errors, outcome } of sessions)
      for (const { step, mended_by, names } of errors) {
        expect(steps[step - 1]?.ok, id).toBe(false);
        expect(mended_by === null, id).toBe(!outcome.success);
        if (mended_by === null) continue;
        const mending = steps[mended_by - 1];
        expect(`${mending?.tool} ${mending?.args["command"] ?? ""}`, id).toContain(names);
        expect(steps[mended_by]?.args["command"], id).toBe(steps[step - 1]?.args["command"]);
        expect(steps[mended_by]?.ok, id).toBe(true);
      }
  });

  it("never repeat a session's words", () => {
    const tried = sessions.map(({ steps }) => JSON.stringify(steps));
    expect(new Set(tried).size).toBe(sessions.length);
  });

  it("are read as session files of Claude Code", () => {
    for (const name of readdirSync(join(FOLDER, "sessions"))) {
      const session = sessions.find(({ id }) => name === `${id}.jsonl`);
      const text = readFileSync(join(FOLDER, "sessions", name), "utf8");
      const [episode, ...more] = readFiles("claude-code", { [name]: text }).lines;
      expect(more).toEqual([]);
      expect(episode?.task).toBe(session?.task);
      expect(episode?.steps).toHaveLength(session?.steps.length ?? 0);
    }
  });
});
