/**
 * `memory-cli deployment …`
 *
 * @module
 */

import type { Answer } from "../../../client/index.ts";
import { CliError } from "../../exit.ts";
import { option, type CommandSpec } from "../../spec.ts";
import type { Shown } from "../../terminal/output.ts";
import { shownText } from "../../terminal/shown.ts";

type Deployment = Answer<"getDeployment">;

export const DEPLOYMENT: readonly CommandSpec[] = [
  {
    name: "deployment show",
    summary: "whose the database and the bucket are",
    examples: ["memory-cli deployment show"],
    run: async (app) => shown(await (await app.admin()).call("getDeployment")),
  },
  {
    name: "deployment takeover",
    summary: "take the database and the bucket over from another deployment",
    options: [
      option("--from <id>", "whose they are now (default: as `deployment show` names it)"),
      option("--jurisdiction-changed", "its objects are in another jurisdiction, on purpose"),
      option("-y, --yes", "do not ask"),
    ],
    examples: ["memory-cli deployment takeover", "memory-cli deployment takeover --from ID --yes"],
    notes:
      "The other deployment stops writing by its next batch. Where it still runs, what is written to it from then on stays with it.",
    async run(app, _args, { from, yes, jurisdictionChanged }) {
      const admin = await app.admin();
      const before = await admin.call("getDeployment");
      const owner = typeof from === "string" ? from : ownerOf(before);
      const { last_write_at } = before.database;
      const last = last_write_at === null ? "" : `, last written to ${last_write_at}`;
      await app.confirm(`Take over what is ${owner}'s${last}?`, yes === true);
      return shown(
        await admin.call("takeOverDeployment", {
          body: {
            from: owner,
            ...(jurisdictionChanged === true ? { jurisdiction_changed: true } : {}),
          },
        }),
      );
    },
  },
];

/** The one other deployment that has something of this one's. */
function ownerOf({ database, bucket }: Deployment): string {
  const foreign = [database, bucket].filter(({ state }) => state === "foreign");
  const owners = [...new Set(foreign.flatMap(({ deployment }) => deployment ?? []))];
  if (owners.length === 1 && owners[0] !== undefined) return owners[0];
  throw new CliError(
    owners.length === 0
      ? "Nothing is another deployment's"
      : `Two other deployments have something: say which with --from ${owners.join(" or ")}`,
  );
}

function shown(view: Deployment): Shown {
  return shownText(view, (colors) =>
    [
      `this deployment  ${colors.bold(view.id)}`,
      `database         ${sentence(view.database)}`,
      `bucket           ${sentence(view.bucket)}`,
    ].join("\n"),
  );
}

function sentence({ state, deployment, since, problem }: Deployment["bucket"]): string {
  switch (state) {
    case "own":
      return `its own since ${since}`;
    case "unmarked":
      return "nobody's yet: it is marked with the first write";
    case "foreign":
      return `another deployment's since ${since}: ${deployment}${problem === null ? "" : `; ${problem}`}`;
    case "unknown":
      return `unknown: ${problem}`;
  }
}
