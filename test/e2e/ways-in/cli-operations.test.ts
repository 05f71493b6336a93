import { afterAll, beforeAll, describe, it } from "vitest";
import { CliBench } from "../../cli/bench.ts";
import { ACCESS_TRIED } from "../../cli/tried-access.ts";
import { OPERATIONS_TRIED } from "../../cli/tried-operations.ts";

let bench: CliBench;
beforeAll(async () => {
  bench = await CliBench.open();
});
afterAll(() => bench.close());

describe("memory-cli, for operators", () => {
  const all = Object.entries({ ...OPERATIONS_TRIED, ...ACCESS_TRIED });
  it.each(all.map(([name, tried]) => ({ name, tried })))("does $name", async ({ tried }) => {
    await tried(bench);
  });
});
