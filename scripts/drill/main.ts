import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { CannotCheck, removeTemporaryFolders } from '@commitments/audit-cli'
import { checkLedgerName } from '@commitments/event-store'
import { LocalPostgresError, openWorkFolder } from '@commitments/local-postgres'
import { readConfig } from '@commitments/projection/maintenance'
import { Misused } from '../command.ts'
import { withOwnerAddress } from '../owner-address.ts'
import { remark, say } from '../terminal.ts'
import { type Asked, drillExisting, drillOwn, type Existing, type Surroundings } from './drill.ts'
import { isDump } from './logical.ts'
import { Hindered, Unusable } from './outcome.ts'
import { readFolder } from './physical.ts'
import { reportText } from './report.ts'

export const usage =
  'Usage: npm run drill -- [options]\n' +
  'Takes a backup of the ledger LEDGER_SCHEMA at DATABASE_URL (without it: that of npm start in DATA_DIR), restores it beside, serves it there, checks\n' +
  'it with the auditor’s command, and says how old and how complete it is. Nothing is left behind, and the ledger is only read.\n' +
  '  --from=FILE|FOLDER     a backup that exists: an archive of pg_dump (-Fc, -Fd, -Ft), or a base backup (plain or tar)\n' +
  '  --physical             takes a base backup (usual without DATABASE_URL) and not an archive by pg_dump (usual with it: --logical)\n' +
  '  --without-read-models  leaves out of the archive what can be made again from the log, and makes it again\n' +
  '  --wal=FOLDER           the archived WAL that follows a base backup; --restore-command=COMMAND instead for other archives\n' +
  '  --database=NAME        the database of a base backup that has the ledger, if several have one\n' +
  '  --until=TIME           recovers to that moment, such as 2026-11-29T10:00:00Z\n' +
  '  --max-age=HOURS        the backup would not serve if it is older\n' +
  '  --key=KEY              the verifier key of the ledger, a file with it, or its fingerprint; repeatable. Otherwise: the word of the backup\n' +
  '  --rate=MB              megabytes a second that are read from the ledger at most (50)\n' +
  '  --moments=N            moments of the past that are compared (48)\n' +
  '  --json                 the report as JSON\n' +
  'DRILL_DATABASE_URL: a server on which an archive is restored, into a database that is made for it, by a user with CREATEDB; without it, a\n' +
  'temporary one on this machine. POSTGRES_PROGRAMS: the folder of pg_dump, pg_restore and postgres. TMPDIR: where there is room.\n' +
  'Exit codes: 0 it would serve; 2 it would not; 1 that could not be found out; 78 the address is missing.'

/** @returns the exit status */
export async function main(given: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const asked = readArguments(given, environment)
  const stop = new AbortController()
  const ended = new Promise<number>((resolve) => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const)
      process.once(signal, () => {
        stop.abort()
        resolve(code)
      })
  })
  const cleanUp: (() => Promise<void> | void)[] = []
  const step = (what: string) => (asked.json ? undefined : remark(`${what} …`))
  const working = work(asked, { environment, signal: stop.signal, cleanUp, step })
  // What was under way when the signal came fails, and nobody asks why.
  working.catch(() => {})
  try {
    return await Promise.race([working, ended])
  } catch (error) {
    if (error instanceof Unusable) return failed(asked, error.message, 2)
    if (error instanceof CannotCheck)
      return failed(asked, `The auditor’s command could not check it: ${error.message}.`, 1)
    if (error instanceof Hindered || error instanceof LocalPostgresError) return failed(asked, error.message, 1)
    throw error
  } finally {
    removeTemporaryFolders()
    for (const one of cleanUp.toReversed())
      await Promise.resolve(one()).catch((error: unknown) => remark(String(error)))
    if (stop.signal.aborted) process.exit(await ended)
  }
}

function failed({ json }: Asked, sentence: string, status: 1 | 2): number {
  const serves = status === 2 ? 'no' : 'unknown'
  if (json) say(JSON.stringify({ serves, reasons: [sentence] }))
  else remark(status === 2 ? `It would NOT serve. ${sentence}` : `That could not be found out. ${sentence}`)
  return status
}

async function work(asked: Asked, around: Omit<Surroundings, 'folder'>): Promise<number> {
  const existing = asked.from === undefined ? null : existingAt(asked.from)
  const folder = await openWorkFolder()
  around.cleanUp.push(() => folder.remove())
  const place = { ...around, folder: folder.directory }
  const report =
    existing === null
      ? await withOwnerAddress(around.environment, (url, superuser) => {
          const physical = asked.physical ?? superuser !== null
          return drillOwn({ ...asked, physical }, place, { url, replicationUrl: superuser ?? url })
        })
      : await drillExisting(asked, place, existing)
  say(asked.json ? JSON.stringify(report) : reportText(report))
  return { yes: 0, no: 2, unknown: 1 }[report.serves]
}

function readArguments(given: string[], environment: NodeJS.ProcessEnv): Asked {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: given,
    options: {
      from: text,
      physical: flag,
      logical: flag,
      'without-read-models': flag,
      database: text,
      wal: text,
      'restore-command': text,
      until: text,
      'max-age': text,
      key: { type: 'string', multiple: true },
      rate: text,
      moments: text,
      json: flag,
    },
  })
  const { from, physical, logical, wal, until } = values
  const withoutReadModels = values['without-read-models']
  const restoreCommand = values['restore-command']
  if (physical && (logical || withoutReadModels))
    throw new Misused('A base backup has everything: choose --physical or the other options.')
  if (from !== undefined && (physical || logical || withoutReadModels))
    throw new Misused('A backup that exists is as it is: --from stands alone.')
  const hasArchive = wal !== undefined || restoreCommand !== undefined
  if (from === undefined && (hasArchive || until !== undefined))
    throw new Misused('Archived WAL follows a base backup that exists: add --from.')
  if (until !== undefined && !hasArchive)
    throw new Misused('To recover to a moment, name the archived WAL: --wal or --restore-command.')
  if (until !== undefined && Number.isNaN(Date.parse(until)))
    throw new Misused(`--until is a time such as 2026-11-29T10:00:00Z, and not ${until}.`)
  const config = readConfig({
    LEDGER_SCHEMA: environment['LEDGER_SCHEMA'],
    LEDGER_TIME_ZONE: environment['LEDGER_TIME_ZONE'],
  })
  const maxAge = numberOf('--max-age', values['max-age'])
  return {
    ledger: checkLedgerName(config.LEDGER_SCHEMA),
    timeZone: config.LEDGER_TIME_ZONE,
    from,
    physical: physical ? true : logical || withoutReadModels ? false : undefined,
    withoutReadModels,
    database: values.database,
    wal,
    restoreCommand,
    until: until === undefined ? undefined : new Date(until).toISOString(),
    maxAge,
    keys: values.key ?? [],
    rate: (numberOf('--rate', values.rate) ?? 50) * 1e6,
    moments: Math.round(numberOf('--moments', values.moments) ?? 48),
    json: values.json,
  }
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,9}(?:\.\d{1,3})?$/.test(text) && Number(text) > 0) return Number(text)
  throw new Misused(`${name} is a number greater than 0, and not ${text}.`)
}

/** What lies at the path that the operator names. */
function existingAt(path: string): Existing {
  const about = statSync(path, { throwIfNoEntry: false })
  if (about === undefined) throw new Hindered(`There is no ${path}.`)
  if (isDump(path, about.isDirectory())) return { kind: 'pg_dump', path, bytes: bytesOf(path) }
  const folder = readFolder(about.isDirectory() ? path : dirname(path))
  if (folder !== null) return { kind: 'base backup', folder, bytes: bytesOf(folder.path) }
  throw new Unusable(
    `${path} is neither an archive of pg_dump (-Fc, -Fd or -Ft; a script of SQL cannot be checked) nor the folder of a base backup (with PG_VERSION or base.tar).`,
  )
}

function bytesOf(path: string): number {
  const about = statSync(path)
  if (!about.isDirectory()) return about.size
  const all = readdirSync(path, { recursive: true, withFileTypes: true })
  return all.reduce((sum, one) => sum + (one.isFile() ? statSync(join(one.parentPath, one.name)).size : 0), 0)
}
