/** What the operator of a log says of its accepted restores: their word, and no proof. It explains why one log ended and another began. */
import { askJson, type Service } from '../source/service.ts'
import { CannotCheck } from '../verdict.ts'
import { idOfOrigin } from './identity.ts'

export interface Restore {
  readonly oldLogId: string
  readonly newLogId: string
  readonly reason: string
  readonly recordedAt: string
  /** The last checkpoint that the old log is known to have signed. */
  readonly note: string | null
  /** Where that was kept: `database`, `file` or `witness`. */
  readonly source: string
  /** The first position at which the new log may differ from the old one; null if the service does not say it. */
  readonly firstPosition: number | null
}

/** The declared restores of a service, oldest first; null if they cannot be had. Nothing rests on them, so that is no fault. */
export async function declaredRestores(service: Service): Promise<readonly Restore[] | null> {
  try {
    const answer = await askJson(service, '/v1/log/forks')
    const { forks } = (answer?.value ?? {}) as { forks?: unknown }
    return Array.isArray(forks) ? forks.flatMap((fork) => restoreOf(fork) ?? []) : null
  } catch (error) {
    if (error instanceof CannotCheck) return null
    throw error
  }
}

function restoreOf(fork: unknown): Restore | null {
  const members = fork as Record<string, unknown> | null
  const isOne = ['oldLogId', 'newLogId', 'reason', 'recordedAt'].every((name) => typeof members?.[name] === 'string')
  if (members === null || !isOne) return null
  const { oldLogId, newLogId, reason, recordedAt } = members as unknown as Restore
  const { note, source, firstPosition: first } = members
  return {
    oldLogId,
    newLogId,
    reason,
    recordedAt,
    note: typeof note === 'string' ? note : null,
    source: typeof source === 'string' ? source : 'unknown',
    firstPosition: Number.isSafeInteger(first) && (first as number) >= 1 ? (first as number) : null,
  }
}

/**
 * Why a log that had one origin has another now, as the second half of a sentence: the restores that lead from the one to the other, each with the word
 * of the operator. Says so if none does.
 */
export function explainRename(restores: readonly Restore[] | null, before: string, now: string): string {
  if (idOfOrigin(before) === idOfOrigin(now)) return 'its Log-Id is the same'
  if (restores === null) return 'whether its operator has declared a restore could not be asked'
  const way = wayBetween(restores, idOfOrigin(before), idOfOrigin(now))
  if (way.length === 0)
    return 'its operator has declared no restore that leads from the one to the other (/v1/log/forks)'
  const words = way.map(
    ({ oldLogId, newLogId, reason, recordedAt }) =>
      `the log ${oldLogId} ended and ${newLogId} took its place, declared by the operator at ${recordedAt} because “${reason}”`,
  )
  return `${words.join('; then ')}. That is the word of the operator, and no proof. Whoever accepts it begins a new memory with --begin-anew`
}

function wayBetween(restores: readonly Restore[], from: string | null, to: string | null): Restore[] {
  const way: Restore[] = []
  for (let at = from; at !== to && way.length < restores.length; ) {
    const next = restores.find(({ oldLogId }) => oldLogId === at)
    if (next === undefined) return []
    way.push(next)
    at = next.newLogId
  }
  return way.at(-1)?.newLogId === to ? way : []
}
