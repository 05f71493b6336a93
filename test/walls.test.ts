/**
 * Which room may import which: a table, held against the import graph of every source file.
 *
 * @module
 */

import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf, type Import } from "./support/imports.ts";

const ROOT = join(import.meta.dirname, "..");

/** A room, and the rooms whose code it may import. A file is in the innermost room that it lies in. */
const WALLS: Record<string, readonly string[]> = {
  "src/util": [],
  "src/contract": ["src/util"],
  "src/memory": ["client/calls", "src/contract", "src/util"],
  "src/resilience": ["src/util"],
  "src/storage": ["src/contract", "src/util"],
  "src/observability": ["src/contract", "src/memory", "src/util"],
  "src/backup": ["src/contract", "src/storage", "src/util"],
  "src/durable/shared": [
    "src/contract",
    "src/env.ts",
    "src/memory",
    "src/observability",
    "src/resilience",
    "src/storage",
    "src/util",
  ],
  "src/durable/outbox": ["src/durable/shared", "src/storage", "src/util"],
  "src/durable/webhooks": [
    "src/contract",
    "src/durable/shared",
    "src/observability",
    "src/storage",
    "src/util",
  ],
  "src/durable/coordinator": [
    "src/contract",
    "src/durable/outbox",
    "src/durable/shared",
    "src/durable/webhooks",
    "src/env.ts",
    "src/memory",
    "src/observability",
    "src/resilience",
    "src/storage",
    "src/util",
  ],
  "src/durable/instance": [
    "client/calls",
    "client/runs",
    "src/backup",
    "src/contract",
    "src/durable/outbox",
    "src/durable/shared",
    "src/durable/webhooks",
    "src/env.ts",
    "src/memory",
    "src/observability",
    "src/resilience",
    "src/storage",
    "src/util",
  ],
  "src/durable": [
    "src/durable/coordinator",
    "src/durable/instance",
    "src/durable/shared",
    "src/env.ts",
    "src/storage",
  ],
  "src/gateway": [
    "src/backup",
    "src/contract",
    "src/durable/shared",
    "src/env.ts",
    "src/observability",
    "src/storage",
    "src/util",
  ],
  "src/workflows": [
    "src/backup",
    "src/contract",
    "src/durable/shared",
    "src/env.ts",
    "src/observability",
    "src/release.ts",
    "src/storage",
    "src/util",
  ],
  "src/cron": ["src/contract", "src/gateway", "src/observability", "src/util"],
  "src/api": [
    "client/calls",
    "client/runs",
    "src/contract",
    "src/memory",
    "src/observability",
    "src/resilience",
    "src/util",
  ],
  "src/env.ts": ["src/contract", "src/release.ts", "src/util"],
  "src/release.ts": [],
  "src/worker.ts": [
    "src/api",
    "src/cron",
    "src/durable",
    "src/env.ts",
    "src/gateway",
    "src/observability",
    "src/release.ts",
    "src/workflows",
  ],
  "client/calls": [],
  "client/runs": ["client", "client/calls"],
  client: ["client/calls"],
  // Of the database only the list of its migrations, for the plan of a release.
  cli: [
    "client",
    "client/calls",
    "client/runs",
    "package.json",
    "src/contract",
    "src/memory",
    "src/storage",
  ],
};

/** Rooms that others enter by their `index.ts` only. */
const FRONT_DOORS = [
  "src/resilience",
  "src/storage",
  "src/observability",
  "src/backup",
  "src/durable",
  "src/gateway",
  "src/workflows",
  "src/cron",
  "src/api",
];

/** A package, and the only places that know it. What is not named here only the rest of the project may import. */
const PACKAGES: Record<string, readonly string[]> = {
  "@bufbuild/protobuf": ["src/api/spans/otlp-protobuf.ts"],
  "@cloudflare/workers-oauth-provider": ["src/api/oauth"],
  "@libsql/client": ["src/storage/database/client.ts"],
  "@modelcontextprotocol/client": ["cli/commands/memory/mcp-bridge.ts"],
  "@modelcontextprotocol/server": ["cli/commands/memory/mcp-bridge.ts", "src/api/mcp"],
  "toucan-js": ["src/observability/sentry.ts"],
  "cloudflare:workers": ["src/durable", "src/workflows"],
  "node:async_hooks": ["src/durable/instance/requests/call-scope.ts"],
  "@noble/hashes": [
    "src/memory/learning/patterns/identity.ts",
    "src/memory/lessons/identity.ts",
    "src/memory/skills/document.ts",
  ],
  stemmer: ["src/memory/text"],
  zod: ["src/contract", "src/api"],
  "@bomb.sh/tab": ["cli"],
  "cli-table3": ["cli"],
  commander: ["cli"],
  picocolors: ["cli"],
  yaml: ["cli"],
  "node:": ["cli"],
};

const rooms = Object.keys(WALLS).sort((a, b) => b.length - a.length);
const lies = (file: string, place: string): boolean =>
  file === place || file.startsWith(`${place}/`);
const roomOf = (file: string): string => rooms.find((room) => lies(file, room)) ?? file;

/** What is wrong with an import of a file, or null. */
function breach(file: string, { specifier }: Import): string | null {
  const room = roomOf(file);
  if (!specifier.startsWith(".")) {
    const places = Object.entries(PACKAGES).find(([name]) =>
      name.endsWith(":")
        ? specifier.startsWith(name)
        : specifier === name || specifier.startsWith(`${name}/`),
    )?.[1];
    return places?.some((place) => lies(file, place))
      ? null
      : `${file} may not import ${specifier}`;
  }
  const target = relative(ROOT, join(ROOT, dirname(file), specifier));
  const other = roomOf(target);
  if (other === room) return null;
  if (!WALLS[room]?.includes(other))
    return `${file} may not import ${target}: ${room} knows ${WALLS[room]?.join(", ") || "no other room"}`;
  if (FRONT_DOORS.includes(other) && target !== `${other}/index.ts`)
    return `${file} may not import ${target}: ${other} is entered by its front door`;
  return null;
}

const files = globSync(["src/**/*.ts", "client/**/*.ts", "cli/**/*.ts"], { cwd: ROOT });

describe("the rooms", () => {
  it("import only what the table allows", () => {
    expect(files.length).toBeGreaterThan(250);
    const breaches = files.flatMap((file) =>
      importsOf(file, readFileSync(join(ROOT, file), "utf8")).flatMap(
        (found) => breach(file, found) ?? [],
      ),
    );
    expect(breaches).toEqual([]);
  });

  it("are all in the table, and no line of it is unused", () => {
    const used = new Set(
      files.flatMap((file) =>
        importsOf(file, readFileSync(join(ROOT, file), "utf8")).flatMap(({ specifier }) =>
          specifier.startsWith(".")
            ? `${roomOf(file)} → ${roomOf(relative(ROOT, join(ROOT, dirname(file), specifier)))}`
            : [],
        ),
      ),
    );
    const idle = Object.entries(WALLS)
      .flatMap(([room, others]) => others.map((other) => `${room} → ${other}`))
      .filter((line) => !used.has(line));
    expect(idle).toEqual([]);
  });

  it.each([
    ["src/util/hashing/hash.ts", "../../contract/limits.ts"],
    ["src/memory/text/tokens.ts", "../../storage/index.ts"],
    ["src/memory/text/tokens.ts", "cloudflare:workers"],
    ["src/resilience/breaker.ts", "../contract/vocabulary.ts"],
    ["src/durable/outbox/outbox.ts", "../../storage/database/client.ts"],
    ["src/durable/instance/context.ts", "../coordinator/coordinator.ts"],
    ["src/durable/coordinator/coordinator.ts", "../../gateway/index.ts"],
    ["src/gateway/backend.ts", "../durable/index.ts"],
    ["src/api/router.ts", "../durable/shared/protocol.ts"],
    ["src/api/problem.ts", "@libsql/client/web"],
    ["client/client.ts", "../src/contract/vocabulary.ts"],
    ["client/client.ts", "node:fs"],
    ["cli/app.ts", "@modelcontextprotocol/client"],
  ])("%s may not import %s", (file, specifier) => {
    expect(breach(file, { specifier })).not.toBeNull();
  });

  it("take zod as a namespace: by its name, z brings every language that it speaks into the bundle", () => {
    const named = files.filter((file) =>
      /^import \{[^}]*\bz\b[^}]*\} from "zod"/m.test(readFileSync(join(ROOT, file), "utf8")),
    );
    expect(named).toEqual([]);
  });
});
