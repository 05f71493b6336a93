/**
 * `npm run audit`: ends with 1 where a package that is deployed has a known vulnerability of a high
 * severity, or a licence that it may not have. A registry that does not answer the question is no
 * vulnerability: a line says that it was not asked.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { licenceProblems } from "./packages/licences.ts";
import { lockedPackages } from "./packages/lock.ts";

const TIMEOUT_MS = 60_000;

interface Audited {
  error?: { code?: string; summary?: string };
  message?: string;
  vulnerabilities?: Record<string, { severity: string; range: string }>;
}

/** What is known of the packages; or why that is not known. */
function asked(): { known: string[] } | { why: string } {
  const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json"], {
    cwd: join(import.meta.dirname, ".."),
    encoding: "utf8",
    timeout: TIMEOUT_MS,
  });
  let answer: Audited;
  try {
    answer = JSON.parse(stdout) as Audited;
  } catch {
    return { why: "it gave no answer" };
  }
  if (!answer.vulnerabilities)
    return {
      why: (answer.message ?? answer.error?.summary ?? "it gave none").split("\n")[0] ?? "",
    };
  const known = Object.entries(answer.vulnerabilities)
    .filter(([, { severity }]) => severity === "high" || severity === "critical")
    .map(([name, { severity, range }]) => `${name} ${range}: ${severity}`);
  return { known };
}

const packages = lockedPackages();
const licences = licenceProblems(packages);
const vulnerabilities = asked();
if ("why" in vulnerabilities)
  console.log(
    `Vulnerabilities: not looked for, the registry does not say (${vulnerabilities.why}).`,
  );
else console.log(`Vulnerabilities: ${vulnerabilities.known.length} of a high severity.`);
console.log(`Licences: ${licences.length} of ${packages.length} packages may not be used.`);

const problems = [...licences, ...("known" in vulnerabilities ? vulnerabilities.known : [])];
for (const problem of problems) console.log(`  ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
