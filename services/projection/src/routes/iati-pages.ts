/** The pages of a publication, as their reader takes them. */
import { type fileBegin } from '@commitments/iati'
import { findActivity, type IatiPage, readIatiPage, type Which } from '../iati/read-page.ts'
import { createKnownOthers } from '../iati/relatives.ts'
import type { Service } from '../service.ts'
import { type AskedMoment, readingAt, untilFinished } from './iati-moment.ts'

export type Turn = <T>(work: () => Promise<T>) => Promise<T>

/** No transaction waits for a slow reader: each page is a snapshot of its own, and all of them show the same moment. */
export async function* pagesOf(
  service: Service,
  asked: AskedMoment,
  which: Omit<Which, 'after'>,
  turn: Turn,
): AsyncGenerator<IatiPage, undefined> {
  const known = createKnownOthers()
  for (let after: string | null = ''; after !== null; ) {
    const from: Which = { ...which, after }
    const page: IatiPage = await untilFinished(() =>
      turn(() => readingAt(service, asked, known, (reading) => readIatiPage(reading, from))),
    )
    yield page
    after = page.next
  }
  return undefined
}

/** Whether there is an activity at all, without writing one. Usually the first few proposals tell. */
export async function hasActivity(
  service: Service,
  asked: AskedMoment,
  which: Omit<Which, 'after'>,
  turn: Turn,
): Promise<boolean> {
  const known = createKnownOthers()
  for (let after: string | null = ''; after !== null; ) {
    const from: Which = { ...which, after }
    const page = await turn(() => readingAt(service, asked, known, (reading) => findActivity(reading, from)))
    if (page.found) return true
    after = page.next
  }
  return false
}

/** The beginning of a file that shows the moment. */
export function headOfFile({ logId, at, recordedAt }: AskedMoment['moment']): Parameters<typeof fileBegin>[0] {
  return { logId, position: at.known, recordedAt: recordedAt ?? '', asOf: at.asOf }
}
