/**
 * The key of an action: what of its parameters says which kind of action it is. A command by its
 * programs, a statement by its verb and tables, a request by its method and path, a file by its
 * kind; told by the form of the values and the usual names of parameters. The same call has the same
 * key, whatever else was learned. Pure; linear in the parameters that it looks at.
 *
 * @module
 */

import { commandKey } from "./command.ts";
import { fileKey } from "./file.ts";
import { httpKey } from "./http.ts";
import { sqlKey } from "./sql.ts";

/** Characters of a key, and parameters of a call that are looked at. */
const KEY_LENGTH_MAX = 120;
const PARAMETERS_MAX = 40;

const COMMAND_NAME = /^(?:command|commands|cmd|cmdline|command_line|shell_command|bash|shell)$/i;
/** Names that hold a command only where the tool is a shell. */
const SCRIPT_NAME = /^(?:script|code|input|args|line|text|query|action)$/i;
const SHELL_TOOL =
  /(?:^|[_.\s-])(?:bash|shell|sh|zsh|terminal|console|exec|command|cmd)(?:$|[_.\s-])/i;
const FILE_NAME = /(?:^|_)(?:path|file|filename|filepath|file_path|uri)$/i;

/** Something that a call is asked with. */
type Parameter = [name: string, value: unknown];

/** null: its parameters say no more than the tool does. */
export function actionKey(tool: string, parameters: unknown): string | null {
  const named = parametersOf(parameters);
  const key =
    firstOf(named, ([name, value]) => ofCommand(tool, name, value)) ??
    firstOf(named, ([, value]) => (typeof value === "string" ? sqlKey(value) : null)) ??
    firstOf(named, ([, value]) => ofAddress(value, named)) ??
    firstOf(named, ([name, value]) =>
      FILE_NAME.test(snakeCase(name)) && typeof value === "string" ? fileKey(value) : null,
    );
  return key === null ? null : key.slice(0, KEY_LENGTH_MAX);
}

/** The parameter that the key is read from; null: there is none. */
export function keyParameter(tool: string, parameters: unknown): string | null {
  const named = parametersOf(parameters);
  const own = named.find(
    ([name, value]) =>
      ofCommand(tool, name, value) !== null ||
      (typeof value === "string" && sqlKey(value) !== null),
  );
  return own?.[0] ?? null;
}

/** An action in words: the tool, and its key behind it. */
export function actionName(tool: string, key: string | null | undefined): string {
  return key === null || key === undefined ? tool : `${tool}: ${key}`;
}

function parametersOf(parameters: unknown): Parameter[] {
  if (typeof parameters === "string") return [["command", parameters]];
  if (parameters === null || typeof parameters !== "object" || Array.isArray(parameters)) return [];
  return Object.entries(parameters).slice(0, PARAMETERS_MAX);
}

function firstOf(
  parameters: readonly Parameter[],
  keyOf: (parameter: Parameter) => string | null,
): string | null {
  for (const parameter of parameters) {
    const key = keyOf(parameter);
    if (key !== null) return key;
  }
  return null;
}

function ofCommand(tool: string, name: string, value: unknown): string | null {
  const isShell = SHELL_TOOL.test(snakeCase(tool));
  const isNamed = COMMAND_NAME.test(snakeCase(name)) || (isShell && SCRIPT_NAME.test(name));
  if (!isNamed) return null;
  if (typeof value === "string") return sqlKey(value) ?? commandKey(value);
  const isWords = Array.isArray(value) && value.every((word) => typeof word === "string");
  return isWords ? commandKey(value.map(quoted).join(" ")) : null;
}

function ofAddress(value: unknown, parameters: readonly Parameter[]): string | null {
  if (typeof value !== "string") return null;
  const method = parameters.find(([name]) => /^(?:http_?)?(?:method|verb)$/i.test(name))?.[1];
  return httpKey(value, method);
}

/** A word of a command that came as a list. */
function quoted(word: string): string {
  return /[\s;|&()<>"'`$\\]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word;
}

/** The parts of a name in camel case divided as those of one in snake case are. */
function snakeCase(name: string): string {
  return name.replaceAll(/([a-z\d])([A-Z])/g, "$1_$2").toLowerCase();
}
