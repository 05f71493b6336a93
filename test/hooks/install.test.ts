import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { objects } from "../../client/calls/values.ts";
import packageJson from "../../package.json" with { type: "json" };
import { AGENTS } from "../../cli/hooks/event.ts";
import { CLAUDE_COMMANDS, CLAUDE_EVENTS } from "../../cli/hooks/install/claude-code.ts";
import { groupsOf } from "../../cli/hooks/install/groups.ts";
import { INSTALLERS } from "../../cli/hooks/install/index.ts";
import { isOurs, type Place } from "../../cli/hooks/install/installer.ts";

const ROOT = join(import.meta.dirname, "../..");
const PLUGIN = join(ROOT, "integrations/claude-code");

let place: Place;
beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), "memory install "));
  place = { env: {}, home, command: ["/opt/node 24/node", "/opt/bin.js"], profile: "work" };
});
afterEach(() => rmSync(place.home, { recursive: true, force: true }));

const inHome = (path: string): string => join(place.home, path);
function written(path: string, text: string): void {
  mkdirSync(dirname(inHome(path)), { recursive: true });
  writeFileSync(inHome(path), text);
}

describe("hooks are installed", () => {
  it.each(AGENTS)("into %s twice as once, and taken out whole", (agent) => {
    const installer = INSTALLERS[agent];
    expect(installer.status(place).present).toEqual([]);
    installer.install(place);
    const { file } = installer.status(place);
    const once = readFileSync(file, "utf8");
    installer.install(place);
    expect(readFileSync(file, "utf8")).toBe(once);
    expect(once).toContain("work");
    expect(installer.status(place)).toMatchObject({ missing: [] });
    installer.uninstall(place);
    expect(installer.status(place).present).toEqual([]);
  });

  it.each(AGENTS)("into %s by the files that are named, of which nothing stays", (agent) => {
    const installer = INSTALLERS[agent];
    const config = inHome(".config");
    mkdirSync(config);
    installer.install(place);
    const all = readdirSync(place.home, { recursive: true, withFileTypes: true });
    const paths = all.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    expect(paths.sort()).toEqual(
      installer
        .files(place)
        .map(({ path }) => path)
        .sort(),
    );
    installer.uninstall(place);
    expect([readdirSync(place.home), readdirSync(config)]).toEqual([[".config"], []]);
  });

  it("and taken out of no file that has none of it, and of no folder with something in it", () => {
    written(".claude/settings.json", "{ }");
    written(".claude/commands/memory/mine.md", "mine");
    written(".cursor/hooks.json", '{"version":1}');
    for (const agent of AGENTS) INSTALLERS[agent].uninstall(place);
    expect(readFileSync(inHome(".claude/settings.json"), "utf8")).toBe("{ }");
    expect(existsSync(inHome(".claude/commands/memory/mine.md"))).toBe(true);
  });

  it.each([
    ["claude-code", ".claude/settings.json"],
    ["codex", ".codex/hooks.json"],
    ["cursor", ".cursor/hooks.json"],
  ] as const)("into %s beside what others have put there", (agent, path) => {
    const entry = { type: "command", command: "lint.sh" };
    const stop = agent === "cursor" ? { stop: [entry] } : { Stop: [{ hooks: [entry] }] };
    const others = { version: 1, hooks: stop, other: [1] };
    written(path, JSON.stringify(others));
    INSTALLERS[agent].install(place);
    expect(readFileSync(inHome(path), "utf8")).toContain("lint.sh");
    INSTALLERS[agent].uninstall(place);
    expect(JSON.parse(readFileSync(inHome(path), "utf8"))).toEqual(others);
  });

  it("into files that others may read no more than before, wherever they lie", () => {
    written("dotfiles/claude.json", '{"oauthAccount":"secret"}');
    const [file, link] = [inHome("dotfiles/claude.json"), inHome(".claude.json")];
    chmodSync(file, 0o600);
    symlinkSync(file, link);
    INSTALLERS["claude-code"].install(place);
    INSTALLERS["claude-code"].uninstall(place);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ oauthAccount: "secret" });
    expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
  });

  it("by a draft that follows no link", () => {
    const [file, other] = [inHome(".claude.json"), inHome("other")];
    writeFileSync(other, "mine");
    symlinkSync(other, `${file}.${process.pid}.tmp`);
    INSTALLERS["claude-code"].install(place);
    expect(readFileSync(other, "utf8")).toBe("mine");
    expect(lstatSync(file).isFile()).toBe(true);
  });

  it("into no file that is not plain JSON", () => {
    written(".claude/settings.json", "{ // mine\n}");
    expect(() => INSTALLERS["claude-code"].install(place)).toThrow("left as it is");
    expect(readFileSync(inHome(".claude/settings.json"), "utf8")).toBe("{ // mine\n}");
  });

  it("as commands that a shell reads as they are meant", () => {
    const { Stop: groups } = groupsOf(place, "codex", { Stop: false });
    const [{ command } = {}] = objects(groups?.[0]?.["hooks"]);
    expect(command).toBe('"/opt/node 24/node" /opt/bin.js hook Stop --agent codex --profile work');
    expect([isOurs(command, "codex"), isOurs(command, "cursor")]).toEqual([true, false]);
  });
});

describe("the plugin of Claude Code", () => {
  const read = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

  it("has what the installer puts into the settings", () => {
    const plain = { env: {}, home: "", command: ["memory-cli"], profile: "" };
    const hooks = groupsOf(plain, "claude-code", CLAUDE_EVENTS);
    expect(read("integrations/claude-code/hooks/hooks.json")).toEqual({ hooks });
    for (const [name, text] of Object.entries(CLAUDE_COMMANDS))
      expect(readFileSync(join(PLUGIN, "commands", name), "utf8")).toBe(text);
  });

  it("is of the version of the package, and in the marketplace", () => {
    const { version, name } = packageJson;
    const plugin = { name: "memory", source: "./integrations/claude-code" };
    expect(read(".claude-plugin/marketplace.json")).toMatchObject({ name, plugins: [plugin] });
    const manifest = read("integrations/claude-code/.claude-plugin/plugin.json");
    expect(manifest).toMatchObject({ name: "memory", version });
  });
});

describe("the plugin of opencode", () => {
  it("hands over what happens, and never throws", async () => {
    // In place of memory-cli: it answers with what it was given.
    const echo = inHome("echo.mjs");
    writeFileSync(
      echo,
      `let text = ""; for await (const part of process.stdin) text += part;
       console.log(JSON.stringify({ context: process.argv.slice(2).join(" ") + " " + text }));`,
    );
    const file = inHome(".config/opencode/plugins/memory.js");
    INSTALLERS.opencode.install({ ...place, command: [process.execPath, echo] });
    // opencode reads it as a module wherever it lies.
    writeFileSync(join(dirname(file), "package.json"), '{"type":"module"}');
    const { MemoryPlugin } = (await import(pathToFileURL(file).href)) as {
      MemoryPlugin: (
        input: object,
      ) => Promise<Record<string, (...args: object[]) => Promise<void>>>;
    };
    const hooks = await MemoryPlugin({ directory: "/p" });
    const output = { output: "1 failed", metadata: { exit: 1 } };
    const call = { tool: "bash", sessionID: "s", callID: "c", args: { command: "npm test" } };
    await hooks["tool.execute.after"]?.(call, output);
    const [, given = ""] =
      /postToolUse --agent opencode --profile work (.*)$/.exec(output.output) ?? [];
    expect(JSON.parse(given)).toMatchObject({
      hook_event_name: "postToolUse",
      session_id: "s",
      tool_use_id: "c",
      tool_response: { output: "1 failed", exitCode: 1 },
    });
    await hooks["event"]?.({ event: { type: "session.idle", properties: { sessionID: "s" } } });
    await hooks["event"]?.({ event: { type: "other" } });
  });
});
