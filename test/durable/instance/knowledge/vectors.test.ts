import { describe, expect, it } from "vitest";
import type { Embedder } from "../../../../src/durable/instance/knowledge/vectors/embedder.ts";
import {
  openAiEmbeddings,
  workersAi,
} from "../../../../src/durable/instance/knowledge/vectors/providers.ts";
import { Moved } from "../../../../src/durable/shared/refusals.ts";
import { fuse } from "../../../../src/memory/ranking/index.ts";
import { upsertRow, valuesOf, type Row } from "../../../../src/storage/index.ts";
import { openLocal } from "../../../support/node-sql.ts";
import { cosine, packVector, unpackVector } from "../../../../src/memory/vector.ts";
import {
  DATABASE_SCHEMA,
  digestOfSteps,
  NOW,
  openKnowledge,
  storeEpisode,
  success,
} from "../../../support/knowledge.ts";
import { episodeOf, stepOf } from "../../../support/episodes.ts";

/** Meanings, one component each: words of the same row mean the same. */
const MEANINGS = [
  ["car", "automobile", "vehicle"],
  ["buy", "purchase", "acquire"],
  ["dog", "hound"],
  ["sleep", "rest"],
];

function provider(
  model: string,
  dimension = MEANINGS.length,
): Embedder & { calls: number; broken: boolean } {
  return {
    model,
    batch: 2,
    calls: 0,
    broken: false,
    embed(texts) {
      this.calls += 1;
      if (this.broken) return Promise.reject(new Error("the provider is out of reach"));
      const of = (text: string): number[] =>
        Array.from(
          { length: dimension },
          (_, i) => 0.01 + (MEANINGS[i] ?? []).filter((word) => text.includes(word)).length,
        );
      return Promise.resolve(texts.map(of));
    },
  };
}

const asking = (task: string) =>
  ({
    task,
    context: {},
    limit: 5,
    include: ["episodes"],
    recent_steps: [],
    max_tokens: null,
  }) as const;

async function open(embedder: Embedder | null, sql?: Parameters<typeof openKnowledge>[0]) {
  const { knowledge, sql: own, ...opened } = openKnowledge({ ...sql, embedder });
  const recalled = async (task: string): Promise<string[]> => {
    const { episodes } = await knowledge.questions.recall(
      "n",
      { ...asking(task), include: ["episodes"], recent_steps: [] },
      NOW,
    );
    return episodes.map(({ id }) => id);
  };
  const embedded = async (): Promise<void> => {
    for (let slices = 0; knowledge.embedding.nextAt(NOW) !== null && slices < 20; slices++)
      await knowledge.embedding.onAlarm(NOW);
  };
  const learn = (id: string, task: string): unknown =>
    opened.learn(digestOfSteps(id, task, success, [stepOf(1, "t")]));
  // As far as it is loaded: there is nothing to load.
  await knowledge.questions.search("n", { q: "t", limit: 1, cursor: null }, NOW);
  return { ...opened, knowledge, sql: own, recalled, embedded, learn, learnDigest: opened.learn };
}

describe("semantic vectors", () => {
  it("find what is meant in other words, and nothing of another meaning", async () => {
    const { learn, embedded, recalled } = await open(provider("m1"));
    learn("a", "purchase an automobile");
    learn("b", "let the hound rest");
    expect(await recalled("buy a car")).toEqual([]);
    await embedded();
    expect(await recalled("buy a car")).toEqual(["a"]);
  });

  it("are not there without a provider, and nothing else changes", async () => {
    const { knowledge, learn, sql, recalled } = await open(null);
    learn("a", "purchase an automobile");
    expect(knowledge.embedding.nextAt(NOW)).toBeNull();
    await knowledge.embedding.onAlarm(NOW);
    expect(sql.all("SELECT 1 FROM vectors")).toEqual([]);
    expect(await recalled("buy a car")).toEqual([]);
    expect(await recalled("automobile")).toEqual(["a"]);
  });

  it("are made again when the model changes, and those of the old one go", async () => {
    const first = await open(provider("m1"));
    for (const id of ["a", "b", "c"]) first.learn(id, "purchase an automobile");
    await first.embedded();
    const second = await open(provider("m2", 3), { sql: first.sql });
    expect(second.knowledge.embedding.nextAt(NOW)).not.toBeNull();
    expect(await second.recalled("buy a car")).toEqual([]);
    await second.embedded();
    const rows = second.sql.all(
      "SELECT model, dimension, count(*) AS n FROM vectors GROUP BY model, dimension",
    );
    expect(rows).toEqual([{ model: "m2", dimension: 3, n: 3 }]);
    expect((await second.recalled("buy a car")).toSorted()).toEqual(["a", "b", "c"]);
  });

  it("are made where the database has none, when a namespace is read from it again", async () => {
    const database = openLocal(DATABASE_SCHEMA);
    const embedder = provider("m1");
    const { knowledge, learn, embedded, sql, recalled } = await open(embedder, { database });
    for (const id of ["a", "b"]) learn(id, "purchase an automobile");
    await embedded();
    // As a restore of a backup without one of them leaves it.
    for (const row of sql.all("SELECT * FROM vectors"))
      database.run(upsertRow("vectors"), ...valuesOf("vectors", row as Row));
    for (const id of ["a", "b"]) {
      const record = episodeOf(id, success, { task: "purchase an automobile", step_count: 1 });
      storeEpisode(database, record, [stepOf(1, "t")]);
    }
    database.run("DELETE FROM vectors WHERE id = 'a'");
    expect(knowledge.embedding.nextAt(NOW)).toBeNull();
    expect(knowledge.resync("n")).toEqual(["n"]);
    const { calls } = embedder;
    for (let slices = 0; slices < 20; slices++) await knowledge.loading.onAlarm(NOW);
    await embedded();
    expect(embedder.calls).toBe(calls + 1);
    expect(sql.all("SELECT id FROM vectors ORDER BY id")).toEqual([{ id: "a" }, { id: "b" }]);
    expect((await recalled("buy a car")).toSorted()).toEqual(["a", "b"]);
  });

  it("go with their episode", async () => {
    const { forget, learn, embedded, sql } = await open(provider("m1"));
    learn("a", "purchase an automobile");
    await embedded();
    expect(sql.all("SELECT id FROM vectors")).toEqual([{ id: "a" }]);
    forget("n", "a");
    expect(sql.all("SELECT id FROM vectors")).toEqual([]);
  });

  it("are missed by nobody while the provider is out of reach, which is then left alone for a while", async () => {
    const embedder = provider("m1");
    const { knowledge, learn, embedded, recalled } = await open(embedder);
    learn("a", "purchase an automobile");
    await embedded();
    embedder.broken = true;
    expect(await recalled("automobile")).toEqual(["a"]);
    const { calls } = embedder;
    expect(await recalled("automobile")).toEqual(["a"]);
    expect(embedder.calls).toBe(calls);
    learn("b", "let the hound rest");
    expect(knowledge.embedding.nextAt(NOW)).toBeNull();
    embedder.broken = false;
    expect(knowledge.embedding.nextAt(NOW + 60_000)).not.toBeNull();
  });

  it("are made of what an episode says last, though it was learned anew while the provider worked", async () => {
    const embedder = provider("m1");
    const { learnDigest, learn, embedded, recalled } = await open(embedder);
    learn("a", "purchase an automobile");
    const embed = embedder.embed.bind(embedder);
    let anew: (() => Promise<void>) | null = async () => {
      const digest = digestOfSteps("a", "let the hound rest", success, [stepOf(1, "t")]);
      learnDigest({ ...digest, version: digest.version + 1 });
    };
    embedder.embed = async (texts) => {
      const made = await embed(texts);
      await anew?.();
      anew = null;
      return made;
    };
    await embedded();
    expect(await recalled("buy a car")).toEqual([]);
    expect(await recalled("dog")).toEqual(["a"]);
  });

  it("leave no trace of a recall or an advice at an instance from which the namespace moved meanwhile", async () => {
    let here = true;
    const embedder = provider("m1");
    const { knowledge, learn, embedded, sql } = await open(embedder, { isHome: () => here });
    learn("a", "purchase an automobile");
    await embedded();
    const embed = embedder.embed.bind(embedder);
    embedder.embed = (texts) => {
      here = false;
      return embed(texts);
    };
    const input = { task: "buy a car", context: {}, recent_steps: [] };
    await expect(
      knowledge.questions.recall(
        "n",
        { ...input, limit: 5, include: ["episodes"], max_tokens: null },
        NOW,
      ),
    ).rejects.toBeInstanceOf(Moved);
    here = true;
    await expect(
      knowledge.questions.advise("n", { ...input, next_tool: null, error: null }, NOW),
    ).rejects.toBeInstanceOf(Moved);
    expect(sql.all("SELECT id FROM recalls")).toEqual([]);
  });

  it("lose next to nothing when they are packed, and are refused when they have no direction", () => {
    const [a, b] = [
      [0.3, -0.2, 0.9, 0],
      [0.1, 0.8, 0.4, -0.5],
    ];
    const dot = a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
    const exact = dot / Math.hypot(...a) / Math.hypot(...b);
    expect(cosine(unpackVector(packVector(a)), unpackVector(packVector(b)))).toBeCloseTo(exact, 1);
    expect(() => packVector([0, 0])).toThrow(RangeError);
    expect(() => packVector([Number.NaN])).toThrow(RangeError);
  });

  it("are asked of Workers AI with the pooling named, and an answer without them is an error", async () => {
    const asked: unknown[] = [];
    const binding = {
      run: (model: string, input: unknown) => {
        asked.push([model, input]);
        return Promise.resolve(asked.length === 1 ? { data: [[1, 2]] } : { error: "busy" });
      },
    };
    const embedder = workersAi(binding, "@cf/model");
    expect(await embedder.embed(["text"])).toEqual([[1, 2]]);
    expect(asked[0]).toEqual(["@cf/model", { text: ["text"], pooling: "cls" }]);
    await expect(embedder.embed(["text"])).rejects.toThrow("no vectors");
  });

  it("are asked of an endpoint that speaks OpenAI's protocol, and of no other place", async () => {
    const answers: Response[] = [
      Response.json({
        data: [
          { index: 1, embedding: [0, 1] },
          { index: 0, embedding: [1, 0] },
        ],
      }),
      new Response(null, { status: 307, headers: { Location: "https://elsewhere.example/" } }),
      new Response("a secret text of the provider", { status: 500 }),
      new Response("no JSON"),
      Response.json({ data: [{ embedding: ["a"] }] }),
      Response.json({ data: [{ index: "constructor", embedding: [1] }] }),
      new Response(new Uint8Array(17_000_000)),
    ];
    const asked: Request[] = [];
    const send: typeof fetch = (url, init) => {
      asked.push(new Request(url as string, init));
      return Promise.resolve(answers[asked.length - 1] ?? Response.error());
    };
    const url = "https://models.example/v1/embeddings";
    const embedder = openAiEmbeddings({ url, key: "k", model: "small" }, send);
    expect(embedder.model).toBe("small@models.example");
    expect(await embedder.embed(["x".repeat(3_000), "b"])).toEqual([
      [1, 0],
      [0, 1],
    ]);
    const [first] = asked;
    expect([first?.url, first?.redirect]).toEqual([url, "manual"]);
    expect(first?.headers.get("Authorization")).toBe("Bearer k");
    expect(await first?.json()).toEqual({
      model: "small",
      input: ["x".repeat(2_000), "b"],
      encoding_format: "float",
    });
    for (const reason of ["307", "500", "no JSON", "no vectors", "no vectors", "too much"]) {
      const failed = embedder.embed(["a"]);
      await expect(failed).rejects.toThrow(reason);
      await expect(failed).rejects.not.toThrow("secret");
    }
  });

  it("are fused with the words: what both find comes first, and words alone keep their worth", () => {
    const worded = ["a", "b"].map((id) => ({
      kind: "episode" as const,
      id,
      score: 1,
      text: 0.5,
      matched_terms: ["w"],
      inOneField: 1,
    }));
    const meant = ["b", "c"].map((id) => ({ id, similarity: 0.5 }));
    const fused = fuse(worded, meant, 10);
    expect(fused.map(({ id }) => id)).toEqual(["b", "a", "c"]);
    expect(fused.map(({ text }) => text)).toEqual([0.625, 0.5, expect.closeTo(0.25)]);
    expect(fuse(worded, meant, 1)).toHaveLength(1);
  });
});
