/**
 * The memory browser: episodes with their steps, patterns with their evidence, and a recall that
 * says why.
 */

import { ask, session } from "./api.js";
import { ago, bytes, count, fill, h, pill, table, time, why } from "./dom.js";

/** @param {() => void | Promise<void>} again */
function namespaceField(again) {
  const input = h("input", {
    value: session.namespace,
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "64",
    pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]*",
  });
  input.addEventListener("change", () => {
    session.namespace = /** @type {HTMLInputElement} */ (input).value.trim() || "default";
    void again();
  });
  return h("label", {}, "Namespace", input);
}

/** @param {Element} main */
export async function showEpisodes(main) {
  const list = h("div", {});
  /** @param {string | null} cursor */
  const load = async (cursor) => {
    const query = new URLSearchParams({ limit: "25" });
    const text = /** @type {HTMLInputElement} */ (search).value.trim();
    const status = /** @type {HTMLSelectElement} */ (statuses).value;
    if (text) query.set("text", text);
    if (status) query.set("status", status);
    if (cursor) query.set("cursor", cursor);
    const page = await ask(`/v1/episodes?${query}`);
    const rows = page.episodes.map((/** @type {any} */ each) => [
      h("a", { href: `#episode/${encodeURIComponent(each.id)}` }, each.task.slice(0, 160)),
      pill(each.outcome?.type ?? each.status),
      each.context.domain || "–",
      count(each.step_count),
      each.reward ? each.reward.total.toFixed(2) : "–",
      ago(each.started_at),
    ]);
    fill(
      list,
      page.degraded &&
        h(
          "p",
          { class: "error" },
          "The database is out of reach: this is what the instances have.",
        ),
      rows.length === 0
        ? h("p", { class: "card empty" }, `No episodes in the namespace "${session.namespace}".`)
        : table(["task", "state", "domain", "steps", "reward", "started"], rows, {
            caption: "Episodes",
            numbers: [3, 4],
          }),
      page.next_cursor &&
        h(
          "p",
          {},
          h(
            "button",
            { type: "button", onclick: () => guarded(list, () => load(page.next_cursor)) },
            "Older ones",
          ),
        ),
    );
  };
  const search = h("input", { type: "search", placeholder: "part of the task" });
  const statuses = h(
    "select",
    {},
    ["", "in_progress", "completed", "failed", "abandoned"].map((value) =>
      h("option", { value }, value.replaceAll("_", " ") || "all"),
    ),
  );
  const again = () => guarded(list, () => load(null));
  const form = h(
    "form",
    { class: "row", onsubmit: submit(again) },
    namespaceField(again),
    h("label", { class: "wide" }, "Task contains", search),
    h("label", {}, "State", statuses),
    h("button", { class: "main" }, "Show"),
  );
  fill(main, h("h2", {}, "Episodes"), form, list);
  await load(null);
}

/** @param {Element} main @param {string} id */
export async function showEpisode(main, id) {
  const episode = await ask(`/v1/episodes/${encodeURIComponent(id)}`);
  const { context, outcome, reward, reflection } = episode;
  const begun = Date.parse(episode.started_at);
  const facts = [
    ["started", time(episode.started_at)],
    ["ended", time(episode.ended_at)],
    ["type", episode.task_type.replaceAll("_", " ")],
    ["domain", context.domain || "–"],
    ["complexity", context.complexity],
    ["tags", [...context.tags, ...episode.tags].join(", ") || "–"],
  ];
  fill(
    main,
    h("p", {}, h("a", { href: "#episodes" }, "← all episodes")),
    h("h2", {}, episode.task, " ", pill(outcome?.type ?? episode.status)),
    h(
      "p",
      { class: "mono muted" },
      `${episode.namespace} / ${episode.id} · version ${episode.version}`,
    ),
    h(
      "div",
      { class: "stats" },
      facts.map(([name, value]) =>
        h("div", { class: "stat" }, h("div", {}, value), h("span", { class: "muted" }, name)),
      ),
    ),
    outcome &&
      h(
        "section",
        { class: "card", style: null },
        h("h3", {}, "Outcome"),
        h("p", {}, outcome.verdict || outcome.reason || outcome.type),
      ),
    h("h2", {}, `Steps (${episode.steps.length})`),
    episode.steps.length === 0
      ? h("p", { class: "card empty" }, "No steps yet.")
      : h(
          "ol",
          { class: "timeline" },
          episode.steps.map((/** @type {any} */ step) => stepOf(step, begun)),
        ),
    h(
      "div",
      { class: "grid" },
      reward &&
        h(
          "section",
          { class: "card" },
          h("h3", {}, `Reward ${reward.total.toFixed(2)}`),
          why({
            base: reward.base,
            efficiency: reward.efficiency,
            quality: reward.quality,
            learning: reward.learning,
          }),
        ),
      reflection && reflectionOf(reflection),
    ),
  );
}

/** @param {any} step @param {number} begun */
function stepOf({ number, tool, action, parameters, result, latency_ms, tokens, at }, begun) {
  const type = result?.type ?? "unknown";
  const kind =
    { success: "good", error: "bad", timeout: "bad" }[/** @type {string} */ (type)] ?? "";
  const said = result?.output ?? result?.message ?? null;
  const facts = [
    `+${((Date.parse(at) - begun) / 1000).toFixed(1)} s`,
    latency_ms !== null && `${latency_ms} ms`,
    tokens !== null && `${count(tokens)} tokens`,
  ].filter(Boolean);
  const given =
    parameters && Object.keys(parameters).length > 0 ? JSON.stringify(parameters, null, 2) : null;
  return h(
    "li",
    { class: kind },
    h(
      "div",
      {},
      h("strong", {}, `${number}. ${tool}`),
      " ",
      pill(type),
      " ",
      h("span", { class: "muted" }, facts.join(" · ")),
    ),
    action && h("div", {}, action),
    given && h("details", {}, h("summary", {}, "Parameters"), h("pre", { tabindex: "0" }, given)),
    said &&
      h(
        "details",
        { open: type !== "success" },
        h("summary", {}, "Result"),
        h("pre", { tabindex: "0" }, String(said).slice(0, 20000)),
      ),
  );
}

/** @param {any} reflection */
function reflectionOf(reflection) {
  const lists = ["successes", "improvements", "insights"].filter(
    (name) => reflection[name].length > 0,
  );
  return h(
    "section",
    { class: "card" },
    h("h3", {}, "Reflection"),
    lists.map((name) => [
      h("p", { class: "muted" }, name),
      h(
        "ul",
        {},
        reflection[name].map((/** @type {string} */ line) => h("li", {}, line)),
      ),
    ]),
  );
}

/** @param {Element} main */
export async function showPatterns(main) {
  const list = h("div", { class: "grid" });
  const load = async () => {
    const page = await ask("/v1/patterns?limit=60");
    fill(
      list,
      page.patterns.length === 0
        ? h(
            "p",
            { class: "card empty" },
            `Nothing was learned in the namespace "${session.namespace}" yet.`,
          )
        : page.patterns.map(patternOf),
    );
  };
  fill(
    main,
    h("h2", {}, "Patterns"),
    h(
      "form",
      { class: "row", onsubmit: submit(() => guarded(list, load)) },
      namespaceField(() => guarded(list, load)),
      h("button", { class: "main" }, "Show"),
    ),
    list,
  );
  await load();
}

/** @param {any} pattern */
function patternOf(pattern) {
  const { success, failure, episodes } = pattern.support;
  return h(
    "article",
    { class: "card" },
    h("div", { class: "head" }, h("h3", {}, pattern.description), pill(pattern.polarity)),
    h(
      "p",
      { class: "muted" },
      `${pattern.kind.replaceAll("_", " ")} · seen ${ago(pattern.last_seen_at)} · lift ${pattern.lift.toFixed(2)}`,
    ),
    why({ confidence: pattern.confidence, ...pattern.why }),
    h(
      "p",
      {},
      `Evidence: ${success.toFixed(1)} successes, ${failure.toFixed(1)} failures, ${episodes} episodes`,
    ),
    pattern.episodes.length > 0 &&
      h(
        "p",
        {},
        pattern.episodes
          .slice(0, 5)
          .map((/** @type {string} */ id, /** @type {number} */ i) => [
            i > 0 ? ", " : "",
            h(
              "a",
              { href: `#episode/${encodeURIComponent(id)}`, class: "mono" },
              `…${id.slice(-8)}`,
            ),
          ]),
      ),
  );
}

/** @param {Element} main */
export async function showRecall(main) {
  const answer = h("div", { "aria-live": "polite" });
  const task = h("textarea", {
    required: true,
    maxlength: "10000",
    placeholder: "What is to be done?",
  });
  const domain = h("input", { maxlength: "200" });
  const recall = async () => {
    const context = /** @type {HTMLInputElement} */ (domain).value.trim();
    const begun = performance.now();
    const view = await ask("/v1/recall", {
      task: /** @type {HTMLTextAreaElement} */ (task).value,
      ...(context ? { context: { domain: context } } : {}),
      limit: 5,
    });
    fill(answer, answerOf(view, performance.now() - begun));
  };
  fill(
    main,
    h("h2", {}, "Recall"),
    h(
      "form",
      { class: "row", onsubmit: submit(() => guarded(answer, recall)) },
      h("label", { class: "all" }, "Task", task),
      namespaceField(() => undefined),
      h("label", {}, "Domain", domain),
      h("button", { class: "main" }, "Recall"),
    ),
    answer,
  );
}

/** @param {any} view @param {number} ms */
function answerOf(view, ms) {
  const { episodes, patterns, heuristics, playbook, next_tools } = view;
  return [
    h(
      "p",
      { class: "muted" },
      `${episodes.length} episodes, ${patterns.length} patterns, ${heuristics.length} heuristics · served by the ${view.served_by}${view.degraded ? ", degraded" : ""} · ${Math.round(ms)} ms · ${bytes(JSON.stringify(view).length)}`,
    ),
    h("h2", {}, "Episodes"),
    episodes.length === 0
      ? h("p", { class: "card empty" }, "Nothing like it was done before.")
      : h("div", { class: "grid" }, episodes.map(recalledOf)),
    next_tools.length > 0 && [
      h("h2", {}, "Next tools"),
      table(
        ["tool", "probability", "why"],
        next_tools.map((/** @type {any} */ each) => [
          each.tool,
          each.probability.toFixed(2),
          each.why,
        ]),
        { caption: "Next tools", numbers: [1] },
      ),
    ],
    playbook && [
      h("h2", {}, `Playbook (confidence ${playbook.confidence.toFixed(2)})`),
      h(
        "ol",
        { class: "timeline" },
        playbook.steps.map((/** @type {any} */ step) =>
          h(
            "li",
            {},
            h("strong", {}, `${step.order}. ${step.tool}`),
            " ",
            h(
              "span",
              { class: "muted" },
              `support ${step.support.toFixed(2)}${step.success_rate === null ? "" : `, succeeds ${(100 * step.success_rate).toFixed(0)} %`}`,
            ),
            h("div", {}, step.action),
            step.pitfalls.map((/** @type {any} */ pitfall) =>
              h("div", {}, pill("avoid"), " ", pitfall.description),
            ),
          ),
        ),
      ),
    ],
    patterns.length > 0 && [
      h("h2", {}, "Patterns"),
      h("div", { class: "grid" }, patterns.map(patternOf)),
    ],
    heuristics.length > 0 && [
      h("h2", {}, "Heuristics"),
      h(
        "div",
        { class: "grid" },
        heuristics.map((/** @type {any} */ each) =>
          h(
            "article",
            { class: "card" },
            h("div", { class: "head" }, h("h3", {}, each.condition), pill(each.polarity)),
            h("p", {}, each.action),
            why({ confidence: each.confidence, ...each.why }),
          ),
        ),
      ),
    ],
  ];
}

/** @param {any} episode */
function recalledOf(episode) {
  return h(
    "article",
    { class: "card" },
    h(
      "div",
      { class: "head" },
      h(
        "h3",
        {},
        h("a", { href: `#episode/${encodeURIComponent(episode.id)}` }, episode.task.slice(0, 200)),
      ),
      pill(episode.warning ? "avoid" : (episode.outcome ?? episode.status)),
    ),
    h(
      "p",
      { class: "muted" },
      `score ${episode.score.toFixed(3)} · reward ${episode.reward === null ? "–" : episode.reward.toFixed(2)} · matched: ${episode.matched_terms.join(", ") || "–"}`,
    ),
    why(episode.why),
    episode.summary && h("p", {}, episode.summary),
    episode.tools.length > 0 && h("p", { class: "mono" }, episode.tools.join(" → ")),
  );
}

/** @param {() => any} work @returns {(event: Event) => void} */
function submit(work) {
  return (event) => {
    event.preventDefault();
    work();
  };
}

/**
 * Shows what went wrong where the result would be.
 *
 * @param {Element} box
 * @param {() => Promise<void>} work
 */
export async function guarded(box, work) {
  try {
    await work();
  } catch (error) {
    fill(
      box,
      h(
        "p",
        { class: "error", role: "alert" },
        error instanceof Error ? error.message : String(error),
      ),
    );
  }
}
