import { acceptRestore } from '@commitments/event-store'
import { eventually, tcpProxy } from '@commitments/test-kit'
import type { Page } from 'playwright-core'
import { inBrowser } from './support/browser.ts'
import { confirm, live } from './support/live.ts'
import { rowsOf, settled } from './support/looking.ts'
import type { Product } from './support/product.ts'

/** What a browser says on its console about a service that is away. */
const away = [/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|ERR_SOCKET|ERR_TIMED_OUT|status of 5\d\d/]

inBrowser((test) => {
  test('without a sign of life for twenty seconds the page says since when, and which position it shows', async ({
    t,
    open,
    product,
  }) => {
    const proxy = await tcpProxy(t, { port: Number(new URL(product.url).port) })
    const page = await open('/', { baseURL: proxy.through(product.url), tolerate: away })
    await live(page)
    await settled(page)
    const position = await positionOf(product)
    const stopped = Date.now()
    proxy.stall()
    const notice = page.locator('.news .stale')
    await notice.waitFor({ timeout: 40_000 })
    t.comment(`said after ${Math.round((Date.now() - stopped) / 1_000)} s`)
    t.match(
      await notice.innerText(),
      new RegExp(`No connection since \\d+:\\d\\d:\\d\\d .*You see position ${position}\\.`),
    )
    t.equal(await page.locator('.live.silent').count(), 1)
    proxy.resume()
    await notice.waitFor({ state: 'hidden', timeout: 40_000 })
    await live(page)
    t.equal(await page.getByText('recorded meanwhile').count(), 0, 'nothing was missed')
  })

  test('while the service is away, pages that were seen are shown from memory, and nothing moves when it is back', async ({
    t,
    open,
    product,
  }) => {
    const proxy = await tcpProxy(t, { port: Number(new URL(product.url).port) })
    const page = await open('/proposals?sort=-updated', { baseURL: proxy.through(product.url), tolerate: away })
    await live(page)
    await settled(page)
    const before = await rowsOf(page)
    await page.locator('tbody th > a').first().click()
    await page.locator('.timeline').waitFor()
    await page.goBack()
    await settled(page)
    proxy.refuse()
    const notice = page.locator('.news .stale')
    await notice.waitFor({ timeout: 40_000 })
    await page.locator('tbody th > a').first().click()
    await page.locator('.timeline').waitFor()
    t.equal(await page.locator('main .failure').count(), 0, 'the connection is one fault, and it is said once')
    await page.goBack()
    await page.locator('.proposals').waitFor()
    t.same(await rowsOf(page), before)
    const box = await page.locator('tbody tr').nth(1).boundingBox()
    await confirm(product, before.at(-1) ?? '')
    await product.client.waitFor(await confirm(product, before.at(-1) ?? ''))
    proxy.resume()
    await page.getByText('2 events were recorded meanwhile').waitFor({ timeout: 40_000 })
    await page.locator('.waiting').waitFor()
    t.same(await rowsOf(page), before)
    t.same(await page.locator('tbody tr').nth(1).boundingBox(), box)
    await page.locator('.waiting button').click()
    await eventually(async () => (await rowsOf(page))[0] === before.at(-1))
  })

  test('after an accepted restore everything is loaded anew, and nothing of the log before stays beside it', async ({
    t,
    open,
    product,
  }) => {
    const page = await open('/')
    await live(page)
    await settled(page)
    await noteLogs(page)
    const { logId } = await acceptRestore(product.services.database.pool(), 'a test')
    await page.getByText('This ledger was restored or replaced').waitFor({ timeout: 40_000 })
    await settled(page)
    await live(page)
    const shown = await page.evaluate(() => (globalThis as unknown as { logs: Record<string, string> }).logs)
    for (const [path, of] of Object.entries(shown)) t.equal(of, logId, path)
    t.ok(Object.keys(shown).length >= 4, Object.keys(shown).join(' '))
    const position = await confirm(product, 'vkist')
    await page.locator('#lately .fresh').getByText(`position ${position}`).waitFor()
    t.equal(await page.locator('.news .stale').count(), 1)
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await page.locator('.news .stale').waitFor({ state: 'detached' })
  })
})

async function positionOf({ client }: Product): Promise<number> {
  return (await client.portfolio()).position
}

/** Notes from which log the newest answer to each request is. */
async function noteLogs(page: Page): Promise<void> {
  await page.evaluate(() => {
    const logs: Record<string, string> = {}
    Object.assign(globalThis, { logs })
    const fetchBefore = globalThis.fetch
    globalThis.fetch = async (...request) => {
      const response = await fetchBefore(...request)
      const logId = response.headers.get('Log-Id')
      if (logId !== null) logs[new URL(response.url).pathname] = logId
      return response
    }
  })
}
