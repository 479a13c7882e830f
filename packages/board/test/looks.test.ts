import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { searchRuns } from '@commitments/test-kit'
import type { AxeResults } from 'axe-core'
import { en } from '../src/texts/en.ts'
import { inBrowser } from './support/browser.ts'
import { conditionsByEnds, recordEnds } from './support/ends.ts'
import { settled } from './support/looking.ts'
import { eachLook, type Look, languages, paths, themes } from './support/looks.ts'

const widths = [360, 1_280, 1_920]

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

/** Those of the portfolio, and those that the first test records. */
const proposalsInAll = 95 + conditionsByEnds.length

inBrowser((test) => {
  test('axe finds no fault on any page, in any language, theme or width', async ({ t, open, product }) => {
    await recordEnds(product)
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
      new RegExp(`^31 December 2023, 30 of ${proposalsInAll}`),
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
      t.ok(told.length >= proposalsInAll)
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
      t.equal(proposals.length, proposalsInAll)
      for (const { proposalId, title } of proposals) {
        const shown = page.locator(`tbody th > a[href^="/proposals/${proposalId}?"] span`)
        const of = title[lang] === undefined ? 'en' : lang
        t.equal(await shown.innerText(), title[of], proposalId)
        t.equal(await shown.getAttribute('lang'), of === lang ? null : of, proposalId)
      }
    }
  })
})

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
