import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  COMPLEXITIES,
  OUTCOME_TYPES,
  RESULT_CLASSES,
  STATUSES,
  TASK_TYPES,
} from "../../../../src/contract/vocabulary.ts";
import {
  contributionsOf,
  episodeTexts,
  makeDigest,
  packDigest,
  StoredDigest,
} from "../../../../src/memory/learning/index.ts";
import { taskTermHashes } from "../../../../src/memory/learning/texts/task-terms.ts";
import type { Digest } from "../../../../src/memory/learning/types.ts";
import { documentTerms, indexedDocument } from "../../../../src/memory/search/index.ts";
import { episodeOf, outcomes, stepLists, stepOf } from "../../../support/episodes.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 80 }),
  fc.constantFrom(
    "",
    "\uFEFFé",
    "refund order 17 of ann@example.org, see https://example.org/a-1",
    "the of",
  ),
);
const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
const thousandths = fc.nat(1_000);
const time = fc.integer({ min: -(2 ** 45), max: 2 ** 45 });
const texts = fc.array(text, { maxLength: 4 });

const step = fc.record(
  {
    number: fc.integer({ min: 1, max: 100_000 }),
    tool: fc.oneof(name, fc.constantFrom("read", "write")),
    action: text,
    result: fc.constantFrom(...RESULT_CLASSES),
    error: fc.option(fc.oneof(text, fc.constantFrom("read", "not found"))),
    latency_ms: fc.option(fc.nat(2 ** 31 - 1)),
    fresh: fc.nat(4),
    covered: thousandths,
    untried: fc.nat(300),
  },
  {
    requiredKeys: ["number", "tool", "action", "result", "error", "latency_ms", "fresh", "covered"],
  },
);
const call = fc.record(
  {
    key: fc.oneof(name, fc.constant("npm test")),
    parameters: fc.array(
      fc.record(
        { name, value: text, from: fc.array(name, { minLength: 1, maxLength: 4 }) },
        { requiredKeys: ["name"], noNullPrototype: true },
      ),
      { minLength: 1, maxLength: 4 },
    ),
    shown: fc.array(fc.record({ name, value: name }, { noNullPrototype: true }), {
      minLength: 1,
      maxLength: 3,
    }),
    told: fc.string({ unit: "grapheme", minLength: 1, maxLength: 80 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const formerDigests: fc.Arbitrary<Digest> = fc.record(
  {
    namespace: name,
    episode_id: name,
    version: fc.nat(),
    task: text,
    task_type: fc.constantFrom(...TASK_TYPES),
    context: fc.record({
      domain: name,
      language: fc.option(name),
      framework: fc.option(name),
      complexity: fc.constantFrom(...COMPLEXITIES),
      tags: texts,
    }),
    tags: texts,
    status: fc.constantFrom(...STATUSES),
    outcome: fc.option(fc.constantFrom(...OUTCOME_TYPES)),
    summary: fc.option(text),
    insights: texts,
    success: thousandths,
    failure: thousandths,
    reward: fc.option(thousandths),
    started_at: time,
    ended_at: time,
    path: fc.array(step, { maxLength: 20 }),
    omitted: fc.record({ steps: fc.integer({ min: 1, max: 5_000 }) }),
    used_recall: fc.constant(true),
    archived: fc.constant(true),
    recall_group: fc.record({
      percent: fc.integer({ min: 1, max: 50 }),
      held_out: fc.boolean(),
    }),
  },
  {
    noNullPrototype: true,
    requiredKeys: [
      "namespace",
      "episode_id",
      "version",
      "task",
      "task_type",
      "context",
      "tags",
      "status",
      "outcome",
      "summary",
      "insights",
      "success",
      "failure",
      "reward",
      "started_at",
      "ended_at",
      "path",
    ],
  },
);

/** Of the former format, and of the present one, which says what steps were called with. */
const digests: fc.Arbitrary<Digest> = fc.oneof(
  formerDigests,
  fc
    .tuple(formerDigests, fc.array(call, { minLength: 20, maxLength: 20 }))
    .map(([digest, calls]): Digest => ({
      ...digest,
      path: digest.path.map((one, i) => ({ ...one, ...calls[i] })),
      format: 1,
    })),
);

const documentOf = (digest: Digest) => indexedDocument(documentTerms(episodeTexts(digest)));
const intern = (value: string): string => value;

function stored(digest: Digest, patterns: readonly number[] = []): StoredDigest {
  return new StoredDigest(
    digest,
    packDigest(digest, { document: documentOf(digest), patterns }),
    intern,
  );
}

describe("a stored digest", () => {
  it("is the digest that was packed, its document and its patterns", () => {
    const patterns = fc.array(fc.nat(2 ** 31 - 1), { maxLength: 40 });
    fc.assert(
      fc.property(digests, patterns, (digest, numbers) => {
        const read = stored(digest, numbers);
        expect(read.unpacked()).toEqual(digest);
        expect(read.patterns).toEqual(numbers);
        expect(read.document).toEqual(documentOf(digest));
        expect(read.used_recall).toBe(digest.used_recall === true);
        expect(read.recall_group).toEqual(digest.recall_group);
        expect(read.omitted).toEqual(digest.omitted);
        expect(read.format).toBe(digest.format ?? 0);
      }),
    );
  });

  it("is read in parts, in whichever order", () => {
    const parts = [
      "path",
      "document",
      "terms",
      "task",
      "context",
      "tags",
      "insights",
      "summary",
    ] as const;
    fc.assert(
      fc.property(digests, fc.shuffledSubarray([...parts]), (digest, order) => {
        const [read, whole] = [stored(digest), stored(digest)];
        whole.unpacked();
        for (const part of order) expect(read[part]).toEqual(whole[part]);
      }),
    );
  });

  it("teaches what the digest does that it was made from", () => {
    fc.assert(
      fc.property(stepLists, outcomes, (steps, outcome) => {
        const digest = makeDigest(episodeOf("e", outcome), steps);
        expect(contributionsOf(stored(digest))).toEqual(contributionsOf(digest));
        expect(contributionsOf(stored(digest).unpacked())).toEqual(contributionsOf(digest));
      }),
    );
  });

  it("has the terms of its task, as they are computed from the text", () => {
    fc.assert(
      fc.property(digests, (digest) => {
        expect(stored(digest).terms.toSorted()).toEqual(taskTermHashes(digest.task).toSorted());
      }),
    );
  });

  it("is as it came when it is packed again", () => {
    fc.assert(
      fc.property(digests, (digest) => {
        const first = stored(digest, [1, 2]);
        const again = packDigest(first.unpacked(), first);
        expect(again).toEqual(first.packed);
      }),
    );
  });

  it("asks for each name once, when it is looked at, so that names are kept once", () => {
    const digest = makeDigest(episodeOf("e", null), [stepOf(1, "read"), stepOf(2, "read")]);
    const asked: string[] = [];
    const bytes = packDigest(digest, { document: documentOf(digest), patterns: [] });
    const read = new StoredDigest(digest, bytes, (value) => {
      asked.push(value);
      return value;
    });
    expect(asked).toEqual([]);
    expect(read.path.map(({ tool }) => tool)).toEqual(["read", "read"]);
    expect(asked).toEqual(["read"]);
    const names = read.path.flatMap(({ parameters = [] }) => parameters.map(({ name }) => name));
    expect(names).toEqual(["number", "number"]);
    expect(asked).toEqual(["read", "number"]);
  });

  it("is small: a tenth of a kilobyte and its texts for ordinary steps", () => {
    const steps = Array.from({ length: 20 }, (_, i) => stepOf(i + 1, `tool_${i % 4}`));
    const digest = makeDigest(episodeOf("e", null), steps);
    const document = indexedDocument(documentTerms({}));
    const bytes = packDigest(digest, { document, patterns: [] });
    expect(bytes.length).toBeLessThan(20 * 15 + 150);
  });
});

describe("a step that took longer than anything does", () => {
  it("is stored as one that took very long", () => {
    const steps = [stepOf(1, "a", null, 1e300), stepOf(2, "b", null, 5)];
    const digest = makeDigest(episodeOf("e", null), steps);
    expect(stored(digest).unpacked()).toEqual(digest);
    expect(digest.path[1]?.latency_ms).toBe(5);
    expect(digest.path[0]?.latency_ms).toBeLessThan(2 ** 31);
  });
});
