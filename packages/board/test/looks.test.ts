import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { eventually, searchRuns } from '@commitments/test-kit'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { en } from '../src/texts/en.ts'
import type { OpenOptions } from './support/browser.ts'
import { inBrowser } from './support/browser.ts'
import { settled } from './support/looking.ts'

const paths = [
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
const languages = ['en', 'vi', 'ko'] as const
const themes = ['light', 'dark'] as const
const widths = [360, 1_280, 1_920]

interface Look {
  readonly path: string
  readonly lang: (typeof languages)[number]
  readonly theme: (typeof themes)[number]
  readonly width: number
}

const every: readonly Look[] = paths.flatMap((path) =>
  languages.flatMap((lang) => themes.flatMap((theme) => widths.map((width) => ({ path, lang, theme, width })))),
)

/** Every page in both themes, with languages and widths in turn; a soak checks all combinations. */
const some = paths.flatMap((path, place) =>
  themes.map((theme, turn) => ({
    path,
    theme,
    lang: languages[(place + turn) % 3] ?? 'en',
    width: widths[(Math.floor(place / 3) + place + 2 * turn) % 3] ?? 360,
  })),
)
/** The wall is made for large screens only. */
const walls: readonly Look[] = themes.flatMap((theme) =>
  languages.map((lang) => ({ path: '/wall', theme, lang, width: 1_920 })),
)
const looks = searchRuns(some.length, every.length) === every.length ? every : some

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

inBrowser((test) => {
  /** A refused request that belongs to the tested page. */
  const tolerate = [/status of 404 .*nobody-knows-it/]

  async function eachLook(open: Open, chosen: readonly Look[], look: (page: Page, name: string) => Promise<void>) {
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

  test('axe finds no fault on any page, in any language, theme or width', async ({ t, open }) => {
    t.comment(`${looks.length} of ${every.length}`)
    await eachLook(open, [...looks, ...walls], async (page, name) => {
      // The policy would refuse a script element.
      await page.evaluate(axe)
      const { violations, passes } = await page.evaluate(() =>
        (globalThis as unknown as { axe: { run: (of: Document, options: object) => Promise<AxeResults> } }).axe.run(
          document,
          { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
        ),
      )
      t.ok(passes.length > 20, `${name}: ${passes.length} rules looked at something`)
      t.same(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        [],
        name,
      )
    })
  })

  test('nothing scrolls sideways, and no text is cut off, squeezed or overlaps another, on phones, on a tablet, and at 200 and 400 % zoom', async ({
    t,
    open,
  }) => {
    // 640 and 320 px are the remaining width of a screen of 1,280 px at 200 and 400 %.
    const narrow = [320, 360, 640, 768].flatMap((width, turn) =>
      paths.flatMap((path, place) => {
        const spoken = searchRuns(1, 3) === 3 ? languages : [languages[(place + turn) % 3] ?? 'en']
        return spoken.map((lang) => ({ path, lang, theme: 'light' as const, width }))
      }),
    )
    await eachLook(open, narrow, async (page, name) => {
      // Drawings are made for the available width, once it is measured.
      const fits = async () => (await page.evaluate(faultsOfLayout)).length === 0
      await eventually(fits).catch(() => undefined)
      t.same(await page.evaluate(faultsOfLayout), [], name)
    })
  })

  test('figures, charts, sliders and conditions have names in words', async ({ t, open }) => {
    const page = await open('/?asOf=2023-12-31')
    await page.locator('.pipeline').waitFor()
    await settled(page)
    for (const [place, stage] of ['Proposed', 'Agreed', 'Funded', 'Delivered', 'Closed'].entries())
      t.match(await page.locator('.pipeline').ariaSnapshot(), new RegExp(`link "${stage} \\d+"`), `${place} ${stage}`)
    t.match(await page.locator('#attention').ariaSnapshot(), /link "\d+ no date known"/)
    t.equal(await page.getByRole('figure').count(), 1)
    t.equal(await page.locator('#over-time table').count(), 1)
    const told = await page.locator('#over-time .strip-name .spoken').allInnerTexts()
    t.equal(told.length, 5)
    await page.waitForFunction(() =>
      document.querySelector('#in-force')?.getAttribute('aria-valuetext')?.includes(' of '),
    )
    t.match(
      await page.getByRole('slider', { name: 'In force on' }).getAttribute('aria-valuetext'),
      /^31 December 2023, 30 of 95/,
    )
    t.equal(await page.getByRole('slider', { name: 'As known at' }).count(), 1)
    const glyphs = await page.locator('.glyph:not([aria-hidden=true]), svg:not([aria-hidden=true]):not([role])').count()
    t.equal(glyphs, 0, 'no sign is read out instead of its word')
  })

  test('stage and condition have a sign and a word, so that they can be read without colour', async ({ t, open }) => {
    const page = await open('/proposals', { forcedColors: 'active' })
    await settled(page)
    const stages = await page
      .locator('tbody .stage-name')
      .evaluateAll((names) =>
        names.map((name) => ({ word: name.textContent.trim(), sign: name.querySelector('svg')?.innerHTML ?? '' })),
      )
    const chips = await page.locator('tbody .chip').evaluateAll((all) =>
      all.map((chip) => {
        const sign = chip.querySelector('.glyph')?.textContent ?? ''
        return { sign, word: chip.textContent.replace(sign, '').trim(), border: getComputedStyle(chip).borderTopStyle }
      }),
    )
    for (const told of [stages, chips]) {
      t.ok(told.length >= 95)
      t.ok(told.every(({ sign, word }) => sign !== '' && word !== ''))
      const pairs = new Set(told.map(({ sign, word }) => `${sign} ${word}`))
      t.equal(new Set(told.map(({ sign }) => sign)).size, pairs.size, 'each word has a sign of its own')
    }
    t.ok(
      chips.every(({ border }) => border !== 'none'),
      'a chip has a border where colours are forced',
    )
  })

  test('Vietnamese and Korean pages contain no code and no English word of the board', async ({ t, open, product }) => {
    const answer = await fetch(`${product.url}/v1/vocabulary`)
    const words = wordsOf(await answer.json())
    t.ok(words.length > 200)
    const chosen = [...paths, '/wall'].flatMap((path) =>
      (['vi', 'ko'] as const).map((lang) => ({ path, lang, theme: 'light' as const, width: 1_280 })),
    )
    await eachLook(open, chosen, async (page, name) => {
      const lang = name.includes(' vi ') ? 'vi' : 'ko'
      const own = new Set(words.map((word) => word[lang]))
      const foreign = [
        ...words.flatMap(({ code, en: label }) => [code, label]),
        ...textsIn(en).filter((text) => text !== en.product),
      ].filter((text) => !own.has(text) && /[a-z]{3}/.test(text))
      const shown = await page.evaluate(textsShown)
      t.ok(shown.length > 10)
      t.same(
        shown.filter((text) => foreign.includes(text)),
        [],
        name,
      )
    })
  })

  test('a title in another language than that of the page names its language', async ({ t, open, product }) => {
    for (const lang of ['vi', 'ko'] as const) {
      const page = await open(`/proposals?lang=${lang}`)
      await settled(page)
      const answer = await fetch(`${product.url}/v1/proposals?limit=100`)
      const { proposals } = (await answer.json()) as {
        readonly proposals: readonly { proposalId: string; title: Record<string, string> }[]
      }
      t.equal(proposals.length, 95)
      for (const { proposalId, title } of proposals) {
        const shown = page.locator(`tbody th > a[href^="/proposals/${proposalId}?"] span`)
        const of = title[lang] === undefined ? 'en' : lang
        t.equal(await shown.innerText(), title[of], proposalId)
        t.equal(await shown.getAttribute('lang'), of === lang ? null : of, proposalId)
      }
    }
  })
})

type Open = (path: string, options?: OpenOptions) => Promise<Page>

/** Runs in the page. */
function faultsOfLayout(): string[] {
  const faults: string[] = []
  const named = (element: Element) => element.outerHTML.slice(0, 160)
  if (document.documentElement.scrollWidth > innerWidth)
    faults.push(`the page is ${document.documentElement.scrollWidth} px wide`)
  for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
    const { overflowX, overflowY } = getComputedStyle(element)
    // Elements for screen readers only are one pixel large.
    if (element.closest('.spoken, .skip, select, input, svg') !== null || element.clientWidth <= 1) continue
    if (overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1)
      faults.push(`sideways: ${named(element)}`)
    if (overflowY === 'hidden' && element.scrollHeight > element.clientHeight + 1) faults.push(`cut: ${named(element)}`)
    const { left, right, width } = element.getBoundingClientRect()
    if (width > 0 && (left < -1 || right > innerWidth + 1)) faults.push(`beyond the edge: ${named(element)}`)
    if (isSqueezed(element)) faults.push(`squeezed: ${named(element)}`)
  }
  return [...faults, ...overlaps()]

  /** A column of single letters. */
  function isSqueezed({ childNodes }: Element): boolean {
    return [...childNodes].some((node) => {
      const letters = node.nodeType === Node.TEXT_NODE ? (node.textContent?.trim().length ?? 0) : 0
      if (letters < 6) return false
      const range = document.createRange()
      range.selectNodeContents(node)
      return range.getClientRects().length > letters / 3
    })
  }

  /** Overlapping words of two cells of one row, or of two cards. */
  function overlaps(): string[] {
    const groups = document.querySelectorAll('tr, .pipeline, .chips, .axes, .header, .toolbar, .panel-head')
    return [...groups].flatMap((group) => {
      const boxes = [...group.children]
        .filter((child) => child.closest('.spoken, .skip') === null)
        .map((child) => ({ child, box: child.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 1 && box.height > 1)
      return boxes.flatMap(({ child, box }, place) =>
        boxes
          .slice(place + 1)
          .filter(
            ({ box: other }) =>
              Math.min(box.right, other.right) - Math.max(box.left, other.left) > 1 &&
              Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 1,
          )
          .map(({ child: other }) => `over each other: ${named(child)} ${named(other)}`),
      )
    })
  }
}

/** Runs in the page: each text in the language of the page. */
function textsShown(): string[] {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const texts: string[] = []
  const page = document.documentElement.lang
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement
    if (parent === null || parent.closest('pre, code, script, style, .languages') !== null) continue
    if ((parent.closest('[lang]')?.getAttribute('lang') ?? page) !== page) continue
    const text = walker.currentNode.textContent?.trim() ?? ''
    if (text !== '') texts.push(text)
  }
  for (const element of document.querySelectorAll('[title], [aria-label], [placeholder]')) {
    if ((element.closest('[lang]')?.getAttribute('lang') ?? page) !== page || element.closest('.languages')) continue
    for (const name of ['title', 'aria-label', 'placeholder']) texts.push(element.getAttribute(name) ?? '')
  }
  return texts.filter((text) => text !== '')
}

interface Word {
  readonly code: string
  readonly en: string
  readonly vi: string
  readonly ko: string
}

type Labels = Partial<Record<string, { readonly label?: string }>> | null

/** Every code of the vocabulary that has a label in each language, in any group. */
function wordsOf(vocabulary: unknown): Word[] {
  if (typeof vocabulary !== 'object' || vocabulary === null) return []
  return Object.entries(vocabulary as Record<string, Labels>).flatMap(([code, value]) => {
    const { en: english, vi, ko } = value ?? {}
    if (english?.label === undefined || vi?.label === undefined || ko?.label === undefined) return wordsOf(value)
    return [{ code, en: english.label, vi: vi.label, ko: ko.label }]
  })
}

/** The texts of the board that are not functions. */
function textsIn(texts: object): string[] {
  return Object.values(texts).flatMap((text: unknown) =>
    typeof text === 'string' ? [text] : typeof text === 'object' && text !== null ? textsIn(text) : [],
  )
}
