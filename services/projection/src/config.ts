import { commonVariables, publicUrl, usualCacheMemory } from '@commitments/http-kit/common-variables'
import { ConfigError, type Environment, oneOf, parseConfig, port, wholeNumber } from '@commitments/http-kit/config'
import { z } from 'zod'
import { logVariables } from './transparency/signing-config.ts'

const Variables = z.object({
  ...commonVariables,
  ...logVariables,
  PORT: port(8081),
  /** `read`: the instance only serves, from a server that may be a standby. It applies, signs, checks and writes nothing. */
  PROJECTION_MODE: oneOf(['apply', 'read']).default('apply'),
  /** The public address of the command service, at which the board records. Absent: the board only reads. */
  COMMAND_PUBLIC_URL: publicUrl.optional(),
  /** Connections to the database for reads: this many are answered at once, and the others wait for their turn. */
  READ_CONNECTIONS: wholeNumber(2, 200).default(12),
  /** Connections for the projectors, the signer and the checks, which no reader can take. */
  WORK_CONNECTIONS: wholeNumber(4, 100).default(8),
  /** Mebibytes for answers and folded states in memory; the rest of the process stays below 150 MiB. */
  CACHE_MEMORY: wholeNumber(1, 4_096).default(usualCacheMemory),
  /** Downloads at the same time: feed, lists and tables as CSV, workbooks. */
  DOWNLOADS: wholeNumber(1, 1_000).default(16),
  /** Readers of the live feed at the same time. */
  LIVE_READERS: wholeNumber(1, 100_000).default(1_000),
  /** Proposals a second whose status is compared with a new fold of their events; 0: only on request. */
  DRIFT_CHECK_RATE: wholeNumber(0, 1_000).default(5),
  /** The address of the licence under which the ledger is published, for the metadata of the tables. */
  DATA_LICENSE: z
    .url({
      protocol: /^https?$/,
      error: 'the address of a licence, such as https://creativecommons.org/licenses/by/4.0/',
    })
    .max(300)
    .optional(),
  /** The prefix of CloudEvents types: the operator's domain in reverse. */
  CLOUDEVENTS_TYPE_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,9}$/, 'a domain name in reverse, such as vn.example.commitments')
    .default('localhost.commitments'),
})

/** Everything that the projection service reads from its environment; only `main.ts` calls this. @throws ConfigError */
export function readConfig(environment: Environment) {
  const config = parseConfig(Variables, environment)
  if (isReader(environment) && environment['LOG_SIGNER']?.trim() === 'yes') {
    throw new ConfigError([
      'LOG_SIGNER must be absent or no with PROJECTION_MODE=read: such an instance signs nothing.',
    ])
  }
  return config
}

/** Whether the instance only serves; such a one needs no key of the log. */
export function isReader(environment: Environment): boolean {
  return environment['PROJECTION_MODE']?.trim() === 'read'
}

export type ProjectionConfig = ReturnType<typeof readConfig>
