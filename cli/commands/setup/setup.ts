/**
 * `memory-cli setup`: from a checkout and an account to a service that answers.
 *
 * @module
 */

import { JURISDICTIONS, LOCATIONS } from "../../../src/contract/cluster/placement.ts";
import type { App } from "../../app.ts";
import { repeated, time } from "../../parse.ts";
import { accountStep, bucketSteps, kvSteps, protectSteps } from "../../setup/account-steps.ts";
import { Notes } from "../../setup/notes.ts";
import { CONFIG } from "../../setup/program-path.ts";
import { Programs } from "../../setup/programs.ts";
import { databaseStep, secretListStep, secretStep } from "../../setup/secret-steps.ts";
import { deployStep, keyStep, readyStep, smokeSteps } from "../../setup/service-steps.ts";
import type { SetupContext, Step } from "../../setup/step.ts";
import { wantedOf } from "../../setup/wanted.ts";
import { option, type CommandSpec, type Values } from "../../spec.ts";
import type { Shown } from "../../terminal/output.ts";
import { Checklist } from "../checks/checklist.ts";

/** How long a service may take to be ready after its deployment, ms. */
const READY_MS = 120_000;

function contextOf(app: App, values: Values): SetupContext {
  const wanted = wantedOf(values, app.options);
  return {
    app,
    wanted,
    programs: new Programs(app.io.env, wanted.config),
    notes: new Notes(app.io.env, wanted.profile),
    found: { secrets: new Set(), database: {}, url: wanted.url },
  };
}

function stepsOf(context: SetupContext): Step[] {
  return [
    accountStep(context),
    ...bucketSteps(context),
    ...kvSteps(context),
    secretListStep(context),
    databaseStep(context),
    secretStep(context),
    deployStep(context),
    readyStep(context),
    keyStep(context),
    ...smokeSteps(context),
    ...protectSteps(context),
  ];
}

async function setup(app: App, values: Values): Promise<Shown> {
  const context = contextOf(app, values);
  const steps = stepsOf(context);
  if (values["dryRun"] === true) return planned(context, steps);

  const { deployment, profile } = context.wanted;
  const where = deployment.environment === null ? "" : ` (environment ${deployment.environment})`;
  await app.confirm(`Set up the Worker ${deployment.name}${where}?`, values["yes"] === true);
  const list = new Checklist(app);
  for (const step of steps)
    if (!(await list.check(step.name, () => step.run()))) {
      app.note("Nothing of what is done is undone. The same command goes on from here.");
      return list.shown();
    }
  app.note(`What was made and cannot be made again is in ${context.notes.path}: keep a copy.`);
  app.note(`Next: memory-cli doctor --profile ${profile}; ${context.found.url}/console`);
  return list.shown();
}

/** What would be done, command by command, and what the deployment is made of. */
function planned({ wanted, programs }: SetupContext, steps: readonly Step[]): Shown {
  const { environment, name, resources } = wanted.deployment;
  const missing = programs.missing(wanted.turso === null ? ["wrangler"] : ["wrangler", "turso"]);
  const data = {
    environment,
    worker: name,
    resources,
    steps: steps.map(({ name: step, actions }) => ({ step, actions })),
    missing,
  };
  const lines = steps.flatMap(({ name: step, actions }) =>
    actions.map(({ does, when, stdin }, i) => {
      const given = stdin === undefined ? "" : `  < ${stdin.join(", ")}`;
      const condition = when === undefined ? "" : `  (when ${when})`;
      return `${(i === 0 ? step : "").padEnd(18)} ${does}${given}${condition}`;
    }),
  );
  const parts = resources.map(
    ({ kind, binding, name: own }) => `  ${binding.padEnd(20)} ${kind}${own ? `, ${own}` : ""}`,
  );
  return {
    data,
    text: (colors) =>
      [
        colors.bold(`The Worker ${name}, with`),
        ...parts,
        "",
        colors.bold("would be set up so; nothing was done:"),
        ...lines,
        ...missing.map((words) => colors.yellow(`\n${words}`)),
      ].join("\n"),
  };
}

export const SETUP: readonly CommandSpec[] = [
  {
    name: "setup",
    summary: "from a checkout and an account to a service that answers",
    options: [
      option("--env <name>", "an environment of wrangler.toml; without it, what stands at the top"),
      CONFIG,
      option("--database-url <url>", "where the database is"),
      option("--turso <name>", "the database's name at Turso: made when it is not there", {
        conflicts: "databaseUrl",
      }),
      option("--location <place>", "near the database: where objects and buckets are made", {
        choices: LOCATIONS,
      }),
      option("--jurisdiction <name>", "where objects must stay; it cannot be changed afterwards", {
        choices: JURISDICTIONS,
      }),
      option("--kv <binding>", "a KV namespace to make and bind; again for more", {
        parse: repeated,
      }),
      option("--protect", "lock the backups, and let the platform tidy up (backup protect)"),
      option("--no-smoke", "without an episode for a trial"),
      option("--ready-within <time>", "how long it may take to be ready", {
        parse: time,
        default: READY_MS,
      }),
      option("--dry-run", "print every command, and change nothing"),
      option("-y, --yes", "do not ask"),
    ],
    examples: [
      "memory-cli setup --dry-run",
      "memory-cli setup --turso memory-service --location weur --protect",
      "memory-cli setup --env staging --database-url libsql://staging.example --yes",
    ],
    notes:
      "It needs a checkout after `npm ci`, and `npx wrangler login`. TURSO_DATABASE_URL, TURSO_AUTH_TOKEN, ADMIN_TOKEN and BACKUP_KEY are taken from the environment where they are set, else asked for or made; what the Worker has already stays. A step that failed says why; the same command goes on from there.",
    run: (app, _args, values) => setup(app, values),
  },
];
