import type { Page } from 'playwright-core'
import { inBrowser } from './support/browser.ts'
import { foundOn, numberIn, settled } from './support/looking.ts'

const walked = [
  '/?asOf=2023-12-31',
  '/proposals?stage=funded',
  '/proposals/kadif',
  '/activity',
  '/ledger',
  '/record',
  '/proposals/kadif/record',
  '/proposals/kadif/record/disbursed',
]

inBrowser((test) => {
  test('Tab reaches every usable element in the order of the page, visible and marked, and is never trapped', async ({
    t,
    open,
  }) => {
    for (const path of walked) {
      const page = await open(path)
      await page.locator('main :is(a, button)').first().waitFor()
      await settled(page)
      const usable = await page.evaluate(numberUsable)
      t.ok(usable > 15, `${path}: ${usable}`)
      const places: number[] = []
      // The keyboard walks through a date field part by part, within controls that the browser itself draws.
      for (let step = 0; step <= usable + 10; step += 1) {
        await page.keyboard.press('Tab')
        const focus = await page.evaluate(focusNow)
        if (focus === null) break
        if (focus.place === places.at(-1) && focus.what.includes('type="date"')) continue
        places.push(focus.place)
        t.notOk(Number.isNaN(focus.place), `${path} ${focus.what} was there when the elements were numbered`)
        t.equal(focus.fault, null, `${path} ${focus.what}`)
      }
      t.same(
        places,
        Array.from({ length: usable }, (_, place) => place),
        `${path}: all of it, in order, and out again`,
      )
      await page.context().close()
    }
  })

  test('the first key press leads to the content, past the header', async ({ t, open }) => {
    const page = await open('/')
    await page.locator('.pipeline').waitFor()
    await settled(page)
    await page.keyboard.press('Tab')
    t.match(await page.evaluate(() => document.activeElement?.textContent), /Skip to the content/)
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.activeElement?.id === 'content')
    await page.keyboard.press('Tab')
    t.ok(await page.evaluate(() => document.activeElement?.closest('main') !== null))
  })

  test('a figure, its list, a filter, a search and the way back need no pointer', async ({ t, open }) => {
    const page = await open('/')
    await page.locator('.pipeline').waitFor()
    await settled(page)
    const agreed = await numberIn(page.locator('.stage-agreed .figure'))
    await tabTo(page, (element) => element.closest('.pipeline .stage-agreed') !== null)
    await page.keyboard.press('Enter')
    t.equal(await foundOn(page), agreed)
    // The new page is read from its heading.
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1')

    await tabTo(page, (element) => element.matches('.facets > summary'))
    await page.keyboard.press('Enter')
    await page.locator('.facet a').first().waitFor()
    await tabTo(page, (element) => element.matches('.facet a:not([aria-current])'))
    const chosen = await page.evaluate(() => Number(document.activeElement?.querySelector('b')?.textContent))
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelectorAll('.filter-chip').length >= 2)
    t.ok((await foundOn(page)) >= chosen, 'a further alternative adds to the list')

    await page.keyboard.press('/')
    t.equal(await page.evaluate(() => document.activeElement?.getAttribute('type')), 'search')
    await page.keyboard.type('ban dan')
    await page.keyboard.press('Enter')
    await page.locator('.filter-chip', { hasText: 'ban dan' }).waitFor()
    await settled(page)
    for (let left = await page.locator('.filter-chip').count(); left > 0; left -= 1) {
      await tabTo(page, (element) => element.matches('.filter-chip'))
      await page.keyboard.press('Enter')
      await page.waitForFunction((count) => document.querySelectorAll('.filter-chip').length < count, left)
    }
    t.equal(await foundOn(page), 95)
  })

  test('an event, its sources and the money of a proposal need no pointer', async ({ t, open }) => {
    const page = await open('/proposals/vkist')
    await page.locator('.timeline .entry').first().waitFor()
    await settled(page)
    await tabTo(page, (element) => element.matches('a[href$="#money"]'))
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => {
      const { top = -1 } = document.getElementById('money')?.getBoundingClientRect() ?? {}
      return top >= 0 && top < innerHeight
    })
    await page.goto('/proposals/vkist')
    await page.locator('.timeline .entry').first().waitFor()
    await settled(page)
    await tabTo(page, (element) => element.matches('.entry-details > summary'))
    await page.keyboard.press('Enter')
    await page.locator('.entry-details[open] .sources').first().waitFor()
    await tabTo(page, (element) => element.matches('details.line > summary'))
    await page.keyboard.press('Enter')
    t.match(await page.locator('details.line[open] pre').innerText(), /"proposalId": "vkist"/)
  })

  test('another moment is chosen and left by keys: the slider by arrows, and Esc from anywhere', async ({
    t,
    open,
  }) => {
    const page = await open('/')
    await page.locator('.pipeline').waitFor()
    await settled(page)
    await tabTo(page, (element) => element.matches('.time-bar button'))
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>('#in-force')?.max) > 10)
    await tabTo(page, (element) => element.id === 'in-force')
    await page.keyboard.press('ArrowLeft')
    await page.waitForFunction(() => location.search.includes('asOf='))
    await page.locator('.board.past').waitFor()
    t.equal(await page.evaluate(() => document.activeElement?.id), 'in-force')
    await tabTo(page, (element) => element.closest('.pipeline') !== null)
    await page.keyboard.press('Escape')
    await page.locator('.board:not(.past)').waitFor()
    await page.waitForURL(({ search }) => search === '')
  })
})

/** Presses Tab until the wanted element has the focus. */
async function tabTo(page: Page, wanted: (element: Element) => boolean): Promise<void> {
  const source = wanted.toString()
  for (let step = 0; step < 400; step += 1) {
    await page.keyboard.press('Tab')
    const there = await page.evaluate(`(${source})(document.activeElement ?? document.body)`)
    if (there === true) return
  }
  throw new Error(`Tab does not lead to ${source}`)
}

/** Runs in the page: numbers the usable elements in their order, and returns how many there are. */
function numberUsable(): number {
  const all = document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary')
  const usable = [...all].filter(
    (element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(':disabled'),
  )
  for (const [place, element] of usable.entries()) element.dataset['place'] = String(place)
  return usable.length
}

interface Focus {
  readonly place: number
  readonly what: string
  readonly fault: string | null
}

/** Runs in the page: the focused element; null if nothing has the focus any more. */
function focusNow(): Focus | null {
  const element = document.activeElement
  if (!(element instanceof HTMLElement) || element === document.body) return null
  const { outlineStyle, outlineWidth } = getComputedStyle(element)
  const { top, bottom, left, right, width, height } = element.getBoundingClientRect()
  const inSight = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth && width > 0 && height > 0
  const middle = document.elementFromPoint((left + right) / 2, (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2)
  const covered =
    middle !== null &&
    !element.contains(middle) &&
    middle.closest('.header, .time-bar') !== null &&
    element.closest('.header, .time-bar') === null
  const marked = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
  return {
    place: Number(element.dataset['place'] ?? Number.NaN),
    what: element.outerHTML.slice(0, 80),
    fault: !inSight ? 'not in sight' : covered ? 'covered' : marked ? null : 'not marked',
  }
}
