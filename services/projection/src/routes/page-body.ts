/** The rows of a page as JSON, made in slices and bounded by bytes. */
import { inSlices } from '@commitments/http-kit'
import { type Place, pageBytes } from '../read-model/list.ts'

/** Rows that are looked up and written together. */
const portion = 50

interface Placed {
  readonly place: Place
}

export interface RowsOfPage<Row extends Placed> {
  readonly rows: readonly Row[]
  /** Where the next page begins as the rows were read; null on the last. */
  readonly next: Place | null
}

/** The rows that fit, each as JSON, and where the page ends by that. */
export interface PageBody {
  readonly texts: readonly string[]
  readonly next: Place | null
}

/**
 * Writes as many of the rows as make some megabytes: what others say of a proposal can be longer than the proposal.
 *
 * @param lookUp what has to be read for these rows; gives what is served of each
 */
export async function pageBody<Row extends Placed>(
  { rows, next }: RowsOfPage<Row>,
  lookUp: (rows: readonly Row[]) => Promise<(row: Row) => object>,
): Promise<PageBody> {
  const texts: string[] = []
  let size = 0
  while (texts.length < rows.length && size < pageBytes) {
    const some = rows.slice(texts.length, texts.length + portion)
    const served = await lookUp(some)
    const written = await inSlices(some, (row) => JSON.stringify(served(row)))
    texts.push(...written)
    size += written.reduce((sum, text) => sum + text.length, 0)
  }
  return { texts, next: texts.length < rows.length ? (rows[texts.length - 1]?.place ?? null) : next }
}

export function listJson({ texts }: PageBody, next: string | null): string {
  return `{"proposals":[${texts.join(',')}],"next":${JSON.stringify(next)}}`
}
