import { eventually } from '@commitments/test-kit'
import type { Page } from 'playwright-core'
import { inBrowser } from './support/browser.ts'
import { confirm, confirmed, live } from './support/live.ts'
import { foundOn, rowsOf, settled } from './support/looking.ts'
import type { Product } from './support/product.ts'

inBrowser((test) => {
  test('a new event is on the page within a second without reloading, marked for ten seconds and announced once', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/')
    await live(page)
    await settled(page)
    await noteAnnouncements(page)
    await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }))
    const recorded = performance.now()
    const position = await confirm(product, 'jcm10')
    const line = page.locator('#lately .event-line.fresh')
    await line.waitFor()
    t.comment(`on the page ${Math.round(performance.now() - recorded)} ms after the request to record it`)
    t.match(await line.innerText(), new RegExp(`new[^]*Confirmed[^]*position ${position}`))
    t.equal(await line.count(), 1)
    await page.waitForFunction(() => (globalThis as unknown as { said: string[] }).said.length > 0)
    await line.waitFor({ state: 'hidden', timeout: 15_000 })
    const shown = await page.evaluate(() => {
      const { said, notReloaded, freshFor } = globalThis as unknown as {
        said: string[]
        notReloaded: boolean
        freshFor: number
      }
      return { said, notReloaded, freshFor }
    })
    t.equal(shown.notReloaded, true)
    t.equal(shown.said.length, 1)
    t.match(shown.said[0], /^New: .+ – Confirmed/)
    t.ok(shown.freshFor > 8_000 && shown.freshFor < 14_000, `marked for ${Math.round(shown.freshFor)} ms`)
  })

  test('a page stays live when the clock of the device is set back', async ({ t, open, product }) => {
    const page = await open('/')
    await live(page)
    await settled(page)
    const before = await confirm(product, 'jcm10')
    await page.locator('#lately').getByText(`position ${before}`).waitFor()
    await page.evaluate(() => {
      const now = Date.now.bind(Date)
      Date.now = () => now() - 3_600_000
    })
    const after = await confirm(product, 'jcm10')
    await page.locator('#lately').getByText(`position ${after}`).waitFor()
    t.equal(await page.locator('.news .stale').count(), 0)
    // The log shows it before the statuses do, and what a status shows later is news for the page of the next test.
    await product.client.waitFor(after)
  })

  test('the rows of a list never move by themselves: what is new waits until the reader asks for it', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/proposals?sort=-updated')
    await live(page)
    await foundOn(page)
    const before = await rowsOf(page)
    const last = before.at(-1) ?? ''
    const second = page.locator('.proposals tbody tr').nth(1)
    await second.hover()
    const box = await second.boundingBox()
    await confirm(product, last)
    await page.locator('.waiting').waitFor()
    t.same(await rowsOf(page), before, 'the order is the same')
    t.same(await second.boundingBox(), box, 'nothing moved')
    await page.locator('tr.fresh').first().waitFor()
    t.equal(await page.locator('tr.fresh').count(), 1, 'the row itself is marked where it is')
    t.match(await page.locator('.waiting').innerText(), /1 new/)
    await page.locator('.waiting button').click()
    await eventually(async () => (await rowsOf(page))[0] === last)
    await page.locator('.waiting').waitFor({ state: 'detached' })
  })

  test('what was recorded lately stays in place only under the pointer', async ({ t, open, product }) => {
    const page = await open('/')
    await live(page)
    await settled(page)
    const lines = page.locator('#lately li')
    await lines.nth(2).hover()
    const before = await lines.allInnerTexts()
    await confirm(product, 'vkist')
    await page.locator('.waiting').waitFor()
    t.same(await lines.allInnerTexts(), before)
    await page.mouse.move(0, 0)
    await page.locator('.waiting').waitFor({ state: 'hidden' })
    await lines.first().getByText('Confirmed').first().waitFor()
  })

  test('a thousand events in a second are two comparisons with the service, and the last figures are right', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/')
    await live(page)
    await settled(page)
    await noteTasks(page)
    const begun = await page.evaluate(() => performance.now())
    const lines = Array.from({ length: 1_000 }, (_, index) => ({
      ...confirmed,
      proposalId: 'vkist',
      idempotencyKey: `thousand-${index}`,
    }))
    const { results } = await product.client.recordAtomically(lines)
    const last = Math.max(...results.map(({ position }) => position))
    await page.getByText(`position ${last}`, { exact: true }).first().waitFor()
    await page.waitForTimeout(1_500)
    await settled(page)
    // By the clock of the page: on a busy machine this process hears of requests late, and of several at once.
    const asked = await page.evaluate(
      (since) =>
        performance
          .getEntriesByType('resource')
          .filter(({ name, startTime }) => new URL(name).pathname === '/v1/portfolio' && startTime >= since)
          .map(({ startTime }) => startTime),
      begun,
    )
    for (const [place, at] of asked.entries()) {
      const within = asked.slice(place).filter((other) => other - at < 990).length
      t.ok(within <= 2, `${within} within a second`)
    }
    // On a busy machine the events arrive over some seconds.
    const seconds = Math.ceil(((asked.at(-1) ?? 0) - (asked[0] ?? 0)) / 1_000)
    t.ok(asked.length >= 1 && asked.length <= 2 * seconds + 1, `${asked.length} in ${seconds} s`)
    const longest = await page.evaluate(() => Math.max(0, ...(globalThis as unknown as { tasks: number[] }).tasks))
    t.comment(`the longest task took ${Math.round(longest)} ms`)
  })

  test('all tabs of a browser are live with one stream, and another tab goes on when that tab closes', async ({
    t,
    open,
    product,
  }) => {
    const first = await open('/')
    await live(first)
    const others: Page[] = []
    for (let tab = 1; tab < 8; tab += 1) {
      const page = await first.context().newPage()
      await page.goto(tab % 2 === 0 ? '/activity' : '/')
      others.push(page)
    }
    for (const page of others) await live(page)
    await eventually(async () => (await streams(product)) === 1)
    const closed = performance.now()
    await first.close()
    const position = await confirm(product, 'jcm10')
    for (const page of others) await page.getByText(`position ${position}`, { exact: true }).first().waitFor()
    t.comment(`all tabs had it ${Math.round(performance.now() - closed)} ms after the leading tab closed`)
    await eventually(async () => (await streams(product)) === 1)
  })
})

async function streams({ services }: Product): Promise<number> {
  const { body } = await services.projection.get('/metrics')
  return Number(/^live_feed_readers (\d+)$/m.exec(body)?.[1])
}

/** Notes each sentence for screen readers, and for how long something is marked as new. */
async function noteAnnouncements(page: Page): Promise<void> {
  await page.evaluate(() => {
    const noted = Object.assign(globalThis, { said: [] as string[], freshFor: 0 })
    const region = document.querySelector('output.spoken')
    new MutationObserver(() => {
      const text = region?.textContent ?? ''
      if (text !== '') noted.said.push(text)
    }).observe(region as Element, { characterData: true, childList: true, subtree: true })
    let since = 0
    new MutationObserver(() => {
      const isMarked = document.querySelector('.fresh') !== null
      if (isMarked && since === 0) since = performance.now()
      if (!isMarked && since !== 0) {
        noted.freshFor = performance.now() - since
        since = 0
      }
    }).observe(document.body, { attributes: true, childList: true, subtree: true })
  })
}

/** Notes how long the tasks of the page take that block it. */
async function noteTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const noted = Object.assign(globalThis, { tasks: [] as number[] })
    new PerformanceObserver((list) => noted.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    })
  })
}
