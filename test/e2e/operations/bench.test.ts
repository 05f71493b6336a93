import { expect, it } from "vitest";
import { rebuild } from "../../../bench/parts/rebuild.ts";
import { ask, reach } from "../../../bench/support/client.ts";
import { lineOf } from "../../../bench/support/episodes.ts";
import { Report } from "../../../bench/support/report.ts";
import { Runtime } from "../../../bench/support/runtime.ts";
import { World } from "../../../bench/support/world.ts";
import type { ObjectUse } from "../../../bench/probe/probe.ts";
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

it("the benches count rows and alarms, compare with a plain index, and rebuild an instance from nothing", async () => {
  const world = await World.start();
  try {
    const { service, floor } = world.runtime.urls;
    const use = (): Promise<ObjectUse> => ask("GET", `${service}/bench/use`);
    await use();
    await reach("POST", `${service}/v1/import`, {
      key: world.key,
      body: Array.from({ length: 40 }, (_, n) => JSON.stringify(lineOf(n))).join("\n"),
      type: "application/x-ndjson",
    });
    await world.flushed();
    const used = await use();
    // An episode is more than a row, its seven or eight steps rows of their own.
    expect(used.rowsWritten).toBeGreaterThan(40 * 5);
    expect(used.alarmsSet).toBeGreaterThan(0);
    expect(used.alarmsFired).toBeGreaterThan(0);
    expect(await world.stored()).toMatchObject({ episodes: 40 });

    const body = [
      ["a", "a blue keyboard"],
      ["b", "a red lamp"],
    ];
    await ask("POST", `${floor}/index`, { body });
    expect(await ask("POST", `${floor}/query`, { body: '"keyboards" OR "nothing"' })).toEqual({
      n: 1,
    });

    const report = new Report("test");
    await rebuild(world, report);
    const { values, targets } = report.results;
    expect(values["cold instance: completeness of the first answer"]).toBeGreaterThan(0);
    expect(targets.map(({ value }) => value > 0)).toEqual([true, true, true, true]);
  } finally {
    await world.remove();
  }
}, 120_000);
