/**
 * Each command about what was learned, tried on the running service.
 *
 * @module
 */

import { expect } from "vitest";
import type { Tried } from "./bench.ts";

export const KNOWLEDGE_TRIED: Tried = {
  recall: async (bench) => {
    const id = await bench.completed("polish the submarine");
    const found = (
      await bench.ok(
        "recall",
        "polish",
        "a",
        "submarine",
        "--step",
        "find_booking:success",
        "--limit",
        "3",
      )
    ).json;
    expect(found.episodes[0].id).toBe(id);
    expect((await bench.cli.run(["recall", "polish a submarine"])).out).toContain(
      "polish the submarine",
    );
    const short = await bench.cli.run(["recall", "polish a submarine", "--max-tokens", "150"]);
    expect(short.out.length).toBeLessThan(600);
    const named = await bench.cli.run(["recall", "polish a submarine", "--evidence"]);
    expect(named.out).toContain(`[\`${id.slice(-8)}\`]`);
    expect((await bench.cli.run(["recall", "xylophone", "quark"])).out).toMatch(
      /^Memory knows nothing that helps with this\. \(recall_id: \S+\)\n$/,
    );
  },
  advise: async (bench) => {
    await bench.completed();
    const asked = [
      "advise",
      "cancel",
      "the flight",
      "--step",
      "find_booking:success",
      "--next-tool",
      "cancel_booking",
    ];
    const { json } = await bench.ok(...asked);
    expect(json.next_tools[0].tool).toBe("cancel_booking");
    expect(json.proposed).toMatchObject({ tool: "cancel_booking", verdict: "usual", rank: 1 });
    const people = await bench.cli.run(asked);
    expect(people.out).toMatch(/## Do next\n- `cancel_booking`: (?:over )?\d+ %/);
    expect(people.out).toContain("`cancel_booking` is usual here");
    expect((await bench.cli.run(["advise", "xylophone", "quark"])).exit).toBe(0);
  },
  playbook: async (bench) => {
    await bench.completed();
    await bench.completed();
    const people = await bench.cli.run([
      "playbook",
      "cancel the flight of Ms Kim",
      "--domain",
      "airline",
    ]);
    expect(people.out).toMatch(/1\. `find_booking`: \d+ of \d+/);
  },
  "pattern list": async (bench) => {
    await bench.completed();
    const { patterns } = (
      await bench.ok("pattern", "list", "--kind", "tool_sequence", "--tool", "find_booking")
    ).json;
    expect(patterns.length).toBeGreaterThan(0);
  },
  "pattern view": async (bench) => {
    await bench.completed();
    const [first] = (await bench.ok("pattern", "list")).json.patterns;
    expect((await bench.ok("pattern", "view", first.id)).json).toMatchObject({
      id: first.id,
      kind: first.kind,
    });
  },
  "heuristic list": async (bench) =>
    expect((await bench.ok("heuristic", "list")).json.heuristics).toBeInstanceOf(Array),
  feedback: async (bench) => {
    const id = await bench.completed("fold the umbrella");
    const { recall_id } = (await bench.ok("recall", "fold", "umbrella")).json;
    expect(
      (await bench.ok("feedback", recall_id, id, "--helped", "--rating", "0.9")).json,
    ).toMatchObject({
      counted: 1,
      unknown: [],
    });
    expect((await bench.cli.run(["feedback", recall_id, id])).exit).toBe(2);
  },
  stats: async (bench) =>
    expect((await bench.ok("stats")).json).toMatchObject({
      namespace: "cli",
      episodes: { total: expect.any(Number) },
    }),
};
