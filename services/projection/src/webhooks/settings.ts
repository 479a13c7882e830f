/** The environment variables of webhooks. */
import { createHmac, randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type BlockList, isIP } from 'node:net'
import { dirname, join } from 'node:path'
import { ConfigError, type Environment, parseConfig } from '@commitments/http-kit/config'
import { tooOpenFile } from '@commitments/http-kit/file-mode'
import { z } from 'zod'
import { blockListOf } from './address.ts'

export interface WebhookSettings {
  /** From this the secrets of all endpoints are computed. */
  readonly key: Buffer
  /** Tells keys apart, and says nothing about them. */
  readonly keyId: string
  /** Networks of receivers in addition to public addresses. */
  readonly networks: BlockList
  /** Whether http is possible at all: only for receivers in those networks. */
  readonly http: boolean
  /** Whether this instance sends; another one does otherwise. */
  readonly sends: boolean
  /** Sentences for the log. */
  readonly warnings: readonly string[]
}

const networkRule = 'networks with commas, such as 10.20.0.0/16,fd12:3456::/32, or single addresses'

const Networks = z.string().transform((text, context) => {
  const networks = text.split(',').map((one) => withBits(one.trim()))
  if (networks.every((one) => one !== null)) return networks
  context.addIssue({ code: 'custom', message: networkRule })
  return z.NEVER
})

/** A network with its bits; null: it is none. */
function withBits(text: string): string | null {
  const [address = '', bits, ...more] = text.split('/')
  const most = isIP(address) === 4 ? 32 : 128
  if (isIP(address) === 0 || address.includes('%') || more.length > 0) return null
  if (bits === undefined) return `${address}/${most}`
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? text : null
}

const Variables = z.object({
  /** A file with at least 32 characters that nobody can guess. Absent: outside production one in DATA_DIR; in production there are no webhooks. */
  WEBHOOK_KEY_FILE: z.string().optional(),
  WEBHOOK_NETWORKS: Networks.optional(),
  WEBHOOKS: z.enum(['yes', 'no']).default('yes'),
  DATA_DIR: z.string().default('.data'),
  NODE_ENV: z.string().optional(),
})

/**
 * The settings of webhooks; null: they are not offered here. Outside production a missing key is made, so that a first start needs no
 * preparation.
 *
 * @throws ConfigError with every mistake
 */
export function readWebhookSettings(environment: Environment): WebhookSettings | null {
  const { WEBHOOK_KEY_FILE, WEBHOOK_NETWORKS = [], WEBHOOKS, DATA_DIR, NODE_ENV } = parseConfig(Variables, environment)
  const isProduction = NODE_ENV === 'production'
  if (isProduction && WEBHOOK_KEY_FILE === undefined) return null
  const file = WEBHOOK_KEY_FILE ?? join(DATA_DIR, 'webhook.key')
  const key = readKey(file, WEBHOOK_KEY_FILE === undefined)
  const open = tooOpenFile(file)
  const sentences = open === null ? [] : [`WEBHOOK_KEY_FILE: ${file}: ${open}`]
  if (isProduction && sentences.length > 0) throw new ConfigError(sentences)
  const keyId = createHmac('sha256', key).update('commitments-webhook-key').digest('hex').slice(0, 16)
  const networks = blockListOf(WEBHOOK_NETWORKS)
  const http = WEBHOOK_NETWORKS.length > 0
  return { key, keyId, networks, http, sends: WEBHOOKS === 'yes', warnings: sentences }
}

const shortestKey = 32

function readKey(file: string, make: boolean): Buffer {
  try {
    if (make) makeKey(file)
    const text = readFileSync(file, 'utf8').trim()
    if (text.length >= shortestKey) return Buffer.from(text)
  } catch (error) {
    throw new ConfigError([
      `WEBHOOK_KEY_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
    ])
  }
  throw new ConfigError([
    `WEBHOOK_KEY_FILE: ${file} has fewer than ${shortestKey} characters (\`openssl rand -base64 32\` makes enough)`,
  ])
}

/** Completely or not at all: of two processes one is first, and the other uses its key. */
function makeKey(file: string): void {
  if (existsSync(file)) return
  mkdirSync(dirname(file), { recursive: true })
  const unfinished = `${file}.${process.pid}.unfinished`
  writeFileSync(unfinished, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(unfinished, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(unfinished, { force: true })
  }
}
