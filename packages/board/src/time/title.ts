/** The title of the window: the page, and the moment if it is not now. */
import { useEffect } from 'preact/hooks'
import { say } from '../texts/reader.ts'
import { query } from '../url/location.ts'
import { momentInWords } from './moment-words.ts'

export function useTitle(page: string): void {
  const moment = momentInWords(query.value)
  const title = [...(moment === null ? [] : [`◀ ${moment}`]), page, say.value.product].join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}
