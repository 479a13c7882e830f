import { generateKeyPairSync } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { CommandLimits } from '@commitments/command'
import { readLogIdentity } from '@commitments/event-store'
import {
  type AuditFiles,
  readAuditFiles,
  readIatiSettings,
  readSigning,
  readWebhookSettings,
} from '@commitments/projection'
import { eventually, keyFile, publicKeyText, secretOf, type TestDatabase, temporaryFolder } from '@commitments/test-kit'
import { startServices, type TestService } from '@commitments/test-kit/services'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'

/** The key with which the caller `signs` signs what it records. */
export const signingKey = generateKeyPairSync('ed25519').privateKey

/** One key for each scope, some bound to a party, one that has to sign, and one with all scopes. */
const callers = [
  { name: 'record', scopes: ['record'] },
  { name: 'read', scopes: ['read'] },
  { name: 'audit', scopes: ['audit'] },
  { name: 'admin', scopes: ['admin'] },
  { name: 'webhooks', scopes: ['webhooks'] },
  { name: 'webhooks-and-audit', scopes: ['webhooks', 'audit'] },
  { name: 'bound', party: 'most-vn', scopes: ['record'] },
  { name: 'bound-kr', party: 'msit-kr', scopes: ['record'] },
  { name: 'bound-outside', party: 'elsewhere', scopes: ['record'] },
  { name: 'bound-registry', party: 'most-vn', scopes: ['record', 'correct'] },
  {
    name: 'signs',
    scopes: ['record'],
    signingKeys: [{ publicKey: publicKeyText(signingKey) }],
    requireSignature: true,
  },
  { name: 'all', scopes: ['record', 'read', 'audit', 'admin', 'webhooks'] },
] as const

export type CallerName = (typeof callers)[number]['name']

export function bearer(name: CallerName): string {
  return `Bearer ${secretOf(name)}`
}

export type ServiceName = 'command' | 'projection'

/** Both services over one database, built as in production, with answers checked against their schemas. */
export interface Apps extends Readonly<Record<ServiceName, FastifyInstance>> {
  readonly database: TestDatabase
  /** Waits until the projection has applied the position, and has it in a signed checkpoint. */
  applied(position: number): Promise<void>
}

export interface AppsOptions {
  readonly environment?: Record<string, string>
  /** Another route to the same database, such as a proxy. */
  readonly databaseUrl?: (url: string) => Promise<string>
  readonly limits?: CommandLimits
  /** Milliseconds for which a read waits for the requested position. */
  readonly patience?: number
  /** What auditors get; by default as it was built. */
  readonly audit?: AuditFiles | null
  /** Null: the ledger is not published to IATI; by default as `npm start` publishes it. */
  readonly iati?: null
  /** Null: no events are sent to endpoints. */
  readonly webhooks?: null
}

let logId = ''

/** The Log-Id of test databases, which are copies of one; known once `openApps` has opened the first. */
export function logIdOfTests(): string {
  return logId
}

const iati = readIatiSettings({ IATI_FILE: fileURLToPath(new URL('../../data/iati.json', import.meta.url)) })

const audit = readAuditFiles(fileURLToPath(new URL('../../packages/audit-cli/dist/', import.meta.url)))

export async function openApps(t: Test, options: AppsOptions = {}): Promise<Apps> {
  const { databaseUrl, limits = {}, patience = 5_000 } = options
  const environment = { API_KEYS_FILE: keyFile(t, callers), ...options.environment }
  const signing = readSigning({ DATA_DIR: temporaryFolder(t), LOG_STATE_DIR: temporaryFolder(t), ...environment })
  const sending = { DATA_DIR: temporaryFolder(t), WEBHOOK_NETWORKS: '127.0.0.0/8' }
  const { database, command, projection } = await startServices(t, {
    environment,
    ...(databaseUrl && { through: databaseUrl }),
    command: { limits },
    projection: {
      audit,
      signing,
      patience,
      iati: options.iati === null ? null : iati,
      webhooks: options.webhooks === null ? null : readWebhookSettings(sending),
      connections: 12,
      ...('audit' in options && { audit: options.audit }),
    },
  })
  logId = (await readLogIdentity(database.pool())).logId
  return {
    database,
    command: command.app,
    projection: projection.app,
    applied: (position) => untilApplied(projection, position),
  }
}

async function untilApplied({ get }: TestService, position: number): Promise<void> {
  const headers = { authorization: bearer('all') }
  await eventually(async () => {
    const applied = (await get('/v1/projections', headers)).headers['log-position']
    const [, signed] = (await get('/log/checkpoint', headers)).body.split('\n')
    return Number(applied) >= position && Number(signed) >= position
  })
}
