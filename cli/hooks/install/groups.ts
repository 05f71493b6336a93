/**
 * Hooks in the form that Claude Code and Codex share: event → groups with a matcher → commands.
 *
 * @module
 */

import { object, objects, type Json } from "../../../client/calls/values.ts";
import { withEntry } from "./files.ts";
import { hookCommand, isOurs, type Place } from "./installer.ts";

/** Seconds after which an agent ends a hook; ours ends itself long before. */
const TIMEOUT_S = 5;

/** The groups of our hooks. @param events whether an event has a matcher of tools */
export function groupsOf(
  place: Place,
  agent: string,
  events: Readonly<Record<string, boolean>>,
): Record<string, Json[]> {
  const entries = Object.entries(events).map(([event, hasTools]) => {
    const command = hookCommand(place, agent, event);
    const hooks = [{ type: "command", command, timeout: TIMEOUT_S }];
    const group: Json = hasTools ? { matcher: "*", hooks } : { hooks };
    return [event, [group]] as const;
  });
  return Object.fromEntries(entries.map(([event, groups]) => [event, [...groups]]));
}

/** The settings with our hooks, each once, behind those of others. */
export function withGroups(settings: Json, agent: string, groups: Record<string, Json[]>): Json {
  const cleared = withoutGroups(settings, agent);
  const hooks = { ...object(cleared["hooks"]) };
  for (const [event, ours] of Object.entries(groups))
    hooks[event] = [...objects(hooks[event]), ...ours];
  return { ...cleared, hooks };
}

/** The settings without our hooks. */
export function withoutGroups(settings: Json, agent: string): Json {
  const left = Object.entries(object(settings["hooks"])).flatMap(([event, groups]) => {
    if (!Array.isArray(groups)) return [[event, groups] as const];
    const others = groups.map((group) => withoutOurs(group, agent)).filter((one) => one !== null);
    return others.length === 0 && groups.length > 0 ? [] : [[event, others] as const];
  });
  return withEntry(settings, "hooks", Object.fromEntries(left));
}

/** null: nothing else is in it. */
function withoutOurs(group: unknown, agent: string): unknown {
  const { hooks } = object(group);
  if (!Array.isArray(hooks)) return group;
  const others = (hooks as unknown[]).filter((one) => !isOurs(object(one)["command"], agent));
  if (others.length === hooks.length) return group;
  return others.length === 0 ? null : { ...object(group), hooks: others };
}

/** Events that have a hook of ours. */
export function hookedEvents(settings: Json, agent: string): string[] {
  return Object.entries(object(settings["hooks"])).flatMap(([event, groups]) => {
    const commands = objects(groups).flatMap(({ hooks }) => objects(hooks));
    return commands.some(({ command }) => isOurs(command, agent)) ? [event] : [];
  });
}
