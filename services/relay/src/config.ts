import { readFileSync } from 'node:fs'
import { commonVariables, publicUrl } from '@commitments/http-kit/common-variables'
import { type Environment, parseConfig, port } from '@commitments/http-kit/config'
import { z } from 'zod'

const natsUrl = z.string().transform((text, context) => {
  const servers = text.split(',').map((server) => server.trim())
  if (!servers.every((server) => /^(?:nats|tls):\/\/[^/?#@\s]+$/.test(server))) {
    context.addIssue({
      code: 'custom',
      message:
        'addresses with commas, such as nats://10.0.0.5:4222,tls://nats.example.org:4222; credentials belong into NATS_CREDENTIALS_FILE',
    })
  }
  return servers
})

/** The content of a file that is named by its path. */
const fileContent = z.string().transform((path, context) => {
  try {
    return readFileSync(path)
  } catch (error) {
    const message = `the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
})

const name = (example: string) =>
  z.string().regex(/^[A-Za-z0-9_-]{1,60}$/, `letters, digits, - and _, such as ${example}`)

const Variables = z.object({
  /** The address of the projection service. */
  PROJECTION_URL: publicUrl.default('http://127.0.0.1:8081'),
  /** A file with the key for the feed. Absent: the feed is read without a key. */
  RELAY_API_KEY_FILE: fileContent.transform((bytes) => bytes.toString('utf8').trim()).optional(),
  NATS_URL: natsUrl.prefault('nats://127.0.0.1:4222'),
  NATS_CREDENTIALS_FILE: fileContent.optional(),
  NATS_STREAM: name('COMMITMENTS').default('COMMITMENTS'),
  NATS_SUBJECT: z
    .string()
    .regex(
      /^[A-Za-z0-9_-]{1,60}(?:\.[A-Za-z0-9_-]{1,60}){0,5}$/,
      'a subject without wildcards, such as commitments or vn.commitments',
    )
    .default('commitments'),
  HOST: commonVariables.HOST,
  /** Health and metrics. */
  PORT: port(8082),
  LOG_LEVEL: commonVariables.LOG_LEVEL,
})

/** Everything that the relay reads from its environment; only `main.ts` calls this. @throws ConfigError */
export function readConfig(environment: Environment) {
  return parseConfig(Variables, environment)
}
