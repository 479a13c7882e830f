import type { Asked, Compared } from './drill.ts'
import type { Served } from './serve.ts'

export interface Report {
  /** Whether the ledger could be brought back from it. */
  readonly serves: 'yes' | 'no' | 'unknown'
  /** Why not, each as a sentence. */
  readonly reasons: readonly string[]
  readonly backup: {
    readonly kind: 'pg_dump' | 'base backup'
    /** Null: taken for this drill. */
    readonly path: string | null
    readonly bytes: number
    /** Null: it does not say so. */
    readonly takenAt: string | null
    readonly milliseconds: number | null
  }
  readonly restored: { readonly on: string; readonly milliseconds: number }
  /** Milliseconds from there to the first answer, and the check. */
  readonly served: number
  readonly checked: number
  readonly logId: string
  readonly position: number
  readonly lastEventAt: string | null
  readonly lastEventAgeSeconds: number | null
  readonly signedSize: number
  readonly complete: { readonly sentence: string; readonly behind: number | null }
  readonly migrated: readonly string[]
  readonly rebuilt: readonly string[]
  readonly alarms: readonly string[]
  readonly auditor: { readonly outcome: string; readonly sentence: string; readonly keyGiven: boolean }
}

interface Found {
  readonly asked: Asked
  readonly backup: Report['backup']
  readonly restored: Report['restored']
  readonly served: Served
  readonly compared: Compared
}

export function reportOf({ asked, backup, restored, served, compared }: Found): Report {
  const { standing, migrated, rebuilt, alarms, verdict } = served
  const now = Date.now()
  const { position, recordedAt, signed } = standing
  const reasons: string[] = []
  if (verdict.outcome !== 'valid') reasons.push(verdict.sentence)
  if (compared.isFault) reasons.push(`${compared.sentence[0]?.toUpperCase()}${compared.sentence.slice(1)}.`)
  const age = ageOf(backup.takenAt, recordedAt, now)
  if (asked.maxAge !== undefined && (age === null || age > asked.maxAge * 3_600_000))
    reasons.push(`It is older than ${asked.maxAge} hours${age === null ? ', or does not say how old it is' : ''}.`)
  reasons.push(...alarms.map((alarm) => `The service that served it has an alarm: ${alarm}.`))
  const isUnknown = verdict.outcome === 'could-not-be-checked' && reasons.length === 1
  return {
    serves: reasons.length === 0 ? 'yes' : isUnknown ? 'unknown' : 'no',
    reasons,
    backup,
    restored,
    served: served.served,
    checked: served.checked,
    logId: standing.logId,
    position,
    lastEventAt: recordedAt,
    lastEventAgeSeconds: recordedAt === null ? null : Math.round((now - Date.parse(recordedAt)) / 1000),
    signedSize: signed?.size ?? 0,
    complete: { sentence: compared.sentence, behind: compared.behind },
    migrated,
    rebuilt,
    alarms,
    auditor: { outcome: verdict.outcome, sentence: verdict.sentence, keyGiven: asked.keys.length > 0 },
  }
}

/** Of the backup: since it was taken, or since the last event in it, whichever is later. */
function ageOf(takenAt: string | null, recordedAt: string | null, now: number): number | null {
  const times = [takenAt, recordedAt].flatMap((time) => (time === null ? [] : [Date.parse(time)]))
  return times.length === 0 ? null : now - Math.max(...times)
}

/** For the person at the terminal. */
export function reportText(report: Report): string {
  const { backup, restored, auditor, position, lastEventAt, lastEventAgeSeconds, signedSize } = report
  const taken = backup.takenAt === null ? 'taken at a time that it does not say' : `taken at ${backup.takenAt}`
  const last =
    lastEventAt === null
      ? 'none'
      : `position ${position}, recorded at ${lastEventAt} (${span(lastEventAgeSeconds ?? 0)} ago)`
  const made = [
    ...(report.migrated.length > 0 ? [`migrations were applied: ${report.migrated.join(', ')}`] : []),
    ...(report.rebuilt.length > 0 ? [`made again from the log: ${report.rebuilt.join(', ')}`] : []),
  ]
  const key = auditor.keyGiven ? '' : ' The key of the ledger is the word of the backup; give it with --key.'
  const rows: [string, string][] = [
    [
      'Backup',
      `${backup.kind}${backup.path === null ? '' : ` ${backup.path}`}, ${megabytes(backup.bytes)}, ${taken}${backup.milliseconds === null ? '' : ` in ${seconds(backup.milliseconds)}`}`,
    ],
    [
      'Restored',
      `on ${restored.on} in ${seconds(restored.milliseconds)}; the first answer ${seconds(report.served)} after that${made.map((one) => `; ${one}`).join('')}`,
    ],
    ['Log', report.logId],
    ['Last event', last],
    [
      'Signed',
      `${signedSize} of ${position} events${signedSize < position ? ' (the last ones were not signed yet when it was taken)' : ''}`,
    ],
    ['Complete', report.complete.sentence],
    ['Auditor', `${auditor.sentence}${key} (${seconds(report.checked)})`],
  ]
  const table = rows.map(([name, text]) => `${`${name}:`.padEnd(12)}${text}`).join('\n')
  const end = {
    yes: 'It would serve.',
    no: `It would NOT serve. ${report.reasons.join(' ')}`,
    unknown: `That could not be found out. ${report.reasons.join(' ')}`,
  }
  return `${table}\n${end[report.serves]}`
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function span(of: number): string {
  if (of < 120) return `${of} seconds`
  if (of < 7_200) return `${Math.round(of / 60)} minutes`
  return of < 172_800 ? `${Math.round(of / 3_600)} hours` : `${Math.round(of / 86_400)} days`
}
