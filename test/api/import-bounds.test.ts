import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { RequestContext } from "../../src/api/request-context.ts";
import { importLines } from "../../src/api/transfer/import.ts";
import { LIMITS } from "../../src/contract/limits.ts";

interface Answered {
  line: number;
  status: string;
  error?: { code: string; detail?: string };
}

interface Sent {
  id: string;
}
const created = (id: string) => ({ id, status: "created" });

/** What an import answers to this body, and what of a core it took, ms. */
async function answered(
  body: string | Uint8Array<ArrayBuffer>,
  isZipped = false,
): Promise<{ answers: Answered[]; ms: number }> {
  const headers = {
    "Content-Type": "application/x-ndjson",
    ...(isZipped ? { "Content-Encoding": "gzip" } : {}),
  };
  const request = new Request("http://memory/v1/import", { method: "POST", headers, body });
  const context = {
    request,
    requestId: "r",
    options: { now: () => 0, wait: async () => undefined, log: () => undefined },
    backend: { instanceCount: async () => 1 },
    authorize: async () => "n",
    idempotencyKey: () => null,
    run: async (_name: string, { id = "", episodes }: { id?: string; episodes?: Sent[] }) => ({
      value: episodes ? { answers: episodes.map((one) => created(one.id)) } : created(id),
    }),
  } as unknown as RequestContext;
  const before = process.cpuUsage();
  const answer = await importLines(context, { query: { on_conflict: "refuse" } } as never);
  const text = await answer.text();
  const { user, system } = process.cpuUsage(before);
  const lines = text.split("\n").filter((line) => line !== "");
  return {
    answers: lines.map((line) => JSON.parse(line) as Answered),
    ms: (user + system) / 1_000,
  };
}
const zipped = (text: string | Uint8Array): Uint8Array<ArrayBuffer> =>
  new Uint8Array(gzipSync(text));
const EPISODE = JSON.stringify({ type: "episode", id: "e", task: "mend it" });

describe("an import", () => {
  it("counts blank lines, and answers none of them", async () => {
    const { answers } = await answered(`\n \n\r\n${EPISODE}\n\n\t\n${EPISODE}\n  `);
    expect(answers.map(({ line, status }) => [line, status])).toEqual([
      [4, "created"],
      [7, "created"],
    ]);
  });

  it("of nothing but line ends costs next to nothing, however many they are", async () => {
    const { answers, ms } = await answered(new Uint8Array(16 << 20).fill(10));
    expect(answers).toEqual([]);
    expect(ms).toBeLessThan(5_000);
  });

  it("ends where too many lines are refused, and takes what was before", async () => {
    const refused = "0\n".repeat(LIMITS.import_refused_max);
    const { answers } = await answered(`${EPISODE}\n${refused}${EPISODE}\n0\n`);
    expect(answers).toHaveLength(LIMITS.import_refused_max + 2);
    expect(answers[0]).toMatchObject({ line: 1, status: "created" });
    const last = LIMITS.import_refused_max + 2;
    expect(answers.at(-1)).toMatchObject({ line: last, error: { code: "limit_exceeded" } });
  });

  it("ends where it unzips to much more than was sent, and takes what was before", async () => {
    const bomb = new Uint8Array(64 << 20).fill(97);
    const body = zipped(Buffer.concat([Buffer.from(`${EPISODE}\n`), bomb]));
    expect(body.length).toBeLessThan(100_000);
    const { answers } = await answered(body, true);
    expect(answers).toMatchObject([
      { line: 1, status: "created" },
      { line: 2, error: { code: "body_too_large" } },
    ]);
  });

  it("may unzip to a line of the largest size, and to many times what was sent", async () => {
    const padded = EPISODE + " ".repeat(LIMITS.import_line_max_bytes - EPISODE.length - 1);
    expect((await answered(zipped(`${padded}\n`), true)).answers).toMatchObject([
      { status: "created" },
    ]);
    const steps = Array.from({ length: 20 }, (_, n) => ({ tool: "t", action: `step ${n}` }));
    const lines = Array.from({ length: 2_000 }, (_, n) =>
      JSON.stringify({ type: "episode", id: `e-${n}`, task: `task ${n}`, steps }),
    );
    const { answers } = await answered(zipped(lines.join("\n")), true);
    expect(answers.filter(({ status }) => status === "created")).toHaveLength(2_000);
  });
});
