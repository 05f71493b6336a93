/**
 * The front door of `memory/text/`: terms of texts.
 *
 * @module
 */

export { contentFlags, contentTokens, queryTokens, tokenize, type Token } from "./tokens.ts";
