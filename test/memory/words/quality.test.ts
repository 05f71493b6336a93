import { expect, it } from "vitest";
import type { QualityView } from "../../../src/contract/quality/answers.ts";
import { qualityInWords } from "../../../src/memory/words/index.ts";

const NOTHING: QualityView = {
  namespace: "agents",
  since: "2026-01-05T00:00:00.000Z",
  weeks: [],
  calibration: {
    next_tools: { forecasts: 0, error: null, bins: [] },
    outcome: { forecasts: 0, error: null, bins: [] },
  },
  playbooks: { shown: 0, used: 0, helped: 0, rate: null, low: null, high: null },
  lessons: { total: 0, without_evidence: 0, examples: [] },
  degraded: false,
};

it("says that there is nothing yet", () => {
  expect(qualityInWords(NOTHING)).toBe(`# Quality of agents since 2026-01-05

No episode has ended since 2026-01-05.

## What was predicted

The next tool: no prediction was compared with what happened yet.

The outcome: no prediction was compared with what happened yet.

## Playbooks

Shown 0 times, followed 0 times; nobody judged one.

## Lessons

0 of 0 lessons were never judged in use.
`);
});

it("has a row a week, and what was predicted beside what happened", () => {
  const text = qualityInWords({
    ...NOTHING,
    weeks: [
      {
        begins_at: "2026-01-12T00:00:00.000Z",
        ended: 4,
        success: 2,
        partial_success: 0,
        failure: 1,
        unknown: 1,
        unknown_share: 0.25,
        scores: { total: 0.514, base: 0.5, efficiency: 0.7, quality: null, learning: 0.1 },
      },
    ],
    calibration: {
      ...NOTHING.calibration,
      outcome: {
        forecasts: 12,
        error: 0.084,
        bins: [{ predicted: 0.75, observed: 0.8, forecasts: 12 }],
      },
    },
    playbooks: { shown: 9, used: 4, helped: 3, rate: 0.75, low: 0.3, high: 0.95 },
    lessons: { total: 3, without_evidence: 1, examples: ["lesson-1`\n# x"] },
    degraded: true,
  });
  expect(text).toContain("| 2026-01-12 | 4 | 2 | 0 | 1 | 1 (25 %) | 0.51 | 0.70 | – |");
  expect(text).toContain("The outcome: 12 predictions, off by 8 % in the mean.");
  expect(text).toContain("| 75 % | 80 % | 12 |");
  expect(text).toContain("75 % of these helped (95 %: 30 % to 95 %).");
  expect(text).toContain("1 of 3 lessons were never judged in use.\n\n- `lesson-1' # x`");
  expect(text).toContain("The database is out of reach");
});
