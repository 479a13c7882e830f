import { eventually, searchRuns } from '@commitments/test-kit'
import { inBrowser } from './support/browser.ts'
import { madeProposal, recordEnds } from './support/ends.ts'
import { settled } from './support/looking.ts'
import { eachLook, languages, paths } from './support/looks.ts'
import { recordLines } from './support/product.ts'

inBrowser((test) => {
  test('nothing scrolls sideways, and no text is cut off, squeezed or overlaps another, on phones, on a tablet, and at 200 and 400 % zoom', async ({
    t,
    open,
    product,
  }) => {
    await recordEnds(product)
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

  test('a year at the very beginning or end of an axis is as readable as the others', async ({ t, open, product }) => {
    const proposalId = 'from-edge-to-edge'
    const proposal = madeProposal(proposalId, { start: '1999-12-30', end: '2400-01-03' })
    await recordLines(product.client, [proposal])
    for (const width of [640, 768, 1_280]) {
      const page = await open(`/proposals?view=dates&ids=${proposalId}`, { viewport: { width, height: 900 } })
      await page.locator('.years span').first().waitFor()
      await settled(page)
      // Drawings are made for the available width, once it is measured.
      const isWithin = () => page.evaluate(yearsWithin)
      await eventually(async () => (await isWithin()).every(({ within }) => within)).catch(() => undefined)
      const years = await isWithin()
      t.match([years.at(0)?.year, years.at(-1)?.year], ['2000', '2400'])
      for (const { year, within } of years) t.ok(within, `${year} at ${width} px`)
      await page.context().close()
    }
  })
})

/** Runs in the page. */
function yearsWithin(): { readonly year: string; readonly within: boolean }[] {
  const axis = document.querySelector('.years')?.getBoundingClientRect()
  return [...document.querySelectorAll('.years span')].map((span) => {
    const { left, right } = span.getBoundingClientRect()
    return { year: span.textContent, within: axis !== undefined && left >= axis.left - 1 && right <= axis.right + 1 }
  })
}

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
