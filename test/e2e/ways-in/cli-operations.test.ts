import { afterAll, beforeAll, describe, it } from "vitest";
import { close, open } from "../../cli/bench.ts";
import { OPERATIONS_TRIED } from "../../cli/tried-operations.ts";

beforeAll(open);
afterAll(close);

describe("memory-cli, for operators", () => {
  it.each(Object.entries(OPERATIONS_TRIED).map(([name, tries]) => ({ name, tries })))(
    "$name",
    async ({ tries }) => {
      await tries();
    },
  );
});
