import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  calibrated,
  calibrationBins,
  calibrationError,
  calibrationOf,
  UNCORRECTED,
  type Forecast,
} from "../../../../src/memory/learning/prediction/calibration.ts";

const forecasts: fc.Arbitrary<Forecast[]> = fc.array(
  fc.record({ said: fc.double({ min: 0, max: 1, noNaN: true }), hasHappened: fc.boolean() }),
  { maxLength: 200 },
);

describe("a calibration", () => {
  it("stays in 0…1, and never changes an order", () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(forecasts, probability, probability, (list, a, b) => {
        const calibration = calibrationOf(calibrationBins(list));
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((said) =>
          calibrated(said, calibration),
        );
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low ?? 0).toBeLessThanOrEqual((high ?? 0) + 1e-12);
      }),
    );
  });

  it("is the same in whatever order things happened", () => {
    fc.assert(
      fc.property(forecasts, (list) => {
        const bins = calibrationBins(list);
        for (const [i, bin] of calibrationBins(list.toReversed()).entries()) {
          expect(bin.forecasts).toBe(bins[i]?.forecasts);
          expect(bin.observed).toBe(bins[i]?.observed);
          expect(bin.predicted).toBeCloseTo(bins[i]?.predicted ?? -1, 12);
        }
      }),
    );
  });

  it("corrects nothing before anything happened, and little after little did", () => {
    expect(calibrationOf([])).toEqual(UNCORRECTED);
    expect(calibrated(0.3, UNCORRECTED)).toBeCloseTo(0.3, 12);
    const one = calibrationOf(calibrationBins([{ said: 0.9, hasHappened: false }]));
    expect(calibrated(0.9, one)).toBeGreaterThan(0.8);
  });

  it("learns that what was said with 90 % happens half of the time", () => {
    const list = Array.from({ length: 400 }, (_, i) => ({ said: 0.9, hasHappened: i % 2 === 0 }));
    const bins = calibrationBins(list);
    expect(calibrationError(bins)).toBeCloseTo(0.4, 12);
    expect(calibrated(0.9, calibrationOf(bins))).toBeCloseTo(0.5, 1);
  });
});
