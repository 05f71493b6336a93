/**
 * Rendezvous hashing: of instances, which are many, and of databases, as docs/scaling.md designs
 * them: how even the shares are, and how little moves when one is added.
 */

import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/contract/limits.ts";
import { homeOf } from "../../src/memory/rendezvous.ts";

const NAMESPACES = 20_000;
const namespaces = Array.from({ length: NAMESPACES }, (_, number) => `tenant-${number}`);
const databaseOf = (namespace: string, count: number): number => homeOf(`db:${namespace}`, count);

/** How many of the names each place has. */
function shares(names: readonly string[], count: number, place = databaseOf): number[] {
  const sizes = Array.from({ length: count }, () => 0);
  for (const name of names) {
    const at = place(name, count);
    sizes[at] = (sizes[at] ?? 0) + 1;
  }
  return sizes;
}

/** Standard deviations by which a share may differ from its mean: one in a million does. */
const DEVIATIONS = 5;

describe("namespaces over several databases", () => {
  it.each([2, 3, 5, 8, 16])("are spread over %i as evenly as chance does", (count) => {
    const mean = NAMESPACES / count;
    const deviation = Math.sqrt(mean * (1 - 1 / count));
    for (const share of shares(namespaces, count)) {
      expect(Math.abs(share - mean)).toBeLessThan(DEVIATIONS * deviation);
    }
  });

  it.each([1, 2, 4, 9, 15])("move to the new one alone when a database joins %i", (count) => {
    const moved = namespaces.filter(
      (name) => databaseOf(name, count) !== databaseOf(name, count + 1),
    );
    expect(moved.every((name) => databaseOf(name, count + 1) === count)).toBe(true);
    const mean = NAMESPACES / (count + 1);
    expect(Math.abs(moved.length - mean)).toBeLessThan(DEVIATIONS * Math.sqrt(mean));
  });

  it("of one instance are in all databases: no instance writes to one alone", () => {
    const ofOne = namespaces.filter((name) => homeOf(`ns:${name}`, 16) === 3);
    const mean = ofOne.length / 4;
    for (const share of shares(ofOne, 4)) {
      expect(Math.abs(share - mean)).toBeLessThan(DEVIATIONS * Math.sqrt(mean));
    }
  });
});

describe("episodes over as many instances as there may be", () => {
  it("leave none without, and give none twice its share", () => {
    const count = LIMITS.instances_max;
    const perInstance = 100;
    const ids = Array.from({ length: count * perInstance }, (_, number) => `e-${number}`);
    const sizes = shares(ids, count, homeOf);
    expect(Math.min(...sizes)).toBeGreaterThan(perInstance / 2);
    expect(Math.max(...sizes)).toBeLessThan(perInstance * 2);
  });
});
