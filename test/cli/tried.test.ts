import { expect, it } from "vitest";
import { COMMANDS } from "../../cli/commands/index.ts";
import { ACCESS_TRIED } from "./tried-access.ts";
import { HOOKS_TRIED } from "./tried-hooks.ts";
import { LESSONS_TRIED } from "./tried-lessons.ts";
import { MEMORY_TRIED } from "./tried-memory.ts";
import { OPERATIONS_TRIED } from "./tried-operations.ts";

const commands = COMMANDS.map(({ name }) => name);
const tried = [MEMORY_TRIED, HOOKS_TRIED, LESSONS_TRIED, OPERATIONS_TRIED, ACCESS_TRIED].flatMap(
  (of) => Object.keys(of),
);

it("every command is tried on the running service, by test/e2e/ways-in", () => {
  const missing = commands.filter((name) => !tried.includes(name));
  expect(missing, "say what each must do in test/cli/tried-….ts").toEqual([]);
});

it("what is tried is a command, and is tried once", () => {
  const gone = tried.filter((name) => !commands.includes(name));
  expect(gone, "take them out of test/cli/tried-….ts").toEqual([]);
  const twice = tried.filter((name, i) => tried.indexOf(name) !== i);
  expect(twice, "say once in test/cli/tried-….ts what each must do").toEqual([]);
});
