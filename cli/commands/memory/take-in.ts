/**
 * An import as it goes: progress, what was refused and why, and what came of it.
 *
 * @module
 */

import type { App } from "../../app.ts";
import { EXIT } from "../../exit.ts";
import { safe, type Shown } from "../../terminal/output.ts";

const REFUSED_SHOWN = 20;

type Items = AsyncIterable<object | Uint8Array> | Iterable<object>;

/**
 * Sends lines and shows the sum.
 *
 * @param source items, or bytes of lines
 * @param onConflict what becomes of an item whose id is there with other content
 * @param howFar how much of the source was read, in words: nobody knows its lines before
 */
export async function takeIn(
  app: App,
  source: Items,
  onConflict: "update" | "refuse",
  howFar: () => string = () => "",
): Promise<Shown> {
  const memory = await app.memory();
  const counts = { created: 0, updated: 0, duplicate: 0, error: 0 };
  const refused: { line: number; code: string; detail: string }[] = [];
  const progress = app.progress("importing", "lines");
  const broken = (): string =>
    `Broken off after ${sumOf(counts)}. The same command again goes on: what is there stays.`;
  app.io.leaving?.add(broken);
  for await (const answer of memory.import(bytesOf(source), { onConflict })) {
    counts[answer.status] += 1;
    if (answer.status === "error" && refused.length < REFUSED_SHOWN) {
      refused.push({ line: answer.line, code: answer.error.code, detail: answer.error.detail });
    }
    progress.update(
      Object.values(counts).reduce((sum, count) => sum + count),
      null,
      howFar(),
    );
  }
  progress.end();
  app.io.leaving?.delete(broken);
  return {
    data: { ...counts, refused },
    text: (colors) => {
      const lines = [sumOf(counts)];
      for (const { line, code, detail } of refused)
        lines.push(colors.red(`  line ${line}: ${code}: ${safe(detail)}`));
      if (counts.error > refused.length)
        lines.push(colors.red(`  and ${counts.error - refused.length} more`));
      return lines.join("\n");
    },
    exit: counts.error > 0 ? EXIT.failed : EXIT.ok,
  };
}

interface Counts {
  created: number;
  updated: number;
  duplicate: number;
  error: number;
}

const sumOf = ({ created, updated, duplicate, error }: Counts): string =>
  `${created} new, ${updated} updated, ${duplicate} there already, ${error} refused`;

function bytesOf(source: Items): ReadableStream<Uint8Array> {
  const items =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await items.next();
      if (next.done) return controller.close();
      const bytes =
        next.value instanceof Uint8Array
          ? next.value
          : encoder.encode(`${JSON.stringify(next.value)}\n`);
      controller.enqueue(new Uint8Array(bytes));
    },
  });
}
