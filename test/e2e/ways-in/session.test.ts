import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Cli } from "../../support/processes/cli.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

/** `npm run session` writes what docs/cli.md shows; without it a test compares. */
const UPDATE = process.env["UPDATE_SESSION"] === "1";
const PAGE = join(import.meta.dirname, "../../../docs/cli.md");
const MARKED = /(<!-- session -->\n)([\s\S]*?)(<!-- \/session -->)/;

/** What is typed; ID is the episode that was created last. */
const COMMANDS: readonly (readonly string[])[] = [
  ["health", "check"],
  ["episode", "create", "--task", "Cancel a flight and refund the customer", "--domain", "airline"],
  ["episode", "log-step", "ID", "--tool", "get_reservation", "--output", "economy, one passenger"],
  ["episode", "log-step", "ID", "--tool", "cancel_reservation", "--error", "the seat is locked"],
  ["episode", "log-step", "ID", "--tool", "release_seat", "--output", "released"],
  [
    "episode",
    "log-step",
    "ID",
    "--tool",
    "cancel_reservation",
    "--output",
    "cancelled and refunded",
  ],
  ["episode", "complete", "ID", "--verdict", "refunded"],
  ["recall", "refund a cancelled flight"],
  ["storage", "stats"],
  ["episode", "craete"],
];

let database: Sqld;
let service: Service;
let cli: Cli;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url);
  const key = await service.key("default");
  cli = new Cli({ MEMORY_URL: service.url, MEMORY_KEY: key, MEMORY_ADMIN_TOKEN: ADMIN_TOKEN });
  // On a busy machine the database may not have answered the first question yet.
  await until("it is healthy", async () => {
    const ready = await service.call("GET", "/health/ready", { key: ADMIN_TOKEN });
    return ready.body?.status === "healthy";
  });
});
afterAll(async () => {
  cli.remove();
  await service.remove();
  await database.remove();
});

const quoted = (word: string): string => (/[^\w.:/-]/.test(word) ? `"${word}"` : word);

async function record(): Promise<string> {
  const lines = ["```console"];
  let id = "ID";
  for (const words of COMMANDS) {
    const typed = words.map((word) => (word === "ID" ? id : word));
    const { out, err } = await cli.run(typed);
    if (words[1] === "create") id = out.split(" ")[0] ?? id;
    lines.push(`$ memory-cli ${typed.map(quoted).join(" ")}`, `${out}${err}`.trimEnd(), "");
  }
  lines.splice(-1, 1, "```", "");
  return lines.join("\n");
}

/** What differs from run to run: digits, ids, and how much has gone to the database by then. */
const timeless = (text: string): string =>
  text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID")
    .replaceAll(/\d+(\.\d+)?/g, "0")
    .replaceAll(/ +/g, " ");

it("the first session of docs/cli.md is what memory-cli says", async () => {
  const session = await record();
  const page = readFileSync(PAGE, "utf8");
  if (UPDATE)
    writeFileSync(
      PAGE,
      page.replace(MARKED, (_all, before: string, _old, after: string) => before + session + after),
    );
  const shown = MARKED.exec(readFileSync(PAGE, "utf8"))?.[2] ?? "";
  expect(timeless(shown)).toBe(timeless(session));
});
