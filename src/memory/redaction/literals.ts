/**
 * String literals inside a text, with what they say: of arguments and answers that are written as JSON
 * the text has escapes where a secret begins and ends. Linear in the text. Pure.
 *
 * @module
 */

/** The inside of a literal, and what it says. */
export interface Literal {
  /** Behind the opening quote, and at the closing one. */
  from: number;
  to: number;
  said: string;
}

const QUOTE = '"';
const BACKSLASH = "\\";

/** Those that hold an escape, in their order: the others say what stands there. */
export function* escapedLiterals(text: string): Generator<Literal> {
  if (!text.includes(BACKSLASH)) return;
  for (let open = text.indexOf(QUOTE); open >= 0;) {
    const { close, isEscaped } = closingAt(text, open + 1);
    if (close < 0) return;
    const said = isEscaped ? decoded(text.slice(open, close + 1)) : null;
    if (said !== null) yield { from: open + 1, to: close, said };
    // Which quote opens and which closes is not known: what closed none may open the next one.
    open = said === null ? close : text.indexOf(QUOTE, close + 1);
  }
}

/** The next quote without a backslash before it; −1: there is none. */
function closingAt(text: string, from: number): { close: number; isEscaped: boolean } {
  let isEscaped = false;
  for (let at = from; at < text.length; at++) {
    if (text[at] === QUOTE) return { close: at, isEscaped };
    if (text[at] !== BACKSLASH) continue;
    isEscaped = true;
    at += 1;
  }
  return { close: -1, isEscaped };
}

/** null: it is no literal of JSON. */
function decoded(literal: string): string | null {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return null;
  }
}
