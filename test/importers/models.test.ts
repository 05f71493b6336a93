import { describe, expect, it } from "vitest";
import { stepsOf } from "../../client/index.ts";
import { readTranscript } from "../../src/memory/transcript.ts";
import { anthropicMessages, openAiMessages } from "./models/chats.ts";
import { WRITERS } from "./models/index.ts";
import { Maker, type ModelSession } from "./models/model.ts";
import { readFiles } from "./reading.ts";
import type { Source } from "../../cli/importers/index.ts";

/** Sessions of each format; `IMPORT_SEED=N` replays one. */
const SESSIONS = 150;
const seeds = process.env["IMPORT_SEED"]
  ? [Number(process.env["IMPORT_SEED"])]
  : Array.from({ length: SESSIONS }, (_, i) => i + 1);

/** What happened: each call with its tool, its parameters, and what came of it. */
const happened = ({ turns }: ModelSession): unknown[] =>
  turns
    .flat()
    .map(({ tool, parameters, result, output }) => [
      tool,
      parameters,
      result === "missing" ? null : result,
      result === "missing" ? "" : output,
    ]);

interface Imported {
  tool: string;
  parameters?: unknown;
  result?: { type: string; output?: string; message?: string } | null;
}
const imported = (steps: readonly Imported[]): unknown[] =>
  steps.map(({ tool, parameters, result }) => [
    tool,
    parameters,
    result?.type ?? null,
    (result?.output ?? result?.message ?? "").replace(/^Error: /, ""),
  ]);

describe.each(Object.entries(WRITERS) as [Source, NonNullable<(typeof WRITERS)[Source]>][])(
  "a session of %s, made from a model,",
  (source, write) => {
    it("comes in as it happened, whatever recurs, repeats, is split, missing or odd", () => {
      for (const seed of seeds) {
        const maker = new Maker(seed);
        const session = maker.session(`s${seed}`);
        const { lines } = readFiles(source, write(session, maker));
        expect(
          lines.map(({ task }) => task),
          `seed ${seed}`,
        ).toEqual([session.prompt]);
        expect(imported(lines[0]?.steps ?? []), `seed ${seed}`).toEqual(happened(session));
      }
    });
  },
);

describe.each([
  ["OpenAI", openAiMessages],
  ["Anthropic", anthropicMessages],
])("a chat of %s, made from a model,", (_what, write) => {
  it("is read by the service and by the client as it happened", () => {
    for (const seed of seeds) {
      const maker = new Maker(seed);
      const session = maker.session(`s${seed}`);
      const messages = write(session, maker);
      const { task, steps } = readTranscript(messages);
      expect(task, `seed ${seed}`).toBe(session.prompt);
      expect(imported(steps), `seed ${seed}`).toEqual(happened(session));
      const answered = happened(session).filter((call) => (call as unknown[])[2] !== null);
      expect(imported(stepsOf(messages)), `seed ${seed}`).toEqual(answered);
    }
  });
});
