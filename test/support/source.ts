/**
 * What the code's own source says, by its syntax and not by its looks.
 *
 * @module
 */

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";

const ROOT = join(import.meta.dirname, "../..");

interface Node {
  type: string;
  [field: string]: unknown;
}

export interface Source {
  file: string;
  /** Regular expressions as they are written, each once. */
  expressions: Set<string>;
  /** Calls that make an expression of a text. */
  dynamic: string[];
  /** Texts, the pieces of templates among them. */
  texts: string[];
}

/** Each file that matches, from the root of the project, in order. */
export function sourcesOf(pattern: string): Source[] {
  return globSync(pattern, { cwd: ROOT })
    .sort()
    .map((file) => sourceOf(file, readFileSync(join(ROOT, file), "utf8")));
}

/** @param text TypeScript */
export function sourceOf(file: string, text: string): Source {
  const source: Source = { file, expressions: new Set(), dynamic: [], texts: [] };
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  visit(program, (node) => look(node, source));
  return source;
}

function look(node: Node, source: Source): void {
  if (node.type === "Literal") {
    if (node["regex"]) source.expressions.add(String(node["raw"]));
    if (typeof node["value"] === "string") source.texts.push(node["value"]);
  }
  if (node.type === "TemplateElement") source.texts.push((node["value"] as { raw: string }).raw);
  if (node.type === "NewExpression" || node.type === "CallExpression") {
    const made = madeOfText(node["callee"] as Node, node["arguments"] as Node[]);
    if (made !== null) source.dynamic.push(made);
  }
}

/** RegExp itself, and the methods of a text that make an expression of another text. */
function madeOfText(callee: Node, [first]: Node[]): string | null {
  if (callee.type === "Identifier" && callee["name"] === "RegExp") return "RegExp";
  if (callee.type !== "MemberExpression") return null;
  const name = String((callee["property"] as Node)["name"]);
  if (name === "RegExp") return name;
  const isText =
    first?.type === "TemplateLiteral" ||
    (first?.type === "Literal" && typeof first["value"] === "string");
  return ["match", "matchAll", "search"].includes(name) && isText ? name : null;
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, see);
  else if (typeof value === "object" && value !== null) {
    if (typeof Reflect.get(value, "type") === "string") see(value as Node);
    for (const item of Object.values(value)) visit(item, see);
  }
}

/** SQL in a file's literals, whole or in parts; `${…}` where an expression stands. */
export function sqlOf(file: string, text: string): string[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const found: string[] = [];
  visit(program, (node) => {
    if (node.type === "Literal" && typeof node["value"] === "string") found.push(node["value"]);
    if (node.type !== "TemplateLiteral") return;
    const pieces = (node["quasis"] as Node[]).map(({ value }) => (value as { raw: string }).raw);
    found.push(pieces.join("${…}"));
  });
  return found.filter((literal) => SQL.test(literal));
}

/** Keywords of SQL, which are written in capitals. */
const SQL = /\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|FROM|JOIN|WHERE)\b/;
