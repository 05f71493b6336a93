import { execFileSync } from "node:child_process";
import { globSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findSecrets } from "../../src/memory/redaction/find.ts";
import type { Secret } from "../../src/memory/redaction/secret.ts";
import { trueCredentials } from "../support/credentials.ts";

const ROOT = join(import.meta.dirname, "../..");
/** What is not text, and what others made. */
const SKIPPED = /\.(?:png|ico|woff2?|gz|jpg|db)$|(?:^|\/)(?:package-lock\.json|uplot\.js)$/;
const BYTES_MAX = 3_000_000;

/** Forms that are proof by themselves; a value is a password only by the name before it. */
const PROVEN = new Set(["private_key", "api_key", "jwt"]);
/**
 * Files that hold made-up secrets, because they are about secrets, with how many forms each may hold
 * at most: a new one is looked at by whoever raises the number.
 */
const MADE_UP: Readonly<Record<string, number>> = {
  "docs/secrets.md": 1,
  "test/fuzz/mutate.ts": 1,
  "test/fuzz/targets/texts.ts": 1,
  "test/hooks/payloads.test.ts": 1,
  "test/memory/redaction/redaction.test.ts": 1,
};

function files(): string[] {
  try {
    const listed = execFileSync(
      "git",
      ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
      {
        cwd: ROOT,
        encoding: "utf8",
        maxBuffer: 1 << 26,
      },
    );
    return listed.split("\0").filter((file) => file !== "");
  } catch {
    // Not a checkout: what is there, but for what is made.
    const made = ["node_modules/**", "dist/**", ".data/**", "**/node_modules/**"];
    return globSync("**/*.*", { cwd: ROOT, exclude: made });
  }
}

const provenIn = (text: string): Secret[] =>
  findSecrets(text, []).filter(({ kind }) => PROVEN.has(kind));

function found(): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const file of files().filter((name) => !SKIPPED.test(name))) {
    const path = join(ROOT, file);
    const about = lstatSync(path, { throwIfNoEntry: false });
    if (!about?.isFile() || about.size > BYTES_MAX) continue;
    const text = readFileSync(path, "utf8");
    const secrets = provenIn(text);
    if (secrets.length > 0)
      all[file] = secrets.map(({ from, to }) => text.slice(from, Math.min(to, from + 12)));
  }
  return all;
}

describe("the repository", () => {
  it("holds no secret, by the forms of the project's own redaction", () => {
    const others = Object.entries(found()).filter(
      ([file, secrets]) => secrets.length > (MADE_UP[file] ?? 0),
    );
    expect(Object.fromEntries(others)).toEqual({});
  });

  it("is told of one that is put into it", () => {
    const made = trueCredentials(1, 200).filter(({ form }) => form === "Slack bot");
    expect(made.length).toBeGreaterThan(0);
    for (const { secret } of made) expect(provenIn(`x = "${secret}";`)).toHaveLength(1);
    expect(provenIn('const token = "not-a-token"; // sk-xxxxxxxxxxxxxxxxxxxxxxxx')).toEqual([]);
  });
});
