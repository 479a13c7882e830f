/** The rows of a page as JSON, made in slices and limited in bytes. */
import { createHash } from 'node:crypto'
import { type Answer, inSlices } from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { type PageKey, pageBytes } from '../lists/question.ts'
import type { Service } from '../service.ts'
import { conditional, linkToNext, type Seen, tagOf } from './reading.ts'

/** Rows that are looked up and written together. */
const portion = 50

interface Keyed {
  readonly pageKey: PageKey
}

interface RowsOfPage<Row extends Keyed> {
  readonly rows: readonly Row[]
  /** Where the next page begins, according to the rows that were read; null on the last page. */
  readonly next: PageKey | null
}

/** The rows that fit, as JSON, and so where the page really ends. */
interface PageBody {
  readonly rows: readonly Buffer[]
  /** Equal rows have equal digests. */
  readonly digest: string
  readonly next: PageKey | null
}

/**
 * Writes rows up to some megabytes, because what others say about a proposal can be longer than the proposal. Everything that takes time
 * for each byte, also encoding and hashing, is done row by row: for a whole page at once, it would delay everybody else.
 *
 * @param lookUp reads what these rows need, and returns what is served of each
 */
export async function pageBody<Row extends Keyed>(
  { rows, next }: RowsOfPage<Row>,
  lookUp: (rows: readonly Row[]) => Promise<(row: Row) => object>,
): Promise<PageBody> {
  const written: Buffer[] = []
  const hash = createHash('sha256')
  let size = 0
  while (written.length < rows.length && size < pageBytes) {
    const some = rows.slice(written.length, written.length + portion)
    const served = await lookUp(some)
    const write = (row: Row) => {
      const text = JSON.stringify(served(row))
      const bytes = Buffer.from(text)
      // No row contains a line feed, so the digest shows where each of them ends.
      hash.update(bytes).update('\n')
      return { bytes, length: text.length }
    }
    for (const { bytes, length } of await inSlices(some, write)) {
      written.push(bytes)
      size += length
    }
  }
  return {
    rows: written,
    digest: hash.digest('base64url'),
    next: written.length < rows.length ? (rows[written.length - 1]?.pageKey ?? null) : next,
  }
}

const comma = Buffer.from(',')

interface PageAnswer extends Seen {
  readonly total: number
  /** The cursor of the next page; null on the last page. */
  readonly next: string | null
  /** The requested limit. */
  readonly limit: number
  readonly fields: readonly string[] | undefined
  readonly headers?: Record<string, string>
}

/** The answer with a page of a list. Its tag depends on the rows, the number of matches, and where the next page begins. */
export function pageAnswer(service: Service, raw: FastifyRequest, page: PageBody, answer: PageAnswer): Answer {
  const { total, next, limit, fields, logId, position } = answer
  const sparse = fields === undefined ? '' : `&fields=${fields.join(',')}`
  const link = next === null ? {} : linkToNext(`/v1/proposals?cursor=${next}&limit=${limit}${sparse}`)
  return conditional(service, raw, {
    body: listJson(page, total, next),
    etag: tagOf(logId, page.digest, String(total), next ?? ''),
    logId,
    position,
    headers: { ...link, ...answer.headers },
  })
}

function listJson({ rows }: PageBody, total: number, next: string | null): Buffer {
  const separated = rows.flatMap((row, index) => (index === 0 ? [row] : [comma, row]))
  const [begin, end] = [`{"total":${total},"proposals":[`, `],"next":${JSON.stringify(next)}}`]
  return Buffer.concat([Buffer.from(begin), ...separated, Buffer.from(end)])
}
