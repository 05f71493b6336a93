import { describe, expect, it } from "vitest";
import { fullIds } from "../../../src/memory/words/index.ts";
import { shortId } from "../../../src/memory/words/text/short-id.ts";

const EPISODE = "0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b";
const OTHER = "0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2c";
const PATTERN = "00112233445566778899aabbccddeeff";
const LESSON = `lesson-${PATTERN.replace("ff", "00")}`;
const KNOWN = [EPISODE, OTHER, PATTERN, LESSON];

describe("a short id", () => {
  it("stands for the one that is meant", () => {
    for (const id of KNOWN) expect(fullIds(KNOWN, [shortId(id)])).toEqual([id]);
    expect(fullIds(KNOWN, [shortId(`h-${PATTERN}`)])).toEqual([`h-${PATTERN}`]);
    expect(shortId(EPISODE)).toBe("9e0f1a2b");
    expect(shortId("order-17")).toBe("order-17");
  });

  it("stands for nothing else: what is whole, unknown or means two stays as it is", () => {
    const two = [`a${EPISODE}`, EPISODE];
    expect(fullIds(two, ["9e0f1a2b"])).toEqual(["9e0f1a2b"]);
    expect(fullIds(KNOWN, [EPISODE, "2b", "12345678", ""])).toEqual([
      EPISODE,
      "2b",
      "12345678",
      "",
    ]);
    expect(fullIds(["9e0f1a2b", EPISODE], ["9e0f1a2b"])).toEqual(["9e0f1a2b"]);
  });
});
