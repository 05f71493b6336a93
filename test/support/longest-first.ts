/**
 * The order of the test files: those first that take longest, so that none of them is left alone at
 * the end while the other workers have nothing to do.
 *
 * @module
 */

import { BaseSequencer, type TestSpecification } from "vitest/node";

/** By how long their longest file takes. The files of `unit` are short: they fill what is left. */
const PROJECTS = ["counters", "faults", "worker", "e2e", "unit"];

export class LongestFirst extends BaseSequencer {
  /** Vitest's own order within a project: by the times of the last run, else by size. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ project }: TestSpecification): number => PROJECTS.indexOf(project.name);
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}
