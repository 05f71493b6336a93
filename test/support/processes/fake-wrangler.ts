/**
 * `wrangler` and `turso` as far as `memory-cli setup` knows them: programs of a checkout and of a
 * PATH of the test's own that keep an account in a file, and note how they were called.
 *
 * @module
 */

import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const CONFIG = join(import.meta.dirname, "../../../wrangler.toml");

/** A call of one of them. */
export interface Call {
  program: string;
  args: string[];
  stdin: string;
}

/** What is in the account. */
interface Account {
  url: string;
  isLoggedIn: boolean;
  /** The beginning of a command line that fails. */
  failing: string | null;
  buckets: string[];
  namespaces: { id: string; title: string }[];
  /** By Worker. */
  secrets: Record<string, Record<string, string>>;
  rules: { kind: string; name: string; prefix: string; days: number }[];
  databases: string[];
}

export class FakeAccount {
  /** A checkout, as far as `setup` looks at it. */
  readonly folder = mkdtempSync(join(tmpdir(), "memory-account-"));
  readonly config = join(this.folder, "wrangler.toml");

  /** @param url where wrangler says that it deploys to */
  constructor(url: string) {
    copyFileSync(CONFIG, this.config);
    for (const [program, place] of [
      ["wrangler", "node_modules/.bin"],
      ["turso", "bin"],
    ] as const) {
      mkdirSync(join(this.folder, place), { recursive: true });
      const file = join(this.folder, place, program);
      const words = [process.execPath, import.meta.filename, this.folder, program];
      writeFileSync(file, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`);
      chmodSync(file, 0o700);
    }
    writeFileSync(join(this.folder, "calls"), "");
    this.set({
      url,
      isLoggedIn: true,
      failing: null,
      buckets: [],
      namespaces: [],
      secrets: {},
      rules: [],
      databases: [],
    });
  }

  /** A PATH on which `turso` is the first; `wrangler` is the checkout's own. */
  get path(): string {
    return [join(this.folder, "bin"), process.env["PATH"] ?? ""].join(delimiter);
  }

  get account(): Account {
    return accountIn(this.folder);
  }

  set(changed: Partial<Account>): void {
    const file = join(this.folder, "account.json");
    const before = existsSync(file) ? this.account : {};
    writeFileSync(file, JSON.stringify({ ...before, ...changed }));
  }

  /** How they were called since this was asked last. */
  calls(): Call[] {
    const file = join(this.folder, "calls");
    const lines = readFileSync(file, "utf8").trim().split("\n").filter(Boolean);
    writeFileSync(file, "");
    return lines.map((line) => JSON.parse(line) as Call);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function accountIn(folder: string): Account {
  return JSON.parse(readFileSync(join(folder, "account.json"), "utf8")) as Account;
}

/** What a command of the account prints. Throws what it says where it fails. */
type Play = (account: Account, args: readonly string[], stdin: string) => string;

const PLAYS: Readonly<Record<string, Play>> = {
  "wrangler whoami": ({ isLoggedIn }) => {
    if (!isLoggedIn) throw new Error("You are not authenticated.");
    return JSON.stringify({ loggedIn: true });
  },
  "wrangler r2 bucket info": ({ buckets }, [name = ""]) => {
    if (!buckets.includes(name))
      throw new Error("The specified bucket does not exist. [code: 10006]");
    return JSON.stringify({ name });
  },
  "wrangler r2 bucket create": ({ buckets }, [name = ""]) => `made ${buckets.push(name)}`,
  "wrangler r2 bucket lock list": ({ rules }) => listed(rules, "lock"),
  "wrangler r2 bucket lifecycle list": ({ rules }) => listed(rules, "lifecycle"),
  "wrangler r2 bucket lock add": (account, args) => added(account, "lock", args),
  "wrangler r2 bucket lifecycle add": (account, args) => added(account, "lifecycle", args),
  "wrangler r2 bucket lock remove": (account, args) => removed(account, "lock", args),
  "wrangler r2 bucket lifecycle remove": (account, args) => removed(account, "lifecycle", args),
  "wrangler kv namespace list": ({ namespaces }) => JSON.stringify(namespaces),
  "wrangler kv namespace create": ({ namespaces }, [title = ""]) => {
    namespaces.push({ id: "0123456789abcdef".repeat(2), title });
    return "Success!";
  },
  "wrangler secret list": ({ secrets }, args) => {
    const own = secrets[workerOf(args)];
    if (!own) throw new Error(`Worker "${workerOf(args)}" not found.`);
    return JSON.stringify(Object.keys(own).map((name) => ({ name, type: "secret_text" })));
  },
  "wrangler secret bulk": ({ secrets }, args, stdin) => {
    const worker = workerOf(args);
    secrets[worker] = { ...secrets[worker], ...(JSON.parse(stdin) as Record<string, string>) };
    return "Finished processing secrets";
  },
  "wrangler deploy": ({ url }) => {
    const report = process.env["WRANGLER_OUTPUT_FILE_PATH"] ?? "";
    writeFileSync(report, `${JSON.stringify({ type: "deploy", targets: [url, "schedule"] })}\n`);
    return "Deployed";
  },
  "turso db show": ({ databases, url }, [name = ""]) => {
    if (!databases.includes(name)) throw new Error(`database ${name} not found`);
    return url;
  },
  "turso db create": ({ databases }, [name = ""]) => `made ${databases.push(name)}`,
  "turso db tokens create": () => "token-of-turso",
};

function workerOf(args: readonly string[]): string {
  return args[args.indexOf("--env") + 1] === "staging"
    ? "memory-service-staging"
    : "memory-service";
}

function listed(rules: Account["rules"], kind: string): string {
  const own = rules.filter((rule) => rule.kind === kind);
  const text = own.map(
    ({ name, prefix, days }) =>
      `name:       ${name}\nenabled:    Yes\nprefix:     ${prefix}\ncondition:  after ${days} days`,
  );
  return ["Listing rules...", ...text].join("\n\n");
}

function added({ rules }: Account, kind: string, args: readonly string[]): string {
  const [, name = "", prefix = ""] = args;
  if (rules.some((rule) => rule.kind === kind && rule.name === name))
    throw new Error(`the rule ${name} is there`);
  rules.push({ kind, name, prefix, days: Number(args[4]) });
  return "Added";
}

function removed(account: Account, kind: string, args: readonly string[]): string {
  const name = args[args.indexOf("--name") + 1];
  account.rules = account.rules.filter((rule) => rule.kind !== kind || rule.name !== name);
  return "Removed";
}

/** The program itself. */
function play([folder = "", program = "", ...args]: readonly string[]): void {
  const stdin = readFileSync(0, "utf8");
  appendFileSync(join(folder, "calls"), `${JSON.stringify({ program, args, stdin })}\n`);
  const account = accountIn(folder);
  const line = [program, ...args].join(" ");
  const name = Object.keys(PLAYS).find((one) => line.startsWith(one)) ?? "";
  try {
    if (account.failing !== null && line.startsWith(account.failing))
      throw new Error("A request to the platform failed.");
    const words = name.split(" ").length - 1;
    console.log(PLAYS[name]?.(account, args.slice(words), stdin) ?? "");
    writeFileSync(join(folder, "account.json"), JSON.stringify(account));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

if (import.meta.main) play(process.argv.slice(2));
