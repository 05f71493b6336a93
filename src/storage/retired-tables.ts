/**
 * Tables that earlier releases had in the database, as backups of then describe them. Nothing is
 * read from them: what they held follows from episodes.
 *
 * @module
 */

/** The columns, keys first, and how many of them are the key. */
export const RETIRED_TABLES: Readonly<Record<string, { columns: readonly string[]; key: number }>> =
  {
    recalls: { columns: ["namespace", "id", "created_at", "body"], key: 2 },
    digests: {
      columns: [
        "namespace",
        "episode_id",
        "version",
        "domain",
        "status",
        "outcome",
        "ended_at",
        "relevance",
        "body",
      ],
      key: 2,
    },
    domains: { columns: ["namespace", "domain", "body"], key: 2 },
    search_docs: {
      columns: [
        "namespace",
        "kind",
        "id",
        "task_terms",
        "tag_terms",
        "outcome_terms",
        "tool_terms",
        "error_terms",
        "trigrams",
        "lengths",
      ],
      key: 3,
    },
  };
