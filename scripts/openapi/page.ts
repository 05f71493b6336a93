/**
 * The document as one HTML page: no script, no host but its own, and a policy that allows nothing
 * else.
 *
 * @module
 */

import type { Json } from "./json-schema.ts";

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--get:#2563eb;--post:#15803d;--put:#b45309;--patch:#b45309;--delete:#b91c1c}
@media(prefers-color-scheme:dark){:root{--get:#7cb0ff;--post:#6ee7a0;--put:#fcc876;--patch:#fcc876;--delete:#ff9d9d}}
body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;grid-template-columns:minmax(14rem,18rem) minmax(0,1fr)}
nav{padding:1rem;border-right:1px solid var(--line);position:sticky;top:0;height:100vh;overflow:auto;box-sizing:border-box;font-size:.85rem}
nav ul{list-style:none;padding:0;margin:0 0 1rem}nav a{color:inherit;text-decoration:none}nav a:hover,nav a:focus{text-decoration:underline}
main{padding:1rem 2rem;max-width:60rem}section{border-top:1px solid var(--line);padding:1rem 0}
code,pre{font:.85rem/1.45 ui-monospace,monospace}pre{background:var(--soft);padding:.75rem;overflow:auto;border-radius:.4rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid var(--line)}
summary{cursor:pointer;padding:.2rem 0}.m{font-weight:700;text-transform:uppercase}
.get{color:var(--get)}.post{color:var(--post)}.put{color:var(--put)}.patch{color:var(--patch)}.delete{color:var(--delete)}
@media(max-width:50rem){body{display:block}nav{position:static;height:auto;border:0}main{padding:1rem}}
`;

const escape = (value: unknown): string =>
  String(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
const json = (value: unknown): string => `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`;
const fold = (title: string, inside: string): string =>
  `<details><summary>${title}</summary>${inside}</details>`;
const record = (value: unknown): Record<string, Json> => (value ?? {}) as Record<string, Json>;

export function pageText(document: Json): string {
  const operations = Object.entries(record(document["paths"])).flatMap(([path, methods]) =>
    Object.entries(record(methods)).map(([method, about]) => ({ path, method, about })),
  );
  const byTag = Map.groupBy(operations, ({ about }) => String((about["tags"] as string[])[0]));
  let nav = "";
  let main = "";
  for (const [tag, known] of byTag) {
    nav += `<strong>${escape(tag)}</strong><ul>`;
    main += `<h2>${escape(tag)}</h2>`;
    for (const { path, method, about } of known) {
      nav += `<li><a href="#${escape(about["operationId"])}">${escape(about["summary"])}</a></li>`;
      main += operation(path, method, about, document);
    }
    nav += "</ul>";
  }
  const schemas = Object.entries(record(record(document["components"])["schemas"]));
  main += `<h2 id="schemas">Schemas</h2>${schemas.map(([name, schema]) => fold(`<code>${escape(name)}</code>`, json(schema))).join("")}`;
  const info = record(document["info"]) as Json;
  const title = `${escape(info["title"])} ${escape(info["version"])}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><style>${STYLE}</style></head><body><nav aria-label="Routes"><p><a href="/openapi.json">openapi.json</a></p>${nav}<a href="#schemas">Schemas</a></nav><main><h1>${title}</h1><p>${escape(info["description"])} Send a key as <code>Authorization: Bearer KEY</code>. Errors are RFC 9457 problem details with a stable <code>code</code>.</p>${main}</main></body></html>`;
}

function operation(path: string, method: string, about: Json, document: Json): string {
  const security = (about["security"] as Record<string, string[]>[])[0];
  const needs =
    security === undefined
      ? "Open to everybody."
      : "root" in security
        ? "Needs the ADMIN_TOKEN."
        : `Needs a key with the scope <code>${escape(security["key"]?.[0])}</code>.`;
  const parts = [
    `<section id="${escape(about["operationId"])}"><h3><span class="m ${method}">${method}</span> <code>${escape(path)}</code></h3>`,
    `<p><strong>${escape(about["summary"])}.</strong> ${escape(about["description"] ?? "")} ${needs}</p>`,
  ];
  const parameters = ((about["parameters"] ?? []) as Json[]).map((one) => resolve(one, document));
  if (parameters.length > 0) {
    const rows = parameters.map(
      (one) =>
        `<tr><td><code>${escape(one["name"])}</code>${one["required"] === true ? " *" : ""}</td><td>${escape(one["in"])}</td><td><code>${escape(JSON.stringify(one["schema"]))}</code> ${escape(one["description"] ?? "")}</td></tr>`,
    );
    parts.push(fold(`Parameters (${parameters.length})`, `<table>${rows.join("")}</table>`));
  }
  for (const [type, content] of Object.entries(record(record(about["requestBody"])["content"]))) {
    parts.push(fold(`Body: <code>${escape(type)}</code>`, json(content["schema"])));
    for (const example of Object.values(record(content["examples"]))) {
      parts.push(`<p>${escape(example["summary"])}:</p>${json(example["value"])}`);
    }
  }
  for (const [status, answer] of Object.entries(record(about["responses"]))) {
    const { description, content } = resolve(answer, document);
    const contents = Object.entries(record(content))
      .map(([type, { schema, example }]) => {
        const shown = example === undefined ? "" : `<p>For example:</p>${json(example)}`;
        return `<p><code>${escape(type)}</code></p>${json(schema)}${shown}`;
      })
      .join("");
    const title = `<code>${escape(status)}</code> ${escape(description)}`;
    parts.push(contents === "" ? `<p>${title}</p>` : fold(title, contents));
  }
  return `${parts.join("\n")}</section>\n`;
}

/** A parameter or an answer, or the one that a reference names. */
function resolve(one: Json, document: Json): Json {
  const [, kind, name] = /^#\/components\/(\w+)\/([\w-]+)$/.exec(String(one["$ref"])) ?? [];
  if (kind === undefined || name === undefined) return one;
  return (record(document["components"])[kind]?.[name] as Json | undefined) ?? one;
}
