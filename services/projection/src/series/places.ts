/** The places of a series along its axis, for its step. */
import { addDays, type Day, lastDay } from '@commitments/domain'
import { invalid } from '@commitments/http-kit'
import { type RawBuilder, sql } from 'kysely'
import { type Asked, mostSteps, type Place, type StepSize, steps } from './asked.ts'
import type { ChangePoints } from './change-points.ts'

/** Both ends are included. */
interface Ends<Of extends Place> {
  readonly from: Of
  readonly to: Of
}

/**
 * The last place of each day, month or year, and the end itself; with the step `event`, the beginning and every change point.
 * @throws the problem `invalid` if these are too many; it names a step that fits
 */
export async function placesOf(asked: Asked, changes: ChangePoints): Promise<readonly Place[]> {
  const found = await placesBy(asked.step, asked, changes)
  if (found !== null) return found
  const coarser = steps.slice(steps.indexOf(asked.step) + 1)
  for (const step of coarser) {
    const instead = await placesBy(step, asked, changes)
    if (instead !== null) throw tooMany(asked.step, `\`step=${step}\` would do, with ${instead.length}`)
  }
  throw tooMany(asked.step, 'move `from` and `to` closer together')
}

function tooMany(step: StepSize, advice: string): Error {
  const message = `makes more than ${mostSteps} steps between \`from\` and \`to\`, and at most that many are given; ${advice}`
  return invalid([{ path: 'query.step', message: `\`${step}\` ${message}` }])
}

/** Null if they are too many. */
async function placesBy(step: StepSize, asked: Asked, changes: ChangePoints): Promise<readonly Place[] | null> {
  const { axis, to } = asked
  const { from } = changes
  if (step === 'event') return changePlaces(changes)
  if (axis === 'asOf') return lastDays({ from: String(from), to: String(to) }, step)
  return lastPositions(asked, { from: Number(from), to: Number(to) }, step)
}

function changePlaces({ from, points, total }: ChangePoints): readonly Place[] | null {
  if (total >= mostSteps) return null
  return points[0] === from ? points : [from, ...points]
}

/** How many characters of a day name its period. */
const lengths = { day: 10, month: 7, year: 4 } as const
type Period = keyof typeof lengths

function lastDays({ from, to }: Ends<Day>, period: Period): readonly Day[] | null {
  const lastOf = (day: Day) => lastDay(day.slice(0, lengths[period])) ?? to
  const days: Day[] = []
  for (let last = lastOf(from); last < to; last = lastOf(addDays(last, 1) ?? to)) {
    if (days.push(last) >= mostSteps) return null
  }
  return [...days, to]
}

/**
 * The last position recorded in each period that has any. It is found by halving, from one period to the next, because times of recording
 * never fall along positions and have no index.
 */
async function lastPositions(
  asked: Asked,
  { from, to }: Ends<number>,
  period: Period,
): Promise<readonly number[] | null> {
  if (to === 0) return [0]
  const { rows } = await sql<{ position: number }>`
    WITH RECURSIVE lasts (position) AS (
      ${lastOfPeriod(sql`${Math.max(from, 1)}::bigint`, asked, to, period)}
      UNION ALL
      SELECT n.position FROM lasts l CROSS JOIN LATERAL (${lastOfPeriod(sql`l.position + 1`, asked, to, period)}) n
       WHERE l.position < ${to}::bigint
    )
    SELECT position FROM lasts LIMIT ${mostSteps + 1}`.execute(asked.snapshot.db)
  return rows.length > mostSteps ? null : rows.map(({ position }) => position)
}

/** A query for the last position up to `to` that was recorded in the same period as the position `first`. */
function lastOfPeriod(
  first: RawBuilder<unknown>,
  { timeZone }: Asked,
  to: number,
  period: Period,
): RawBuilder<unknown> {
  const interval = sql.lit(`1 ${period}`)
  return sql`
    WITH RECURSIVE period (ends) AS (
      SELECT (date_trunc(${sql.lit(period)}, e.recorded_at AT TIME ZONE ${timeZone}) + ${interval}::interval) AT TIME ZONE ${timeZone}
        FROM events e WHERE e.position = ${first}
    ), search (low, high) AS (
      SELECT ${first}, ${to}::bigint
      UNION ALL
      SELECT CASE WHEN within THEN middle ELSE low END, CASE WHEN within THEN high ELSE middle - 1 END
        FROM search CROSS JOIN LATERAL (SELECT (low + high + 1) / 2 AS middle) m CROSS JOIN period
        CROSS JOIN LATERAL (SELECT e.recorded_at < period.ends AS within FROM events e WHERE e.position = middle) w
       WHERE low < high
    )
    SELECT low AS position FROM search WHERE low = high`
}
