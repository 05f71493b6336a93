/**
 * Commands about what is in force: settings and modes. Every change is pushed to the instances
 * before it is answered.
 *
 * @module
 */

import type { Handlers } from "./handler.ts";

export const CONTROL_COMMANDS: Handlers<"control.get" | "config.get" | "config.set" | "mode.set"> =
  {
    "control.get": ({ controlStore }) => controlStore.control,

    "config.get": ({ controlStore }) => controlStore.config(),

    "config.set": async ({ controlStore, instances, r2 }, { changes, by }) => {
      controlStore.configure(changes, by);
      r2.configure();
      await instances.push();
      return controlStore.config();
    },

    "mode.set": async ({ controlStore, instances, log }, { name, enabled, message, by }) => {
      controlStore.setMode(name, enabled, message, by);
      log({ event: `${name}_mode`, level: "warn", enabled, by });
      await instances.push();
      return instances.view("view");
    },
  };
