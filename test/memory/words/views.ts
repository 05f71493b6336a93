/**
 * Recalls for tests of words: one with something of each kind.
 *
 * @module
 */

import type { RecallWords } from "../../../src/memory/words/views.ts";

const support = (success: number, failure: number) => ({
  success,
  failure,
  episodes: success + failure,
});
const pattern = { confidence: 0.5, description: "a description" };

/** Something of each kind, each with evidence of its own. */
export const RECALL: RecallWords = {
  recall_id: "recall-1",
  next_tools: [
    { tool: "get_order", probability: 0.834 },
    { tool: "ask_user", probability: 0.1 },
  ],
  playbook: {
    id: "pb-1",
    confidence: 0.4,
    based_on: ["e1", "e2", "e3", "e4", "e5"],
    when_not_to_apply: ["3 of 8 similar episodes failed."],
    steps: ["get_order", "get_product", "get_product", "exchange"].map((tool, at) => ({
      tool,
      support: 0.8,
      episodes: ["e1", "e2", "e3", "e4"].slice(0, 4 - (at % 3)),
      pitfalls:
        tool === "exchange"
          ? [{ description: 'failed with "order is not delivered"', episodes: ["e7", "e8", "e9"] }]
          : [],
    })),
  },
  patterns: [
    {
      ...pattern,
      id: "p1",
      kind: "decision_point",
      polarity: "avoid",
      tools: ["get_order", "cancel"],
      condition: { after_tool: "get_order", after_result: "success" },
      lift: 0.2,
      support: support(1, 8),
    },
    {
      ...pattern,
      id: "p2",
      kind: "error_recovery",
      polarity: "do",
      tools: ["exchange", "get_order", "return_order"],
      condition: { tool: "exchange", error: "item is out of stock" },
      lift: 1.4,
      support: support(4, 1),
    },
    {
      ...pattern,
      id: "p3",
      kind: "tool_sequence",
      polarity: "do",
      tools: ["get_user", "verify"],
      condition: null,
      lift: 1.5,
      support: support(9, 1),
    },
  ],
  heuristics: [],
  lessons: [
    {
      id: "l1",
      text: "confirm the address with the user before an exchange",
      kind: "do",
      evidence: { success: 6, failure: 1 },
    },
  ],
  episodes: [
    {
      id: "e1",
      score: 0.5,
      task: "exchange a lamp for a chair",
      outcome: "success",
      summary: null,
      warning: false,
      tools: ["get_order", "get_product", "exchange"],
    },
    {
      id: "e7",
      score: 0.4,
      task: "exchange a vase",
      outcome: "failure",
      summary: "the order was pending",
      warning: true,
      tools: ["exchange"],
    },
  ],
};

/** The same with a text in every place that stored text may come from. */
export function everywhere(text: string): RecallWords {
  const { playbook, patterns, lessons = [], episodes, next_tools } = RECALL;
  const action = { tool: text, action: text };
  return {
    ...RECALL,
    next_tools: next_tools.map((one) => ({ ...one, tool: text })),
    next_actions: [
      {
        ...action,
        probability: 0.5,
        parameters: [
          { name: text, source: text },
          { name: text, value: text },
        ],
      },
    ],
    playbook: playbook && {
      ...playbook,
      when_not_to_apply: [text],
      steps: playbook.steps.map((step) => ({
        ...step,
        ...action,
        when: text,
        for_each: text,
        pitfalls: [{ description: `${text} word`, episodes: ["a", "b", "c"], way_out: text }],
      })),
    },
    patterns: [
      ...patterns.map((one) => ({
        ...one,
        description: text,
        tools: [text, `${text}2`],
        condition: { after_tool: text, after_result: text, error: text },
      })),
      { ...(patterns[0] as (typeof patterns)[number]), kind: text, tools: [], condition: null },
    ],
    heuristics: patterns.map(({ support: seen, polarity, confidence, lift }) => ({
      id: "h",
      pattern_id: "other",
      polarity,
      confidence,
      lift,
      support: seen,
      condition: text,
      action: text,
    })),
    lessons: lessons.map((one) => ({ ...one, text, kind: text })),
    episodes: episodes.map((one) => ({ ...one, task: text, summary: text, tools: [text] })),
  };
}
