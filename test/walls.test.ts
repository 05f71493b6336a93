import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const made: string[] = [];
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** What oxlint says of a file with one import in a room: one of src/, or with "/" one beside it. */
function lint(room: string, imported: string): string {
  const directory = join(ROOT, room.startsWith("/") ? room.slice(1) : `src/${room}`, "wall-test");
  made.push(directory);
  mkdirSync(directory, { recursive: true });
  const file = join(directory, "breach.ts");
  writeFileSync(
    file,
    `import * as there from "${imported}";\nexport const here: unknown = there;\n`,
  );
  try {
    const oxlint = join(ROOT, "node_modules/.bin/oxlint");
    return execFileSync(oxlint, ["--deny-warnings", "--format=unix", file], {
      cwd: ROOT,
      encoding: "utf8",
    });
  } catch (error) {
    return String((error as { stdout: string }).stdout);
  }
}

describe("the rooms", () => {
  it.each([
    ["memory", "../../storage/index.ts"],
    ["memory", "../../durable/ground.ts"],
    ["memory", "cloudflare:workers"],
    ["storage", "../../durable/ground.ts"],
    ["storage", "../../api/index.ts"],
    ["durable", "../../api/index.ts"],
    ["durable", "../../storage/client.ts"],
    ["api", "../../durable/index.ts"],
    ["api", "../../storage/index.ts"],
    ["api", "@libsql/client/web"],
    ["durable", "itty-router"],
    ["durable", "../../resilience/breaker.ts"],
    ["resilience", "../../memory/model.ts"],
    ["api", "@modelcontextprotocol/server"],
    ["/client", "../../src/memory/model.ts"],
    ["/client", "node:fs"],
    ["/client", "zod"],
    ["/cli", "../../src/memory/model.ts"],
    ["/cli", "@modelcontextprotocol/client"],
    ["observability", "../../durable/index.ts"],
    ["observability", "../../storage/index.ts"],
    ["observability", "toucan-js"],
    ["durable", "../../observability/meter.ts"],
    ["durable", "../../cron/index.ts"],
    ["api", "../../observability/meter.ts"],
    ["cron", "../../api/index.ts"],
    ["memory", "../../backup/index.ts"],
    ["storage", "../../backup/index.ts"],
    ["backup", "../../durable/index.ts"],
    ["backup", "../../env.ts"],
    ["backup", "cloudflare:workers"],
    ["backup", "../../storage/client.ts"],
    ["durable", "../../workflows/index.ts"],
    ["durable", "../../backup/export.ts"],
    ["workflows", "../../api/index.ts"],
    ["workflows", "../../durable/jobs.ts"],
    ["cron", "../../workflows/index.ts"],
    ["backup", "../../observability/index.ts"],
    ["cron", "../../backup/index.ts"],
    ["api", "../../backup/index.ts"],
  ])("%s may not import %s", (room, imported) => {
    expect(lint(room, imported)).toContain("no-restricted-imports");
  });

  it.each([
    ["durable", "../../storage/index.ts"],
    ["durable", "../../resilience/index.ts"],
    ["durable", "../../backup/index.ts"],
    ["backup", "../../storage/index.ts"],
    ["workflows", "../../backup/index.ts"],
    ["workflows", "../../durable/index.ts"],
    ["cron", "../../memory/jobs.ts"],
    ["api", "../../memory/model.ts"],
    ["storage", "../../memory/text/index.ts"],
    ["api/mcp", "@modelcontextprotocol/server"],
    ["/client", "../errors.ts"],
    ["/cli", "../../client/index.ts"],
    ["/cli", "node:fs"],
    ["durable", "../../observability/index.ts"],
    ["api", "../../observability/index.ts"],
    ["cron", "../../durable/index.ts"],
  ])("%s may import %s", (room, imported) => {
    expect(lint(room, imported)).not.toContain("no-restricted-imports");
  });

  it("take zod as a namespace: by its name, z brings every language that it speaks into the bundle", () => {
    const files = globSync("src/**/*.ts", { cwd: ROOT });
    expect(files.length).toBeGreaterThan(50);
    const named = files.filter((file) =>
      /^import \{[^}]*\bz\b[^}]*\} from "zod"/m.test(readFileSync(join(ROOT, file), "utf8")),
    );
    expect(named).toEqual([]);
  });
});
