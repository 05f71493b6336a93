/**
 * Says what kind of action an SQL statement is: its verb and the tables that it is about. Pure;
 * linear in the statement.
 *
 * @module
 */

const READ_MAX = 4_000;
/** Tables that a key names. */
const TABLES_MAX = 3;

/** What a statement must look like, so that a sentence that begins with its verb is none. */
const FORMS: readonly RegExp[] = [
  /^select\s+(?!(?:the|a|an|my|your|this|that|some|one)\s)[^]*\bfrom\s+[\w("`[]/i,
  /^select\s+(?:[\d'@*]|\w+\s*\()/i,
  /^with\s+[\w"`[\]]+(?:\s*\([^)]*\))?\s+as\s*\(/i,
  /^insert\s+(?:\w+\s+){0,2}into\s/i,
  /^replace\s+into\s/i,
  /^update\s+\S+\s+(?:\w+\s+){0,2}set\s/i,
  /^delete\s+from\s/i,
  /^merge\s+into\s/i,
  /^(?:create|alter|drop|truncate)\s+(?:\w+\s+){0,3}(?:table|index|view|database|schema|trigger)\b/i,
  /^truncate\s+\S+\s*;?\s*$/i,
  /^show\s+(?:full\s+)?(?:tables|databases|columns|fields|create|index|indexes|keys|schemas)\b/i,
  /^(?:describe|desc)\s+[\w"`.[\]]+\s*;?\s*$/i,
  /^explain\s+(?:\w+\s+){0,2}(?:select|update|delete|insert|with)\b/i,
  /^pragma\s+\w+/i,
];
const TABLE =
  /\b(?:from|join|into|update|table|describe|desc|index|view|truncate)\s+(?:if\s+(?:not\s+)?exists\s+|only\s+)?([\w$."\x60[\]]{1,80})/gi;
/** What stands where a table may, and is none. */
const NO_TABLE = /^(?:select|table|where|on|as|set|if|exists|not|only|lateral|unnest|values)$/i;

/** null: it is no statement. */
export function sqlKey(statement: string): string | null {
  const text = withoutComments(statement.slice(0, READ_MAX));
  if (!FORMS.some((form) => form.test(text))) return null;
  const verb = verbOf(text);
  const tables: string[] = [];
  for (const [, name = ""] of text.matchAll(TABLE)) {
    const table = name
      .replaceAll(/["`[\]]/g, "")
      .replace(/^.*\./, "")
      .toLowerCase();
    if (table !== "" && !NO_TABLE.test(table) && !tables.includes(table)) tables.push(table);
    if (tables.length === TABLES_MAX) break;
  }
  return tables.length === 0 ? verb : `${verb} ${tables.sort().join(", ")}`;
}

/** The verb in capitals, with its object where that is what it does: SHOW TABLES, DROP TABLE. */
function verbOf(text: string): string {
  const [first = "", second = ""] = text.toUpperCase().split(/\s+/, 2);
  if (first === "WITH") return "SELECT";
  if (first === "DESC") return "DESCRIBE";
  const isNamed = ["SHOW", "CREATE", "ALTER", "DROP", "PRAGMA"].includes(first);
  return isNamed ? `${first} ${second.replace(/[^A-Z_][^]*/, "")}`.trim() : first;
}

function withoutComments(text: string): string {
  return text.replaceAll(/--[^\n]*(?:\n|$)|\/\*[^*]*\*\//g, " ").trim();
}
