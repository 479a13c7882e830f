/** The position that this browser saw before, and the log that it belongs to. */
import { head } from '../data/connection.ts'
import { lastVisit } from '../live/visits.ts'
import { RecordedAt } from '../parts/dates.tsx'
import { say } from '../texts/reader.ts'

export function Seen() {
  const words = say.value.ledger
  const last = lastVisit()
  const now = head.value
  if (now === null) return null
  const sameLog = last === null || last.logId === now.logId
  return (
    <section class="panel" id="seen" aria-labelledby="seen-title">
      <h2 id="seen-title">{words.seen}</h2>
      {last === null ? (
        <p>{words.firstVisit}</p>
      ) : sameLog ? (
        <p>
          {words.sawBefore(last.position)} (<RecordedAt instant={last.at} />
          ). {words.nowAt(now.position)}
        </p>
      ) : (
        <p class="banner critical">{words.otherLog(last.logId, now.logId)}</p>
      )}
    </section>
  )
}
