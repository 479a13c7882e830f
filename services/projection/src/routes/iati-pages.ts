/** The pages of a publication, as their reader takes them. */
import { type fileBegin } from '@commitments/iati'
import { type IatiPage, readIatiPage, type Which } from '../iati/read-page.ts'
import { createKnownOthers } from '../iati/relatives.ts'
import type { Service } from '../service.ts'
import { type AskedMoment, readingAt } from './iati-moment.ts'

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
    const page: IatiPage = await turn(() => readingAt(service, asked, known, (reading) => readIatiPage(reading, from)))
    yield page
    after = page.next
  }
  return undefined
}

/** The beginning of a file that shows the moment. */
export function headOfFile({ logId, at, recordedAt }: AskedMoment['moment']): Parameters<typeof fileBegin>[0] {
  return { logId, position: at.known, recordedAt: recordedAt ?? '', asOf: at.asOf }
}
