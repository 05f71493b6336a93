/**
 * The webhooks of the service: adds and removes them, each audited and pushed to every instance,
 * and says what was sent in vain. They are part of the control document.
 *
 * @module
 */

import type {
  DeadDelivery,
  WebhookMade,
  WebhookTested,
  WebhookView,
} from "../../../contract/events/answers.ts";
import type { NewWebhook } from "../../../contract/events/requests.ts";
import { toHex } from "../../../util/hashing/hash.ts";
import { isoTime } from "../../../util/time.ts";
import type { WebhookRecord } from "../../shared/control.ts";
import { Refused } from "../../shared/refusals.ts";
import { refusalOf } from "../../../util/public-address.ts";
import { newSecret } from "../../webhooks/signature.ts";
import type { Webhooks } from "../../webhooks/webhooks.ts";
import type { CoordinatorContext } from "../context.ts";
import type { ControlStore } from "../control-store.ts";
import { ASK_MS, type Instances } from "../instances.ts";

/** Webhooks of a service: each event is compared with all of them. */
const WEBHOOKS_MAX = 20;
const ID_BYTES = 6;

interface BookDeps extends Pick<CoordinatorContext, "now"> {
  controlStore: ControlStore;
  instances: Instances;
  webhooks: Webhooks;
}

export class WebhookBook {
  readonly #deps: BookDeps;

  constructor(deps: BookDeps) {
    this.#deps = deps;
  }

  list(): WebhookView[] {
    return this.#records.map(viewOf);
  }

  /** Throws `Refused` for an address that may not be sent to. */
  async add({ url, types, namespaces }: NewWebhook, by: string): Promise<WebhookMade> {
    const { controlStore, now } = this.#deps;
    const refusal = refusalOf(url, controlStore.settings.webhooks_private);
    if (refusal !== null)
      throw new Refused("validation_failed", `url: ${refusal}`, { path: "url" });
    if (this.#records.length >= WEBHOOKS_MAX)
      throw new Refused("limit_exceeded", `There are ${WEBHOOKS_MAX} webhooks already.`);
    const id = `wh-${toHex(crypto.getRandomValues(new Uint8Array(ID_BYTES)))}`;
    const kept = { id, url, types: types ?? null, namespaces, created_at: isoTime(now()) };
    const webhook: WebhookRecord = { ...kept, secret: newSecret() };
    await this.#change([...this.#records, webhook], by);
    return webhook;
  }

  /** Throws `Refused` when there is none. */
  async remove(id: string, by: string): Promise<null> {
    const { id: known } = this.#record(id);
    await this.#change(
      this.#records.filter((one) => one.id !== known),
      by,
    );
    return null;
  }

  /** Throws `Refused` when there is none. */
  test(id: string): Promise<WebhookTested> {
    return this.#deps.webhooks.test(this.#record(id));
  }

  /** Of all objects, the newest first. */
  async dead(limit: number): Promise<DeadDelivery[]> {
    const { instances, webhooks } = this.#deps;
    const answers = await instances.everywhere("webhooks_dead", { limit }, ASK_MS);
    const theirs = answers.flatMap((answer) => ("value" in answer ? answer.value : []));
    const all = [...theirs, ...webhooks.dead(limit)];
    return all.sort((a, b) => (a.created_at > b.created_at ? -1 : 1)).slice(0, limit);
  }

  async retry(): Promise<{ retried: number }> {
    const { instances, webhooks } = this.#deps;
    const answers = await instances.everywhere("webhooks_retry", null, ASK_MS);
    const counts = answers.map((answer) => ("value" in answer ? answer.value.retried : 0));
    return { retried: counts.reduce((sum, count) => sum + count, webhooks.retry()) };
  }

  get #records(): readonly WebhookRecord[] {
    return this.#deps.controlStore.control.webhooks;
  }

  #record(id: string): WebhookRecord {
    const found = this.#records.find((one) => one.id === id);
    if (found) return found;
    throw new Refused("not_found", `There is no webhook ${id}.`);
  }

  async #change(webhooks: WebhookRecord[], by: string): Promise<void> {
    this.#deps.controlStore.setWebhooks(webhooks, by);
    await this.#deps.instances.push();
  }
}

function viewOf({ secret: _secret, ...view }: WebhookRecord): WebhookView {
  return view;
}
