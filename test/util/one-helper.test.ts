import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const sources = globSync("src/**/*.ts", { cwd: ROOT }).map((file) => ({
  file,
  text: readFileSync(join(ROOT, file), "utf8"),
}));

/** What is written by hand, what is called instead, and the files that have their reason. */
const ONCE: readonly (readonly [what: RegExp, helper: string, except: readonly string[]])[] = [
  [/Promise\.race\(/, "withDeadline of src/util/deadline.ts", []],
  [/subtle\.digest\(/, "sha256 or sha256Hex of src/util/hashing/hash.ts", []],
  [/toString\(16\)\.padStart/, "toHex of src/util/hashing/hash.ts", []],
  [/parseInt\([^)]*, 16\)/, "fromHex of src/util/hashing/hash.ts", []],
  // A time of a client is a text of any offset.
  [/\.toISOString\(\)/, "isoTime of src/util/time.ts", ["src/contract/fields.ts"]],
  [/\.size >= \w+\) [^;]*\.clear\(\)/, "BoundedMap of src/util/bounded-map.ts", []],
  [/\* 2 \*\* /, "backoffMs of src/util/backoff.ts", []],
];

describe("what has a helper", () => {
  it.each(ONCE)("%s is nowhere written by hand: %s", (what, _helper, except) => {
    const found = sources.filter(({ text }) => what.test(text)).map(({ file }) => file);
    expect(found.filter((file) => file.startsWith("src/util/")).length).toBeLessThan(2);
    expect(found.filter((file) => !file.startsWith("src/util/"))).toEqual(except);
  });
});
