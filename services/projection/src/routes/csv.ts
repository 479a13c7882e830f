/** The list as CSV (RFC 4180): every row, read page by page as the reader takes them. */
import { type WordLanguage, withNamesInForce } from '@commitments/domain'
import { type Answer, breathe, inSlices } from '@commitments/http-kit'
import { statusBody } from '../answers/read-status.ts'
import type { Listed } from '../lists/list.ts'
import { readRenamings } from '../lists/renamings.ts'
import type { Service } from '../service.ts'
import { byteOrderMark, csvText, withoutFormula } from '../tables/csv-text.ts'
import { linksTo } from '../tables/page-links.ts'
import { type PointQuery, storing } from './as-of.ts'
import { type CsvRow, columns, csvRow } from './csv-row.ts'
import { streamed } from './downloads.ts'
import type { ListQuery } from './list-query.ts'
import { conditional } from './reading.ts'
import { type Download, tagOfWhole, wholeList } from './whole-list.ts'

type CsvQuery = PointQuery & { readonly lang?: WordLanguage | undefined }

/** The whole list. */
export async function csvAnswer(
  service: Service,
  download: Download,
  list: ListQuery,
  wanted: CsvQuery,
): Promise<Answer> {
  const { lang: language = 'en' } = wanted
  const whole = await wholeList(service, download, list, wanted, async ({ rows }, source) => {
    const { day, at } = source
    const renamings = await readRenamings(source)
    const words = { language, linkTo: linksTo(service.cloudEvents.publicUrl, at) }
    const write = ({ proposal, parked }: Listed) =>
      csvRow(withNamesInForce(statusBody(proposal, parked, day, service.timeZone), renamings), words)
    return inSlices(rows, write)
  })
  const { source, settled, parts } = whole
  const { logId, position } = source.snapshot
  return conditional(service, download.raw, {
    logId,
    position,
    etag: tagOfWhole(service, list, whole, [language]),
    headers: { ...storing(settled), 'content-disposition': 'attachment; filename="proposals.csv"' },
    type: 'text/csv; charset=utf-8',
    body: () => streamed(service, download.reply, csvParts(parts())),
  })
}

/** Rows that are written in one go. */
const rowsAtOnce = 50

async function* csvParts(pages: AsyncIterable<readonly CsvRow[]>): AsyncGenerator<string> {
  yield byteOrderMark + csvText([columns])
  for await (const rows of pages) {
    for (let start = 0; start < rows.length; start += rowsAtOnce) {
      const some = rows.slice(start, start + rowsAtOnce)
      yield csvText(some.map((row) => columns.map((name) => withoutFormula(row[name]))))
      await breathe()
    }
  }
}
