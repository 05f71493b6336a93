/**
 * What a source file imports, by its syntax: static imports and re-exports, types included, and
 * dynamic imports of a constant.
 *
 * @module
 */

import { parseSync } from "oxc-parser";

export interface Import {
  /** As it is written. */
  specifier: string;
}

/** @param text TypeScript. Throws when it does not parse. */
export function importsOf(file: string, text: string): Import[] {
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const dynamic = module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
    const written = text.slice(start, end);
    return /^["'][^"']*["']$/.test(written) ? written.slice(1, -1) : [];
  });
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...dynamic,
  ];
  return [...new Set(specifiers)].map((specifier) => ({ specifier }));
}
