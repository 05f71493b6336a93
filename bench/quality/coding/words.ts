/**
 * The words that make one coding session another than the next: names, paths, ports, hashes. Filled
 * into templates.
 *
 * @module
 */

import { pick, type Random } from "../random.ts";

const PROJECTS = "shop ledger harbor atlas lumen orchard kiosk beacon quarry tandem meadow courier";
const USERS = "mira jonas lea dev tariq ana piotr sofia";
const DIRS = "orders billing auth search catalog reports users notify import queue";
const MODULES =
  "invoice session cart refund webhook profile export scheduler ledger token coupon mailer shipment";
const NPM = "lodash.merge date-fns fast-glob nanoid got pino dotenv yargs semver micromatch qs ms";
const NATIVE = "better-sqlite3 bcrypt sharp canvas argon2";
const PY = "httpx pydantic orjson structlog tenacity boto3 rich celery";
const TABLES = "invoices sessions coupons shipments audit_log refunds webhooks profiles";
const COLUMNS = "status total expires_at owner_id currency attempts locale";
const SERVICES = "db postgres database pg";
const ENVS = "STRIPE_SECRET_KEY SESSION_SECRET SMTP_URL S3_BUCKET JWT_ISSUER SENTRY_DSN";
const BRANCHES = "retry-queue fix-totals login-form csv-export rate-limit dark-mode";
const TYPES = "Invoice Session Coupon Shipment Refund Webhook";
const SUBJECTS = [
  "round totals once",
  "retry webhooks",
  "keep the session alive",
  "export as csv",
  "limit the rate per key",
  "show the empty state",
  "refuse expired coupons",
  "split the mailer",
];
const TASKS = [
  "Add {column} to {dir} and cover it with a test",
  "The {module} page shows the wrong {column}. Please fix it.",
  "Refactor {file} so that {module} does not know about {dir}",
  "Implement: {subject}. Run everything before you are done.",
  "Can you look into why {module} is slow for large {dir}?",
  "We need {dir} to {subject}",
  "Get the {project} repository running locally and make {module} work",
  "Finish the branch {branch}: {subject}",
  "Upgrade what {module} depends on, then check that {dir} still works",
  "Write the missing tests of {dir}/{module}",
];

/** What `{word}` stands for, in one session. */
export type Words = ReadonlyMap<string, string>;

/** Draws the words of a session. */
export function drawWords(random: Random): Words {
  const from = (words: string): string => pick(random, words.split(" "));
  const number = (least: number, most: number): string =>
    String(least + Math.floor(random() * (most - least)));
  const hex = (length: number): string =>
    Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
  const version = (): string => `${number(1, 9)}.${number(0, 20)}.${number(0, 9)}`;
  const [user, dir, module] = [from(USERS), from(DIRS), from(MODULES)];
  const words: [string, string][] = [
    ["user", user],
    ["home", pick(random, [`/home/${user}`, `/Users/${user}`, `/home/${user}/src`])],
    ["project", from(PROJECTS)],
    ["dir", dir],
    ["module", module],
    ["file", `src/${dir}/${module}.ts`],
    ["test", `test/${dir}/${module}.test.ts`],
    ["pyfile", `app/${dir}/${module}.py`],
    ["npm", from(NPM)],
    ["native", from(NATIVE)],
    ["py", from(PY)],
    ["table", from(TABLES)],
    ["column", from(COLUMNS)],
    ["service", from(SERVICES)],
    ["ENV", from(ENVS)],
    ["branch", from(BRANCHES)],
    ["Type", from(TYPES)],
    ["subject", pick(random, SUBJECTS)],
    ["version", version()],
    ["version2", version()],
    ["port", number(3_000, 9_000)],
    ["line", number(12, 1_500)],
    ["col", number(3, 60)],
    ["n", number(2, 9)],
    ["m", number(2, 40)],
    ["ms", number(20, 900)],
    ["pid", number(1_000, 60_000)],
    ["hash", hex(7)],
    ["hash2", hex(7)],
    ["hash40", hex(40)],
    ["uuid", [8, 4, 4, 4, 12].map(hex).join("-")],
  ];
  return new Map(words);
}

/** The template with its words filled in; a word that is not known is an error. */
export function fill(template: string, words: Words): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const word = words.get(name);
    if (word === undefined) throw new Error(`no word is called ${name}`);
    return word;
  });
}

/** What a person asked for. It says nothing of the error that will be met. */
export function drawTask(random: Random, words: Words): string {
  return fill(pick(random, TASKS), words);
}
