import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MemoryError, type MemoryClient } from "../../client/index.ts";
import { sendSpool } from "../../cli/hooks/sending.ts";
import { Spool } from "../../cli/hooks/spool.ts";

const TARGET = { name: "t", source: "t", url: "http://127.0.0.1:1", key: "k" };
let home: string;
let spool: Spool;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "memory-sending-"));
  spool = Spool.of(TARGET, { HOME: home });
  for (const session of ["one", "two"]) add(session);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const add = (session: string): boolean =>
  spool.append("codex", {
    session,
    type: "prompt",
    text: `task of ${session}`,
    at: "2026-01-01T00:00:00.000Z",
  });
const unsent = (): number => spool.sessions().filter(({ bytes, sent }) => bytes > sent).length;

/** A service that answers each line by its task; `away`: it cannot be reached. */
function service(answers: Record<string, string>): MemoryClient {
  async function* taken(lines: Iterable<{ task?: string }>) {
    for (const { task = "" } of lines) {
      const code = answers[task] ?? "";
      if (code === "away") throw new MemoryError("it is away", { code: "network" });
      yield code === ""
        ? { status: "created" }
        : { status: "error", error: { code, detail: `it is ${code}` } };
    }
  }
  return { import: taken } as unknown as MemoryClient;
}

describe("what the spool holds", () => {
  it.each(["outbox_full", "database_unavailable", "overloaded", "internal", "what is new"])(
    "stays when the service answers %s, and holds up no other session",
    async (code) => {
      const report = await sendSpool(spool, service({ "task of one": code }), 0);
      expect(report).toMatchObject({ created: 1, refused: [], error: `it is ${code}` });
      expect(unsent()).toBe(1);
      expect(await sendSpool(spool, service({}), 0)).toMatchObject({ created: 1, error: null });
      expect(unsent()).toBe(0);
    },
  );

  it("is refused for good where it can never be taken, and named", async () => {
    const report = await sendSpool(spool, service({ "task of two": "secret_found" }), 0);
    expect(report.refused).toEqual([expect.stringContaining("secret_found")]);
    expect([report.created, report.error, unsent()]).toEqual([1, null, 0]);
    expect(spool.sessions().flatMap(({ refused }) => refused ?? [])).toHaveLength(1);
  });

  it("stays when the service is away", async () => {
    const away = service({ "task of one": "away", "task of two": "away" });
    expect((await sendSpool(spool, away, 0)).error).not.toBeNull();
    expect(unsent()).toBe(2);
  });
});
