/** The jobs of a load generator (a separate process), and their results. Plain data, because it crosses a process boundary. */
export type Job =
  | AppendJob
  | ReadJob
  | LagJob
  | FeedJob
  | CopyJob
  | BesideJob
  | CrowdJob
  | FileJob
  | BulkJob
  | RepeatJob

/** Closed loop: each client sends its next event when it has the answer to its last, until the time is over. */
export interface AppendJob {
  kind: 'append'
  port: number
  clients: number
  seconds: number
  /** The events that each client appends in turn, as JSON bodies; `{turn}` becomes a different word for each turn of each job. */
  bodies: string[]
  /** The proposal of each turn: a new one named with `prefix`, or the next of `proposalIds` (each client has its own share of them). */
  to: { prefix: string } | { proposalIds: string[] }
  /** Distinguishes the keys of this job from those of all others. */
  keyPrefix: string
  secret: string
}

export interface AppendResult {
  appendsPerSecond: number
  /** Milliseconds from sending to answer, of each append. */
  latencies: Float64Array
  /** For each client, in the order of sending, the `Log-Position` of each acknowledged append. */
  acknowledged: Float64Array[]
}

/** Closed loop over the targets; each client begins at another one. */
export interface ReadJob {
  kind: 'read'
  port: number
  clients: number
  seconds: number
  secret: string
  targets: ReadTarget[]
}

/** What to request, the entity tag to send (`If-None-Match`), and the expected answer. */
export interface ReadTarget {
  path: string
  entityTag: string | null
  status: number
  bodyBytes: number
}

export interface ReadResult {
  readsPerSecond: number
  latencies: Float64Array
}

/** Open loop: appends are sent at fixed times, however long answers take; each acknowledged event is read back at once. */
export interface LagJob {
  kind: 'lag'
  commandPort: number
  projectionPort: number
  /** Connections to each service; when all are busy, an append waits for one and its lateness shows in `lateness`. */
  connections: number
  appendsPerSecond: number
  seconds: number
  bodies: string[]
  prefix: string
  secret: string
}

export interface LagResult {
  /** Milliseconds from the answer to an append until a status that contains it has been received. */
  lags: Float64Array
  appendLatencies: Float64Array
  /** Milliseconds by which appends were sent later than planned: large values mean that the rate was not kept. */
  lateness: Float64Array
  appendsPerSecond: number
}

/** One caller, while a crowd reads. */
export interface BesideJob {
  kind: 'beside'
  commandPort: number
  projectionPort: number
  seconds: number
  statusPath: string
  /** The event to record, each time on another proposal; null: nothing is recorded. */
  body: string | null
  prefix: string
  secret: string
}

/** Milliseconds of each attempt. */
export interface BesideResult {
  statuses: Float64Array
  healths: Float64Array
  /** From the answer to an append until the status that contains it has been received. */
  visible: Float64Array
}

/** Readers without a key, from some loopback addresses, in a closed loop. */
export interface CrowdJob {
  kind: 'crowd'
  port: number
  readers: number
  addresses: number
  seconds: number
  paths: string[]
}

export interface CrowdResult {
  answered: number
  refused: number
}

/** One import: lines of NDJSON over one connection. */
export interface BulkJob {
  kind: 'bulk'
  port: number
  lines: number
  /** The events of each proposal, in their order, as JSON bodies. */
  bodies: string[]
  /** Begins the name of each proposal and each key. */
  prefix: string
  secret: string
}

export interface BulkResult {
  recorded: number
  seconds: number
}

/** One client that sends the same request again and again, over one connection. */
export interface RepeatJob {
  kind: 'repeat'
  port: number
  path: string
  type: string
  /** In it, `{turn}` becomes `word` and the number of the turn. */
  body: string
  word: string
  seconds: number
  secret: string
}

/** One download of the feed as NDJSON, from the beginning. */
export interface FeedJob {
  kind: 'feed'
  port: number
  limit: number
  secret: string
  digest: boolean
}

/** One download of a file. */
export interface FileJob {
  kind: 'file'
  port: number
  path: string
  secret: string
  /** A text whose occurrences are counted. */
  counted: string
}

export interface FileResult extends DownloadResult {
  /** Occurrences of the counted text. */
  count: number
}

/** One COPY … TO STDOUT through the driver. */
export interface CopyJob {
  kind: 'copy'
  url: string
  sql: string
  digest: boolean
}

export interface DownloadResult {
  seconds: number
  bytes: number
  /** SHA-256 of all bytes, in hexadecimal; null if not requested, because it uses processor time. */
  sha256: string | null
}
