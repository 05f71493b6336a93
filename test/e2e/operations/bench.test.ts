import { expect, it } from "vitest";
import { Runtime } from "../../../bench/support/runtime.ts";
import { Sqld } from "../../support/processes/sqld.ts";

it("the benches' runtime serves the bundle that is deployed", async () => {
  const database = await Sqld.start();
  try {
    const runtime = await Runtime.start(database.url);
    try {
      const { status } = await fetch(`${runtime.urls.service}/health/live`);
      expect(status).toBe(200);
    } finally {
      await runtime.remove();
    }
  } finally {
    await database.remove();
  }
});
