/**
 * A runbook as it is published: Markdown whose fenced bash blocks say in their info string how they
 * are run. The annotation is documented in docs/runbooks/README.md, "How these pages run". Pure.
 *
 * @module
 */

/**
 * local and both are run by the runner; production needs an account and is checked as far as can be
 * without one.
 */
const PLACES = ["local", "production", "both"] as const;
/** What a block is to its scenario, in the order in which they are run. */
const ROLES = ["detect", "mitigate", "verify", "after"] as const;
const ANNOTATIONS = [
  "id",
  "where",
  "expect",
  "exit",
  "timeout",
  "retry",
  "human",
  "scenario",
  "role",
  "fault",
  "needs",
];
const TIMEOUT_MS = 60_000;

export interface Block {
  id: string;
  where: (typeof PLACES)[number];
  /** The commands, as published. */
  text: string;
  /** Line of the fence in the page, from 1. */
  line: number;
  /** The heading that it stands under. */
  step: string;
  /** What the output must match. */
  expect: RegExp | null;
  exit: number;
  timeout_ms: number;
  /** For how long it is run again until it ends as it should, ms; 0: once. */
  retry_ms: number;
  /** What a person needs for it beside the machine, ms. */
  human_ms: number;
  scenario: string | null;
  role: (typeof ROLES)[number] | null;
  /** What the runner breaks before it looks whether the block detects it. */
  fault: string | null;
  /** A path of the OpenAPI document without which the block cannot be run. */
  needs: string | null;
}

export interface Page {
  /** RB-001 … */
  id: string;
  title: string;
  blocks: Block[];
  headings: string[];
}

/** "30s" → 30 000; also ms, m. Throws on anything else. */
export function milliseconds(text: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`"${text}" is not a time such as 500ms, 30s or 5m`);
  return Number(count) * ({ ms: 1, s: 1_000, m: 60_000 }[unit as "ms" | "s" | "m"] ?? 1);
}

/** `name=value` or `name="a value"`. Throws on what it does not know. */
function attributes(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const rest = text.replaceAll(
    /([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/g,
    (_, name: string, quoted, plain) => {
      if (!ANNOTATIONS.includes(name))
        throw new Error(`there is no annotation "${name}"; there are ${ANNOTATIONS.join(", ")}`);
      if (found.has(name)) throw new Error(`${name} is given twice`);
      found.set(name, quoted === undefined ? String(plain) : String(quoted).replaceAll('\\"', '"'));
      return "";
    },
  );
  if (rest.trim() !== "") throw new Error(`"${rest.trim()}" is not understood`);
  return found;
}

function oneOf<T extends string>(
  name: string,
  value: string | undefined,
  choices: readonly T[],
): T {
  const choice = choices.find((one) => one === value);
  if (choice === undefined)
    throw new Error(`${name} must be one of ${choices.join(", ")}; it is ${value ?? "missing"}`);
  return choice;
}

function blockOf(info: string, text: string, line: number, step: string): Block {
  const annotation = /^\{(.*)\}$/.exec(info.trim())?.[1];
  if (annotation === undefined) throw new Error("nobody runs this block: it has no {id=… where=…}");
  const of = attributes(annotation);
  const id = of.get("id");
  if (id === undefined || !/^[a-z0-9-]+$/.test(id))
    throw new Error("id must be a word of a-z, 0-9 and -");
  const [scenario, role, fault] = [
    of.get("scenario") ?? null,
    of.get("role"),
    of.get("fault") ?? null,
  ];
  if ((scenario === null) !== (role === undefined))
    throw new Error("scenario and role come together");
  if (fault !== null && role !== "detect")
    throw new Error("fault belongs to the block that detects it");
  // Bash calls no failure what ! turns into one, except where it is the last that is run.
  if (
    text
      .trim()
      .split("\n")
      .slice(0, -1)
      .some((line) => line.startsWith("! "))
  )
    throw new Error("only its last line may begin with !; elsewhere bash goes on when it fails");
  const expected = of.get("expect");
  return {
    id,
    where: oneOf("where", of.get("where"), PLACES),
    text,
    line,
    step,
    expect: expected === undefined ? null : new RegExp(expected, "m"),
    exit: Number(of.get("exit") ?? 0),
    timeout_ms: of.has("timeout") ? milliseconds(of.get("timeout") ?? "") : TIMEOUT_MS,
    retry_ms: milliseconds(of.get("retry") ?? "0s"),
    human_ms: milliseconds(of.get("human") ?? "0s"),
    scenario,
    role: role === undefined ? null : oneOf("role", role, ROLES),
    fault,
    needs: of.get("needs") ?? null,
  };
}

/** Throws with the line of the first block that nobody could run. */
export function parsePage(markdown: string): Page {
  const lines = markdown.split("\n");
  const title = /^# (.*)/.exec(lines[0] ?? "")?.[1] ?? "";
  const id = /^RB-\d{3}/.exec(title)?.[0];
  if (id === undefined) throw new Error("a runbook begins with # RB-00N: title");
  const page: Page = { id, title, blocks: [], headings: [] };
  const path: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const [, hashes, heading] = /^(#{2,4}) (.*)/.exec(line) ?? [];
    if (hashes !== undefined && heading !== undefined) {
      path.splice(hashes.length - 2);
      path.push(heading);
      page.headings.push(heading);
    }
    const [, fence, language, info] = /^(`{3,})(\w*)(.*)$/.exec(line) ?? [];
    if (fence === undefined) continue;
    const end = lines.indexOf(fence, at + 1);
    if (end < 0) throw new Error(`${id}, line ${at + 1}: the block has no end`);
    if (language === "bash" || language === "sh") {
      try {
        const block = blockOf(
          info ?? "",
          lines.slice(at + 1, end).join("\n"),
          at + 1,
          path.join(", "),
        );
        if (page.blocks.some((other) => other.id === block.id))
          throw new Error(`the id ${block.id} is there already`);
        page.blocks.push(block);
      } catch (error) {
        throw new Error(
          `${id}, line ${at + 1}: ${error instanceof Error ? error.message : String(error)}`,
          {
            cause: error,
          },
        );
      }
    }
    at = end;
  }
  return page;
}

/**
 * The scenarios of a page with their blocks. Throws when one cannot be drilled: it needs a fault,
 * detect, mitigate, verify.
 */
export function scenariosOf(page: Page): Map<string, Block[]> {
  const scenarios = Map.groupBy(
    page.blocks.filter(({ scenario, where }) => scenario !== null && where !== "production"),
    ({ scenario }) => scenario ?? "",
  );
  for (const [name, blocks] of scenarios) {
    for (const role of ["detect", "mitigate", "verify"] as const) {
      if (!blocks.some((block) => block.role === role))
        throw new Error(`${page.id}: ${name} has no block to ${role}`);
    }
    if (!blocks.some(({ fault }) => fault !== null))
      throw new Error(`${page.id}: ${name} has no fault to inject`);
  }
  return scenarios;
}
