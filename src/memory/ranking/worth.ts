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
}

/**
 * The best item of each kind comes first, in its shortest form, the kinds whose best is worth most
 * before the others; then those items in longer forms; then whatever has the most worth for its
 * cost. Of a kind only first items are chosen, so that an order of steps has no gap.
 *
 * @returns for each kind the form of each chosen item
 */
export function chooseByWorth(kinds: readonly Kind[], room: number): number[][] {
  const chosen = kinds.map((): number[] => []);
  let left = room;
  const byHead = [...kinds.keys()]
    .filter((at) => kinds[at]?.items.length)
    .sort((a, b) => worthOf(kinds[b]?.items[0]) - worthOf(kinds[a]?.items[0]) || a - b);

  for (const at of byHead) {
    const { opening = 0, items = [] } = kinds[at] ?? {};
    const costs = items[0]?.costs ?? [];
    const cost = opening + (costs.at(-1) ?? 0);
    if (cost > left) continue;
    chosen[at] = [costs.length - 1];
    left -= cost;
  }
  for (const at of byHead) left -= lengthenHead(kinds[at], chosen[at], left);

  for (;;) {
    const next = bestNext(kinds, chosen, left);
    if (!next) return chosen;
    chosen[next.at]?.push(next.form);
    left -= next.cost;
  }
}

const worthOf = (choice: Choice | undefined): number => choice?.worth ?? 0;

/** Takes the first item in the longest form that there is room for. @returns what that costs more */
function lengthenHead(kind: Kind | undefined, forms: number[] | undefined, left: number): number {
  const costs = kind?.items[0]?.costs ?? [];
  const form = forms?.[0];
  if (!forms || form === undefined) return 0;
  const taken = costs[form] ?? 0;
  const longer = costs.findIndex((cost) => cost - taken <= left);
  if (longer < 0 || longer >= form) return 0;
  forms[0] = longer;
  return (costs[longer] ?? 0) - taken;
}

interface Next {
  at: number;
  form: number;
  cost: number;
  /** Worth for its cost. */
  rate: number;
}

/** The next item of a kind that has one already, of most worth for its cost; null: none fits. */
function bestNext(
  kinds: readonly Kind[],
  chosen: readonly (readonly number[])[],
  left: number,
): Next | null {
  let best: Next | null = null;
  for (const [at, { items }] of kinds.entries()) {
    const taken = chosen[at]?.length ?? 0;
    const item = taken > 0 ? items[taken] : undefined;
    const form = item?.costs.findIndex((cost) => cost <= left) ?? -1;
    if (!item || form < 0) continue;
    const cost = item.costs[form] ?? 0;
    const rate = item.worth / Math.max(1, cost);
    if (!best || rate > best.rate) best = { at, form, cost, rate };
  }
  return best;
}
