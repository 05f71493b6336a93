/**
 * Python with the packages that the tests of `python/` need, where `npm run python` has made it.
 *
 * @module
 */

import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "../../..");
const VENV = join(ROOT, ".venv");
const NEEDED =
  "anthropic, agents, hatchling, httpx, langgraph, mypy, openai, openapi_python_client, pytest";

/** Wheels of what the package depends on. */
export const WHEELS = join(VENV, "wheels");
export const PACKAGE = join(ROOT, "python");

/** Whether `.venv` has all that is needed; says how to get it when not. */
export function hasPython(): boolean {
  const isThere = spawnSync(join(VENV, "bin/python"), ["-c", `import ${NEEDED}`]).status === 0;
  if (!isThere)
    console.warn("Left out what needs Python and packages of PyPI. To run it: npm run python");
  return isThere;
}

/** Whether `.venv` has OpenTelemetry's SDK; says how to get it when not. */
export function hasOpenTelemetry(): boolean {
  const needed = "import opentelemetry.sdk.trace, opentelemetry.exporter.otlp.proto.http";
  const isThere = spawnSync(join(VENV, "bin/python"), ["-c", needed]).status === 0;
  if (!isThere)
    console.warn("Left out what needs OpenTelemetry for Python. To run it: npm run python");
  return isThere;
}

export interface Ran {
  exit: number;
  /** Both outputs. */
  out: string;
}

/**
 * Runs a program of an environment and waits for its end.
 *
 * @param environment a folder; of `npm run python` when not given
 */
export async function python(
  program: string,
  args: readonly string[],
  { cwd = PACKAGE, env = {}, environment = VENV } = {},
): Promise<Ran> {
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 1 << 26 };
  try {
    const file = join(environment, "bin", program);
    const { stdout, stderr } = await promisify(execFile)(file, [...args], options);
    return { exit: 0, out: stdout + stderr };
  } catch (error) {
    const failed = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof failed.code !== "number") throw error;
    return { exit: failed.code, out: `${failed.stdout}${failed.stderr}` };
  }
}
