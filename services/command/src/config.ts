import { commonVariables, type Environment, parseConfig, port, publicUrl } from '@commitments/http-kit'
import { z } from 'zod'

const Variables = z.object({
  ...commonVariables,
  PORT: port(8080),
  /** The public address of the projection service, at which recorded events can be read. */
  PROJECTION_PUBLIC_URL: publicUrl.optional(),
})

/** Everything that the command service reads from its environment; only `main.ts` calls this. @throws ConfigError */
export function readConfig(environment: Environment) {
  return parseConfig(Variables, environment)
}

export type CommandConfig = ReturnType<typeof readConfig>
