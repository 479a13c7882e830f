/** Which language and colours a page begins with: what its URL names, else what was chosen here, else what the browser asks for. */
import { chosen } from './choices.ts'

const known = ['en', 'vi', 'ko'] as const

export function preferredLanguage(search: string): (typeof known)[number] {
  const named = new URLSearchParams(search).get('lang')
  const wishes = [named, chosen('language'), ...navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase())]
  return (
    wishes.map((wish) => known.find((language) => language === wish)).find((language) => language !== undefined) ?? 'en'
  )
}

/** Null: as the device is set. */
export function preferredTheme(search: string): 'light' | 'dark' | null {
  const wishes = [new URLSearchParams(search).get('theme'), chosen('theme')]
  return (
    (['light', 'dark'] as const).find(
      (theme) => theme === wishes.find((wish) => wish === 'light' || wish === 'dark'),
    ) ?? null
  )
}
