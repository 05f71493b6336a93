/**
 * This instance's position: its number, the control document in force, and by these which home
 * texts hash to it. It learns its number from its calls, and asks the Coordinator for the document
 * when a caller has heard of a newer topology. Both are kept in its storage, so that they are there
 * at once when the instance wakes.
 *
 * @module
 */

import { settingsOf, type Settings } from "../../contract/settings.ts";
import { homeOf } from "../../memory/rendezvous.ts";
import type { Log } from "../../observability/index.ts";
import { initialControl, parseControl, serializeControl, type Control } from "../shared/control.ts";
import type { Place } from "../shared/instance/protocol.ts";
import { instanceName } from "../shared/objects.ts";
import { Refused } from "../shared/refusals.ts";
import type { Meta } from "./meta.ts";
import type { InstancePlatform } from "./platform.ts";

interface PositionDeps {
  meta: Meta;
  platform: InstancePlatform;
  log: Log;
  transaction: (work: () => void) => void;
  /** Called when a newer document is in force, and when this instance learns its number. */
  onChange: () => void;
  /** Called when another topology comes into force, in the transaction that stores it. */
  onTopology: () => void;
  /** Called after a newer document was applied. */
  onNewControl: () => void;
}

export class Position {
  readonly #deps: PositionDeps;
  #index: number | null;
  #control: Control;
  #settings: Settings;
  /** Whether a document was ever had from the Coordinator. */
  #isHeard: boolean;
  /** The last home text that hashed to this instance, and by which topology. */
  #lastHome: { home: string; version: number } | null = null;
  #pulling: Promise<void> | null = null;

  constructor(deps: PositionDeps) {
    this.#deps = deps;
    const { meta, platform } = deps;
    const index = meta.get("index");
    this.#index = index === null ? null : Number(index);
    const stored = meta.get("control");
    this.#isHeard = stored !== null;
    this.#control = stored === null ? initialControl(platform.instanceCount) : parseControl(stored);
    this.#settings = settingsOf(platform.defaults, this.#control.settings);
  }

  /** The number of this instance; null: nobody has called yet. */
  get index(): number | null {
    return this.#index;
  }

  get control(): Control {
    return this.#control;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** The name under which this instance writes to the database. */
  get writer(): string {
    return instanceName(this.#index ?? 0);
  }

  place(): Place {
    return this.placeOf(this.#index ?? 0);
  }

  /** How a call to this instance names it. */
  placeOf(instance: number): Place {
    const { version, count } = this.#control.topology;
    return { index: instance, count, version };
  }

  /** Instances of an earlier topology count until they have handed over. */
  instanceCount(): number {
    const { count, previous } = this.#control.topology;
    return Math.max(count, previous ?? 0);
  }

  /** The number of the instance that a home text hashes to. */
  homeOf(text: string): number {
    return homeOf(text, this.#control.topology.count);
  }

  /** Whether what has this home text is this instance's to change; null: it is. */
  isHome(home: string | null): boolean {
    const { version } = this.#control.topology;
    const last = this.#lastHome;
    // Rows come in long runs of one namespace.
    if (home === null || (last?.home === home && last.version === version)) return true;
    if (this.homeOf(home) !== (this.#index ?? 0)) return false;
    this.#lastHome = { home, version };
    return true;
  }

  /**
   * Learns this instance's number, and what the caller has heard of and it has not. Throws
   * `Refused` when that cannot be had.
   */
  async catchUp(place: Place): Promise<void> {
    if (this.#index !== place.index) this.#learnIndex(place.index);
    if (this.#isHeard && place.version <= this.#control.topology.version) return;
    try {
      await this.pull();
      // What was asked for before the change has nothing of it.
      if (place.version > this.#control.topology.version) await this.pull();
    } catch (error) {
      this.#deps.log({ event: "control_pull_failed", level: "warn", reason: String(error) });
      const detail = "The instance does not know yet what is in force. Try again in a moment.";
      if (place.version > 0) throw new Refused("not_ready", detail, { retry_after_s: 1 });
    }
  }

  /** Asks the Coordinator what is in force; once, however many ask. */
  pull(): Promise<void> {
    this.#pulling ??= this.#deps.platform
      .coordinator()
      .control()
      .then((control) => this.accept(control))
      .finally(() => {
        this.#pulling = null;
      });
    return this.#pulling;
  }

  /** Takes a control document over, if it is newer. */
  accept(control: Control): void {
    if (this.#isHeard && control.version <= this.#control.version) return;
    const { meta, platform, transaction, onChange, onTopology, onNewControl } = this.#deps;
    const { version, previous } = this.#control.topology;
    const { topology } = control;
    this.#control = control;
    this.#isHeard = true;
    this.#settings = settingsOf(platform.defaults, control.settings);
    transaction(() => {
      meta.set("control", serializeControl(control));
      if (topology.version !== version || topology.previous !== previous) onTopology();
    });
    onChange();
    onNewControl();
  }

  #learnIndex(index: number): void {
    this.#index = index;
    this.#deps.meta.set("index", String(index));
    this.#lastHome = null;
    this.#deps.onChange();
  }
}
