/**
 * Finds where the values that an episode's steps were called with come from: its task, or what an
 * earlier step answered. Found by the values themselves; no name is compared. Pure, and bounded.
 */

/** Values that are remembered of one answer, and of all. */
const LEAVES_MAX = 2_000;
const REMEMBERED_MAX = 20_000;
/** Characters of an answer that is no JSON in which a value is looked for. */
const TEXT_MAX = 20_000;
/** Shorter values are found anywhere. */
const LENGTH_MIN = 2;
const WORD_MIN = 3;
const PARAMETERS_MAX = 40;
const DEPTH_MAX = 8;

/** @typedef {{step: number, path: string}} Source `step` 0: the task */
/** @typedef {{step: number, text: string}} Text the words of an answer that is no JSON */
/** @typedef {{name: string, value: string, source: Source | null}} Parameter */

/**
 * @param {string} task
 * @param {{number: number, parameters: any, result: any}[]} steps
 * @returns {Parameter[][]} of each step
 */
export function flowOf(task, steps) {
  const taskWords = ` ${wordsOf(task)} `;
  /** @type {Map<string, Source>} */
  const told = new Map();
  /** @type {Text[]} */
  const texts = [];
  return steps.map(({ number, parameters, result }) => {
    const all = leavesOf(parameters, PARAMETERS_MAX).map(({ path, value }) => ({
      name: path || "(value)",
      value,
      source: sourceOf(value, { taskWords, told, texts }),
    }));
    remember(number, result?.output ?? result?.message ?? "", told, texts);
    return all;
  });
}

/**
 * @param {string} value
 * @param {{taskWords: string, told: Map<string, Source>, texts: Text[]}} seen
 */
function sourceOf(value, { taskWords, told, texts }) {
  const key = normalised(value);
  if (key.length < LENGTH_MIN || /^(?:true|false|none|null|-?\d\d?)$/.test(key)) return null;
  const source = told.get(key);
  if (source) return source;
  const words = wordsOf(value);
  if (words.length < WORD_MIN) return null;
  if (taskWords.includes(` ${words} `)) return { step: 0, path: "" };
  const text = texts.findLast((each) => each.text.includes(` ${words} `));
  return text ? { step: text.step, path: "" } : null;
}

/**
 * @param {number} step
 * @param {string} output
 * @param {Map<string, Source>} told
 * @param {Text[]} texts
 */
function remember(step, output, told, texts) {
  const content = parsed(output);
  if (content === undefined) {
    texts.push({ step, text: ` ${wordsOf(output.slice(0, TEXT_MAX))} ` });
    return;
  }
  for (const { path, value } of leavesOf(content, LEAVES_MAX)) {
    const key = normalised(value);
    const known = told.get(key);
    // The latest answer that has it, at its shortest path.
    if (known?.step === step && known.path.length <= path.length) continue;
    if (told.size < REMEMBERED_MAX || known) told.set(key, { step, path });
  }
}

/**
 * The single values of something, with their paths.
 *
 * @param {any} content
 * @param {number} max
 * @returns {{path: string, value: string}[]}
 */
function leavesOf(content, max) {
  /** @type {{path: string, value: string}[]} */
  const leaves = [];
  /** @param {any} value @param {string} path @param {number} depth */
  const visit = (value, path, depth) => {
    if (leaves.length >= max || value === null || value === undefined) return;
    if (typeof value !== "object") leaves.push({ path, value: String(value) });
    else if (depth < DEPTH_MAX) {
      for (const [name, each] of Object.entries(value)) {
        const part = Array.isArray(value) ? "[]" : path === "" ? name : `.${name}`;
        visit(each, `${path}${part}`, depth + 1);
      }
    }
  };
  visit(content, "", 0);
  return leaves;
}

/** undefined: it is no JSON. @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {string} value */
const normalised = (value) => value.trim().toLowerCase();

/** @param {string} text */
const wordsOf = (text) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
