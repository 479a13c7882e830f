/** The environment variables of both services. */
import { isIP } from 'node:net'
import { z } from 'zod'
import type { AllowedOrigins } from '../headers/cross-origin.ts'
import { apiKeyMistakes } from '../keys/api-keys.ts'
import type { RateLimit } from '../limits/rates.ts'
import { ConfigError, type Environment, oneOf, wholeNumber } from '../process/config.ts'
import { issuerMistakes } from '../tokens/issuer-settings.ts'

const windows = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const

const RateLimitText = z
  .string()
  .regex(/^[1-9]\d{0,8}\/(?:second|minute|hour)$/, 'requests per time, such as 600/minute (second, minute, hour)')
  .transform((text): RateLimit => {
    const [requests, window] = text.split('/')
    return { requests: Number(requests), window: windows[window as keyof typeof windows] }
  })

/** Mebibytes that a process keeps answers and folded states in (`CACHE_MEMORY`); several ledgers share them. */
export const usualCacheMemory = 44

/** How many proxies are in front, or their addresses and networks. */
export type TrustProxy = number | string[]

const proxyRule =
  'the number of proxies in front (1 to 9), or their addresses and networks with commas, such as 10.0.0.0/8, ::1 or loopback'

const TrustProxyText = z.string().transform((text, context): TrustProxy => {
  if (/^[1-9]$/.test(text)) return Number(text)
  const places = text.split(',').map((place) => place.trim())
  if (!places.every(isPlace)) context.addIssue({ code: 'custom', message: proxyRule })
  return places
})

function isPlace(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

const originRule =
  'origins with commas, such as https://board.example.org (scheme, host and port, without a path), or * for any'

const OriginsText = z.string().transform((text, context): AllowedOrigins => {
  if (text === '*') return '*'
  const origins = text.split(',').map((origin) => origin.trim())
  if (!origins.every(isOrigin)) context.addIssue({ code: 'custom', message: originRule })
  return new Set(origins)
})

function isOrigin(text: string): boolean {
  return /^https?:[\w/.:[\]-]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text
}

const DatabaseUrl = z.string().regex(/^postgres(?:ql)?:\/\//, 'a URL that begins with postgres://')
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function sourceOfKeys(name: 'API_KEYS' | 'API_KEYS_FILE') {
  return z.string().superRefine((value, context) => {
    for (const message of apiKeyMistakes({ [name]: value })) context.addIssue({ code: 'custom', message })
  })
}

/** The URL under which callers reach a service, without a trailing slash. */
export const publicUrl = z
  .url({ protocol: /^https?$/, error: 'an absolute http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''))

/**
 * The variables of both services. Spread it into your own schema and add a PORT.
 *
 * @example parseConfig(z.object({ ...commonVariables, PORT: port(8080) }), process.env)
 */
export const commonVariables = {
  /** The address to listen on; other machines cannot reach the default. */
  HOST: z.string().default('127.0.0.1'),
  /** The URL under which callers reach the service, for absolute links, without a trailing slash. */
  PUBLIC_URL: publicUrl.optional(),
  /** Seconds from SIGTERM, during which the service is not ready and still serves, until it takes no more requests. */
  SHUTDOWN_DELAY: wholeNumber(0, 300).default(0),
  LOG_LEVEL: oneOf(logLevels).default('info'),
  API_KEYS_FILE: sourceOfKeys('API_KEYS_FILE').optional(),
  API_KEYS: sourceOfKeys('API_KEYS').optional(),
  OIDC_ISSUERS_FILE: z
    .string()
    .superRefine((path, context) => {
      for (const message of issuerMistakes(path)) context.addIssue({ code: 'custom', message })
    })
    .optional(),
  READ_ACCESS: oneOf(['public', 'key']).default('public'),
  /** The proxies that are trusted to name the address of a caller (X-Forwarded-For); absent: none. */
  TRUST_PROXY: TrustProxyText.optional(),
  /** The origins whose pages may call from a browser; absent: none. */
  ALLOWED_ORIGINS: OriginsText.optional(),
  /** Absent: no limit. */
  RATE_LIMIT: RateLimitText.optional(),
  /** Name of the Postgres schema that holds the ledger. */
  LEDGER_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,39}$/, 'small letters, digits and underscores, at most 40')
    .default('commitments'),
  /** Decides on which day something is recorded, and for which day conditions are computed. */
  LEDGER_TIME_ZONE: z
    .string()
    .refine(isTimeZone, 'an IANA time zone such as Asia/Ho_Chi_Minh')
    .default('Asia/Ho_Chi_Minh'),
  /** The owner of the schema. */
  DATABASE_URL: DatabaseUrl.optional(),
  COMMAND_DATABASE_URL: DatabaseUrl.optional(),
  PROJECTION_DATABASE_URL: DatabaseUrl.optional(),
} as const

/**
 * The database address of a service. A service's own address already has the right role; with the owner's, the service switches to the role
 * itself.
 *
 * @param mistakeIn says why an address cannot be used, without quoting it; null if it can
 * @throws ConfigError
 */
export function readDatabaseAddress<Role extends 'command' | 'projection'>(
  environment: Environment,
  role: Role,
  mistakeIn: (url: string) => string | null = () => null,
): { url: string; role?: Role } {
  const name = `${role.toUpperCase()}_DATABASE_URL`
  const own = environment[name]?.trim()
  if (own) return { url: checked(own, name, mistakeIn) }
  const owner = environment.DATABASE_URL?.trim()
  if (owner) return { url: checked(owner, 'DATABASE_URL', mistakeIn), role }
  throw new ConfigError([`${name}: must be set, or DATABASE_URL (the owner of the ledger)`])
}

function checked(url: string, name: string, mistakeIn: (url: string) => string | null): string {
  const mistake = mistakeIn(url)
  if (mistake !== null) throw new ConfigError([`${name}: ${mistake}`])
  return url
}
