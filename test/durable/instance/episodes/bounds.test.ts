import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkSize,
  type EpisodeSize,
  type RecordChange,
} from "../../../../src/durable/instance/episodes/bounds.ts";
import { LIMITS } from "../../../../src/contract/limits.ts";

const sizes = fc.record({ record: fc.nat(2_200_000), steps: fc.nat(12_000_000) });

function isTaken(
  before: EpisodeSize | null,
  after: EpisodeSize,
  change: RecordChange,
  outcome = 100,
): boolean {
  try {
    checkSize(before, after, outcome, change);
    return true;
  } catch {
    return false;
  }
}

describe("the size of an episode", () => {
  it("what was taken can be ended with a small outcome, and is never refused to the service", () => {
    fc.assert(
      fc.property(sizes, fc.nat(LIMITS.outcome_bytes_granted), (before, outcome) => {
        const ended = { ...before, record: before.record + outcome + 5_000 };
        expect(isTaken(before, ended, { by: "ending", path: "outcome" }, outcome)).toBe(true);
        expect(isTaken(before, ended, { by: "service" })).toBe(true);
      }),
    );
  });

  it("what does not make it larger is taken, however large it is from before", () => {
    fc.assert(
      fc.property(sizes, fc.nat(1_000), (before, less) => {
        const after = { ...before, record: Math.max(0, before.record - less) };
        expect(isTaken(before, after, { by: "client" })).toBe(true);
      }),
    );
  });

  it("what makes it larger than it may be is refused, and the field is named", () => {
    const max = LIMITS.episode_bytes_max;
    const before = { record: 1_000, steps: max - 1_000 };
    expect(isTaken(before, { ...before, record: 1_001 }, { by: "client", path: "state" })).toBe(
      false,
    );
    expect(() =>
      checkSize(before, { ...before, record: 1_001 }, 0, { by: "client", path: "state" }),
    ).toThrow(`at most ${max} bytes`);
    const record = { record: LIMITS.record_bytes_max, steps: 0 };
    expect(
      isTaken(record, { ...record, record: record.record + 1 }, { by: "client", path: "metadata" }),
    ).toBe(false);
    const large = { ...record, record: record.record + LIMITS.record_ending_bytes + 1 };
    expect(
      isTaken(record, large, { by: "ending", path: "outcome" }, LIMITS.outcome_bytes_granted + 1),
    ).toBe(false);
  });
});
