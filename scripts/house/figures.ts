/**
 * How the source is built, in figures: how many files lie flat in a folder, how deep imports go,
 * how long files and lines are, how much code there is. Reads the files of a checkout; changes
 * nothing.
 *
 * @module
 */

import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";

/** A figure, and what it is a figure of. */
export interface Figure {
  what: string;
  value: number;
  /** The worst place, where there is one. */
  where: string;
}

const COLUMNS = 100;

interface Source {
  file: string;
  text: string;
  /** Files of the same tree that it imports, types included. */
  imports: string[];
  /** Characters of code: without comments, blank lines and indentation. */
  characters: number;
}

/** @param root of a checkout @param tree the folder that is measured, such as "src" */
export function figuresOf(root: string, tree: string, depthOf: string): Figure[] {
  const files = globSync(`${tree}/**/*.ts`, { cwd: root }).sort();
  const sources = files.map((file) => sourceOf(root, file));
  const [folder, flat] = most(
    Map.groupBy(files, (file) => dirname(file)),
    (group) => group.length,
  );
  const chain = longestChain(sources, depthOf);
  const lines = sources.flatMap(({ text }) => text.split("\n"));
  const long = lines.filter((line) => line.length > COLUMNS);
  const [longest, length] = most(
    new Map(sources.map(({ file, text }) => [file, text.split("\n").length - 1])),
    (count) => count,
  );
  return [
    { what: "files", value: files.length, where: "" },
    { what: "most files flat in one folder", value: flat, where: folder },
    { what: `import levels of ${depthOf}`, value: chain.length, where: chain.join(" → ") },
    { what: "lines of the longest file", value: length, where: longest },
    {
      what: `lines over ${COLUMNS} columns, in a thousand`,
      value: Math.round((long.length / lines.length) * 1_000),
      where: "",
    },
    {
      what: "characters of code",
      value: sources.reduce((sum, { characters }) => sum + characters, 0),
      where: "without comments, blank lines and indentation",
    },
  ];
}

function sourceOf(root: string, file: string): Source {
  const text = readFileSync(join(root, file), "utf8");
  const { module, comments, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
  ];
  const bare = comments
    .toReversed()
    .reduce((left, { start, end }) => left.slice(0, start) + left.slice(end), text);
  return {
    file,
    text,
    imports: specifiers
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => join(dirname(file), specifier)),
    characters: bare.split("\n").reduce((sum, line) => sum + line.trim().length, 0),
  };
}

/** The longest way from import to import between files of a folder; a circle is cut where it closes. */
function longestChain(sources: readonly Source[], folder: string): string[] {
  const inside = new Map(
    sources
      .filter(({ file }) => file.startsWith(`${folder}/`))
      .map((source) => [source.file, source]),
  );
  const measured = new Map<string, string[]>();
  const below = (file: string, open: ReadonlySet<string>): string[] => {
    const known = measured.get(file);
    if (known) return known;
    const next = (inside.get(file)?.imports ?? []).filter(
      (other) => inside.has(other) && !open.has(other),
    );
    const chains = next.map((other) => below(other, new Set([...open, file])));
    const chain = [file, ...(chains.toSorted((a, b) => b.length - a.length)[0] ?? [])];
    measured.set(file, chain);
    return chain;
  };
  const chains = [...inside.keys()].map((file) => below(file, new Set()));
  return (chains.toSorted((a, b) => b.length - a.length)[0] ?? []).map((file) =>
    file.slice(folder.length + 1),
  );
}

function most<T>(of: ReadonlyMap<string, T>, size: (value: T) => number): [string, number] {
  return (
    [...of]
      .map(([name, value]): [string, number] => [name, size(value)])
      .toSorted((a, b) => b[1] - a[1])[0] ?? ["", 0]
  );
}
