import { eventually } from '@commitments/test-kit'
import type { Locator, Page } from 'playwright-core'
import { inBrowser } from './support/browser.ts'
import { confirm, live } from './support/live.ts'
import { foundOn, rowsOf, settled } from './support/looking.ts'
import type { Product } from './support/product.ts'

inBrowser((test) => {
  test('the Overview says what changed since this browser last looked, from the position that it kept', async ({
    t,
    open,
    product,
  }) => {
    const first = await open('/')
    await settled(first)
    t.equal(await first.locator('.since').count(), 0, 'nothing on the first visit')
    await leave(first)
    for (const proposalId of ['jcm10', 'vkist', 'vkist']) await confirmed(product, proposalId)
    const second = await first.context().newPage()
    await second.goto('/')
    const notice = second.locator('.since a')
    t.match(await notice.innerText(), /^2 proposals changed since you last looked \(\d/)
    await second.reload()
    t.match(await notice.innerText(), /^2 proposals changed/, 'a reload goes on with the same visit')
    await live(second)
    const position = await confirm(product, 'kadif')
    await second.locator('#lately .fresh').getByText(`position ${position}`).waitFor()
    t.match(await notice.innerText(), /^2 proposals changed/, 'what comes while the page is open was not missed')
    await notice.click()
    t.equal(await foundOn(second), 2)
    t.same((await rowsOf(second)).toSorted(), ['jcm10', 'vkist'])
    await second.goBack()
    await second.locator('.since button').click()
    await second.locator('.since').waitFor({ state: 'detached' })
    await second.reload()
    await settled(second)
    t.equal(await second.locator('.since').count(), 0, 'dismissed is seen')
  })

  test('Activity shows where this browser was when it last looked', async ({ t, open, product }) => {
    const first = await open('/activity')
    await settled(first)
    // A title may come after its event.
    const positionOf = async (line: Locator) => /position \d+/.exec(await line.innerText())?.[0]
    const newest = await positionOf(first.locator('.event-line').first())
    t.ok(newest)
    await leave(first)
    await confirmed(product, 'jcm10')
    const second = await first.context().newPage()
    await second.goto('/activity')
    const mark = second.locator('.last-look')
    t.match(await mark.innerText(), /You last looked here on \d/)
    const below = mark.locator('xpath=following-sibling::li[1]')
    t.equal(await positionOf(below.locator('.event-line')), newest)
    t.equal(await mark.locator('xpath=preceding-sibling::li').count(), 1)
  })

  test('the position of another log is no place in this one', async ({ t, open, product }) => {
    const seen = { logId: '01990000-0000-7000-8000-000000000000', position: 3, at: '2026-11-01T00:00:00Z' }
    const localStorage = [{ name: 'commitments.seen', value: JSON.stringify(seen) }]
    const page = await open('/', { storageState: { cookies: [], origins: [{ origin: product.url, localStorage }] } })
    await live(page)
    await settled(page)
    t.equal(await page.locator('.since').count(), 0)
  })
})

/** Leaves the page, and waits until the browser has stored where: another page of it may have another process. */
async function leave(page: Page): Promise<void> {
  const context = page.context()
  await page.goto('about:blank')
  await eventually(async () => {
    const { origins } = await context.storageState()
    return origins.some(({ localStorage }) => localStorage.some(({ name }) => name === 'commitments.seen'))
  })
  await page.close()
}

/** Records it, and waits until it is served: what comes while a page is open was not missed. */
async function confirmed(product: Product, proposalId: string): Promise<void> {
  await product.client.waitFor(await confirm(product, proposalId))
}
