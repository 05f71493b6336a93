import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cli, type Answers } from "../../support/processes/cli.ts";
import { FakeAccount } from "../../support/processes/fake-wrangler.ts";
import { StubService } from "./stub-service.ts";

const DATABASE_TOKEN = "a-token-of-the-database";
const SURE = "Set up the Worker memory-service? [y/N]";
const WHERE = "Address of the database (libsql://…)";
const TOKEN = "TURSO_AUTH_TOKEN (nothing when it needs none)";

let service: StubService;
let account: FakeAccount;
let cli: Cli;

beforeEach(async () => {
  service = await StubService.start();
  account = new FakeAccount(service.url);
  cli = new Cli({ PATH: account.path });
});
afterEach(async () => {
  cli.remove();
  account.remove();
  await service.stop();
});

/** At a terminal, with nothing said beforehand. */
function setup(answers: Answers, person = cli): ReturnType<Cli["answering"]> {
  const fixed = ["setup", "--config", account.config, "--url", service.url, "--no-smoke"];
  return person.answering(answers, [...fixed, "--ready-within", "1s"]);
}
const secrets = (): Record<string, string> => account.account.secrets["memory-service"] ?? {};

describe("memory-cli setup at a terminal", () => {
  it("asks whether to begin, and for the database that nobody named", async () => {
    const { exit, err, out, unasked } = await setup([
      [SURE, "yes"],
      [WHERE, service.url],
      [TOKEN, DATABASE_TOKEN],
    ]);
    expect([exit, unasked]).toEqual([0, []]);
    expect(secrets()).toMatchObject({
      TURSO_DATABASE_URL: service.url,
      TURSO_AUTH_TOKEN: DATABASE_TOKEN,
    });
    expect(out + err).not.toContain(DATABASE_TOKEN);
  });

  it("takes nothing for a token where the database needs none", async () => {
    const answers = [
      [SURE, "y"],
      [WHERE, service.url],
      [TOKEN, ""],
    ] as const;
    expect((await setup(answers)).exit).toBe(0);
    expect(Object.keys(secrets())).not.toContain("TURSO_AUTH_TOKEN");
  });

  it.each(["n", "", "perhaps"])("does nothing when %j is answered", async (answer) => {
    const { exit, err } = await setup([[SURE, answer]]);
    expect([exit, err]).toEqual([1, expect.stringContaining("Nothing was done.")]);
    expect(account.calls()).toEqual([]);
  });

  it("says what is wrong with an address, and goes on when it is run again", async () => {
    const wrong = await setup([
      [SURE, "y"],
      [WHERE, "memory.example"],
    ]);
    expect([wrong.exit, wrong.out]).toEqual([1, expect.stringContaining("must be http(s)://")]);
    expect(secrets()).toEqual({});
    const right: Answers = [
      [SURE, "y"],
      [WHERE, service.url],
      [TOKEN, ""],
    ];
    expect((await setup(right)).exit).toBe(0);
  });

  it("asks another machine for the ADMIN_TOKEN of a service that is there, unseen", async () => {
    await setup([
      [SURE, "y"],
      [WHERE, service.url],
      [TOKEN, ""],
    ]);
    const admin = secrets()["ADMIN_TOKEN"] ?? "-";
    const elsewhere = new Cli({ PATH: account.path });
    const { exit, out, err, unasked } = await setup(
      [
        [SURE, "y"],
        ["ADMIN_TOKEN: ", admin],
      ],
      elsewhere,
    );
    elsewhere.remove();
    expect([exit, unasked]).toEqual([0, []]);
    expect(out + err).not.toContain(admin);
    expect(service.tokens.at(-1)).toBe(admin);
  });
});
