/**
 * The pages that a person sees who connects a client: consent, what was refused, and the way back to
 * the client. Plain HTML without a script; every text of a client is escaped and bounded. Pure.
 *
 * @module
 */

import { GRANTABLE, type Grantable } from "../judge.ts";

/** Of a client's texts, characters. */
const TEXT_MAX = 100;

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:34rem;margin:3rem auto;padding:0 1rem}
h1{font-size:1.4rem}
label,legend{font-weight:600}
fieldset{border:0;padding:0;margin:1rem 0}
fieldset label{display:block;font-weight:400}
input:not([type=checkbox]){box-sizing:border-box;width:100%;padding:.5rem;font:inherit;margin-bottom:1rem}
button{font:inherit;padding:.5rem 1.25rem;margin-right:.5rem}
.error{border-left:.25rem solid #c00;padding:.5rem .75rem}
small{display:block;margin-bottom:.25rem}`;
/** Of the style; a test says when it is another one. */
const STYLE_SHA256 = "sha256-4D0wRB8+wQGOZeV0FRJXmxfXZSXew6aLbgsU0iY5d9o=";

/** In no frame, with no script, and its form goes nowhere else. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": `default-src 'none'; style-src '${STYLE_SHA256}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "X-Frame-Options": "DENY",
  // The form's own request says where it comes from; no other site learns it.
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
  "Cache-Control": "no-store",
};

const WHAT: Readonly<Record<Grantable, string>> = {
  read: "Read: recall, advice, episodes, lessons",
  write: "Write: record episodes, leave lessons, change and delete them",
};

export interface ConsentFacts {
  clientName: string;
  /** The host that the client's description is at; null: it registered itself, and proves nothing. */
  clientDomain: string | null;
  /** Where access is sent to. */
  redirectHost: string;
  isLocal: boolean;
  /** Of the consent: in the form, and in a cookie. */
  handle: string;
  /** What is ticked. */
  scopes: readonly Grantable[];
  namespace: string;
  /** What was wrong with the last try; null: this is the first. */
  problem: string | null;
}

export function consentHtml(facts: ConsentFacts): string {
  const name = shown(facts.clientName);
  const origin =
    facts.clientDomain === null
      ? "This app registered itself: nobody has checked its name."
      : `The app describes itself at <strong>${shown(facts.clientDomain)}</strong>.`;
  const host = `<strong>${shown(facts.redirectHost)}</strong>`;
  const local = facts.isLocal
    ? "<p><strong>That is an app on this computer. Continue only if you have just started to connect from it.</strong></p>"
    : "";
  return pageHtml(
    `Connect ${name} to this memory`,
    `${problemHtml(facts.problem)}<p>${origin} Access is sent to ${host}.</p>${local}
<form method="post" action="/oauth/authorize" autocomplete="off">
<input type="hidden" name="handle" value="${escaped(facts.handle)}">
<label for="key">Memory key</label>
<small id="about-key">It stays here: the app gets a token of its own, which ends with the key.</small>
<input id="key" name="key" type="password" required maxlength="500" autocomplete="off" spellcheck="false" aria-describedby="about-key">
<label for="namespace">Namespace</label>
<small id="about-namespace">The only one that the app may use. Empty: the key’s default.</small>
<input id="namespace" name="namespace" value="${escaped(facts.namespace)}" maxlength="64" autocomplete="off" spellcheck="false" aria-describedby="about-namespace">
<fieldset><legend>The app may</legend>${GRANTABLE.map((scope) => scopeHtml(scope, facts)).join("")}</fieldset>
<button name="decision" value="allow">Connect</button>
<button name="decision" value="deny" formnovalidate>Cancel</button>
</form>`,
  );
}

function scopeHtml(scope: Grantable, { scopes }: ConsentFacts): string {
  const isTicked = scopes.includes(scope) ? " checked" : "";
  // Nothing works without reading.
  const isFixed = scope === "read" ? " disabled" : "";
  return `<label><input type="checkbox" name="scope" value="${scope}"${isTicked}${isFixed}> ${WHAT[scope]}</label>`;
}

function problemHtml(problem: string | null): string {
  return problem === null ? "" : `<p class="error" role="alert">${escaped(problem)}</p>`;
}

/** @param back the client's address, with what is said to it; null: none is known to be its own */
export function refusalHtml(reason: string, back: string | null): string {
  const link =
    back === null
      ? "<p>Close this page, and start again from the app.</p>"
      : `<p><a href="${escaped(back)}" rel="noreferrer">Back to ${shown(new URL(back).host)}</a></p>`;
  return pageHtml("This app cannot be connected", `${problemHtml(reason)}${link}`);
}

/** Leads on by itself: a redirect after a form may go nowhere else, in the eyes of a browser. */
export function onwardHtml(title: string, address: string): string {
  const to = escaped(address);
  return pageHtml(
    title,
    `<p><a href="${to}" rel="noreferrer">Go on to ${shown(new URL(address).host)}</a></p>`,
    `<meta http-equiv="refresh" content="0;url=${to}">`,
  );
}

/** @param title escaped, as are the others */
function pageHtml(title: string, body: string, head = ""): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>${title}</title>${head}<style>${STYLE}</style></head>
<body><main><h1>${title}</h1>${body}</main></body></html>
`;
}

/** A client's text in one line, within bounds. */
function shown(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").trim();
  const isLong = line.length > TEXT_MAX;
  return escaped(isLong ? `${line.slice(0, TEXT_MAX).toWellFormed()}…` : line);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
