/**
 * Every fixed bound of the service, as data. What a client sends beyond one is refused with the
 * error named at the bound, and the answer names the field; nothing that a client sends is ever
 * cut. Bounds that an operator may change are settings.
 *
 * Units: characters are UTF-16 units; bytes are of UTF-8, and of a value as JSON.
 *
 * @module
 */

export const LIMITS = {
  // A request. Beyond it: 400 validation_failed, unless a line says otherwise.

  /** Characters. */
  task_max: 10_000,
  /** Characters of a domain, language, framework, tag, tool name, name of a key. */
  name_max: 200,
  /** Characters of a step's action, a verdict, a reason, a note. */
  text_max: 10_000,
  /** Characters of a text in an address: of any script, they fit into one of 16 KiB. */
  url_text_max: 1_500,
  /** Characters of a search text that is not in an address. */
  search_text_max: 10_000,
  /** Entries of a tag list (context tags and episode tags, each); 422 limit_exceeded for the sum. */
  tags_max: 50,
  /** Tags that a filter names. */
  filter_tags_max: 10,
  /** Episodes in one request for several. */
  episodes_per_request_max: 100,
  /** Weeks of a report. */
  report_weeks_max: 52,
  /** Entries of a list in an outcome (artifacts, completed, failed, signals). */
  outcome_list_max: 100,
  /** Entries of a metadata map. */
  metadata_entries_max: 50,
  /** Characters of a metadata value. */
  metadata_value_max: 2_000,
  /** Steps in one request. */
  steps_per_request_max: 100,
  /** Bytes of a step's output or error message, whatever `step_output_max_bytes` is set to. */
  step_output_ceiling_bytes: 1_048_576,
  /** Bytes of a step's parameters. */
  parameters_max_bytes: 65_536,
  /** Bytes of a checkpoint's state. */
  checkpoint_state_max_bytes: 16_384,
  /** Recent steps of a question. */
  recent_steps_max: 50,
  /** Bytes of all recent steps of a question together. */
  recent_steps_max_bytes: 1_048_576,
  /** Items of a page, when the request does not say, and at most. */
  page_default: 50,
  page_max: 200,
  /** Items of each kind in a recall, when the request does not say, and at most. */
  recall_default: 5,
  recall_max: 50,
  /** Characters of a lesson, and of the words that a person gives a curated item. */
  lesson_text_max: 1_000,
  /** Tools, and tags, that a lesson applies to, each. */
  lesson_applies_max: 20,
  /** Lessons that the end of an episode brings. */
  lessons_per_episode_max: 10,
  /** Ids of items that a feedback names as used. */
  feedback_used_max: 200,
  /** Printable ASCII characters of an Idempotency-Key. */
  idempotency_key_max: 200,
  /** Namespaces that an API key names. */
  namespaces_per_key_max: 100,
  /** API keys that a restore names, and whose ids it reports. */
  restore_keys_max: 100,
  /** Instances of a deployment. */
  instances_max: 1_024,
  /** Bytes of a request body, import excepted: 413 body_too_large. */
  body_max_bytes: 8_388_608,
  /** Traces in one request, and bytes of a span as JSON: what goes beyond is rejected, and told. */
  traces_per_request_max: 1_000,
  span_max_bytes: 1_000_000,
  /** Bytes of one line of an import; the answer to the line is the error. */
  import_line_max_bytes: 16_777_216,
  /** Lines of an import that may be refused: it ends with the next one, 422 limit_exceeded. */
  import_refused_max: 10_000,
  /**
   * Bytes that an import may unzip to for each that was sent, beside those of a first line: 413
   * body_too_large.
   */
  unzipped_per_byte_max: 200,

  // OAuth (docs/oauth.md). Beyond it: 413 body_too_large, 429.

  /** Bytes of a request's body at one of its addresses. */
  oauth_body_max_bytes: 16_384,
  /** Bytes of what a client that registers itself says of itself. */
  oauth_client_max_bytes: 8_192,
  /** Clients that may register themselves in a day. */
  oauth_registrations_per_day: 200,
  /** Clients that may register themselves at once. */
  oauth_registrations_burst: 50,
  /** Bytes of a client's description at its own address. */
  oauth_document_max_bytes: 8_192,

  // An episode. Beyond it: 422 limit_exceeded, unless a line says otherwise.

  /** Steps in an episode; also the highest step number. */
  steps_max: 1_000,
  /** Checkpoints of an episode. */
  checkpoints_max: 50,
  /** Relationships of an episode, in both directions together. */
  relationships_max: 200,
  /**
   * Episodes that lead to where a new relationship begins, or follow where it ends: where both are
   * more, it cannot be checked whether it closes a cycle that must not be.
   */
  relationships_walked_max: 2_000,
  /** Bytes of a stored step. An instance's row may have 2 MB. */
  row_bytes_max: 1_800_000,
  /**
   * Bytes of all of an episode but its steps, while clients add to it. Its row has its task and tags
   * once more. The rooms for how it ends and for what it taught are beside that, so that it can
   * always be ended.
   */
  record_bytes_max: 1_700_000,
  /** Bytes beyond `record_bytes_max` that the end of an episode may take. */
  record_ending_bytes: 100_000,
  /** Bytes of an outcome that is always taken. */
  outcome_bytes_granted: 82_000,
  /**
   * Bytes of the same with everything. No error: which patterns it taught is left out where that
   * would be more.
   */
  record_bytes_ceiling: 1_880_000,
  /** Patterns that an ended episode names. No error: the rest is not named. */
  pattern_ids_max: 1_000,
  /** Bytes of all that an episode holds. What ends it is taken even beyond that. */
  episode_bytes_max: 10_485_760,
  /**
   * Bytes of an episode's digest: what it says of single steps, and what it contributes to patterns.
   * No error: what goes beyond is left out of learning and counted in the completion's `omitted`;
   * the episode itself keeps all of it.
   */
  digest_path_bytes: 200_000,
  digest_contribution_bytes: 256_000,

  // A trace that is put together. Beyond it spans are rejected, and told; its roots never are.

  /** Spans of a trace, and their bytes. */
  trace_spans_max: 4_000,
  trace_bytes_max: 8_388_608,
  /** Traces of a namespace that an instance holds, and their bytes: 503 overloaded. */
  traces_max: 1_000,
  traces_bytes_max: 67_108_864,

  // A namespace. Beyond it: 422 limit_exceeded, unless a line says otherwise.

  /** Filters of lists that are kept under a name: all together fit into a slice, whatever they say. */
  filters_max: 30,
  /** Lessons. What the end of an episode brings beyond it is not taken. */
  lessons_max: 1_000,
  /** Statements and uses that a lesson's evidence is counted from: no error, the newest count. */
  lesson_evidence_max: 500,
  /** Items that people decided about. */
  curation_max: 2_000,
  /** Decisions about an item that are remembered, and their bytes: no error, the newest are. */
  curation_log_max: 20,
  curation_log_bytes: 8_000,

  // What moves, and what is kept. No error: more than that goes in several parts, or is dropped.

  /**
   * Bytes of rows that move at once: between the database, instances and backups. A larger row moves
   * alone.
   */
  slice_bytes: 1_000_000,
  /** Episodes of which a tag is renamed at once, or that are archived. */
  rename_slice: 50,
  /** Bytes of a page that a client gets, as stored; a page has at least one item. */
  page_bytes: 4_000_000,
  /** Bytes of one answer that is kept for a repetition; a repetition of a larger one is a 409. */
  kept_answer_max_bytes: 524_288,
  /** Bytes of the answers that an instance keeps for one API key (some 30,000 writes). */
  kept_answers_key_max_bytes: 16_777_216,
  /** Bytes of all answers that an instance keeps. */
  kept_answers_max_bytes: 67_108_864,
  /**
   * Bytes of all API keys' records, which an instance gets together: tens of thousands of ordinary
   * keys. Beyond it a new key is refused, 422 limit_exceeded.
   */
  keys_bytes_max: 8_000_000,
} as const;

/** An id of an episode, pattern, job …: safe in a path, a cursor and a log line. */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** A namespace's name: safe in a header, a path and a log line. */
export const NAMESPACE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/**
 * What the platform gives a Durable Object, bytes
 * (developers.cloudflare.com/durable-objects/platform/limits).
 */
export const STORAGE_MAX_BYTES = 10 * 1_024 ** 3;
