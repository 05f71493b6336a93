import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cli, type Ended } from "../../support/processes/cli.ts";
import { FakeAccount, type Call } from "../../support/processes/fake-wrangler.ts";
import { StubService } from "./stub-service.ts";

const DATABASE_TOKEN = "a-token-of-the-database";
let service: StubService;
let account: FakeAccount;
let cli: Cli;

beforeEach(async () => {
  service = await StubService.start();
  account = new FakeAccount(service.url);
  cli = new Cli({ PATH: account.path, TURSO_AUTH_TOKEN: DATABASE_TOKEN });
});
afterEach(async () => {
  cli.remove();
  account.remove();
  await service.stop();
});

const ALL = ["--protect", "--kv", "OAUTH_KV", "--location", "weur", "--jurisdiction", "eu"];

/** Without the smoke test, which `test/cli/tried-operations.ts` runs on the real service. */
function setup(...more: string[]): Promise<Ended> {
  const fixed = ["setup", "--config", account.config, "--url", service.url, "--no-smoke", "--yes"];
  const database = more.includes("--turso") ? [] : ["--database-url", service.url];
  return cli.run([...fixed, ...database, "--ready-within", "1s", ...more]);
}

const typed = ({ program, args }: Call): string => [program, ...args].join(" ");
const profile = (): Record<string, Record<string, string>> =>
  (
    JSON.parse(readFileSync(join(cli.home, "memory-cli/profiles.json"), "utf8")) as {
      profiles: Record<string, Record<string, string>>;
    }
  ).profiles;
const notesFile = (): string => join(cli.home, "memory-cli/setup-production.json");

describe("memory-cli setup", () => {
  it("makes what is missing, deploys, and saves the first key", async () => {
    const { exit, out } = await setup(...ALL);
    expect([exit, out]).toEqual([0, expect.not.stringContaining("✗")]);
    const { buckets, namespaces, secrets, rules } = account.account;
    expect(buckets).toEqual(["memory-service-backups"]);
    expect(namespaces.map(({ title }) => title)).toEqual(["memory-service-OAUTH_KV"]);
    expect(readFileSync(account.config, "utf8")).toContain(
      '[[kv_namespaces]]\nbinding = "OAUTH_KV"\nid = "0123456789abcdef0123456789abcdef"',
    );
    expect(secrets["memory-service"]).toEqual({
      TURSO_DATABASE_URL: service.url,
      TURSO_AUTH_TOKEN: DATABASE_TOKEN,
      DATABASE_LOCATION: "weur",
      JURISDICTION: "eu",
      ADMIN_TOKEN: expect.stringMatching(/^[\w-]{43}$/),
      BACKUP_KEY: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(rules).toHaveLength(7);
    const admin = secrets["memory-service"]?.["ADMIN_TOKEN"];
    expect(profile()["production"]).toEqual({
      url: service.url,
      namespace: "default",
      admin_token: admin,
      key: "mk_0",
    });
    expect(service.tokens).toEqual([DATABASE_TOKEN, admin]);
  });

  it("has no secret on a command line and prints none; what it notes is its owner's", async () => {
    const { out, err } = await setup(...ALL);
    const { BACKUP_KEY = "-", ADMIN_TOKEN = "-" } = account.account.secrets["memory-service"] ?? {};
    const lines = account.calls().map(typed).join("\n");
    for (const secret of [BACKUP_KEY, ADMIN_TOKEN, DATABASE_TOKEN, "mk_0"]) {
      expect(lines).not.toContain(secret);
      expect(out + err).not.toContain(secret);
    }
    expect(JSON.parse(readFileSync(notesFile(), "utf8"))).toEqual({ BACKUP_KEY, ADMIN_TOKEN });
    expect(statSync(notesFile()).mode & 0o777).toBe(0o600);
  });

  it("changes nothing when it is run again", async () => {
    await setup(...ALL);
    const [before, saved] = [account.account, profile()];
    account.calls();
    const { exit, out } = await setup(...ALL);
    expect([exit, account.account, profile()]).toEqual([0, before, saved]);
    expect(out).toMatch(/✓ secrets +the Worker has them all/);
    expect(service.keys).toEqual(["mk_0"]);
    const changing = / (?:create|add|remove|bulk)\b/;
    expect(
      account
        .calls()
        .map(typed)
        .filter((line) => changing.test(line)),
    ).toEqual([]);
  });

  it.each([
    ["account", "wrangler whoami"],
    ["bucket BACKUPS", "wrangler r2 bucket info"],
    ["bucket BACKUPS", "wrangler r2 bucket create"],
    ["KV OAUTH_KV", "wrangler kv namespace list"],
    ["KV OAUTH_KV", "wrangler kv namespace create"],
    ["secrets there", "wrangler secret list"],
    ["database", "/v3/pipeline"],
    ["secrets", "wrangler secret bulk"],
    ["deploy", "wrangler deploy"],
    ["ready", "/health/ready"],
    ["first key", "/admin/keys"],
    ["protect BACKUPS", "wrangler r2 bucket lock add"],
    ["protect BACKUPS", "wrangler r2 bucket lifecycle list"],
  ])("stops at %s when %s fails, says so, and goes on with the next run", async (step, failing) => {
    if (failing.startsWith("/")) service.failing = failing;
    else account.set({ failing });
    const wanted = step.startsWith("protect") ? ALL : ["--kv", "OAUTH_KV"];
    const broken = await setup(...wanted, "--request-timeout", "1");
    expect([broken.exit, broken.out]).toEqual([1, expect.stringMatching(`✗ ${step}`)]);
    expect(broken.out.trimEnd().split("\n").at(-2)).toContain(`✗ ${step}`);
    expect(broken.err).toContain("The same command goes on from here.");
    const made = existsSync(notesFile()) ? readFileSync(notesFile(), "utf8") : null;

    service.failing = "";
    account.set({ failing: null });
    expect((await setup(...wanted)).exit).toBe(0);
    if (made !== null) expect(readFileSync(notesFile(), "utf8")).toBe(made);
    const { ADMIN_TOKEN } = account.account.secrets["memory-service"] ?? {};
    expect(profile()["production"]?.["admin_token"]).toBe(ADMIN_TOKEN);
    expect(account.account.buckets).toHaveLength(1);
    expect(account.account.rules).toHaveLength(step.startsWith("protect") ? 7 : 0);
  });

  it("makes no secret anew when it cannot see which ones there are", async () => {
    await setup();
    const before = account.account.secrets;
    account.set({ failing: "wrangler secret list" });
    expect((await setup()).exit).toBe(1);
    expect(account.account.secrets).toEqual(before);
  });

  it("prints every command of a run, and does nothing, in a dry run", async () => {
    const dry = await setup(...ALL, "--dry-run", "--format", "json");
    expect([dry.exit, account.calls(), existsSync(notesFile())]).toEqual([0, [], false]);
    const printed = new Set<string>(
      (dry.json.steps as { actions: { does: string }[] }[]).flatMap(({ actions }) =>
        actions.map(({ does }) => does.replace(/^npx /, "")),
      ),
    );
    await setup(...ALL);
    const ran = account.calls().map(typed);
    expect(ran.length).toBeGreaterThan(12);
    expect(ran.filter((line) => !printed.has(line))).toEqual([]);
  });

  it("takes the database from Turso's own program, and makes it when it is not there", async () => {
    const dry = await setup("--turso", "memory", "--dry-run");
    expect(dry.out).toContain("turso db tokens create memory");
    expect((await setup("--turso", "memory")).exit).toBe(0);
    expect(account.account.databases).toEqual(["memory"]);
    expect(account.account.secrets["memory-service"]).toMatchObject({
      TURSO_DATABASE_URL: service.url,
      TURSO_AUTH_TOKEN: "token-of-turso",
    });
    account.calls();
    await setup("--turso", "memory");
    expect(account.calls().filter(({ program }) => program === "turso")).toEqual([]);
  });

  it("says in a dry run which program is not there", async () => {
    const dry = (): Promise<Ended> => setup("--turso", "memory", "--dry-run");
    expect((await dry()).out).not.toContain("not installed");
    rmSync(join(account.folder, "bin/turso"));
    expect((await dry()).out).toContain("turso is not installed here: name the database with");
    expect((await setup("--dry-run")).out).not.toContain("not installed");
  });

  it("sets an environment up with names of its own", async () => {
    expect((await setup("--env", "staging")).exit).toBe(0);
    expect(account.account.buckets).toEqual(["memory-service-staging-backups"]);
    expect(Object.keys(account.account.secrets)).toEqual(["memory-service-staging"]);
    expect(Object.keys(profile())).toEqual(["staging"]);
    const ofWorker = account
      .calls()
      .filter(({ args }) => /^(?:secret|deploy)$/.test(args[0] ?? ""));
    expect(ofWorker.map(({ args }) => args.slice(-2))).toEqual(
      ofWorker.map(() => ["--env", "staging"]),
    );
  });

  it("says who must log in, what to name, and which values there are", async () => {
    account.set({ isLoggedIn: false });
    expect((await setup()).out).toContain("npx wrangler login");
    account.set({ isLoggedIn: true });
    const bare = ["setup", "--config", account.config, "--yes"];
    expect((await cli.run(bare)).out).toContain("--database-url URL, or --turso NAME");
    expect((await cli.run(["setup", "--config", account.config])).err).toContain("--yes");
    for (const [wrong, said] of [
      [["--env", "nowhere"], "There are: production, staging"],
      [["--database-url", "libsql://user:secret@db.example"], "without a password"],
      [["--kv", "small"], "--kv must be"],
      [["--location", "moon"], "Allowed choices are wnam"],
      [["--jurisdiction", "moon"], "Allowed choices are eu"],
      [["--config", join(account.folder, "none.toml")], "run this in a checkout"],
    ] as const) {
      const refused = await cli.run([...bare, ...wrong]);
      expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining(said)]);
    }
  });
});

describe("memory-cli backup protect", () => {
  const run = (...more: string[]): Promise<Ended> =>
    cli.run(["backup", "protect", "--config", account.config, "--yes", ...more]);

  it("locks what is written once, ends what is old, and repeats nothing", async () => {
    expect((await run()).exit).toBe(0);
    const rules = account.account.rules.map(
      ({ kind, prefix, days }) => `${kind} ${prefix} ${days}`,
    );
    expect(rules).toEqual([
      "lock exports/ 7",
      "lock snapshots/ 7",
      ...["exports", "snapshots", "drills", "incidents", "reports"].map(
        (of) => `lifecycle ${of}/ 400`,
      ),
    ]);
    account.calls();
    expect((await run()).out).not.toContain("made");
    expect(account.calls().map(({ args }) => args[3])).toEqual(["list", "list"]);
  });

  it("makes a rule of another time anew, and no other", async () => {
    await run();
    account.calls();
    expect((await run("--lock-days", "3")).exit).toBe(0);
    expect(
      account.account.rules.filter(({ kind }) => kind === "lock").map(({ days }) => days),
    ).toEqual([3, 3]);
    expect(account.calls().map(({ args }) => args.slice(2, 4).join(" "))).toEqual([
      "lock list",
      "lock remove",
      "lock add",
      "lock remove",
      "lock add",
      "lifecycle list",
    ]);
  });

  it("refuses a lock that outlasts retention, and an end before it", async () => {
    for (const [words, said] of [
      [["--lock-days", "8"], "--lock-days must be at most 7"],
      [["--expire-days", "390"], "--expire-days must be more than 390"],
    ] as const) {
      const refused = await run(...words);
      expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining(said)]);
    }
    expect(account.calls()).toEqual([]);
  });

  it("prints what it would run, and runs none of it, in a dry run", async () => {
    const { out } = await run("--env", "staging", "--dry-run");
    expect(out).toContain(
      "npx wrangler r2 bucket lock add memory-service-staging-backups keep-exports exports/ --retention-days 7 --force",
    );
    expect(account.calls()).toEqual([]);
  });
});
