/**
 * What is done with secrets in a namespace: what the deployment is set to, or what the namespace
 * asks for, where that is more. A namespace's settings are at its home; what they say of secrets is
 * kept here for a while, and for longer when the home is out of reach.
 *
 * @module
 */

import {
  strictestRedaction,
  type NamespaceRedaction,
  type RedactionMode,
} from "../../../contract/redaction.ts";
import { BoundedMap } from "../../../util/bounded-map.ts";
import { withDeadline } from "../../../util/deadline.ts";
import type { InstanceContext } from "../context.ts";

/** How long what a namespace asks for is not asked again, ms. */
const KEPT_MS = 10_000;
/** A call does not wait longer for the home of its namespace, ms. */
const ASK_MS = 1_000;
/** Namespaces whose mode is kept. */
const KEPT_MAX = 2_000;

interface Known {
  redaction: NamespaceRedaction;
  /** ms since the epoch. */
  until: number;
}

export class RedactionModes {
  readonly #context: Pick<InstanceContext, "settings" | "askHome" | "now">;
  readonly #known = new BoundedMap<string, Known>(KEPT_MAX);
  /** By namespace, what is being asked. */
  readonly #asking = new Map<string, Promise<NamespaceRedaction>>();

  constructor(context: Pick<InstanceContext, "settings" | "askHome" | "now">) {
    this.#context = context;
  }

  /**
   * What is in force in a namespace. Of one whose home did never answer that is what the deployment
   * is set to.
   */
  async of(namespace: string): Promise<RedactionMode> {
    const { settings, now } = this.#context;
    if (settings().redaction === "block") return "block";
    const known = this.#known.get(namespace);
    const redaction = known && known.until > now() ? known.redaction : await this.#ask(namespace);
    return strictestRedaction(settings().redaction, redaction);
  }

  #ask(namespace: string): Promise<NamespaceRedaction> {
    const asking = this.#asking.get(namespace) ?? this.#asked(namespace);
    this.#asking.set(namespace, asking);
    return asking.finally(() => this.#asking.delete(namespace));
  }

  async #asked(namespace: string): Promise<NamespaceRedaction> {
    const { askHome, now } = this.#context;
    const asked = askHome("redaction", { namespace }).catch(nothing);
    const answer = await withDeadline(asked, ASK_MS, nothing);
    const redaction = answer ?? this.#known.get(namespace)?.redaction ?? "as_deployment";
    this.#known.set(namespace, { redaction, until: now() + KEPT_MS });
    return redaction;
  }
}

const nothing = (): null => null;
