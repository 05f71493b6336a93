/**
 * Tells whether a lesson is about a tool: it applies to it, or names it in its words. Pure; linear in
 * the lesson's text.
 *
 * @module
 */

/** What joins parts of one name: `db` is not named by `db.query`. */
const JOINS = "-.:/";

export function namesTool(
  { text, applies_to }: { text: string; applies_to: { tools: readonly string[] } },
  tool: string,
): boolean {
  return applies_to.tools.includes(tool) || holdsName(text, tool);
}

/** Whether the text holds the name as it is written, and not as a part of another. */
function holdsName(text: string, name: string): boolean {
  if (name === "") return false;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const end = at + name.length;
    const goesOn =
      isOfName(text[at - 1]) ||
      isOfName(text[end]) ||
      (isJoin(text[at - 1]) && isOfName(text[at - 2])) ||
      (isJoin(text[end]) && isOfName(text[end + 1]));
    if (!goesOn) return true;
  }
  return false;
}

function isJoin(character: string | undefined): boolean {
  return character !== undefined && JOINS.includes(character);
}

/** A digit, an underscore, or a letter of a script that has two cases, as names are written in. */
function isOfName(character: string | undefined): boolean {
  if (character === undefined) return false;
  return (
    character === "_" ||
    (character >= "0" && character <= "9") ||
    character.toLowerCase() !== character.toUpperCase()
  );
}
