/**
 * What the documents tell a reader to type, and what they say in figures: all of it is run, checked
 * or printed by something. What is not is named here, with the reason.
 *
 * @module
 */

import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { Helps } from "../scripts/runbooks/production.ts";
import { demoText, pictureOf, THEMES } from "../scripts/session/recorded.ts";
import { checkCommands } from "./support/document-commands.ts";
import { fencedOf, looseFigures } from "./support/documents.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
/** Runbooks are run by their own tests; decisions and the changelog say what was. */
const pages = globSync(["*.md", "docs/*.md", "bench/*.md", "python/*.md"], { cwd: ROOT })
  .filter((page) => page !== "CHANGELOG.md")
  .sort();

/** Who runs or reads a block, by its page and language; `sh` is checked command by command. */
const RUN_BY: Readonly<Record<string, string>> = {
  "README.md ts": "test/e2e/ways-in/package.test.ts",
  "README.md python": "test/e2e/ways-in/python.test.ts",
  "python/README.md python": "test/e2e/ways-in/python.test.ts",
  "docs/client.md ts": "test/e2e/ways-in/package.test.ts",
  "docs/adapters.md ts": "test/e2e/ways-in/frameworks.test.ts",
  "docs/architecture.md mermaid": "test/documents.test.ts",
  "docs/cli.md console": "test/e2e/ways-in/session.test.ts",
  "docs/trying.md console": "test/e2e/ways-in/demo.test.ts",
  "docs/deploying.md toml": "test/scripts/environments.test.ts",
  "docs/configuration.md sql": "test/durable/instance/status/usage-sink.test.ts",
  "docs/storage.md python": "test/backup/format.test.ts",
};
/** Blocks that nothing here can run. */
const NOT_RUN: Readonly<Record<string, string>> = {
  "docs/deploying.md md":
    "a button for a repository of the reader's; test/scripts/environments.test.ts",
  "docs/hooks.md text":
    "typed in Claude Code; the plugin is played by test/e2e/ways-in/package.test.ts",
  "docs/mcp.md toml": "a file of Codex",
  "docs/skills.md markdown":
    "what is written; test/durable/instance/knowledge/questions/skills.test.ts",
};
/** Programs of others. */
const OTHERS: Readonly<Record<string, string>> = {
  claude: "needs Claude Code",
  cp: "changes files of who reads it",
  docker: "needs Docker; its file is read by test/observability/self-hosting.test.ts",
  git: "gets the repository",
  printf: "is of every shell",
  sed: "is of every system",
  systemctl: "needs systemd; its units are started by test/e2e/operations/self-hosting.test.ts",
  turso: "needs an account",
};

/** Figures without a source beside them, by page and heading: what holds or prints them. */
const HELD_BY: Readonly<Record<string, string>> = {
  "SECURITY.md#Supported versions": "releases, in CHANGELOG.md",
  "docs/adapters.md#TypeScript and JavaScript": "tried by hand, as it says",
  "docs/architecture.md#Words": "the level of an interval, test/memory/ranking",
  "docs/architecture.md#The write path": "src/durable/outbox/flusher.ts",
  "docs/architecture.md#What an instance does by itself": "src/durable/shared/alarm.ts",
  "docs/architecture.md#Watching": "src/gateway/request-counts.ts",
  "docs/architecture.md#Backups": "src/workflows/drill.ts",
  "docs/client.md#The agent comes first": "client/record.ts",
  "docs/client.md#Requests": "client/http.ts",
  "docs/client.md#Words for a prompt": "src/memory/words/parts/patterns.ts",
  "docs/console.md#The console": "test/console",
  "docs/events.md#Webhooks": "src/durable/webhooks",
  "docs/hooks.md#What a hook does, and what it never does": "test/hooks/silence.test.ts",
  "docs/hooks.md#What becomes of a session": "test/hooks/outcome.test.ts",
  "docs/import.md#Spans as they happen": "src/contract/limits.ts",
  "docs/quotas.md#How exact": "src/durable/instance/quotas/quota-keeper.ts",
  "docs/learning.md#Recall":
    "npm run bench:recall, and what was tried before a constant was chosen",
  "docs/learning.md#Vectors": "npm run bench:vectors",
  "docs/learning.md#Advice": "src/memory/learning/prediction",
  "docs/learning.md#Honesty": "what was tried before a model was chosen, as it says",
  "docs/learning.md#Actions": "npm run bench:actions",
  "docs/learning.md#Proof of use": "the level of an interval",
  "docs/learning.md#A hold-out": "test/memory/holdout/holdout.test.ts",
  "docs/learning.md#How the constants were chosen": "what was tried before, as it says",
  "docs/lessons.md#Lessons": "src/memory/lessons/likeness.ts",
  "docs/lists.md#Several by their ids": "src/contract/limits.ts",
  "docs/performance.md#How it is measured": "bench/support/world.ts, and the platform's guidance",
  "docs/performance.md#What is wanted, and what is missed": "bench/support/world.ts",
  "docs/scaling.md#What bounds what": "bounds of the platform, by its guidance",
  "docs/scaling.md#How many instances": "scripts/plan/plan.ts",
  "docs/security.md#Limits": "npm run docs, of the code",
  "docs/self-hosting.md#What it does by itself": "ops/systemd/memory-service.service",
  "docs/self-hosting.md#TLS, and who may reach it": "src/contract/limits.ts",
  "docs/storage.md#The database": "src/contract/limits.ts",
  "docs/storage.md#Migrations": "src/durable/coordinator",
  "docs/storage.md#The format of a backup, version 3": "test/backup/format.test.ts",
};

const helps = new Helps();
const blocks = pages.flatMap((page) =>
  fencedOf(read(page)).map((block) => ({ page, kind: `${page} ${block.language}`, ...block })),
);

describe("a block of the documents", () => {
  it.each(blocks.filter(({ language }) => language === "sh"))(
    "names only commands, flags, files and routes that there are: $page, line $line",
    async ({ text }) => {
      const { wrong, unknown } = await checkCommands(helps, text);
      expect(wrong).toEqual([]);
      expect(unknown.filter((program) => !(program in OTHERS))).toEqual([]);
    },
  );

  it.each(blocks.filter(({ language }) => ["json", "yaml"].includes(language)))(
    "can be read: $page, line $line",
    ({ language, text }) => {
      expect(language === "json" ? JSON.parse(text) : parseYaml(text)).toBeTypeOf("object");
    },
  );

  it("is run by a test, read here, or named as one that cannot be", () => {
    const others = blocks.filter(({ language }) => !["sh", "json", "yaml"].includes(language));
    const kinds = new Set(others.map(({ kind }) => kind));
    expect([...kinds].filter((kind) => !(kind in RUN_BY) && !(kind in NOT_RUN))).toEqual([]);
    const named = [...Object.keys(RUN_BY), ...Object.keys(NOT_RUN)];
    expect(named.filter((kind) => !kinds.has(kind))).toEqual([]);
    for (const test of Object.values(RUN_BY)) expect(existsSync(join(ROOT, test)), test).toBe(true);
  });
});

describe("a figure of the documents", () => {
  const loose = pages
    .filter((page) => !read(page).startsWith("<!-- Made by"))
    .flatMap((page) => [...looseFigures(read(page)).keys()].map((head) => `${page}#${head}`));

  it("says what prints or holds it, or that is named here", () => {
    expect(loose.filter((place) => !(place in HELD_BY))).toEqual([]);
  });

  it("is no longer named here once it says so itself", () => {
    expect(Object.keys(HELD_BY).filter((place) => !loose.includes(place))).toEqual([]);
  });

  it("is held by files that are there", () => {
    const files = Object.values(HELD_BY).flatMap((held) => held.match(/[\w-]+\/[\w./-]+\w/g) ?? []);
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });
});

describe("the README", () => {
  it("fits on a few screens", () => {
    expect(read("README.md").split("\n").length).toBeLessThan(150);
  });

  it.each(Object.keys(THEMES) as (keyof typeof THEMES)[])(
    "shows the demo as it was recorded, %s; `npm run session` makes it so",
    (theme) => {
      expect(read(`docs/demo-${theme}.svg`)).toBe(
        pictureOf(demoText(read("docs/trying.md")), theme),
      );
    },
  );
});

describe("docs/README.md", () => {
  it("leads to every page", () => {
    const index = read("docs/README.md");
    const own = globSync("docs/*.md", { cwd: ROOT }).map((page) => page.replace("docs/", ""));
    expect(own.filter((page) => page !== "README.md" && !index.includes(`(${page})`))).toEqual([]);
  });
});

describe("docs/mcp.md", () => {
  it("names every tool, and no other", () => {
    const source = globSync("src/api/mcp/*.ts", { cwd: ROOT }).map(read).join("\n");
    const tools = [...source.matchAll(/^ {2}name: "(memory_\w+)"/gm)].map(([, name]) => name);
    const named = [...read("docs/mcp.md").matchAll(/`(memory_\w+)`/g)].map(([, name]) => name);
    expect(new Set(named)).toEqual(new Set(tools));
  });
});
