/**
 * An instance's copy of the control document: kept in its storage, so that it is there at once when
 * the instance wakes.
 *
 * @module
 */

import { settingsOf, type SettingOverrides, type Settings } from "../../contract/settings.ts";
import { initialControl, parseControl, serializeControl, type Control } from "../shared/control.ts";
import type { Meta } from "./meta.ts";

export interface ControlCopyDeps {
  meta: Meta;
  /** The deployment's, below those of the document. */
  defaults: SettingOverrides;
  /** How many instances there are, until the Coordinator is heard. */
  instanceCount: number;
}

export class ControlCopy {
  readonly #deps: ControlCopyDeps;
  #control: Control;
  #settings: Settings;
  #isHeard: boolean;

  constructor(deps: ControlCopyDeps) {
    this.#deps = deps;
    const stored = deps.meta.get("control");
    this.#isHeard = stored !== null;
    this.#control = stored === null ? initialControl(deps.instanceCount) : parseControl(stored);
    this.#settings = settingsOf(deps.defaults, this.#control.settings);
  }

  /** Whether a document was ever had from the Coordinator. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  get value(): Control {
    return this.#control;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Takes over what is newer. True: it was. */
  accept(control: Control): boolean {
    if (this.#isHeard && control.version <= this.#control.version) return false;
    this.#control = control;
    this.#isHeard = true;
    this.#settings = settingsOf(this.#deps.defaults, control.settings);
    this.#deps.meta.set("control", serializeControl(control));
    return true;
  }
}
