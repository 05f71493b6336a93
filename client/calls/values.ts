/**
 * Foreign JSON, read without trust: what is not of the form that is asked for is empty. Pure.
 *
 * @module
 */

export type Json = { [key: string]: unknown };

/** The objects of a list; none when it is no list. */
export function objects(value: unknown): Json[] {
  return Array.isArray(value)
    ? value.filter((item): item is Json => typeof item === "object" && item !== null)
    : [];
}

/** The object; empty when it is none. */
export function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

/** A word where there is one. */
export function wordOf(value: unknown, instead: string): string {
  if (typeof value === "string" && value !== "") return value;
  return typeof value === "number" ? String(value) : instead;
}

/** JSON inside a text, or the value as it is; the text where it is no JSON. */
export function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** JSON of anything; what cannot be written as JSON is said to be so. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "[no JSON]";
  }
}

/** What a call was given: JSON, mostly inside a text. A text that is no JSON is an argument. */
export function argumentsOf(value: unknown): unknown {
  if (typeof value !== "string") return value ?? {};
  const given = parsed(value);
  return typeof given === "string" && given === value ? { arguments: value } : (given ?? {});
}

/** The types of the blocks that content is made of. */
const CONTENT = new Set([
  "text",
  "input_text",
  "output_text",
  "refusal",
  "image",
  "image_url",
  "input_image",
  "audio",
  "document",
  "resource",
  "resource_link",
  "tool_reference",
  "search_result",
  "media",
  "file",
]);

/** Blocks of content, as messages have them, rather than data that is a list. */
const isContent = (items: readonly unknown[]): boolean =>
  items.every((item) => {
    const { type, text } = object(item);
    return typeof text === "string" || CONTENT.has(String(type));
  });

/** The text of content: of a text, of blocks (those without text are left out), or data as JSON. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (content === undefined || content === null) return "";
  if (!Array.isArray(content) || !isContent(content)) return jsonOf(content);
  return objects(content)
    .map((block) => {
      const said = block["text"] ?? block["content"];
      return Array.isArray(said) || typeof said === "string" ? textOf(said) : "";
    })
    .filter((text) => text !== "")
    .join("\n");
}
