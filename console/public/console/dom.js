/** Elements from data. Text is always set as text: what is shown was written by others. */

/** @param {string} tag @param {Record<string, any>} attributes @param {...any} children */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") Reflect.set(element, name, value);
    else element.setAttribute(name === "className" ? "class" : name, String(value));
  }
  element.append(
    ...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** @param {Element} element @param {...any} children */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(3).filter(Boolean));
}

/** @param {string} status */
export function pill(status) {
  const kind = {
    closed: "healthy",
    success: "healthy",
    completed: "healthy",
    do: "healthy",
    info: "healthy",
    open: "unhealthy",
    forced_open: "unhealthy",
    failure: "unhealthy",
    failed: "unhealthy",
    critical: "unhealthy",
    avoid: "unhealthy",
    error: "unhealthy",
  };
  const known = ["healthy", "degraded", "unhealthy"].includes(status)
    ? status
    : (Reflect.get(kind, status) ?? "degraded");
  return h("span", { class: `pill ${known}` }, status.replaceAll("_", " "));
}

/**
 * @param {string[]} heads
 * @param {any[][]} rows
 * @param {{caption: string, numbers?: number[]}} options
 */
export function table(heads, rows, { caption, numbers = [] }) {
  const at = (/** @type {number} */ i) => (numbers.includes(i) ? "number" : null);
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "hidden" }, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          heads.map((head, i) => h("th", { scope: "col", class: at(i) }, head)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            row.map((cell, i) => h("td", { class: at(i) }, cell)),
          ),
        ),
      ),
    ),
  );
}

/** @param {number | null | undefined} n */
export function bytes(n) {
  if (n === null || n === undefined) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let i = 0;
  for (; n >= 1024 && i < units.length - 1; i++) n /= 1024;
  return `${i === 0 ? n : n.toFixed(1)} ${units[i]}`;
}

/** @param {number | null | undefined} n */
export function count(n) {
  return n === null || n === undefined
    ? "–"
    : n.toLocaleString("en", { maximumFractionDigits: n < 10 ? 2 : 0 });
}

/** @param {string | null | undefined} at */
export function ago(at) {
  if (!at) return "–";
  const s = Math.max(0, Math.round((Date.now() - Date.parse(at)) / 1000));
  if (s < 90) return `${s} s ago`;
  if (s < 5400) return `${Math.round(s / 60)} min ago`;
  return s < 129600 ? `${Math.round(s / 3600)} h ago` : `${Math.round(s / 86400)} days ago`;
}

/** @param {string | null | undefined} at */
export function time(at) {
  return at
    ? h("time", { datetime: at, title: at }, `${at.slice(0, 10)} ${at.slice(11, 19)}`)
    : "–";
}

/** @param {Record<string, number>} parts of a score */
export function why(parts) {
  return h(
    "div",
    { class: "why" },
    Object.entries(parts).map(([name, value]) => [
      h("span", {}, name.replaceAll("_", " ")),
      h("meter", {
        min: "0",
        max: "1",
        value: String(Math.max(0, value)),
        "aria-label": `${name} ${value.toFixed(2)}`,
      }),
      h("span", { class: "mono" }, value.toFixed(3)),
    ]),
  );
}
