/** Numbers and times as people read them. Nothing known is a dash. */

const NOTHING = "–";

/** @param {number | null | undefined} n */
export function bytes(n) {
  if (n === null || n === undefined) return NOTHING;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let i = 0;
  for (; n >= 1024 && i < units.length - 1; i++) n /= 1024;
  return `${i === 0 ? n : n.toFixed(1)} ${units[i]}`;
}

/** @param {number | null | undefined} n */
export function count(n) {
  return n === null || n === undefined
    ? NOTHING
    : n.toLocaleString("en", { maximumFractionDigits: n < 10 ? 2 : 0 });
}

/** @param {number} n @param {string} one @param {string} [many] */
export const counted = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/**
 * How much of a lesson's evidence an import brought, where it did.
 *
 * @param {{imported?: number}} evidence
 */
export const importedOf = ({ imported = 0 }) =>
  imported > 0 ? ` (${count(imported)} of these imported)` : "";

/** @param {string | null | undefined} at */
export function ago(at) {
  if (!at) return NOTHING;
  const s = Math.max(0, Math.round((Date.now() - Date.parse(at)) / 1000));
  if (s < 5) return "now";
  if (s < 90) return `${s} s ago`;
  if (s < 5400) return `${Math.round(s / 60)} min ago`;
  return s < 129600 ? `${Math.round(s / 3600)} h ago` : `${Math.round(s / 86400)} days ago`;
}

/** @param {number | null} ms */
export function duration(ms) {
  if (ms === null || !Number.isFinite(ms)) return NOTHING;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 90_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 5_400_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** @param {number | null | undefined} share @param {number} [digits] */
export function percent(share, digits = 1) {
  if (share === null || share === undefined) return NOTHING;
  return `${Number((100 * share).toFixed(digits))} %`;
}

/** @param {number | null} value @param {number} scale @param {string} unit */
export function signed(value, scale, unit = "") {
  if (value === null) return NOTHING;
  const text = (scale * value).toFixed(1);
  return `${value > 0 ? "+" : ""}${text.replace("-", "−")}${unit}`;
}

/** @param {any} difference @param {number} scale */
export function interval({ low, high }, scale) {
  return low === null ? NOTHING : `${signed(low, scale)} … ${signed(high, scale)}`;
}

/**
 * The end of an id: the beginning of one is its time, which its neighbours share.
 *
 * @param {string} id
 */
export const shortId = (id) => (id.length > 12 ? `…${id.slice(-8)}` : id);

/** @param {string} text @param {number} max */
export const cut = (text, max) => (text.length > max ? `${text.slice(0, max - 1)}…` : text);

/** 1.96 standard errors. */
const Z = 1.96;

/**
 * A share of trials with its 95 % interval by Wilson's score; null: there was no trial.
 *
 * @param {number} successes may be a fraction
 * @param {number} trials
 */
export function shareOf(successes, trials) {
  if (trials <= 0) return null;
  const rate = Math.min(1, successes / trials);
  const spread = (Z * Z) / trials;
  const middle = (rate + spread / 2) / (1 + spread);
  const half = (Z * Math.sqrt((rate * (1 - rate)) / trials + spread / (4 * trials))) / (1 + spread);
  return { rate, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
