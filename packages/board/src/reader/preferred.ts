/** The initial language and colours of a page: those in its URL, otherwise the reader's choice, otherwise the browser's settings. */
import { chosen } from './choices.ts'

const known = ['en', 'vi', 'ko'] as const

export function preferredLanguage(search: string): (typeof known)[number] {
  const named = new URLSearchParams(search).get('lang')
  const wishes = [named, chosen('language'), ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())]
  return (
    wishes.map((wish) => known.find((language) => language === wish)).find((language) => language !== undefined) ?? 'en'
  )
}

/** Null: the setting of the device. A screen on a wall is dark unless its URL says otherwise. */
export function preferredTheme(search: string, path: string): 'light' | 'dark' | null {
  const otherwise = path.endsWith('/wall') ? 'dark' : chosen('theme')
  const wishes = [new URLSearchParams(search).get('theme'), otherwise]
  return (
    (['light', 'dark'] as const).find(
      (theme) => theme === wishes.find((wish) => wish === 'light' || wish === 'dark'),
    ) ?? null
  )
}
