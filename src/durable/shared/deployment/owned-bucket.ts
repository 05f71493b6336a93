/**
 * Says whose bucket it is: an object in it names the one deployment that writes to it. The first
 * write sets the mark; where it is another's, writing and deleting fail, and reading goes on, so
 * that a new deployment can restore what another left.
 *
 * @module
 */

const BUCKET_MARK = "deployment.json";

/** The mark is read again after this, ms. */
const MARK_AGE_MS = 60_000;
/** A mark is not longer than this, bytes. */
const MARK_BYTES = 10_000;

/** The bucket is another deployment's. */
export class ForeignBucket extends Error {
  override readonly name = "ForeignBucket";

  constructor(readonly owner: string) {
    super(
      `the bucket is marked as that of another deployment, ${owner}: bind one of this ` +
        "deployment's own as BACKUPS, or take it over: memory-cli deployment show",
    );
  }
}

export interface BucketMark {
  deployment: string;
  /** ms since the epoch. */
  since: number;
}

type MarkedBucket = Pick<R2Bucket, "get" | "put">;

/** null: there is none. Throws what the bucket throws. */
export async function readBucketMark(
  bucket: MarkedBucket,
): Promise<(BucketMark & { etag: string }) | null> {
  const object = await bucket.get(BUCKET_MARK);
  if (object === null) return null;
  const mark = object.size > MARK_BYTES ? null : markOf(await object.text());
  // Nobody knows who wrote it: then it is not ours.
  return { ...(mark ?? { deployment: "unreadable", since: 0 }), etag: object.etag };
}

function markOf(text: string): BucketMark | null {
  try {
    const { deployment, since } = JSON.parse(text) as Partial<BucketMark>;
    if (typeof deployment !== "string" || typeof since !== "number") return null;
    return { deployment: deployment.slice(0, 64), since };
  } catch {
    return null;
  }
}

/**
 * Sets the mark.
 *
 * @param over the mark that is replaced; null: there is none
 * @returns whether the mark was still what it was
 */
export async function putBucketMark(
  bucket: MarkedBucket,
  mark: BucketMark,
  over: { etag: string } | null,
): Promise<boolean> {
  const onlyIf = over === null ? { etagDoesNotMatch: "*" } : { etagMatches: over.etag };
  return (await bucket.put(BUCKET_MARK, JSON.stringify(mark), { onlyIf })) !== null;
}

interface OwnedBucketDeps {
  /** null: of a release that has no mark. */
  deployment: () => Promise<string | null>;
  now: () => number;
}

/** Makes sure that a bucket is ours, or nobody's yet, before something is changed in it. */
export class BucketOwner {
  readonly #bucket: MarkedBucket;
  readonly #deps: OwnedBucketDeps;
  #ownAt: number | null = null;

  constructor(bucket: MarkedBucket, deps: OwnedBucketDeps) {
    this.#bucket = bucket;
    this.#deps = deps;
  }

  /** Throws `ForeignBucket`, and what the bucket throws. */
  async require(): Promise<void> {
    const { deployment, now } = this.#deps;
    if (this.#ownAt !== null && now() - this.#ownAt < MARK_AGE_MS) return;
    const own = await deployment();
    if (own === null) return;
    let mark: BucketMark | null = await readBucketMark(this.#bucket);
    if (mark === null) {
      const isSet = await putBucketMark(this.#bucket, { deployment: own, since: now() }, null);
      mark = isSet ? null : await readBucketMark(this.#bucket);
    }
    if (mark !== null && mark.deployment !== own) throw new ForeignBucket(mark.deployment);
    this.#ownAt = now();
  }
}

const CHANGING: ReadonlySet<string | symbol> = new Set(["put", "delete"]);

/** The bucket, which changes nothing while it is another's. */
export function ownedBucket(bucket: R2Bucket, deps: OwnedBucketDeps): R2Bucket {
  const owner = new BucketOwner(bucket, deps);
  return new Proxy(bucket, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (!CHANGING.has(name) || typeof value !== "function") return value;
      return async (...args: unknown[]): Promise<unknown> => {
        await owner.require();
        return (value as (...given: unknown[]) => Promise<unknown>)(...args);
      };
    },
  });
}
