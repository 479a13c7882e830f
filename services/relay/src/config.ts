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

const name = (example: string) =>
  z.string().regex(/^[A-Za-z0-9_-]{1,60}$/, `letters, digits, - and _, such as ${example}`)

const Variables = z.object({
  /** The address of the projection service. */
  PROJECTION_URL: z.url({ protocol: /^https?$/, error: 'an http or https address' }).default('http://127.0.0.1:8081'),
  /** A file with the key for the feed. Absent: the feed is read without a key. */
  RELAY_API_KEY_FILE: z.string().optional(),
  NATS_URL: natsUrl.prefault('nats://127.0.0.1:4222'),
  NATS_CREDENTIALS_FILE: z.string().optional(),
  NATS_STREAM: name('COMMITMENTS').default('COMMITMENTS'),
  NATS_SUBJECT: z
    .string()
    .regex(
      /^[A-Za-z0-9_-]{1,60}(?:\.[A-Za-z0-9_-]{1,60}){0,5}$/,
      'a subject without wildcards, such as commitments or vn.commitments',
    )
    .default('commitments'),
  HOST: z.string().default('127.0.0.1'),
  /** Health and metrics. */
  PORT: port(8082),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
})

/** Everything that the relay reads from its environment; only `main.ts` calls this. @throws ConfigError */
export function readConfig(environment: Environment) {
  return parseConfig(Variables, environment)
}
