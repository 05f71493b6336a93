/**
 * Says what kind of action a shell command is: its programs with their sub-commands, without flags,
 * arguments and wrappers. What is known here is the grammar of command lines, not what a task is
 * about. Pure; linear in the command.
 *
 * @module
 */

import { simpleCommands } from "./shell-words.ts";

/** Programs of one line that its key names, and how deep a shell within a shell is looked into. */
const PARTS_MAX = 4;
const DEPTH_MAX = 3;

/** What runs another program that follows it, after options and, for some, an argument. */
const WRAPPERS: ReadonlySet<string> = new Set(
  (
    "sudo doas env time nohup exec command builtin nice ionice timeout stdbuf setsid xvfb-run " +
    "npx pnpx bunx watch do then else if while until !"
  ).split(" "),
);
/** The same with a sub-command: `poetry run pytest`. */
const RUNNERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["poetry", ["run"]],
  ["uv", ["run"]],
  ["pipenv", ["run"]],
  ["hatch", ["run"]],
  ["bundle", ["exec"]],
  ["pnpm", ["exec", "dlx"]],
  ["yarn", ["exec", "dlx"]],
  ["npm", ["exec", "x"]],
  ["corepack", ["use"]],
]);
/** They prepare the next command, and say nothing where there is one. */
const PREPARING: ReadonlySet<string> = new Set(
  "cd pushd popd export source . set unset umask true sleep wait echo printf for done fi esac test [ [[".split(
    " ",
  ),
);
const SHELLS: ReadonlySet<string> = new Set("bash sh zsh dash ksh fish".split(" "));
const INTERPRETER = /^(?:python|node|ruby|perl|php|deno|bun|tsx|ts-node|java|Rscript)[\d.]*$/;
/** Programs whose first bare word is what they work on, and no sub-command. */
const PLAIN: ReadonlySet<string> = new Set(
  (
    "awk basename cat chmod chown clear cmp column comm cp curl cut date dd df diff dig dirname du " +
    "env expr false file find fd fmt fold free gawk grep egrep fgrep rg ag groups gunzip gzip head " +
    "host hostname id join jq yq kill killall pkill less ln locate ls lsof ll md5sum mkdir mktemp " +
    "more mv nc netstat nl nproc nslookup od paste patch ping pgrep printenv ps psql mysql sqlite3 " +
    "redis-cli mongo mongosh pwd readlink realpath rename rev rm rmdir rsync scp sed seq sha1sum " +
    "sha256sum shasum shuf sort split ss ssh stat strings sum sync tac tail tar tee telnet test top " +
    "touch tr tree truncate tty type uname uniq unzip uptime vi vim nano wc wget whatis which who " +
    "whoami xargs xxd yes zcat zip bc cal cksum history man export alias [ [["
  ).split(" "),
);
/** Plain programs that only show what another one has written. */
const SHOWING: ReadonlySet<string> = new Set("head tail less more cat tee".split(" "));
/** Sub-commands that a further one follows. */
const GROUPS: ReadonlySet<string> = new Set(
  (
    "compose run run-script stash remote submodule worktree config pr issue repo release workflow " +
    "container image volume network system buildx context builder migrate migration migrations db " +
    "s3 s3api rollout state workspace workspaces cache plugin global tool service secret auth index"
  ).split(" "),
);
/** Options that take the word behind them, before a sub-command. */
const VALUED: ReadonlySet<string> = new Set(
  "-C -n -H -w -p -c -u -g -f --file --prefix --filter --context --namespace --project --profile --user".split(
    " ",
  ),
);

const PROGRAM = /^[\w.+@:[\]-]{1,40}$/;
const BARE_WORD = /^[A-Za-z][\w:-]{0,31}$/;

/** null: it names no program. */
export function commandKey(line: string): string | null {
  const parts = partsOf(line, 0);
  const telling = parts.filter(({ program }) => !PREPARING.has(program));
  const kept = telling.length > 0 ? telling : parts.slice(0, 1);
  let key = "";
  let count = 0;
  let before = "";
  for (const { name, isPiped } of withoutViews(kept)) {
    if (name === before) continue;
    before = name;
    if (count++ === PARTS_MAX) return `${key} …`;
    key += key === "" ? name : `${isPiped ? " | " : " && "}${name}`;
  }
  return key === "" ? null : key;
}

interface CommandPart {
  program: string;
  /** The program with its sub-command. */
  name: string;
  isPiped: boolean;
}

function partsOf(line: string, depth: number): CommandPart[] {
  return simpleCommands(line).flatMap(({ words, isPiped }): CommandPart[] => {
    const own = unwrapped(words);
    const program = programOf(own[0] ?? "");
    if (program === null) return [];
    const inner = SHELLS.has(program) ? shellScript(own) : null;
    if (inner !== null && depth < DEPTH_MAX)
      return partsOf(inner, depth + 1).map((part, i) => (i === 0 ? { ...part, isPiped } : part));
    return [{ program, name: nameOf(program, own.slice(1)), isPiped }];
  });
}

/** Without parts of a pipeline that only show or look through what a program has written. */
function withoutViews(parts: readonly CommandPart[]): CommandPart[] {
  const kept: CommandPart[] = [];
  let isTextual = false;
  for (const part of parts) {
    if (!part.isPiped) isTextual = PLAIN.has(part.program);
    const isView =
      part.isPiped && (isTextual ? SHOWING.has(part.program) : PLAIN.has(part.program));
    if (!isView || kept.length === 0) kept.push(part);
  }
  return kept;
}

/** The words from the program on that is run in the end. */
function unwrapped(words: readonly string[]): string[] {
  let rest = [...words];
  for (;;) {
    const [first = "", second = ""] = rest;
    if (/^[A-Za-z_]\w*\+?=/.test(first)) rest = rest.slice(1);
    else if (WRAPPERS.has(first) && rest.length > 1) rest = afterOptions(rest.slice(1));
    else if (RUNNERS.get(first)?.includes(second) && rest.length > 2)
      rest = afterOptions(rest.slice(2));
    else return rest;
  }
}

/** Without the options of a wrapper, and the numbers that it takes: `timeout -s KILL 30`. */
function afterOptions(words: readonly string[]): string[] {
  let at = 0;
  while (at < words.length - 1) {
    const word = words[at] ?? "";
    if (VALUED.has(word) || word === "-s" || word === "-k") at += 2;
    else if (word.startsWith("-") || /^[\d.]+[smhd]?$/.test(word)) at += 1;
    else break;
  }
  return words.slice(at);
}

/** The script of `bash -lc SCRIPT`; null: it runs no script that is named. */
function shellScript(words: readonly string[]): string | null {
  const at = words.findIndex((word) => /^-[a-z]*c$/.test(word));
  return at < 0 ? null : (words[at + 1] ?? null);
}

/** The name of a program, without its folder; null: it is none. */
function programOf(word: string): string | null {
  const name = word.slice(word.lastIndexOf("/") + 1);
  return PROGRAM.test(name) && !name.startsWith("-") ? name : null;
}

function nameOf(program: string, words: readonly string[]): string {
  if (INTERPRETER.test(program) || SHELLS.has(program)) return interpreted(program, words);
  if (PLAIN.has(program)) return program;
  const [first, at] = bareWord(words, 0);
  if (first === null) return program;
  if (!GROUPS.has(first)) return `${program} ${first}`;
  const [second] = bareWord(words, at + 1);
  return second === null ? `${program} ${first}` : `${program} ${first} ${second}`;
}

/** The first word behind the options that stand before a sub-command, if it is a bare one. */
function bareWord(words: readonly string[], from: number): [word: string | null, at: number] {
  let at = from;
  while (at < words.length) {
    const word = words[at] ?? "";
    if (VALUED.has(word)) at += 2;
    else if (word.startsWith("--no-") || /^--?[\w-]+=/.test(word)) at += 1;
    // What follows another option may be its value.
    else if (word.startsWith("-")) return [null, at];
    else return [BARE_WORD.test(word) ? word : null, at];
  }
  return [null, at];
}

/** `python -m MODULE`, `python -c`, or the script with its first bare word. */
function interpreted(program: string, words: readonly string[]): string {
  for (const [at, word] of words.entries()) {
    if (word === "-m") return `${program} -m ${words[at + 1] ?? ""}`.trim();
    if (/^-[ce]$/.test(word) || word === "--eval") return `${program} ${word}`;
    if (word.startsWith("-")) continue;
    const script = scriptOf(word);
    const next = words[at + 1] ?? "";
    return BARE_WORD.test(next) ? `${program} ${script} ${next}` : `${program} ${script}`;
  }
  return program;
}

/** A script by its name, or by its kind where the name is one of many. */
function scriptOf(word: string): string {
  const name = word.slice(word.lastIndexOf("/") + 1);
  if (/^[A-Za-z][\w-]{0,23}(?:\.\w{1,6})?$/.test(name) && !/\d/.test(name)) return name;
  const extension = /\.\w{1,6}$/.exec(name)?.[0];
  return extension === undefined ? "*" : `*${extension}`;
}
