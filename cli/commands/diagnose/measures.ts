/**
 * Two scrapes of the service's metrics, and what happened between them. Pure.
 *
 * @module
 */

interface Series {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

type Labels = Series["labels"];
type Wanted = (labels: Labels) => boolean;

const LINE = /^([a-z_]+)(?:\{(.*)\})? ([^ ]+)$/;
const LABEL = /([a-z_]+)="((?:\\.|[^"\\])*)"/g;

/** The series of an exposition; comments, and what is none, are passed over. */
function parsed(exposition: string): Series[] {
  return exposition.split("\n").flatMap((line): Series[] => {
    const [, name, labels = "", value] = LINE.exec(line) ?? [];
    if (name === undefined || Number.isNaN(Number(value))) return [];
    const pairs = [...labels.matchAll(LABEL)].map(([, key, text]) => [key, text]);
    return [{ name, labels: Object.fromEntries(pairs) as Labels, value: Number(value) }];
  });
}

/** Failures that say nothing of how well the database answers: the rule of the alert has them too. */
const NOT_ERRORS = new Set(["quota", "fenced", "constraint", "too_large", "rejected"]);

export class Measures {
  readonly #before: readonly Series[];
  readonly #after: readonly Series[];

  /** @param before an exposition @param after a later one */
  constructor(before: string, after: string) {
    this.#before = parsed(before);
    this.#after = parsed(after);
  }

  /** The sum of the series of this name, as they are now. */
  now(name: string, wanted: Wanted = () => true): number {
    return sumOf(this.#after, name, wanted);
  }

  /** By how much they have grown. A counter that began anew counts from nothing. */
  grown(name: string, wanted: Wanted = () => true): number {
    const before = sumOf(this.#before, name, wanted);
    const after = this.now(name, wanted);
    return after < before ? after : after - before;
  }

  /** The largest ratio of two gauges of the same instance; 0: there is none. */
  share(of: string, bound: string): number {
    const bounds = this.#after.filter(({ name }) => name === bound);
    const shares = this.#after
      .filter(({ name }) => name === of)
      .map(({ labels, value }) => {
        const own = bounds.find((one) => one.labels["instance"] === labels["instance"]);
        return own && own.value > 0 ? value / own.value : 0;
      });
    return Math.max(0, ...shares);
  }

  /** Requests to the database that failed, and for `timeout` in vain. */
  errors(): { failed: number; slow: number; asked: number } {
    const ofDatabase: Wanted = ({ backend }) => backend === "turso";
    const name = "memory_storage_errors_total";
    const slow = this.grown(name, (labels) => ofDatabase(labels) && labels["kind"] === "timeout");
    const failed = this.grown(
      name,
      (labels) =>
        ofDatabase(labels) && labels["kind"] !== "timeout" && !NOT_ERRORS.has(labels["kind"] ?? ""),
    );
    const count = "memory_storage_operation_duration_seconds_count";
    return { failed, slow, asked: this.grown(count, ofDatabase) };
  }

  /**
   * The time that this share of the requests to the database stayed below, s, by the bucket that it
   * is in; null: too few were made.
   */
  quantile(share: number, atLeast: number): number | null {
    const name = "memory_storage_operation_duration_seconds_bucket";
    const bounds = new Set(
      this.#after
        .filter((one) => one.name === name && one.labels["backend"] === "turso")
        .map(({ labels }) => labels["le"] ?? ""),
    );
    const counts = [...bounds]
      .map((le) => ({
        le: le === "+Inf" ? Infinity : Number(le),
        count: this.grown(name, (labels) => labels["backend"] === "turso" && labels["le"] === le),
      }))
      .sort((a, b) => a.le - b.le);
    const all = counts.at(-1)?.count ?? 0;
    if (all < atLeast) return null;
    return counts.find(({ count }) => count >= all * share)?.le ?? null;
  }
}

function sumOf(series: readonly Series[], name: string, wanted: Wanted): number {
  return series
    .filter((one) => one.name === name && wanted(one.labels))
    .reduce((sum, { value }) => sum + value, 0);
}
