/**
 * Measures how the source is built: how many files lie flat in a folder, how deep imports go and
 * whether they go in circles, how long files, functions and lines are, how much code there is.
 * Reads the files of a checkout; changes nothing.
 *
 * @module
 */

import { dirname } from "node:path";
import { circlesIn, longestChain } from "./graph.ts";
import { sourcesOf, type SourceFile } from "./sources.ts";

/** A figure, and what it is a figure of. */
export interface Figure {
  what: string;
  value: number;
  /** The worst place, or what is counted; empty: nothing to say. */
  where: string;
}

/** What a line, a function and a file have at most. */
const BOUNDS = { columns: 100, functionLines: 50, parameters: 5, fileLines: 400 } as const;

/**
 * @param root of a checkout
 * @param tree the folder that is measured, such as "src"
 * @param depthOf the folder in it whose levels of imports are counted
 */
export function figuresOf(root: string, tree: string, depthOf: string): Figure[] {
  const sources = sourcesOf(root, tree);
  const characters = sources.reduce((sum, source) => sum + source.characters, 0);
  return [
    { what: "files", value: sources.length, where: "" },
    flatFigure(sources),
    ...importFigures(sources, "importsAtRunTime", depthOf),
    ...importFigures(sources, "imports", depthOf),
    ...fileFigures(sources),
    ...functionFigures(sources),
    lineFigure(sources),
    {
      what: "characters of code",
      value: characters,
      where: "without comments, blank lines and indentation",
    },
  ];
}

function importFigures(
  sources: readonly SourceFile[],
  which: "imports" | "importsAtRunTime",
  depthOf: string,
): Figure[] {
  const graph = new Map(sources.map((source) => [source.file, source[which]]));
  const inside = [...graph].filter(([file]) => file.startsWith(`${depthOf}/`));
  const chain = longestChain(new Map(inside)).map((file) => file.slice(depthOf.length + 1));
  const circles = circlesIn(graph);
  const kind = which === "imports" ? ", types included" : " at run time";
  return [
    { what: `import levels of ${depthOf}${kind}`, value: chain.length, where: chain.join(" → ") },
    { what: `import circles${kind}`, value: circles.length, where: circles[0]?.join(", ") ?? "" },
  ];
}

function flatFigure(sources: readonly SourceFile[]): Figure {
  const folders = Map.groupBy(sources, ({ file }) => dirname(file));
  const most = [...folders].toSorted(([, a], [, b]) => b.length - a.length)[0];
  const what = "most files flat in one folder";
  return { what, value: most?.[1].length ?? 0, where: most?.[0] ?? "" };
}

function fileFigures(sources: readonly SourceFile[]): Figure[] {
  const files = sources
    .map(({ file, text }) => ({ at: file, lines: text.split("\n").length - 1 }))
    .toSorted((a, b) => b.lines - a.lines);
  const [longest] = files;
  return [
    beyond("files", "lines", files, BOUNDS.fileLines),
    { what: "lines of the longest file", value: longest?.lines ?? 0, where: longest?.at ?? "" },
  ];
}

function functionFigures(sources: readonly SourceFile[]): Figure[] {
  const functions = sources.flatMap((source) => source.functions);
  return [
    beyond("functions", "lines", functions, BOUNDS.functionLines),
    beyond("functions", "parameters", functions, BOUNDS.parameters),
  ];
}

/** How many have more of something than they may. */
function beyond<K extends string>(
  things: string,
  key: K,
  measured: readonly ({ at: string } & Record<K, number>)[],
  bound: number,
): Figure {
  const found = measured.filter((one) => one[key] > bound).toSorted((a, b) => b[key] - a[key]);
  return { what: `${things} over ${bound} ${key}`, value: found.length, where: found[0]?.at ?? "" };
}

function lineFigure(sources: readonly SourceFile[]): Figure {
  const lines = sources.flatMap(({ text }) => text.split("\n"));
  const long = lines.filter((line) => line.length > BOUNDS.columns);
  return {
    what: `lines over ${BOUNDS.columns} columns, in a thousand`,
    value: Math.round((long.length / lines.length) * 1_000),
    where: "",
  };
}
