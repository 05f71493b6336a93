/**
 * Chooses what is worth its room: items of several kinds that share one bound of tokens. Pure.
 *
 * @module
 */

/** An item, in one form or in several. */
export interface Choice {
  /** Among all kinds; an item of twice the worth may cost twice as much. */
  readonly worth: number;
  /** Of each form, the longest one first. */
  readonly costs: readonly number[];
}

/** The items of a kind, best first. */
export interface Kind {
  /** What the kind costs as soon as it has an item: its title. */
  readonly opening: number;
  readonly items: readonly Choice[];
  /** Its best item has no right to come before what is worth more. */
  readonly isMinor?: boolean | undefined;
}

/** What more of an item is worth beside the item itself, as a share of its worth. */
const LONGER_SHARE = 0.5;

/**
 * The best item of each kind comes first, in its shortest form, the kinds whose best is worth most
 * before the others; then whatever has the most worth for its cost: a further item, or a longer form
 * of one that is there. Of a kind only first items are chosen, so that an order of steps has no gap.
 *
 * @returns for each kind the form of each chosen item
 */
export function chooseByWorth(kinds: readonly Kind[], room: number): number[][] {
  const chosen = kinds.map((): number[] => []);
  let left = room;
  const byHead = [...kinds.keys()]
    .filter((at) => kinds[at]?.items.length && !kinds[at]?.isMinor)
    .sort((a, b) => worthOf(kinds[b]?.items[0]) - worthOf(kinds[a]?.items[0]) || a - b);

  for (const at of byHead) {
    const { opening = 0, items = [] } = kinds[at] ?? {};
    const costs = items[0]?.costs ?? [];
    const cost = opening + (costs.at(-1) ?? 0);
    if (cost > left) continue;
    chosen[at] = [costs.length - 1];
    left -= cost;
  }

  for (;;) {
    const next = bestNext(kinds, chosen, left);
    if (!next) return chosen;
    const forms = chosen[next.at];
    if (forms) forms[next.item] = next.form;
    left -= next.cost;
  }
}

const worthOf = (choice: Choice | undefined): number => choice?.worth ?? 0;

/** An item in a form, and what that costs more than what is there. */
interface Next {
  at: number;
  item: number;
  form: number;
  cost: number;
  /** Worth for its cost. */
  rate: number;
}

/** What has the most worth for its cost; null: nothing more fits. */
function bestNext(
  kinds: readonly Kind[],
  chosen: readonly (readonly number[])[],
  left: number,
): Next | null {
  let best: Next | null = null;
  for (const [at, { items, opening, isMinor }] of kinds.entries()) {
    const forms = chosen[at] ?? [];
    // The best item of any other kind did not fit.
    if (forms.length === 0 && !isMinor) continue;
    const title = forms.length === 0 ? opening : 0;
    for (const [item, choice] of items.slice(0, forms.length + 1).entries()) {
      const taken = forms[item];
      const form = (taken ?? choice.costs.length) - 1;
      if (form < 0) continue;
      const had = taken === undefined ? 0 : (choice.costs[taken] ?? 0);
      const cost = title + (choice.costs[form] ?? 0) - had;
      const worth = choice.worth * (taken === undefined ? 1 : LONGER_SHARE);
      const rate = worth / Math.max(1, cost);
      if (cost <= left && (!best || rate > best.rate)) best = { at, item, form, cost, rate };
    }
  }
  return best;
}
