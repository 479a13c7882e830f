/** The rows of a page as JSON, made in slices and bounded by bytes. */
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
  /** Where the next page begins as the rows were read; null on the last. */
  readonly next: PageKey | null
}

/** The rows that fit, each as JSON, and where the page ends by that. */
interface PageBody {
  readonly rows: readonly Buffer[]
  /** Equal rows have equal digests. */
  readonly digest: string
  readonly next: PageKey | null
}

/**
 * Writes as many of the rows as make some megabytes: what others say of a proposal can be longer than the proposal. All that takes time for each
 * byte, encoding and hashing too, is done row by row: over the whole page it would hold everybody else up.
 *
 * @param lookUp what has to be read for these rows; gives what is served of each
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
      // No row holds a line feed: so the digest tells where each of them ends.
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
  /** The cursor of the next page; null on the last. */
  readonly next: string | null
  /** As it was asked for. */
  readonly limit: number
  readonly fields: readonly string[] | undefined
  readonly headers?: Record<string, string>
}

/** The answer that brings a page of a list. Its tag is of the rows, of how many match, and of where the next page begins. */
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
