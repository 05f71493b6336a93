/**
 * Checks one after another, a line each, shown as they come.
 *
 * @module
 */

import type { App } from "../../app.ts";
import { EXIT } from "../../exit.ts";
import { explain } from "../../failures.ts";
import { counted, duration, safe, type Shown } from "../../terminal/output.ts";

export type Verdict = "pass" | "warn" | "fail" | "skip";

export interface Checked {
  name: string;
  verdict: Verdict;
  message: string;
  ms: number;
}

export type Finding = string | { verdict: Verdict; message: string };

export class Checklist {
  readonly #app: App;
  readonly #done: Checked[] = [];

  constructor(app: App) {
    this.#app = app;
  }

  /** Runs a check; what it throws is what fails. True: it did not fail. */
  async check(name: string, run: () => Promise<Finding> | Finding): Promise<boolean> {
    const begun = performance.now();
    let checked: Checked;
    try {
      const said = await run();
      const { verdict, message } =
        typeof said === "string" ? { verdict: "pass" as const, message: said } : said;
      checked = { name, verdict, message, ms: Math.round(performance.now() - begun) };
    } catch (error) {
      checked = {
        name,
        verdict: "fail",
        message: explain(error).replaceAll("\n", "; "),
        ms: Math.round(performance.now() - begun),
      };
    }
    this.#done.push(checked);
    if (this.#app.options.format === "table") this.#app.io.stdout.write(`${this.#line(checked)}\n`);
    return checked.verdict !== "fail";
  }

  /** The sum; the lines are on the terminal already. */
  shown(): Shown {
    const failed = this.#done.filter(({ verdict }) => verdict === "fail").length;
    const warned = this.#done.filter(({ verdict }) => verdict === "warn").length;
    return {
      data: { ok: failed === 0, checks: this.#done },
      text: (colors) => {
        const sum = `${counted(this.#done.length, "check")}, ${failed} failed${warned > 0 ? `, ${warned} to look at` : ""}`;
        return failed > 0 ? colors.red(sum) : warned > 0 ? colors.yellow(sum) : colors.green(sum);
      },
      exit: failed > 0 ? EXIT.failed : EXIT.ok,
    };
  }

  #line({ name, verdict, message, ms }: Checked): string {
    const { colors } = this.#app;
    const mark = {
      pass: colors.green("✓"),
      warn: colors.yellow("!"),
      fail: colors.red("✗"),
      skip: colors.dim("-"),
    }[verdict];
    return `${mark} ${name.padEnd(22)} ${safe(message)}${ms >= 1 ? colors.dim(`  ${duration(ms)}`) : ""}`;
  }
}
