/**
 * The files of a checkout, parsed: what each imports, how long its functions are, how many
 * parameters they have, how much code it has. Changes nothing.
 *
 * @module
 */

import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync, Visitor, type ParseResult } from "oxc-parser";

export interface SourceFile {
  file: string;
  text: string;
  /** Files of the same tree that it imports, those included of which it needs types only. */
  imports: string[];
  /** Those that are there when it runs. */
  importsAtRunTime: string[];
  functions: SourceFunction[];
  /** Characters of code: without comments, blank lines and indentation. */
  characters: number;
}

interface SourceFunction {
  /** Where it begins, as file and line. */
  at: string;
  /** Without blank lines and comments. */
  lines: number;
  parameters: number;
}

/** What a span of a text is, such as a node or a comment. */
interface Span {
  start: number;
  end: number;
}

/** Those of a tree in their order. @param root of a checkout @param tree such as "src" */
export function sourcesOf(root: string, tree: string): SourceFile[] {
  const files = globSync(`${tree}/**/*.ts`, { cwd: root }).sort();
  return files.map((file) => sourceOf(root, file));
}

function sourceOf(root: string, file: string): SourceFile {
  const text = readFileSync(join(root, file), "utf8");
  const parsed = parseSync(file, text);
  if (parsed.errors.length > 0) throw new Error(`${file}: ${parsed.errors[0]?.message}`);
  const bare = withoutComments(text, parsed.comments);
  const pathsOf = (names: readonly string[]): string[] =>
    names.filter((name) => name.startsWith(".")).map((name) => join(dirname(file), name));
  return {
    file,
    text,
    imports: pathsOf(importsOf(parsed, true)),
    importsAtRunTime: pathsOf(importsOf(parsed, false)),
    functions: functionsOf(file, bare, parsed),
    characters: bare.split("\n").reduce((sum, line) => sum + line.trim().length, 0),
  };
}

/** The text with blanks in place of comments, so that all else stays where it was. */
function withoutComments(text: string, comments: readonly Span[]): string {
  let bare = text;
  for (const { start, end } of comments) {
    const blank = text.slice(start, end).replaceAll(/[^\n]/gu, " ");
    bare = bare.slice(0, start) + blank + bare.slice(end);
  }
  return bare;
}

function importsOf({ module }: ParseResult, withTypes: boolean): string[] {
  const imported = module.staticImports
    .filter(
      ({ entries }) => withTypes || entries.length === 0 || entries.some(({ isType }) => !isType),
    )
    .map(({ moduleRequest }) => moduleRequest.value);
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries
      .filter(({ isType }) => withTypes || !isType)
      .flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
  );
  return [...new Set([...imported, ...exported])];
}

/** Arrow functions and methods among them. */
function functionsOf(file: string, bare: string, { program }: ParseResult): SourceFunction[] {
  const functions: SourceFunction[] = [];
  const note = (node: Span & { params: readonly unknown[] }): void => {
    const lines = bare.slice(node.start, node.end).split("\n");
    functions.push({
      at: `${file}:${bare.slice(0, node.start).split("\n").length}`,
      lines: lines.filter((line) => line.trim() !== "").length,
      parameters: node.params.length,
    });
  };
  new Visitor({
    FunctionDeclaration: note,
    FunctionExpression: note,
    ArrowFunctionExpression: note,
  }).visit(program);
  return functions;
}
