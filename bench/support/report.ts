/**
 * What a run found: tables of figures, and each target beside its bound. Printed, and kept as JSON.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import type { Figures } from "./measure.ts";

export interface Target {
  what: string;
  value: number;
  unit: string;
  bound: number;
  /** Whether the bound is the most or the least that is good. */
  side: "at most" | "at least";
  good: boolean;
}

export interface Results {
  command: string;
  /** When it was run, RFC 3339. */
  at: string;
  machine: { cpu: string; cores: number; node: string };
  figures: Record<string, Figures>;
  /** Single figures, by name. */
  values: Record<string, number>;
  units: Record<string, string>;
  targets: Target[];
  notes: string[];
}

/** Columns of the terminal for the name of a figure, and of a row of figures. */
const NAME_WIDTH = 84;
const ROW_WIDTH = 54;

export class Report {
  readonly results: Results;

  constructor(command: string) {
    const [first] = cpus();
    this.results = {
      command,
      at: new Date().toISOString(),
      machine: { cpu: first?.model ?? "", cores: cpus().length, node: process.version },
      figures: {},
      values: {},
      units: {},
      targets: [],
      notes: [],
    };
  }

  heading(text: string): void {
    console.log(`\n${text}\n`);
    console.log(
      `${"".padEnd(ROW_WIDTH)}${["p50 ms", "p95 ms", "p99 ms", "/s", "CPU ms", "DB trips"].map((name) => name.padStart(10)).join("")}`,
    );
  }

  /** Keeps and prints a row. */
  row(name: string, figures: Figures): Figures {
    this.results.figures[name] = figures;
    const { p50, p95, p99, perSecond, cpuMs, roundTrips } = figures;
    const cells = [
      p50.toFixed(2),
      p95.toFixed(2),
      p99.toFixed(2),
      perSecond.toFixed(0),
      cpuMs.toFixed(2),
    ];
    console.log(
      `${name.padEnd(ROW_WIDTH)}${[...cells, roundTrips.toFixed(3)].map((cell) => cell.padStart(10)).join("")}`,
    );
    return figures;
  }

  /** Keeps and prints a single figure. */
  value(name: string, value: number, unit: string): number {
    this.results.values[name] = value;
    this.results.units[name] = unit;
    console.log(`${name.padEnd(NAME_WIDTH)} ${format(value, unit).padStart(12)}`);
    return value;
  }

  note(text: string): void {
    this.results.notes.push(text);
    console.log(`  ${text}`);
  }

  target(what: string, value: number, side: Target["side"], bound: number, unit: string): void {
    const good = side === "at most" ? value <= bound : value >= bound;
    this.results.targets.push({ what, value, unit, bound, side, good });
    const wanted = `${side} ${format(bound, unit)}`;
    console.log(
      `${what.padEnd(NAME_WIDTH)} ${format(value, unit).padStart(12)}   ${wanted.padEnd(20)} ${good ? "ok" : "MISSED"}`,
    );
  }

  /** Writes the JSON; the process ends with 1 when a target was missed. */
  write(file: string): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(this.results, null, 2)}\n`);
    const missed = this.results.targets.filter(({ good }) => !good).length;
    console.log(`\n${missed} of ${this.results.targets.length} targets missed. Written to ${file}`);
    process.exitCode = missed > 0 ? 1 : 0;
  }
}

export function format(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return unit === "" ? text : `${text} ${unit}`;
}
