import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countJudgement } from "../../../../../src/durable/instance/knowledge/feedback/judgements.ts";
import type { FeedbackRecord } from "../../../../../src/durable/instance/knowledge/records.ts";
import type { Digest } from "../../../../../src/memory/learning/types.ts";
import { stepOf } from "../../../../support/episodes.ts";
import {
  digestOfSteps,
  everythingLearned,
  failure,
  openKnowledge,
  success,
  type EverythingLearned,
  type OpenKnowledge,
} from "../../../../support/knowledge.ts";

const IDS = ["a", "b", "c", "d", "e"] as const;
const PATHS = [
  ["find", "read", "send"],
  ["find", "read", "send", "find"],
  ["find", "delete"],
  ["open", "read", "send"],
  [],
] as const;
const TASKS = ["refund an order", "refund the parcel", "close the account"] as const;

/** What is done to a namespace. */
type Deed =
  | { kind: "learn"; id: string; path: number; isSuccess: boolean; task: number }
  /** The episode as it was learned last, or as it was before that. */
  | { kind: "repeat"; id: string; isOlder: boolean }
  | { kind: "forget"; id: string }
  /** A use of the patterns that an episode shows. */
  | { kind: "judge"; id: string; helpful: number; sign: 1 | -1 }
  /** Learned and forgotten in a transaction that is taken back. */
  | { kind: "rollback"; id: string; other: string }
  | { kind: "checkpoint" | "merge" | "reopen" };

const id = fc.constantFrom(...IDS);
const path = fc.nat(PATHS.length - 1);
const task = fc.nat(TASKS.length - 1);
const learning = fc.record({
  kind: fc.constant("learn" as const),
  id,
  path,
  isSuccess: fc.boolean(),
  task,
});
const keeping = fc.record({
  kind: fc.constantFrom("checkpoint" as const, "merge" as const, "reopen" as const),
});
const unjudged: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: learning },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("repeat" as const), id, isOlder: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("forget" as const), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("rollback" as const), id, other: id }) },
  { weight: 4, arbitrary: keeping },
);
const judged: fc.Arbitrary<Deed> = fc.record({
  kind: fc.constant("judge" as const),
  id,
  helpful: fc.constantFrom(0, 300, 1_000),
  sign: fc.constantFrom(1 as const, -1 as const),
});

/** Does deeds to a namespace of its own. */
class Doer {
  opened: OpenKnowledge;
  readonly #options: { cacheBytes: number };
  readonly #isKeeping: boolean;
  /** What is left to be learned, by episode. */
  readonly left = new Map<string, Digest>();
  #version = 0;
  #earlier = new Map<string, Digest>();

  /** @param isKeeping whether it does what changes nothing that is learned */
  constructor(isKeeping: boolean, cacheBytes: number) {
    this.#isKeeping = isKeeping;
    this.#options = { cacheBytes };
    this.opened = openKnowledge(this.#options);
  }

  do(deed: Deed): void {
    const { learn, forget } = this.opened;
    if (deed.kind === "learn") {
      const digest = this.#digestOf(deed);
      learn(digest);
      const before = this.left.get(deed.id);
      if (before) this.#earlier.set(deed.id, before);
      this.left.set(deed.id, digest);
    } else if (deed.kind === "repeat") {
      const digest = deed.isOlder ? this.#earlier.get(deed.id) : this.left.get(deed.id);
      if (digest && this.left.has(deed.id)) learn(digest);
    } else if (deed.kind === "forget") {
      forget("n", deed.id);
      this.left.delete(deed.id);
    } else if (deed.kind === "judge") this.#judge(deed);
    else if (this.#isKeeping) this.#keep(deed);
  }

  #keep(deed: Deed): void {
    const { sql, learned } = this.opened;
    const open = learned.of("n");
    if (deed.kind === "reopen") this.opened = openKnowledge({ ...this.#options, sql });
    else if (deed.kind === "rollback") this.#rollBack(deed);
    else if (deed.kind === "checkpoint" && open) sql.transaction(() => learned.checkpoint(open));
    else if (deed.kind === "merge" && open) sql.transaction(() => open.merge());
  }

  #rollBack({ id: one, other }: Deed & { kind: "rollback" }): void {
    const { sql, learned, knowledge } = this.opened;
    const digest = this.#digestOf({ kind: "learn", id: one, path: 0, isSuccess: true, task: 0 });
    const taken = (): void => {
      knowledge.learning.learn(digest, 0);
      knowledge.learning.forget("n", other, 0);
      const open = learned.of("n");
      if (open) learned.checkpoint(open);
      throw new Error("taken back");
    };
    expect(() => sql.transaction(taken)).toThrow("taken back");
  }

  #judge({ id: one, helpful, sign }: Deed & { kind: "judge" }): void {
    const { sql, learned } = this.opened;
    const open = learned.of("n");
    const numbers = open?.digests.byEpisode(one)?.digest.patterns ?? [];
    const patterns = open?.patterns.byNumbers(numbers).map(({ row }) => row.id) ?? [];
    const use: FeedbackRecord = {
      recall_id: "r",
      at: "",
      used: [],
      helpful,
      unhelpful: 1_000 - helpful,
      day: 20_000,
      episodes: [one],
      patterns: patterns.sort(),
    };
    sql.transaction(() => countJudgement({ sql, learned }, "n", use, sign));
  }

  #digestOf(deed: Deed & { kind: "learn" }): Digest {
    const steps = (PATHS[deed.path] ?? []).map((tool, i) => stepOf(i + 1, tool));
    const outcome = deed.isSuccess ? success : failure;
    const digest = digestOfSteps(deed.id, TASKS[deed.task] ?? "", outcome, steps);
    return { ...digest, version: ++this.#version };
  }
}

/** What a namespace has learned of these episodes alone, in any order. */
function learnedFrom(digests: Iterable<Digest>): EverythingLearned | null {
  const opened = openKnowledge();
  opened.forget("n", "none");
  for (const digest of digests) opened.learn(digest);
  return everythingLearned(opened, "n");
}

/** Without what depends on the order, or on when it was judged. */
function ofEvidence(everything: EverythingLearned | null) {
  if (!everything) throw new Error("the namespace is not open");
  const patterns = everything.patterns.map(
    ({ feedback: _feedback, promoted: _promoted, ...evidence }) => evidence,
  );
  return { ...everything, patterns, relevances: [] };
}

describe("what a namespace has learned", () => {
  it("is what is left, learned from scratch, however often it was closed, stored and merged", () => {
    fc.assert(
      fc.property(fc.array(unjudged, { maxLength: 40 }), fc.boolean(), (deeds, isSmall) => {
        const doer = new Doer(true, isSmall ? 3_000 : 1_000_000);
        doer.opened.forget("n", "none");
        for (const deed of deeds) doer.do(deed);
        const everything = everythingLearned(doer.opened, "n");
        const expected = learnedFrom(doer.left.values());
        expect(ofEvidence(everything)).toEqual(ofEvidence(expected));
        expect(everything?.relevances).toEqual(expected?.relevances);
      }),
      { numRuns: 150 },
    );
  });

  it("is, judged too, the same where it was never closed, stored or merged in between", () => {
    const deeds = fc.array(
      fc.oneof({ weight: 3, arbitrary: unjudged }, { weight: 1, arbitrary: judged }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(deeds, fc.boolean(), (done, isSmall) => {
        const [doer, plain] = [new Doer(true, isSmall ? 3_000 : 1_000_000), new Doer(false, 1e6)];
        for (const one of [doer, plain]) {
          one.opened.forget("n", "none");
          for (const deed of done) one.do(deed);
        }
        const everything = everythingLearned(doer.opened, "n");
        const expected = everythingLearned(plain.opened, "n");
        const versionless = (all: EverythingLearned | null) => ({
          ...all,
          digests: all?.digests.map(({ version: _version, ...digest }) => digest),
        });
        expect(versionless(everything)).toEqual(versionless(expected));
      }),
      { numRuns: 150 },
    );
  });
});
