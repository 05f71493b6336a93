/**
 * Plants the bug that `PLANTED_BUG` names, as the file is loaded: `node --import` this file. Throws
 * where the text that it replaces does not stand there once.
 *
 * @module
 */

import { registerHooks } from "node:module";
import { PLANTED } from "./bugs.ts";

const name = process.env["PLANTED_BUG"] ?? "";
const bug = PLANTED[name];
if (!bug) throw new Error(`there is no planted bug "${name}"`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/src/${bug.file}`)) return loaded;
    const source = new TextDecoder().decode(loaded.source as Uint8Array);
    const parts = source.split(bug.find);
    if (parts.length !== 2) throw new Error(`${bug.file} has the text ${parts.length - 1} times`);
    return { ...loaded, source: parts.join(bug.replace) };
  },
});
