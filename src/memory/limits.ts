/**
 * Every bound of the service, as data. Over a bound is an error that names the field and the bound, never a cut.
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
  /** UTF-8 bytes of a step's output or error message, whatever the setting `step_output_max_bytes` says. */
  step_output_ceiling_bytes: 1_048_576,
  /** UTF-8 bytes of a step's parameters, as JSON. */
  parameters_max_bytes: 65_536,
  /** UTF-8 bytes of a stored step, and of all of an episode but its steps, as JSON. An instance's row may have 2 MB. */
  row_bytes_max: 1_800_000,
  /** UTF-8 bytes of all that an episode holds. */
  episode_bytes_max: 10_485_760,
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
} as const;

/** A namespace's name: what is safe in a header, a path and a log line. */
export const NAMESPACE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
