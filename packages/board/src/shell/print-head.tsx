/** On paper: the moment and the log of the page, and its address; and everything is unfolded. */
import { useEffect } from 'preact/hooks'
import { askText } from '../data/ask.ts'
import { head } from '../data/connection.ts'
import { useReading } from '../data/reading.ts'
import { printing } from '../parts/printing.ts'
import { say } from '../texts/reader.ts'
import { momentInWords } from '../time/moment-words.ts'
import { place } from '../url/location.ts'

export function PrintHead() {
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
  const checkpoint = useReading(now === null ? null : askText('/log/checkpoint')).answer?.value
  const [, size, root] = checkpoint?.split('\n') ?? []
  return (
    <p class="print-only">
      {momentInWords(place.value.query) ?? words.now}
      {now === null ? '' : ` · ${words.log(now.position, now.logId)}`}
      {root === undefined || size === undefined ? '' : ` · ${words.checkpoint(size, root)}`} · {location.href}
    </p>
  )
}
