/**
 * Says what kind of file a path names: `*.test.ts`, `Dockerfile`, `migrations/*.sql`. Pure.
 *
 * @module
 */

/** A longer text is hardly a path. */
const PATH_MAX = 400;
/** Kinds of files of which a project has few, by name: what they are called says what they are. */
const NAMED_KINDS = /\.(?:json|ya?ml|toml|lock|ini|cfg|conf|env|mod|gradle|xml|properties|mk)$/i;
/** Folders that say what the files in them are for. */
const TELLING_FOLDER =
  /^(?:migrations?|workflows|tests?|__tests__|specs?|docs?|fixtures|scripts)$/i;
/** Second endings that belong to the kind: `x.test.ts`, `x.config.js`. */
const SECOND_ENDING = /\.(?:test|spec|config|module|stories|d|min|e2e|unit|setup)$/i;
const FIXED_NAME = /^\.?[A-Za-z][A-Za-z_.-]{0,39}$/;

/** null: it is no path. */
export function fileKey(path: string): string | null {
  if (path.length > PATH_MAX || /[\n*?<>|"]/.test(path) || path.includes("://")) return null;
  const parts = path
    .replaceAll("\\", "/")
    .split("/")
    .filter((part) => part !== "" && part !== ".");
  const name = parts.at(-1) ?? "";
  const isPath = path.includes("/") || path.includes("\\");
  if (name === "" || (!isPath && !/^\.?[\w@-]+\.[\w.]{1,12}$|^[A-Z][a-z]+file$/.test(name)))
    return null;

  const kind = kindOf(name);
  if (kind === null) return null;
  const folder = parts.at(-2) ?? "";
  return TELLING_FOLDER.test(folder) && kind.startsWith("*") ? `${folder}/${kind}` : kind;
}

function kindOf(name: string): string | null {
  if (name.startsWith(".") && FIXED_NAME.test(name)) return name;
  const ending = /\.[A-Za-z]\w{0,7}$/.exec(name)?.[0];
  if (ending === undefined) {
    // A file without an ending has a name of its own, or it is a folder.
    return /^[A-Z][A-Za-z]{2,23}$/.test(name) ? name : null;
  }
  if (NAMED_KINDS.test(name) && FIXED_NAME.test(name)) return name;
  const second = SECOND_ENDING.exec(name.slice(0, -ending.length))?.[0] ?? "";
  return `*${second}${ending}`;
}
