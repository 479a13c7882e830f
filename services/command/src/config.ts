import { commonVariables, type Environment, parseConfig, port, publicUrl, wholeNumber } from '@commitments/http-kit'
import { z } from 'zod'

const Variables = z.object({
  ...commonVariables,
  PORT: port(8080),
  /** Connections to the database: batches are written one after the other; the other connections read streams and keys. */
  RECORD_CONNECTIONS: wholeNumber(3, 100).default(10),
  /** The public address of the projection service, at which recorded events can be read. */
  PROJECTION_PUBLIC_URL: publicUrl.optional(),
})

/** Everything that the command service reads from its environment; only `main.ts` calls this. @throws ConfigError */
export function readConfig(environment: Environment) {
  return parseConfig(Variables, environment)
}

export type CommandConfig = ReturnType<typeof readConfig>
