import { beforeEach, describe, expect, it } from "vitest";
import { moduleOf } from "./modules.ts";

const { session } = await moduleOf("core/api.js");
const { changed, hrefOf, namespaceOf, placeOf } = await moduleOf("core/place.js");
const { bytes, duration, percent, shareOf } = await moduleOf("core/format.js");

beforeEach(() => {
  session.namespace = "airline";
});

describe("the address of a view", () => {
  it("says view, item, filters and namespace, and is read as it was written", () => {
    const href = hrefOf("episode", { id: "a/b?c=1&d", query: { step: "3", text: "50 % & #1" } });
    const place = placeOf(href);
    expect([place.view, place.id, namespaceOf(place)]).toEqual(["episode", "a/b?c=1&d", "airline"]);
    expect(Object.fromEntries(place.query)).toEqual({
      step: "3",
      text: "50 % & #1",
      ns: "airline",
    });
  });

  it("is the overview where it says nothing, and is taken as it is where nobody wrote it so", () => {
    expect(placeOf("")).toMatchObject({ view: "start", id: "" });
    expect(placeOf("#episodes")).toMatchObject({ view: "episodes", id: "" });
    expect(placeOf("#episode/%E0%A4%A")).toMatchObject({ view: "episode", id: "%E0%A4%A" });
    expect(namespaceOf(placeOf("#episodes?text=x"))).toBeNull();
  });

  it("keeps the filters that do not change, and begins a list anew", () => {
    const place = placeOf("#episodes?ns=airline&status=failed&text=x&after=CURSOR");
    expect(changed(place, { text: null, domain: "retail" })).toBe(
      "#episodes?status=failed&domain=retail&ns=airline",
    );
  });
});

describe("figures", () => {
  it("have Wilson's interval", () => {
    // As the service has it for one item that helped by 0.8.
    expect(shareOf(0.8, 1)).toMatchObject({
      low: expect.closeTo(0.133, 2) as number,
      high: expect.closeTo(0.99, 2) as number,
    });
    expect(shareOf(0, 0)).toBeNull();
    expect(shareOf(5, 5)).toMatchObject({ rate: 1, high: 1 });
  });

  it("read as people say them", () => {
    expect([bytes(0), bytes(1_536), bytes(null)]).toEqual(["0 B", "1.5 KiB", "–"]);
    expect([percent(0.1234), percent(1, 0), percent(null)]).toEqual(["12.3 %", "100 %", "–"]);
    expect([duration(12), duration(61_000), duration(7_200_000), duration(NaN)]).toEqual([
      "12 ms",
      "61.0 s",
      "2.0 h",
      "–",
    ]);
  });
});
