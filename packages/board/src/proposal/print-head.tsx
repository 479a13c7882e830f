/** On paper: what this is, of which moment, and of which log; and everything opened. */
import { useEffect } from 'preact/hooks'
import { head } from '../data/connection.ts'
import { say } from '../texts/reader.ts'
import { momentInWords } from '../time/moment-words.ts'
import { query } from '../url/location.ts'
import type { Status } from './status.ts'
import { printing } from './timeline-entry.tsx'

export function PrintHead({ status }: { readonly status: Status }) {
  const words = say.value.print
  useEffect(() => {
    const before = () => (printing.value = true)
    const after = () => (printing.value = false)
    addEventListener('beforeprint', before)
    addEventListener('afterprint', after)
    return () => {
      removeEventListener('beforeprint', before)
      removeEventListener('afterprint', after)
    }
  }, [])
  const now = head.value
  return (
    <p class="print-only">
      {status.proposalId} · {momentInWords(query.value) ?? words.now}
      {now === null ? '' : ` · ${words.log(now.position, now.logId)}`} · {location.href}
    </p>
  )
}
