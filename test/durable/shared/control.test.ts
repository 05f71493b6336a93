import { describe, expect, it } from "vitest";
import {
  initialControl,
  parseControl,
  serializeControl,
} from "../../../src/durable/shared/control.ts";

describe("a stored control document", () => {
  const control = { ...initialControl(4), version: 7, cluster: { turso: 1_000 } };

  it("is read as it was", () => {
    expect(parseControl(serializeControl(control))).toEqual(control);
  });

  it("of release 0.1 is read under its own names", () => {
    const { cluster, restore, ...same } = control;
    const stored = { ...same, fleet: { ...cluster, r2: 2_000 } };
    expect(parseControl(JSON.stringify(stored))).toEqual({ ...control, restore });
  });

  it("has what release 0.1 reads, so that a deployment can be rolled back", () => {
    expect(JSON.parse(serializeControl(control))).toMatchObject({
      version: 7,
      topology: { version: 1, count: 4, previous: null },
      fleet: { turso: 1_000, r2: null },
    });
  });
});
