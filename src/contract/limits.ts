/**
 * Every bound of the service, as data. Over a bound is an error that names the field and the bound,
 * never a cut.
 *
 * @module
 */

export const LIMITS = {
  /** Characters. */
  task_max: 10_000,
  /** Characters of a domain, language, framework, tag, tool name. */
  name_max: 200,
  /** Characters of a step's action, a verdict, a reason. */
  text_max: 10_000,
  /** Entries of a tag list (context tags and episode tags, each). */
  tags_max: 50,
  /** Entries of a list in an outcome (artifacts, completed, failed, signals). */
  outcome_list_max: 100,
  /** Entries of a metadata map. */
  metadata_entries_max: 50,
  /** Characters of a metadata value. */
  metadata_value_max: 2_000,
  /** Steps in one request. */
  steps_per_request_max: 100,
  /** Steps in an episode; also the highest step number. */
  steps_max: 1_000,
  /**
   * UTF-8 bytes of a step's output or error message, whatever the setting `step_output_max_bytes`
   * says.
   */
  step_output_ceiling_bytes: 1_048_576,
  /** UTF-8 bytes of a step's parameters, as JSON. */
  parameters_max_bytes: 65_536,
  /** UTF-8 bytes of a stored step as JSON. An instance's row may have 2 MB. */
  row_bytes_max: 1_800_000,
  /**
   * UTF-8 bytes of all of an episode but its steps, as JSON, while clients add to it. Its row has
   * its task and tags once more. The rooms for how it ends and for what it taught are beside that,
   * so that it can always be ended.
   */
  record_bytes_max: 1_700_000,
  record_ending_bytes: 100_000,
  /** UTF-8 bytes of an outcome that is always taken. */
  outcome_bytes_granted: 82_000,
  /**
   * UTF-8 bytes of the same with everything: which patterns it taught is left out where that would
   * be more.
   */
  record_bytes_ceiling: 1_880_000,
  /** Patterns that an ended episode names. */
  pattern_ids_max: 1_000,
  /** UTF-8 bytes of all that an episode holds, as JSON. What ends it is taken even beyond that. */
  episode_bytes_max: 10_485_760,
  /**
   * UTF-8 bytes of an episode's digest as JSON, what it says of single steps and what it
   * contributes to patterns. What goes beyond is left out of learning, counted and told; the
   * episode itself keeps all of it.
   */
  digest_path_bytes: 200_000,
  digest_contribution_bytes: 256_000,
  /**
   * UTF-8 bytes of rows that move at once: between the database, instances and backups. A larger
   * row moves alone.
   */
  slice_bytes: 1_000_000,
  /** UTF-8 bytes of a page that a client gets, as stored; a page has at least one item. */
  page_bytes: 4_000_000,
  checkpoints_max: 50,
  /** UTF-8 bytes of a checkpoint's state, as JSON. */
  checkpoint_state_max_bytes: 16_384,
  relationships_max: 200,
  /** Bytes of a request body (import is a stream and bounded by line). */
  body_max_bytes: 8_388_608,
  /** Bytes of one import line. */
  import_line_max_bytes: 16_777_216,
  page_default: 50,
  page_max: 200,
  recall_default: 5,
  recall_max: 50,
  recent_steps_max: 50,
  /** UTF-8 bytes of all recent steps of a question together, as JSON. */
  recent_steps_max_bytes: 1_048_576,
  query_max: 10_000,
  /** Characters of a text in an address: of any script, they fit into one of 16 KiB. */
  url_text_max: 1_500,
  feedback_used_max: 200,
  namespace_max: 64,
  idempotency_key_max: 200,
  /** Bytes of one answer that is kept for a repetition: more than any write answers with. */
  kept_answer_max_bytes: 524_288,
  /** Bytes of the answers that an instance keeps for one API key: some 30,000 writes. */
  kept_answers_key_max_bytes: 16_777_216,
  /** Bytes of all answers that an instance keeps. */
  kept_answers_max_bytes: 67_108_864,
  namespaces_per_key_max: 100,
  /**
   * UTF-8 bytes of all keys' records as JSON: an instance gets them together. Tens of thousands of
   * ordinary keys.
   */
  keys_bytes_max: 8_000_000,
} as const;

/** A namespace's name: what is safe in a header, a path and a log line. */
export const NAMESPACE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/**
 * What the platform gives a Durable Object, bytes
 * (developers.cloudflare.com/durable-objects/platform/limits).
 */
export const STORAGE_MAX_BYTES = 10 * 1_024 ** 3;
