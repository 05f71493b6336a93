import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SETTING_NAMES } from "../../src/contract/settings.ts";

const ROOT = join(import.meta.dirname, "../..");
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*/g;
/** The words of the code that may read a setting, without what comments say. */
const words = new Set(
  globSync("src/**/*.ts", { cwd: ROOT })
    .filter((file) => file !== join("src", "contract", "settings.ts"))
    .flatMap((file) =>
      readFileSync(join(ROOT, file), "utf8").replaceAll(COMMENT, "").match(/\w+/g),
    ),
);

describe("every setting", () => {
  it.each(SETTING_NAMES)("is read: %s", (name) => {
    expect(words.has(name), `read it with settings().${name}, or take it out`).toBe(true);
  });
});
