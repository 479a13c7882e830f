/** The pages of the board, to be looked at in each language, theme and width. */
import type { Page } from 'playwright-core'
import type { Visit } from './browser.ts'
import { settled } from './looking.ts'

export const paths = [
  '/',
  '/?asOf=2023-12-31',
  '/proposals',
  '/proposals?stage=funded,delivered&party=gov-kr',
  '/proposals?view=programmes',
  '/proposals?view=dates',
  '/proposals/vkist#v10',
  '/proposals/nobody-knows-it',
  '/activity',
  '/ledger',
  '/record',
  '/proposals/kadif/record',
  '/proposals/kadif/record/disbursed',
  '/proposals/vkist/record/corrected/2',
]
export const languages = ['en', 'vi', 'ko'] as const
export const themes = ['light', 'dark'] as const

export interface Look {
  readonly path: string
  readonly lang: (typeof languages)[number]
  readonly theme: (typeof themes)[number]
  readonly width: number
}

/** A refused request that belongs to one of the pages. */
const tolerate = [/status of 404 .*nobody-knows-it/]

export async function eachLook(
  open: Visit['open'],
  chosen: readonly Look[],
  look: (page: Page, name: string) => Promise<void>,
) {
  for (const { path, lang, theme, width } of chosen) {
    const [where = '', fragment = ''] = path.split('#')
    const address = `${where}${where.includes('?') ? '&' : '?'}lang=${lang}&theme=${theme}`
    const page = await open(fragment === '' ? address : `${address}#${fragment}`, {
      tolerate,
      viewport: { width, height: 900 },
    })
    await settled(page)
    await look(page, `${path} ${lang} ${theme} ${width}`)
    await page.context().close()
  }
}
