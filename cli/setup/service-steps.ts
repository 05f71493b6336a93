/**
 * The steps of `setup` that bring the service up and look at it: deploy, wait until it is ready, make
 * the first key and save it, record and delete one episode.
 *
 * @module
 */

import { App } from "../app.ts";
import type { Finding } from "../commands/checks/checklist.ts";
import { problemsOf, readiness, type ReadinessView } from "../commands/checks/readiness.ts";
import { smoke } from "../commands/checks/smoke.ts";
import { CliError, EXIT } from "../exit.ts";
import { profilePath, readProfiles, writeProfiles, type Profile } from "../profile.ts";
import { counted } from "../terminal/output.ts";
import { askSecret } from "../terminal/prompt.ts";
import { deploy } from "./lines.ts";
import { runs, type SetupContext, type Step } from "./step.ts";

/** Between two looks at a service that is not ready yet, ms: the first wait, and the longest. */
const LOOK_MS = 250;
const LOOK_MAX_MS = 5_000;

export function deployStep(context: SetupContext): Step {
  const { programs, wanted, found } = context;
  const line = deploy(wanted.deployment);
  return {
    name: "deploy",
    actions: [runs(line)],
    async run() {
      const report = await programs.withReport(line);
      const targets = report.flatMap((one) => (one["type"] === "deploy" ? one["targets"] : []));
      const url =
        wanted.url ?? targets.find((target) => /^https:\/\/[\w.-]+$/.test(String(target)));
      if (typeof url !== "string")
        throw new CliError(
          "It is deployed, and wrangler names no address: say it with --url https://…, and run this again.",
        );
      found.url = url;
      return url;
    },
  };
}

export function readyStep({ app, wanted, found }: SetupContext): Step {
  return {
    name: "ready",
    actions: [{ does: "GET /health/ready, until it is ready" }],
    async run() {
      const own = serviceApp(app, { url: found.url ?? "" });
      const view = await readyWithin(own, wanted.readyMs);
      if (view.status === "healthy") return view.status;
      const problems = problemsOf(view).join("; ");
      if (view.status !== "degraded") throw new CliError(problems, EXIT.unavailable);
      return { verdict: "warn", message: `degraded: ${problems}` };
    },
  };
}

/** Its state once it is ready, or the last one when the time is over. */
async function readyWithin(app: App, ms: number): Promise<ReadinessView> {
  const until = performance.now() + ms;
  for (let wait = LOOK_MS; ; wait = Math.min(2 * wait, LOOK_MAX_MS)) {
    const view = await readiness(app.anyone({ retries: 0 }));
    const isReady = view.status === "healthy" || view.status === "degraded";
    // The first requests after a deployment meet addresses that are not everywhere yet.
    if (isReady || performance.now() + wait > until) return view;
    await new Promise((done) => setTimeout(done, wait));
  }
}

/** A client of the service that was just deployed: no variable speaks of another one. */
function serviceApp(app: App, profile: Profile): App {
  const env = Object.fromEntries(
    Object.entries(app.io.env).filter(([name]) => !name.startsWith("MEMORY_")),
  );
  const { key, admin_token } = profile;
  const secrets = {
    ...(key === undefined ? {} : { MEMORY_KEY: key }),
    ...(admin_token === undefined ? {} : { MEMORY_ADMIN_TOKEN: admin_token }),
  };
  const { stdin, stdout, stderr } = app.io;
  const { profile: _none, namespace: _own, ...options } = app.options;
  return new App(
    {
      ...options,
      url: profile.url,
      ...(profile.namespace ? { namespace: profile.namespace } : {}),
    },
    { env: { ...env, ...secrets }, stdin, stdout, stderr },
  );
}

export function keyStep(context: SetupContext): Step {
  const { app, wanted } = context;
  const path = profilePath(app.io.env);
  return {
    name: "first key",
    actions: [
      { does: "POST /admin/keys", when: `the profile ${wanted.profile} has no key that works` },
      { does: `save address and keys in ${path}` },
    ],
    run: () => firstKey(context, path),
  };
}

async function firstKey(context: SetupContext, path: string): Promise<Finding> {
  const { app, wanted, found } = context;
  const before = readProfiles(path).profiles[wanted.profile];
  const profile: Profile = {
    ...before,
    url: found.url ?? "",
    namespace: before?.namespace ?? wanted.namespace,
    admin_token: await adminToken(context, before),
  };
  const where = `saved as the profile ${wanted.profile} in ${path}`;
  if (before?.key !== undefined && (await works(serviceApp(app, profile)))) {
    save(path, wanted.profile, profile);
    return `the one of before works; ${where}`;
  }
  const { key } = await (
    await serviceApp(app, profile).admin()
  ).call("createKey", {
    body: {
      name: `setup-${wanted.profile}`.slice(0, 64),
      scopes: ["read", "write"],
      namespaces: [profile.namespace ?? wanted.namespace],
    },
  });
  save(path, wanted.profile, { ...profile, key });
  return `for the namespace ${profile.namespace}, ${where}`;
}

function save(path: string, name: string, profile: Profile): void {
  const file = readProfiles(path);
  const profiles = { ...file.profiles, [name]: profile };
  writeProfiles(path, { current: file.current ?? name, profiles });
}

/** Whether the service takes a profile's key. Throws what is no answer about the key. */
async function works(app: App): Promise<boolean> {
  try {
    await (await app.memory()).call("getStats", {});
    return true;
  } catch (error) {
    const status = (error as { status?: unknown }).status;
    if (status === 401 || status === 403) return false;
    throw error;
  }
}

/** The root's secret, from wherever it is known; asked for when nobody noted it. */
async function adminToken(
  { app, notes, wanted }: SetupContext,
  profile: Profile | undefined,
): Promise<string> {
  const { env } = app.io;
  const known =
    env["ADMIN_TOKEN"] ||
    env["MEMORY_ADMIN_TOKEN"] ||
    notes.read().ADMIN_TOKEN ||
    profile?.admin_token;
  if (known) return known;
  return askSecret(
    app.io,
    "ADMIN_TOKEN: ",
    `The service has an ADMIN_TOKEN that this machine does not know: set MEMORY_ADMIN_TOKEN, or save it: memory-cli profile add ${wanted.profile} --url URL --admin`,
  );
}

export function smokeSteps({ app, wanted }: SetupContext): Step[] {
  if (!wanted.isSmoked) return [];
  return [
    {
      name: "smoke",
      actions: [{ does: "memory-cli smoke" }],
      async run() {
        const profile = readProfiles(profilePath(app.io.env)).profiles[wanted.profile];
        const { data, exit } = await smoke(serviceApp(app, profile ?? { url: "" }));
        const { checks } = data as { checks: { name: string; verdict: string; message: string }[] };
        if (exit === EXIT.ok) return counted(checks.length, "check");
        const failed = checks.filter(({ verdict }) => verdict === "fail");
        throw new CliError(failed.map(({ name, message }) => `${name}: ${message}`).join("; "));
      },
    },
  ];
}
