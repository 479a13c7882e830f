/** Activity files: where one begins and ends, and which activity is in which. */
import { createHash } from 'node:crypto'

/** Our own elements and attributes; IATI allows those of other namespaces everywhere. */
const namespace = 'urn:commitments:iati:1'

/** The moment that a file shows. */
interface FileHead {
  readonly logId: string
  readonly position: number
  /** `recordedAt` of that position: the same moment gives the same bytes. */
  readonly recordedAt: string
  readonly asOf: string | null
}

/** The beginning of a file, up to its first activity. */
export function fileBegin({ logId, position, recordedAt, asOf }: FileHead): string {
  const day = asOf === null ? '' : ` c:as-of="${asOf}"`
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03" generated-datetime="${recordedAt}" ` +
    `xmlns:c="${namespace}" c:log-id="${logId}" c:position="${position}"${day}>\n`
  )
}

export const fileEnd = '</iati-activities>\n'

/** The number of the file that holds an activity, from 1: it never changes while the number of files stays. */
export function fileOf(proposalId: string, files: number): number {
  const digest = createHash('sha256').update(proposalId).digest('hex')
  return (Number.parseInt(digest.slice(0, 12), 16) % files) + 1
}
